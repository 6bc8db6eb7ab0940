"""Bounds for asyncua's decoder: what a message declares is never more than the bytes it brings.

asyncua 2.1.0 decodes the header and the body of a request before anybody has asked whose it is, and
takes a declared count at its word: a hundred bytes could keep it busy for ever. ``bound_decoder``
makes it refuse such messages, in the whole process, once the server's module is imported.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Final

from asyncua import ua
from asyncua.common.utils import Buffer, ServiceError
from asyncua.ua import ua_binary

from deeprx_gui.outputs.opcua_limits import MOST_ELEMENTS

MOST_DIMENSIONS: Final = 8
"""Of an array in a request."""

_DONE: Final = "_deeprx_bounded"
_COUNT_BYTES: Final = 4


class RequestBuffer(Buffer):  # type: ignore[misc]
    """A request; the elements of its lists are counted, nested ones included."""

    def __init__(self, inner: Buffer, counted: list[int] | None = None) -> None:
        super().__init__(inner._data, inner._cur_pos, inner._size)  # noqa: SLF001
        self._counted = [0] if counted is None else counted

    def copy(self, size: int = -1) -> RequestBuffer:
        """Return a copy that counts on."""
        return RequestBuffer(super().copy(size), self._counted)

    def count(self, elements: int) -> None:
        """Note so many more. Raises ServiceError for too many."""
        self._counted[0] += elements
        if self._counted[0] > MOST_ELEMENTS:
            raise ServiceError(ua.StatusCodes.BadTooManyOperations)


class BadDeclaration(ua.UaError):  # type: ignore[misc]
    """A message declares what it cannot hold."""


def bound_decoder() -> None:
    """Make asyncua's decoder refuse counts, lengths and dimensions beyond the message's bytes."""
    if hasattr(ua_binary, _DONE):
        return
    setattr(ua_binary, _DONE, True)
    for name in ("read", "skip"):
        setattr(Buffer, name, _forwards_only(getattr(Buffer, name)))
    for name in ("_create_list_deserializer", "_create_uatype_array_deserializer"):
        setattr(ua_binary, name, _bounded_maker(getattr(ua_binary, name)))
    ua_binary._reshape = _bounded_reshape(ua_binary._reshape)  # noqa: SLF001
    for made_before in (
        ua_binary._create_uatype_deserializer,  # noqa: SLF001
        ua_binary._create_type_deserializer,  # noqa: SLF001
        ua_binary._create_dataclass_deserializer,  # noqa: SLF001
    ):
        made_before.cache_clear()


def _forwards_only(inner: Callable[[Buffer, int], Any]) -> Callable[[Buffer, int], Any]:
    @functools.wraps(inner)
    def moves(self: Buffer, size: int) -> Any:  # noqa: ANN401
        if size < 0:
            raise BadDeclaration(f"a length of {size}")
        return inner(self, size)

    return moves


def _bounded_maker(maker: Callable[[Any], Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """Wrap what makes the deserialisers of lists, so that each looks at the count first."""

    @functools.cache
    def makes(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
        inner, is_empty = maker(kind), _takes_no_bytes(kind)

        def deserialize(data: Any) -> Any:  # noqa: ANN401
            if isinstance(data, Buffer):
                _check_count(data, is_empty=is_empty)
            return inner(data)

        return deserialize

    return makes


def _check_count(data: Buffer, *, is_empty: bool) -> None:
    count = int.from_bytes(data.copy(_COUNT_BYTES).read(_COUNT_BYTES), "little", signed=True)
    left = len(data) - _COUNT_BYTES
    if count < -1 or count > (0 if is_empty else left):
        raise BadDeclaration(f"{count} elements in {left} bytes")
    if isinstance(data, RequestBuffer):
        data.count(max(0, count))


def _takes_no_bytes(kind: Any) -> bool:  # noqa: ANN401
    """Say whether an element costs the sender nothing, so that its count is bounded by nothing."""
    if kind == ua.VariantType.Null:
        return True
    return isinstance(kind, type) and is_dataclass(kind) and not fields(kind)


def _bounded_reshape(inner: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    @functools.wraps(inner)
    def reshape(flat: list[Any], dimensions: list[int]) -> Any:  # noqa: ANN401
        if not dimensions or len(dimensions) > MOST_DIMENSIONS or min(dimensions) < 0:
            raise BadDeclaration("dimensions that no array has")
        declared = 1
        for each in dimensions:
            declared *= each
        if declared != len(flat):
            raise BadDeclaration(f"{dimensions} for {len(flat)} elements")
        return inner(flat, dimensions) if flat else flat

    return reshape
