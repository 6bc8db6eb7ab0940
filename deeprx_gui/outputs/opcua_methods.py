"""Methods of the vision system: arguments taken apart, refused or passed on, answered.

A method that the present state does not allow is answered ``Bad_InvalidState``; one that the line
refuses gives an error below 0, and ``Line.LastRefusal`` says why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from asyncua import ua

from deeprx_gui.domain.line_status import LineProduct
from deeprx_gui.domain.message import say
from deeprx_gui.outputs.commands import MOST_CHARACTERS
from deeprx_gui.outputs.opcua_line import VisionLine
from deeprx_gui.outputs.opcua_machine import Cause
from deeprx_gui.outputs.opcua_model import (
    AUTOMATIC_METHODS,
    RECIPE_METHODS,
    RESULT,
    RESULT_METHODS,
    STATE_METHODS,
    Member,
)
from deeprx_gui.outputs.opcua_results import Job
from deeprx_gui.outputs.opcua_sessions import CALLER
from deeprx_gui.outputs.opcua_space import Call

REFUSED, NO_PRODUCT, NOT_OFFERED, NO_RESULT = -1, -2, -3, -4
"""Values of ``Error``; 0: done."""
_MOST_LISTED: Final = 100
Value = Any
"""What a client sent: a plain value or a structure of the library, looked at before it is used."""
_Answer = Awaitable[ua.StatusCode | list[ua.Variant]]
_METHODS: Final = {**STATE_METHODS, **AUTOMATIC_METHODS, **RECIPE_METHODS, **RESULT_METHODS}
_ACKNOWLEDGE: Final = (Member("Sequence", "UInt32"),)


class _BadArgument(Exception):  # noqa: N818
    """An argument is not what it should be."""


class VisionMethods:
    """What answers the methods; all of it runs in the server's loop."""

    def __init__(self, line: VisionLine) -> None:
        self._line = line

    def calls(self) -> dict[str, Call]:
        """Return what answers each method, by its browse name."""
        made: dict[str, Callable[..., _Answer]] = {
            "Reset": partial(self._change, Cause.RESET),
            "Halt": partial(self._change, Cause.HALT),
            "SelectModeAutomatic": partial(self._change, Cause.SELECT),
            "Stop": partial(self._change, Cause.STOP),
            "Abort": partial(self._change, Cause.ABORT),
            "StartSingleJob": self._start_single,
            "StartContinuous": self._start_continuous,
            "GetRecipeListFiltered": self._list_recipes,
            "PrepareRecipe": self._prepare,
            "UnprepareRecipe": self._unprepare,
            "GetResultById": self._result_by_id,
            "GetResultComponentsById": self._components_by_id,
            "GetResultListFiltered": self._list_results,
            "ReleaseResultHandle": self._release,
        }
        calls = {name: _counted(_METHODS[name].takes, call) for name, call in made.items()}
        return {**calls, "Acknowledge": _counted(_ACKNOWLEDGE, self._acknowledge)}

    # -- state machine ---------------------------------------------------------------------

    async def _change(self, cause: Cause, *_why: Value) -> ua.StatusCode | list[ua.Variant]:
        line = self._line
        if not line.machine.may(cause):
            return await self._wrong_state(cause)
        step = line.machine.call(cause)
        job = line.ends()
        await line.took([step])
        if cause in {Cause.STOP, Cause.ABORT}:
            await line.ready_again(job)
        await line.look()
        return [_error()]

    async def _start_single(
        self,
        meas: Value,
        part: Value,
        recipe: Value,
        product: Value,
        parameters: Value,
    ) -> ua.StatusCode | list[ua.Variant]:
        line = self._line
        job = Job(line.job_id(), _id_of(meas), _id_of(part))
        refused = await self._cannot_start(Cause.START_SINGLE, recipe, product, parameters)
        if refused is not None:
            return refused
        answer = line.commands.fire(job.part)
        if answer.problem is not None:
            await line.refuse(say("{caller}: {why}", caller=CALLER.get(), why=answer.problem))
            return [self._job(""), _error(REFUSED)]
        number = answer.number or line.commands.status().counts.accepted
        line.starts(Cause.START_SINGLE, number, job)
        await line.took([line.machine.call(Cause.START_SINGLE)])
        await line.started(job)
        await line.look()
        return [self._job(job.id), _error()]

    async def _start_continuous(
        self,
        meas: Value,
        part: Value,
        recipe: Value,
        product: Value,
        parameters: Value,
    ) -> ua.StatusCode | list[ua.Variant]:
        line = self._line
        job = Job(line.job_id(), _id_of(meas))
        refused = await self._cannot_start(Cause.START_CONTINUOUS, recipe, product, parameters)
        if refused is not None:
            return refused
        if _id_of(part):
            await line.refuse(say("A job of many parts takes no id of one part."))
            return [self._job(""), _error(NOT_OFFERED)]
        line.starts(Cause.START_CONTINUOUS, 0, job)
        await line.took([line.machine.call(Cause.START_CONTINUOUS)])
        await line.started(job)
        return [self._job(job.id), _error()]

    async def _cannot_start(
        self,
        cause: Cause,
        recipe: Value,
        product: Value,
        parameters: Value,
    ) -> ua.StatusCode | list[ua.Variant] | None:
        """Return the answer that refuses a job, ``None`` where it may start."""
        line = self._line
        await line.look()  # a line that has just stopped is not ready
        if not line.machine.may(cause):
            return await self._wrong_state(cause)
        if parameters:
            await line.refuse(say("Jobs take no parameters here."))
            return [self._job(""), _error(NOT_OFFERED)]
        in_use = next((each.name for each in line.commands.products() if each.in_use), "")
        for wanted in (_id_of(recipe), _id_of(product)):
            if wanted and wanted.casefold() != in_use.casefold():
                await line.refuse(say("“{name}” is not in use; prepare it first.", name=wanted))
                return [self._job(""), _error(NO_PRODUCT)]
        return None

    async def _wrong_state(self, cause: Cause) -> ua.StatusCode:
        state = self._line.machine.state.value
        await self._line.refuse(
            say(
                "{caller}: {method} is not possible in the state {state}.",
                caller=CALLER.get(),
                method=cause.value,
                state=state,
            )
        )
        return ua.StatusCode(ua.StatusCodes.BadInvalidState)

    async def _acknowledge(self, sequence: Value) -> ua.StatusCode | list[ua.Variant]:
        line = self._line
        view = line.panel.view()
        if view.told is None or int(sequence) != view.sequence & 0xFFFFFFFF:
            return ua.StatusCode(ua.StatusCodes.BadNoMatch)
        line.panel.acknowledge()
        line.panel.release()
        await line.show()
        return []

    # -- recipes ---------------------------------------------------------------------------

    async def _list_recipes(
        self,
        external: Value,
        product: Value,
        prepared: Value,
        most: Value,
        start: Value,
        _timeout: Value,
    ) -> ua.StatusCode | list[ua.Variant]:
        wanted = {name.casefold() for name in (_id_of(external), _id_of(product)) if name}
        found = [
            each
            for each in self._line.commands.products()
            if (not wanted or wanted == {each.name.casefold()})
            and prepared in {None, 2, int(each.in_use)}
        ]
        page, is_complete = _page(found, most, start)
        listed = [self._line.results.internal(each) for each in page]
        return [
            ua.Variant(is_complete),
            ua.Variant(len(page), ua.VariantType.UInt32),
            _no_handle(),
            _structures(listed),
            _error(),
        ]

    async def _prepare(self, external: Value, internal: Value) -> ua.StatusCode | list[ua.Variant]:
        line = self._line
        await line.look()
        if not line.machine.may(Cause.PREPARE):
            return await self._wrong_state(Cause.PREPARE)
        wanted = self._wanted(_id_of(external), _id_of(internal))
        if wanted is None:
            await line.refuse(say("{caller}: this product is not here.", caller=CALLER.get()))
            return [self._recipe(None), ua.Variant(False), _error(NO_PRODUCT)]
        if wanted.in_use and line.commands.status().running:
            return [self._recipe(wanted), ua.Variant(True), _error()]
        problem = line.commands.product(wanted.name)
        if problem is not None:
            await line.refuse(say("{caller}: {why}", caller=CALLER.get(), why=problem))
            return [self._recipe(wanted), ua.Variant(False), _error(NO_PRODUCT)]
        line.prepares(wanted)
        await line.look()
        return [self._recipe(wanted), ua.Variant(False), _error()]

    async def _unprepare(
        self, external: Value, internal: Value
    ) -> ua.StatusCode | list[ua.Variant]:
        wanted = self._wanted(_id_of(external), _id_of(internal))
        await self._line.refuse(
            say("A product stays in use until another one is prepared or the inspection ends.")
        )
        return [self._recipe(wanted), _error(NOT_OFFERED)]

    def _wanted(self, name: str, number: str) -> LineProduct | None:
        """Return the product of this id, or of this name where there is no id."""
        for each in self._line.commands.products():
            if number and each.id == number:
                return each if not name or each.name.casefold() == name.casefold() else None
            if not number and name and each.name.casefold() == name.casefold():
                return each
        return None

    # -- results ---------------------------------------------------------------------------

    async def _result_by_id(
        self, result_id: Value, _timeout: Value
    ) -> ua.StatusCode | list[ua.Variant]:
        found = self._line.results.find(_id_of(result_id))
        if found is None:
            empty = self._line.nodes.space.made("ResultDataType")
            return [_no_handle(), ua.Variant(empty), _error(NO_RESULT)]
        return [_no_handle(), ua.Variant(found), _error()]

    async def _components_by_id(
        self,
        result_id: Value,
        _timeout: Value,
    ) -> ua.StatusCode | list[ua.Variant]:
        found = self._line.results.find(_id_of(result_id))
        result = found or self._line.nodes.space.made("ResultDataType")
        parts = [_component(getattr(result, member.name), member) for member in RESULT[1:]]
        return [parts[0], _no_handle(), *parts[1:], _error(0 if found else NO_RESULT)]

    async def _list_results(self, state: Value, *more: Value) -> ua.StatusCode | list[ua.Variant]:
        *ids, most, start, _timeout = more
        names = (
            "MeasId", "PartId", "ExternalRecipeId", "InternalRecipeId", "ExternalConfigurationId",
            "InternalConfigurationId", "ProductId", "JobId",
        )  # fmt: skip
        wanted = {name: _id_of(each) for name, each in zip(names, ids, strict=True)}
        found = [
            each
            for each in self._line.results.newest_first()
            if (not state or each.ResultState == state)
            and all(
                not text or _id_of(getattr(each, name)) == text for name, text in wanted.items()
            )
        ]
        page, is_complete = _page(found, most, start)
        return [
            ua.Variant(is_complete),
            ua.Variant(len(page), ua.VariantType.UInt32),
            _no_handle(),
            _structures(page),
            _error(),
        ]

    async def _release(self, _handle: Value) -> ua.StatusCode | list[ua.Variant]:
        return [_error()]  # handles are never given: nothing is held

    def _job(self, name: str) -> ua.Variant:
        return ua.Variant(self._line.nodes.space.made("JobIdDataType", Id=name))

    def _recipe(self, product: LineProduct | None) -> ua.Variant:
        if product is None:
            return ua.Variant(self._line.nodes.space.made("RecipeIdInternalDataType"))
        return ua.Variant(self._line.results.internal(product))


