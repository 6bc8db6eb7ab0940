"""Nodes of the OPC UA server, made from the tables of ``opcua_model``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from asyncua import Node, Server, ua
from asyncua.common.manage_nodes import (
    create_data_type,
    create_encoding,
    create_object_type,
    create_variable_type,
)
from asyncua.common.structures104 import make_structure

from deeprx_gui.outputs.opcua_model import (
    ALIASES,
    ENUMERATIONS,
    EVENT_TYPES,
    IN_AUTOMATIC,
    MACHINE_VISION,
    OBJECT_TYPES,
    RESULT_PARTS,
    RESULT_TYPE,
    STATES,
    STRUCTURES,
    TRANSITIONS,
    VENDOR,
    Member,
    Method,
    Structure,
    ends,
)

_STATE, _TRANSITION = 2307, 2310
_STATE_VARIABLE, _TRANSITION_VARIABLE = 2760, 2767
_FROM_STATE, _TO_STATE = 51, 52
_PROPERTY, _COMPONENT = 46, 47

Call = Callable[..., Awaitable[Any]]
"""A method: the object it is called on, then its arguments as variants."""


@dataclass
class Space:
    """What was made: namespaces, the classes of structures, the variables by their paths."""

    standard: int
    vendor: int
    classes: dict[str, type[Any]] = field(default_factory=dict)
    variables: dict[str, ua.NodeId] = field(default_factory=dict)

    def made(self, name: str, **values: object) -> Any:  # noqa: ANN401 - classes of the library
        """Return a structure of this name."""
        return self.classes[name](**values)

    def type_id(self, number: int) -> ua.NodeId:
        """Return a node of the specification."""
        return ua.NodeId(number, self.standard)

    def own_id(self, path: str) -> ua.NodeId:
        """Return a node of the instance by its path, as ``VisionSystem.Line.Ready``."""
        return ua.NodeId(path, self.vendor)


BUILT_IN: Final[Mapping[str, int]] = {
    "Boolean": 1, "Int32": 6, "UInt32": 7, "Double": 11, "String": 12, "UtcTime": 294,
    "ByteString": 15, "LocalizedText": 21, "BaseDataType": 24, "Duration": 290, "NodeId": 17,
    "QualifiedName": 20, "DateTime": 13, "Structure": 22,
}  # fmt: skip
"""Data types of namespace 0."""


class SpaceBuilder:
    """Builds types and the instance; every method runs in the server's loop, once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.space = Space(0, 0)

    async def build_types(self) -> Space:
        """Register the namespaces and make the types of the specification."""
        standard = await self._server.register_namespace(MACHINE_VISION)
        self.space = Space(standard, await self._server.register_namespace(VENDOR))
        await self._build_data_types()
        for name, kind in OBJECT_TYPES.items():
            base = self._server.get_node(ua.NodeId(kind.base))
            node = await create_object_type(base, self._id(kind.number), self._name(name))
            for method_name, method in kind.methods.items():
                await self._method(node, self._id(method.number), method_name, method, _unlinked)
        await self._build_states()
        await self._build_result_type()
        for name, kind in EVENT_TYPES.items():
            base = self._server.get_node(ua.NodeId(kind.base))
            node = await create_object_type(base, self._id(kind.number), self._name(name))
            for prop, (number, data_type) in kind.properties.items():
                await self._variable(
                    node, self._id(number), self._name(prop), data_type, None, is_property=True
                )
        return self.space

    # -- the instance ----------------------------------------------------------------------

    async def add_object(self, parent: Node, path: str, kind: str | int, *, own: bool) -> Node:
        """Add an object below ``parent``; ``kind``: a type's name, or its number in namespace 0.

        ``own``: its browse name lies in our namespace, else in the specification's.
        """
        type_id = ua.NodeId(kind) if isinstance(kind, int) else self._id(OBJECT_TYPES[kind].number)
        name = path.rpartition(".")[2]
        qualified = ua.QualifiedName(name, self.space.vendor) if own else self._name(name)
        return await self._object(parent, self.space.own_id(path), qualified, type_id)

    async def add_variable(
        self,
        parent: Node,
        path: str,
        data_type: str,
        value: Any = None,  # noqa: ANN401
        *,
        name: ua.QualifiedName | None = None,
        array: bool = False,
        kind: int = 63,
    ) -> Node:
        """Add a variable of our own, or one with a browse name of the specification."""
        own = ua.QualifiedName(path.rpartition(".")[2], self.space.vendor)
        node = await self._variable(
            parent, self.space.own_id(path), name or own, data_type, value, array=array, kind=kind
        )
        self.space.variables[path] = node.nodeid
        return node

    async def add_methods(
        self, parent: Node, path: str, methods: Mapping[str, Method], calls: Mapping[str, Call]
    ) -> None:
        """Add methods of the specification to an object; they answer at the type's nodes, too."""
        for name, method in methods.items():
            node_id = self.space.own_id(f"{path}.{name}")
            await self._method(parent, node_id, name, method, calls[name])
            self._server.iserver.isession.add_method_callback(self._id(method.number), calls[name])

    async def add_own_method(
        self, parent: Node, path: str, takes: tuple[Member, ...], call: Call
    ) -> None:
        """Add a method of our own that returns a status code only."""
        name = ua.QualifiedName(path.rpartition(".")[2], self.space.vendor)
        await parent.add_method(self.space.own_id(path), name, call, self._arguments(takes), [])

    async def add_state_variables(self, machine: Node, path: str) -> None:
        """Add CurrentState and LastTransition with their Id and Number."""
        for name, kind in (
            ("CurrentState", _STATE_VARIABLE),
            ("LastTransition", _TRANSITION_VARIABLE),
        ):
            qualified = ua.QualifiedName(name, 0)
            node = await self.add_variable(
                machine, f"{path}.{name}", "LocalizedText", name=qualified, kind=kind
            )
            for part, data_type in (("Id", "NodeId"), ("Number", "UInt32")):
                child = f"{path}.{name}.{part}"
                made = await self._variable(
                    node,
                    self.space.own_id(child),
                    ua.QualifiedName(part, 0),
                    data_type,
                    None,
                    is_property=True,
                )
                self.space.variables[child] = made.nodeid

    async def add_result(self, parent: Node, path: str) -> None:
        """Add the variable of the newest result with its components."""
        node = await self.add_variable(parent, path, "ResultDataType", kind=RESULT_TYPE)
        kinds = {member.name: member for member in STRUCTURES["ResultDataType"].members}
        for name in RESULT_PARTS:
            member = kinds[name]
            await self.add_variable(
                node, f"{path}.{name}", member.type, name=self._name(name), array=member.array
            )

    # -- types -----------------------------------------------------------------------------

    async def _build_data_types(self) -> None:
        for name, (number, base) in ALIASES.items():
            parent = self._server.get_node(ua.NodeId(BUILT_IN[base]))
            await create_data_type(parent, self._id(number), self._name(name))
        for name, (number, words) in ENUMERATIONS.items():
            node = await create_data_type(
                self._server.nodes.enum_data_type, self._id(number), self._name(name)
            )
            fields = [
                ua.EnumField(Name=word, DisplayName=ua.LocalizedText(word), Value=value)
                for word, value in words.items()
            ]
            await node.write_data_type_definition(ua.EnumDefinition(Fields=fields))
        for name, structure in STRUCTURES.items():
            await self._build_structure(name, structure)

    async def _build_structure(self, name: str, structure: Structure) -> None:
        base = self._data_type(structure.base)
        node = await create_data_type(
            self._server.get_node(base), self._id(structure.number), self._name(name)
        )
        encoding = await create_encoding(
            node, self._id(structure.encoding), ua.QualifiedName("Default Binary", 0)
        )
        definition = ua.StructureDefinition(
            DefaultEncodingId=encoding.nodeid,
            BaseDataType=base,
            StructureType=(
                ua.StructureType.StructureWithOptionalFields
                if any(member.optional for member in structure.members)
                else ua.StructureType.Structure
            ),
            Fields=[
                ua.StructureField(
                    Name=member.name,
                    DataType=self._data_type(member.type),
                    ValueRank=ua.ValueRank.OneDimension if member.array else ua.ValueRank.Scalar,
                    ArrayDimensions=[0] if member.array else None,
                    IsOptional=member.optional,
                )
                for member in structure.members
            ],
        )
        await node.write_data_type_definition(definition)
        plain = ua.StructureDefinition(
            DefaultEncodingId=definition.DefaultEncodingId,
            BaseDataType=base,
            StructureType=definition.StructureType,
            Fields=[
                ua.StructureField(
                    Name=member.name,
                    DataType=self._python_type(member.type),
                    ValueRank=ua.ValueRank.OneDimension if member.array else ua.ValueRank.Scalar,
                    IsOptional=member.optional,
                )
                for member in structure.members
            ],
        )
        made = make_structure(node.nodeid, name, plain)[name]
        ua.register_extension_object(name, encoding.nodeid, made, node.nodeid)
        self.space.classes[name] = made

    async def _build_states(self) -> None:
        outer = self._server.get_node(self._id(OBJECT_TYPES["VisionStateMachineType"].number))
        inner = self._server.get_node(
            self._id(OBJECT_TYPES["VisionAutomaticModeStateMachineType"].number)
        )
        for name, (number, value, place) in STATES.items():
            parent = inner if name in IN_AUTOMATIC else outer
            await self._numbered(parent, name, _STATE, (number, value, place))
        for name, (number, value, place) in TRANSITIONS.items():
            before, after = ends(name)
            parent = inner if before in IN_AUTOMATIC else outer
            node = await self._numbered(parent, name, _TRANSITION, (number, value, place))
            for state, reference in ((before, _FROM_STATE), (after, _TO_STATE)):
                await node.add_reference(self._id(STATES[state][0]), ua.NodeId(reference))

    async def _numbered(
        self, parent: Node, name: str, kind: int, numbers: tuple[int, int, int]
    ) -> Node:
        number, value, place = numbers
        what = "StateNumber" if kind == _STATE else "TransitionNumber"
        node = await self._object(parent, self._id(number), self._name(name), ua.NodeId(kind))
        qualified = ua.QualifiedName(what, 0)
        await self._variable(
            node, self._id(place), qualified, "UInt32", ua.UInt32(value), is_property=True
        )
        return node

    async def _build_result_type(self) -> None:
        base = self._server.get_node(ua.NodeId(63))
        node = await create_variable_type(
            base,
            self._id(RESULT_TYPE),
            self._name("ResultType"),
            self._data_type("ResultDataType"),
        )
        kinds = {member.name: member for member in STRUCTURES["ResultDataType"].members}
        for name, number in RESULT_PARTS.items():
            member = kinds[name]
            await self._variable(
                node, self._id(number), self._name(name), member.type, None, array=member.array
            )

    # -- single nodes ----------------------------------------------------------------------

    async def _object(
        self, parent: Node, node_id: ua.NodeId, name: ua.QualifiedName, kind: ua.NodeId
    ) -> Node:
        """Add an object without copying what its type has: each part is added by hand."""
        item = ua.AddNodesItem(
            RequestedNewNodeId=node_id,
            BrowseName=name,
            NodeClass=ua.NodeClass.Object,
            ParentNodeId=parent.nodeid,
            ReferenceTypeId=ua.NodeId(_COMPONENT),
            TypeDefinition=kind,
            NodeAttributes=ua.ObjectAttributes(DisplayName=ua.LocalizedText(name.Name)),
        )
        results = await parent.session.add_nodes([item])
        results[0].StatusCode.check()
        return self._server.get_node(node_id)

    async def _variable(
        self,
        parent: Node,
        node_id: ua.NodeId,
        name: ua.QualifiedName,
        data_type: str,
        value: Any,  # noqa: ANN401
        *,
        array: bool = False,
        is_property: bool = False,
        kind: int = 63,
    ) -> Node:
        attributes = ua.VariableAttributes(
            DisplayName=ua.LocalizedText(name.Name),
            DataType=self._data_type(data_type),
            ValueRank=ua.ValueRank.OneDimension if array else ua.ValueRank.Scalar,
            Value=ua.Variant(value) if value is not None else ua.Variant(None, ua.VariantType.Null),
            AccessLevel=ua.AccessLevel.CurrentRead.mask,
            UserAccessLevel=ua.AccessLevel.CurrentRead.mask,
        )
        type_id = self._id(kind) if kind == RESULT_TYPE else ua.NodeId(68 if is_property else kind)
        item = ua.AddNodesItem(
            RequestedNewNodeId=node_id,
            BrowseName=name,
            NodeClass=ua.NodeClass.Variable,
            ParentNodeId=parent.nodeid,
            ReferenceTypeId=ua.NodeId(_PROPERTY if is_property else _COMPONENT),
            TypeDefinition=type_id,
            NodeAttributes=attributes,
        )
        results = await parent.session.add_nodes([item])
        results[0].StatusCode.check()
        return self._server.get_node(node_id)

    async def _method(
        self, parent: Node, node_id: ua.NodeId, name: str, method: Method, call: Call
    ) -> None:
        node = await parent.add_method(node_id, self._name(name), call, [], [])
        own = node_id.NamespaceIndex == self.space.standard
        for what, number, members in (
            ("InputArguments", method.inputs, method.takes),
            ("OutputArguments", method.outputs, method.gives),
        ):
            if not members:
                continue
            place = self._id(number) if own else self.space.own_id(f"{node_id.Identifier}.{what}")
            qualified = ua.QualifiedName(what, 0)
            argument = await node.add_property(
                place, qualified, self._arguments(members), datatype=ua.NodeId(296)
            )
            await argument.write_attribute(
                ua.AttributeIds.ValueRank, ua.DataValue(ua.Variant(1, ua.VariantType.Int32))
            )

    def _arguments(self, members: tuple[Member, ...]) -> list[ua.Argument]:
        return [
            ua.Argument(
                Name=member.name,
                DataType=self._data_type(member.type),
                ValueRank=1 if member.array else -1,
            )
            for member in members
        ]

    def _id(self, number: int) -> ua.NodeId:
        return self.space.type_id(number)

    def _name(self, name: str) -> ua.QualifiedName:
        return ua.QualifiedName(name, self.space.standard)

    def _data_type(self, name: str) -> ua.NodeId:
        if name in BUILT_IN:
            return ua.NodeId(BUILT_IN[name])
        if name in ALIASES:
            return self._id(ALIASES[name][0])
        if name in ENUMERATIONS:
            return self._id(ENUMERATIONS[name][0])
        return self._id(STRUCTURES[name].number)

    def _python_type(self, name: str) -> ua.NodeId:
        """Return what a value of this type is in Python: an alias is its base."""
        if name in ALIASES:
            return ua.NodeId(BUILT_IN[ALIASES[name][1]])
        if name in ENUMERATIONS:
            return ua.NodeId(BUILT_IN["Int32"])
        plain = {"UtcTime": "DateTime", "Duration": "Double"}.get(name, name)
        return self._data_type(plain)


async def _unlinked(_parent: ua.NodeId, *_arguments: ua.Variant) -> ua.StatusCode:
    return ua.StatusCode(ua.StatusCodes.BadMethodInvalid)
