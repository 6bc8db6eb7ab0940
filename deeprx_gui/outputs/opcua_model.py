"""The part of OPC 40100-1 (Machine Vision, 1.0.0 of 2019-07-11) that is offered, as tables.

Browse names and numbers are those of the official NodeSet in the namespace ``MACHINE_VISION``; the
nodes are made from these tables, the NodeSet itself is not shipped. ``docs/opc-ua.md`` lists what
is and is not covered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MACHINE_VISION: Final = "http://opcfoundation.org/UA/MachineVision"
VENDOR: Final = "urn:deeprx-inspector:opcua"
"""The namespace of the instance and of what goes beyond the specification."""


@dataclass(frozen=True)
class Member:
    """A field of a structure or an argument of a method: browse name and data type."""

    name: str
    type: str
    optional: bool = False
    array: bool = False


@dataclass(frozen=True)
class Structure:
    """A data type: its node, its binary encoding, its fields."""

    number: int
    encoding: int
    members: tuple[Member, ...]
    base: str = "Structure"
    is_abstract: bool = False


def _ids(*more: Member) -> tuple[Member, ...]:
    return (Member("Id", "TrimmedString"), *more)


_DESCRIPTION = Member("Description", "LocalizedText", optional=True)
_BINARY_ID = _ids(
    Member("Version", "TrimmedString", optional=True),
    Member("Hash", "ByteString", optional=True),
    Member("HashAlgorithm", "String", optional=True),
    _DESCRIPTION,
)
_RECIPE_OUT, _RECIPE_IN = "RecipeIdExternalDataType", "RecipeIdInternalDataType"

ALIASES: Final[Mapping[str, tuple[int, str]]] = {
    "TrimmedString": (3017, "String"),
    "Handle": (3018, "UInt32"),
    "ResultStateDataType": (3009, "Int32"),
}
"""Data types that are another one by a name of their own: number, base."""

ENUMERATIONS: Final[Mapping[str, tuple[int, Mapping[str, int]]]] = {
    "TriStateBooleanDataType": (3014, {"FALSE_0": 0, "TRUE_1": 1, "DONTCARE_2": 2}),
    "SystemStateDataType": (
        3023,
        {"PRD_1": 1, "SBY_2": 2, "ENG_3": 3, "SDT_4": 4, "UDT_5": 5, "NST_6": 6},
    ),
}

STRUCTURES: Final[Mapping[str, Structure]] = {
    "BinaryIdBaseDataType": Structure(3019, 5027, _BINARY_ID, is_abstract=True),
    "RecipeIdExternalDataType": Structure(3002, 5002, _BINARY_ID, "BinaryIdBaseDataType"),
    "RecipeIdInternalDataType": Structure(3013, 5268, _BINARY_ID, "BinaryIdBaseDataType"),
    "ConfigurationIdDataType": Structure(3008, 5090, _BINARY_ID, "BinaryIdBaseDataType"),
    "ProductIdDataType": Structure(3003, 5224, _ids(_DESCRIPTION)),
    "PartIdDataType": Structure(3004, 5013, _ids(_DESCRIPTION)),
    "MeasIdDataType": Structure(3015, 5006, _ids(_DESCRIPTION)),
    "JobIdDataType": Structure(3016, 5008, _ids()),
    "ResultIdDataType": Structure(3021, 5274, _ids()),
    "ProcessingTimesDataType": Structure(
        3005,
        5016,
        (
            Member("StartTime", "UtcTime"),
            Member("EndTime", "UtcTime"),
            Member("AcquisitionDuration", "Duration", optional=True),
            Member("ProcessingDuration", "Duration", optional=True),
        ),
    ),
    "SystemStateDescriptionDataType": Structure(
        3024,
        5278,
        (
            Member("State", "SystemStateDataType"),
            Member("StateDescription", "TrimmedString", optional=True),
        ),
    ),
    "ResultDataType": Structure(
        3006,
        5018,
        (
            Member("ResultId", "ResultIdDataType"),
            Member("HasTransferableDataOnFile", "Boolean", optional=True),
            Member("IsPartial", "Boolean"),
            Member("IsSimulated", "Boolean", optional=True),
            Member("ResultState", "ResultStateDataType"),
            Member("MeasId", "MeasIdDataType", optional=True),
            Member("PartId", "PartIdDataType", optional=True),
            Member("ExternalRecipeId", _RECIPE_OUT, optional=True),
            Member("InternalRecipeId", _RECIPE_IN),
            Member("ProductId", "ProductIdDataType", optional=True),
            Member("ExternalConfigurationId", "ConfigurationIdDataType", optional=True),
            Member("InternalConfigurationId", "ConfigurationIdDataType"),
            Member("JobId", "JobIdDataType"),
            Member("CreationTime", "UtcTime"),
            Member("ProcessingTimes", "ProcessingTimesDataType", optional=True),
            Member("ResultContent", "BaseDataType", optional=True, array=True),
        ),
    ),
}

RESULT: Final = STRUCTURES["ResultDataType"].members

STATES: Final[Mapping[str, tuple[int, int, int]]] = {
    "Preoperational": (5028, 1, 6226),
    "Halted": (5029, 2, 6227),
    "Error": (5030, 3, 6228),
    "Operational": (5031, 4, 6229),
    "Initialized": (5056, 5, 6259),
    "Ready": (5057, 6, 6260),
    "SingleExecution": (5058, 7, 6261),
    "ContinuousExecution": (5059, 8, 6262),
}
"""Node, StateNumber, and the node of that number."""
IN_AUTOMATIC: Final = ("Initialized", "Ready", "SingleExecution", "ContinuousExecution")

TRANSITIONS: Final[Mapping[str, tuple[int, int, int]]] = {
    "PreoperationalToErrorAuto": (5034, 130, 6232),
    "PreoperationalToHalted": (5032, 121, 6230),
    "PreoperationalToHaltedAuto": (5033, 120, 6231),
    "PreoperationalToInitialized": (5035, 151, 6233),
    "PreoperationalToInitializedAuto": (5036, 150, 6234),
    "PreoperationalToOperational": (5253, 141, 6171),
    "PreoperationalToOperationalAuto": (5254, 140, 6221),
    "HaltedToPreoperational": (5037, 211, 6235),
    "HaltedToPreoperationalAuto": (5038, 210, 6236),
    "ErrorToHalted": (5041, 321, 6239),
    "ErrorToHaltedAuto": (5042, 320, 6240),
    "ErrorToOperationalAuto": (5255, 340, 6341),
    "ErrorToPreoperational": (5039, 311, 6237),
    "ErrorToPreoperationalAuto": (5040, 310, 6238),
    "OperationalToErrorAuto": (5051, 430, 6249),
    "OperationalToHalted": (5049, 421, 6247),
    "OperationalToHaltedAuto": (5050, 420, 6248),
    "OperationalToPreoperational": (5047, 411, 6245),
    "OperationalToPreoperationalAuto": (5048, 410, 6246),
    "InitializedToReadyAuto": (5061, 560, 6264),
    "InitializedToReadyProduct": (5045, 562, 6084),
    "InitializedToReadyRecipe": (5060, 561, 6263),
    "ReadyToInitializedAuto": (5063, 650, 6266),
    "ReadyToInitializedProduct": (5044, 652, 6243),
    "ReadyToInitializedRecipe": (5062, 651, 6265),
    "ReadyToSingleExecution": (5064, 671, 6267),
    "ReadyToSingleExecutionAuto": (5065, 670, 6268),
    "ReadyToContinuousExecution": (5066, 681, 6269),
    "ReadyToContinuousExecutionAuto": (5067, 680, 6270),
    "SingleExecutionToReadyAbort": (5069, 762, 6272),
    "SingleExecutionToReadyAuto": (5070, 760, 6273),
    "SingleExecutionToReadyStop": (5068, 761, 6271),
    "ContinuousExecutionToReadyAbort": (5072, 862, 6275),
    "ContinuousExecutionToReadyAuto": (5073, 860, 6276),
    "ContinuousExecutionToReadyStop": (5071, 861, 6274),
}
"""Node, TransitionNumber, and the node of that number. The names say from where to where."""


@dataclass(frozen=True)
class Method:
    """A method of a type: its node, those of its arguments (0: none), the arguments."""

    number: int
    inputs: int
    outputs: int
    takes: tuple[Member, ...]
    gives: tuple[Member, ...]


_ERROR = Member("Error", "Int32")
_CAUSE = (Member("Cause", "Int32"), Member("CauseDescription", "String"))
_JOB_IN = (
    Member("MeasId", "MeasIdDataType"),
    Member("PartId", "PartIdDataType"),
    Member("RecipeId", _RECIPE_OUT),
    Member("ProductId", "ProductIdDataType"),
    Member("Parameters", "BaseDataType", array=True),
)
_JOB_OUT = (Member("JobId", "JobIdDataType"), _ERROR)
_BY_RECIPE = (Member("ExternalId", _RECIPE_OUT), Member("InternalIdIn", _RECIPE_IN))
_PAGE = (
    Member("MaxResults", "UInt32"),
    Member("StartIndex", "UInt32"),
    Member("Timeout", "Int32"),
)
_BY_RESULT = (Member("ResultId", "ResultIdDataType"), Member("Timeout", "Int32"))
_HANDLE = Member("ResultHandle", "Handle")

STATE_METHODS: Final[Mapping[str, Method]] = {
    "Reset": Method(7093, 6256, 6257, _CAUSE, (_ERROR,)),
    "Halt": Method(7094, 6254, 6255, _CAUSE, (_ERROR,)),
    "SelectModeAutomatic": Method(7095, 0, 6258, (), (_ERROR,)),
}
AUTOMATIC_METHODS: Final[Mapping[str, Method]] = {
    "StartSingleJob": Method(7098, 6281, 6282, _JOB_IN, _JOB_OUT),
    "StartContinuous": Method(7009, 6086, 6087, _JOB_IN, _JOB_OUT),
    "Stop": Method(7096, 6287, 6288, _CAUSE, (_ERROR,)),
    "Abort": Method(7097, 6285, 6286, _CAUSE, (_ERROR,)),
}
RECIPE_METHODS: Final[Mapping[str, Method]] = {
    "GetRecipeListFiltered": Method(
        7014,
        6156,
        6157,
        (
            Member("ExternalId", _RECIPE_OUT),
            Member("ProductId", "ProductIdDataType"),
            Member("IsPrepared", "TriStateBooleanDataType"),
            *_PAGE,
        ),
        (
            Member("IsComplete", "Boolean"),
            Member("ResultCount", "UInt32"),
            Member("RecipeHandle", "Handle"),
            Member("RecipeList", _RECIPE_IN, array=True),
            _ERROR,
        ),
    ),
    "PrepareRecipe": Method(
        7015,
        6148,
        6149,
        _BY_RECIPE,
        (Member("InternalIdOut", _RECIPE_IN), Member("IsCompleted", "Boolean"), _ERROR),
    ),
    "UnprepareRecipe": Method(
        7055, 6152, 6153, _BY_RECIPE, (Member("InternalIdOut", _RECIPE_IN), _ERROR)
    ),
}
RESULT_METHODS: Final[Mapping[str, Method]] = {
    "GetResultById": Method(
        7026, 6209, 6210, _BY_RESULT, (_HANDLE, Member("Result", "ResultDataType"), _ERROR)
    ),
    "GetResultComponentsById": Method(
        7007,
        6024,
        6025,
        _BY_RESULT,
        (RESULT[1], _HANDLE, *RESULT[2:], _ERROR),
    ),
    "GetResultListFiltered": Method(
        7089,
        6213,
        6214,
        (
            Member("ResultState", "ResultStateDataType"),
            Member("MeasId", "MeasIdDataType"),
            Member("PartId", "PartIdDataType"),
            Member("ExternalRecipeId", _RECIPE_OUT),
            Member("InternalRecipeId", _RECIPE_IN),
            Member("ExternalConfigurationId", "ConfigurationIdDataType"),
            Member("InternalConfigurationId", "ConfigurationIdDataType"),
            Member("ProductId", "ProductIdDataType"),
            Member("JobId", "JobIdDataType"),
            *_PAGE,
        ),
        (
            Member("IsComplete", "Boolean"),
            Member("ResultCount", "UInt32"),
            _HANDLE,
            Member("ResultList", "ResultDataType", array=True),
            _ERROR,
        ),
    ),
    "ReleaseResultHandle": Method(7090, 6217, 6218, (_HANDLE,), (_ERROR,)),
}


@dataclass(frozen=True)
class NodeType:
    """An object type: its node, its base (a number of namespace 0), what it has.

    ``properties``: by browse name, the node and the data type.
    """

    number: int
    base: int
    methods: Mapping[str, Method]
    properties: Mapping[str, tuple[int, str]]


def _object(number: int, methods: Mapping[str, Method], base: int = 58) -> NodeType:
    return NodeType(number, base, methods, {})


def _event(number: int, base: int, **properties: tuple[int, str]) -> NodeType:
    return NodeType(number, base, {}, properties)


OBJECT_TYPES: Final[Mapping[str, NodeType]] = {
    "VisionSystemType": _object(1003, {}),
    "VisionStateMachineType": _object(1017, STATE_METHODS, 2771),
    "VisionAutomaticModeStateMachineType": _object(1021, AUTOMATIC_METHODS, 2771),
    "RecipeManagementType": _object(1004, RECIPE_METHODS),
    "ResultManagementType": _object(1007, RESULT_METHODS),
    "ResultFolderType": _object(1016, {}, 61),
}
RESULT_TYPE: Final = 2002
"""The variable type of a result."""
RESULT_PARTS: Final[Mapping[str, int]] = {
    "ResultId": 6046,
    "IsPartial": 6052,
    "ResultState": 6054,
    "PartId": 6094,
    "ExternalRecipeId": 6095,
    "InternalRecipeId": 6284,
    "InternalConfigurationId": 6329,
    "JobId": 6330,
    "CreationTime": 6331,
    "ResultContent": 6333,
}
"""Components of ``ResultType`` that are offered, by their nodes there."""

EVENT_TYPES: Final[Mapping[str, NodeType]] = {
    "StateChangedEventType": _event(1018, 2311),
    "ErrorEventType": _event(1019, 2311),
    "ErrorResolvedEventType": _event(1020, 2311),
    "JobStartedEventType": _event(1013, 2041, JobId=(6141, "JobIdDataType")),
    "ReadyEventType": _event(1023, 2041, JobId=(6294, "JobIdDataType")),
    "RecipePreparedEventType": _event(
        1022,
        2041,
        ExternalId=(6291, _RECIPE_OUT),
        InternalId=(6140, _RECIPE_IN),
        ProductId=(6292, "ProductIdDataType"),
    ),
    "ResultReadyEventType": _event(
        1024,
        2041,
        ResultId=(6295, "ResultIdDataType"),
        IsPartial=(6296, "Boolean"),
        IsSimulated=(6297, "Boolean"),
        ResultState=(6298, "ResultStateDataType"),
        MeasId=(6299, "MeasIdDataType"),
        PartId=(6304, "PartIdDataType"),
        ExternalRecipeId=(6301, _RECIPE_OUT),
        InternalRecipeId=(6302, _RECIPE_IN),
        ProductId=(6143, "ProductIdDataType"),
        InternalConfigurationId=(6142, "ConfigurationIdDataType"),
        JobId=(6300, "JobIdDataType"),
        CreationTime=(6303, "UtcTime"),
        ProcessingTimes=(6305, "ProcessingTimesDataType"),
        ResultContent=(6306, "BaseDataType"),
    ),
}


def ends(transition: str) -> tuple[str, str]:
    """Return from which state to which a transition leads: its name says it."""
    before, _, rest = transition.partition("To")
    after = next(state for state in sorted(STATES, key=len, reverse=True) if rest.startswith(state))
    return before, after