def _counted(takes: tuple[Member, ...], call: Callable[..., _Answer]) -> Call:
    """Return the call with plain values; a wrong number or kind of arguments never reaches it."""

    async def answer(_parent: ua.NodeId, *given: ua.Variant) -> Value:
        if len(given) < len(takes):
            return ua.StatusCode(ua.StatusCodes.BadArgumentsMissing)
        if len(given) > len(takes):
            return ua.StatusCode(ua.StatusCodes.BadTooManyArguments)
        values = [each.Value for each in given]
        if not all(map(_fits, takes, values)):
            return ua.StatusCode(ua.StatusCodes.BadInvalidArgument)
        try:
            return await call(*values)
        except _BadArgument:
            return ua.StatusCode(ua.StatusCodes.BadInvalidArgument)

    return answer


_PLAIN: Final[Mapping[str, type]] = {
    "UInt32": int, "Int32": int, "Handle": int, "ResultStateDataType": int, "Boolean": bool,
    "TriStateBooleanDataType": int, "String": str,
}  # fmt: skip


def _fits(member: Member, value: object) -> bool:
    kind = _PLAIN.get(member.type)
    if kind is None or value is None:
        return member.array or not isinstance(value, list | int | float)
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _id_of(value: Value) -> str:
    """Return the ``Id`` of a structure, empty where none is given. Raises _BadArgument."""
    if value is None:
        return ""
    text = getattr(value, "Id", value if isinstance(value, str) else None)
    if text is None:
        text = ""
    if (
        not isinstance(text, str)
        or len(text) > MOST_CHARACTERS
        or not (text == "" or text.isprintable())
    ):
        raise _BadArgument
    return text.strip()


def _page(found: list[Value], most: Value, start: Value) -> tuple[list[Value], bool]:
    """Return what ``MaxResults`` (0: as many as there are) and ``StartIndex`` ask for."""
    first = int(start or 0)
    many = min(int(most or 0) or _MOST_LISTED, _MOST_LISTED)
    page = found[first : first + many]
    return page, first + len(page) >= len(found)


def _structures(values: list[Value]) -> ua.Variant:
    return ua.Variant(values, ua.VariantType.ExtensionObject, is_array=True)


def _component(value: Value, member: Member) -> ua.Variant:
    if member.name == "ResultState":
        return ua.Variant(value, ua.VariantType.Int32)
    if member.array:
        return ua.Variant(value or [], ua.VariantType.Variant, is_array=True)
    return ua.Variant(value)


def _no_handle() -> ua.Variant:
    return ua.Variant(0, ua.VariantType.UInt32)


def _error(number: int = 0) -> ua.Variant:
    return ua.Variant(number, ua.VariantType.Int32)
