"""The ONNX operators that make constants: shapes, ranges, comparisons. Imports torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones.onnx_call import Call
from deeprx_gui.engine.backbones.onnx_steps import UnusableError, Value, broadcast, check_size

_TYPES = {
    1: torch.float32,
    2: torch.uint8,
    3: torch.int8,
    5: torch.int16,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float32,
    11: torch.float32,
    16: torch.float32,
}


def _fixed(call: Call, index: int) -> Tensor:
    """Return an input that must not depend on the picture."""
    value = call.value(index)
    if value.live:
        raise UnusableError(
            say(
                "the operator {kind} looks at what the picture shows, which no backbone here may.",
                kind=call.node.kind,
            )
        )
    return value.tensor


def _constant(call: Call) -> Value:
    found = call.node.attributes
    for key in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        if key in found:
            array = np.array(found[key])
            kind = np.float32 if array.dtype == np.float64 else array.dtype
            return Value(torch.from_numpy(array.astype(kind)))
    raise call.refused()


def _shape(call: Call) -> Value:
    sides = call.value(0).shape
    end = call.whole("end", len(sides))
    return Value(torch.tensor(sides[call.whole("start", 0) : end], dtype=torch.int64))


def _size(call: Call) -> Value:
    return Value(torch.tensor(call.value(0).tensor.numel(), dtype=torch.int64))


def _filled(call: Call) -> Value:
    shape = call.value(0).ints()
    check_size(shape)
    given = call.node.attributes.get("value")
    value = torch.from_numpy(np.array(np.float32(0) if given is None else given)).reshape(-1)[:1]
    return Value(value.repeat(math.prod(shape)).reshape(shape) if shape else value.reshape(()))


def _range(call: Call) -> Value:
    begin, end, step = (_fixed(call, i).reshape(-1)[:1] for i in range(3))
    if not step.any():
        raise call.refused()
    check_size((max(0, math.ceil(float((end - begin) / step))),))
    return Value(torch.arange(begin.item(), end.item(), step.item(), dtype=begin.dtype))


def _cast(call: Call) -> Value:
    kind = _TYPES.get(call.whole("to", 1))
    value = call.value(0)
    if kind is None or (value.live and kind is not torch.float32):
        raise call.refused()
    return value if value.live else Value(value.tensor.to(kind))


def _cast_like(call: Call) -> Value:
    value, like = call.value(0), call.value(1)
    if value.live:
        return value
    return Value(value.tensor if like.live else value.tensor.to(like.tensor.dtype))


def _where(call: Call) -> Value:
    chosen = _fixed(call, 0)
    if call.value(1).live or call.value(2).live:
        mask = Value(chosen.to(torch.float32))
        return _chosen(call, mask)
    parts = (chosen, call.value(1).tensor, call.value(2).tensor)
    check_size(broadcast(*(p.shape for p in parts)))
    return Value(torch.where(chosen.bool(), parts[1], parts[2]))


def _chosen(call: Call, mask: Value) -> Value:
    """Return a choice that is made beforehand between values of the picture."""
    rest = Value(1 - mask.tensor)
    for value in (call.value(1), call.value(2)):
        if not value.live and not torch.isfinite(value.tensor).all():
            raise call.refused()
    steps = call.steps
    yes, no = (
        steps.call("multiply", call.value(1), mask),
        steps.call("multiply", call.value(2), rest),
    )
    return steps.call("add", yes, no)


def _tile(call: Call) -> Value:
    x, times = call.value(0), call.value(1).ints()
    if all(t == 1 for t in times):
        return x
    tensor = _fixed(call, 0)
    if len(times) != tensor.dim() or min(times) < 0:
        raise call.refused()
    check_size([side * t for side, t in zip(tensor.shape, times, strict=True)])
    return Value(tensor.repeat(times))


def _scattered(call: Call) -> Value:
    """ScatterND: masks of shifted windows are made with it."""
    data, places, updates = (_fixed(call, i) for i in range(3))
    depth = places.shape[-1]
    result = data.clone()
    index = tuple(places.reshape(-1, depth).long().T)
    result[index] = updates.reshape(-1, *data.shape[depth:]).to(data.dtype)
    return Value(result)


def _of(function: Callable[..., Tensor], count: int) -> Callable[[Call], Value]:
    def run(call: Call) -> Value:
        parts = [_fixed(call, i) for i in range(count)]
        check_size(broadcast(*(p.shape for p in parts)))
        return Value(function(*parts))

    return run


CONSTANT_OPERATORS: Mapping[str, Callable[[Call], Value]] = {
    "Constant": _constant,
    "Shape": _shape,
    "Size": _size,
    "ConstantOfShape": _filled,
    "Range": _range,
    "Cast": _cast,
    "CastLike": _cast_like,
    "Where": _where,
    "Tile": _tile,
    "ScatterND": _scattered,
    "Equal": _of(torch.eq, 2),
    "Less": _of(torch.lt, 2),
    "LessOrEqual": _of(torch.le, 2),
    "Greater": _of(torch.gt, 2),
    "GreaterOrEqual": _of(torch.ge, 2),
    "And": _of(torch.logical_and, 2),
    "Or": _of(torch.logical_or, 2),
    "Not": _of(torch.logical_not, 1),
    "Mod": _of(torch.remainder, 2),
    "Floor": _of(torch.floor, 1),
    "Ceil": _of(torch.ceil, 1),
    "Round": _of(torch.round, 1),
    "Cos": _of(torch.cos, 1),
    "Sin": _of(torch.sin, 1),
}
