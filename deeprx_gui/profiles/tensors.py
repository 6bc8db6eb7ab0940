"""The statistics inside a profile: named arrays in the safetensors format, checked before use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.json_text import MEGABYTE
from deeprx_gui.domain.message import say
from deeprx_gui.profiles.untrusted_input import Raw, parse_json, shown, unsafe

AnyArray = NDArray[Any]

_MOST_HEADER_BYTES = MEGABYTE
_MOST_DIMENSIONS = 8
_MOST_NAME = 200
_TYPES: Mapping[str, np.dtype[np.generic]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"),
    "U32": np.dtype("<u4"),
    "U16": np.dtype("<u2"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}


def write_arrays(arrays: Mapping[str, AnyArray]) -> bytes:
    """Store numeric arrays of any shape; the same arrays give the same bytes.

    Raises ProfileError for a type that a profile cannot hold or a number that is not finite.
    """
    plain: dict[str, AnyArray] = {}
    for name, array in sorted(arrays.items()):
        dtype = array.dtype.newbyteorder("<")
        if dtype not in _TYPES.values():
            raise ProfileError(
                say("The statistics “{name}” are of a kind that cannot be saved.", name=shown(name))
            )
        _check_numbers(name, array)
        plain[name] = np.asarray(array, dtype=dtype, order="C")
    return save(plain)


def read_arrays(data: bytes) -> dict[str, AnyArray]:
    """The arrays in ``data`` as read-only views of it (nothing is copied).

    Raises ProfileError when a name, type, shape or place is not exactly what the format allows:
    the parts must lie end to end, cover the data and hold finite numbers only.
    """
    start, header = _header(data)
    arrays: dict[str, AnyArray] = {}
    at = start
    for name, entry in sorted(header.items(), key=lambda item: _offsets(*item)):
        dtype, shape = _layout(name, entry)
        first, end = _offsets(name, entry)
        size = math.prod(shape) * dtype.itemsize
        if start + first != at or end - first != size or start + end > len(data):
            raise _impossible(name)
        arrays[name] = _view(data, dtype, shape, at)
        _check_numbers(name, arrays[name])
        at += size
    if at != len(data):
        raise unsafe(say("its statistics do not fill their place."))
    return arrays


def _header(data: bytes) -> tuple[int, Raw]:
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= size <= min(len(data) - 8, _MOST_HEADER_BYTES):
        raise ProfileError(say("The statistics in the file cannot be read."))
    return 8 + size, parse_json(data[8 : 8 + size])


def _offsets(name: str, entry: object) -> tuple[int, int]:
    match entry:
        case {"data_offsets": [int() as first, int() as end]} if 0 <= first <= end:
            return first, end
        case _:
            raise _impossible(name)


def _layout(name: str, entry: object) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    match entry:
        case {"dtype": str() as kind, "shape": list() as shape, "data_offsets": _} if (
            kind in _TYPES
            and len(shape) <= _MOST_DIMENSIONS
            and all(type(side) is int and 0 <= side < 2**40 for side in shape)
            and len(name) <= _MOST_NAME
        ):
            return _TYPES[kind], tuple(shape)
        case _:
            raise _impossible(name)


def _view(data: bytes, dtype: np.dtype[np.generic], shape: tuple[int, ...], at: int) -> AnyArray:
    count = math.prod(shape)
    if count == 0:
        return np.empty(shape, dtype)
    view = np.frombuffer(data, dtype, count, at).reshape(shape)
    if dtype.kind == "b" and view.view(np.uint8).max(initial=0) > 1:
        raise unsafe(say("it contains a truth value that is neither yes nor no."))
    return view


def _check_numbers(name: str, array: AnyArray) -> None:
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ProfileError(
            say("The statistics “{name}” contain numbers that are not finite.", name=shown(name))
        )


def _impossible(name: str) -> ProfileError:
    return unsafe(say("the statistics “{name}” have an impossible shape.", name=shown(name)))
