"""The ONNX operators that only move numbers about. Imports torch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones.onnx_call import Call, Operator
from deeprx_gui.engine.backbones.onnx_steps import UnusableError, Value, broadcast


def _shaped(call: Call, x: Value, shape: list[int]) -> Value:
    if math.prod(shape) != x.tensor.numel():
        raise UnusableError(say("shapes in it do not fit together."))
    return call.steps.call("reshape", x, shape=tuple(shape))


def _reshape(call: Call) -> Value:
    x, wanted = call.value(0), call.ints("shape", 1)
    if wanted is None or wanted.count(-1) > 1 or min(wanted, default=1) < -1:
        raise call.refused()
    if not call.whole("allowzero", 0):
        if any(v == 0 and i >= len(x.shape) for i, v in enumerate(wanted)):
            raise call.refused()
        wanted = [x.shape[i] if v == 0 else v for i, v in enumerate(wanted)]
    known = math.prod(v for v in wanted if v != -1)
    rest = x.tensor.numel() // known if known else 0
    return _shaped(call, x, [rest if v == -1 else v for v in wanted])


def _flatten(call: Call) -> Value:
    x = call.value(0)
    axis = call.whole("axis", 1)
    axis = axis % len(x.shape) if axis < 0 else axis
    head = math.prod(x.shape[:axis])
    return _shaped(call, x, [head, x.tensor.numel() // max(head, 1)])


def _unsqueeze(call: Call) -> Value:
    x, axes = call.value(0), call.ints("axes", 1) or []
    rank = len(x.shape) + len(axes)
    places, rest = {a % rank for a in axes}, list(x.shape)
    return _shaped(call, x, [1 if i in places else rest.pop(0) for i in range(rank)])


def _squeeze(call: Call) -> Value:
    x, axes = call.value(0), call.ints("axes", 1)
    rank = len(x.shape)
    gone = {i for i, side in enumerate(x.shape) if side == 1}
    gone = gone if axes is None else {a % rank for a in axes}
    return _shaped(call, x, [side for i, side in enumerate(x.shape) if i not in gone])


def _transpose(call: Call) -> Value:
    x = call.value(0)
    order = call.ints("perm") or list(range(len(x.shape)))[::-1]
    if sorted(order) != list(range(len(x.shape))):
        raise call.refused()
    return call.steps.call("transpose", x, order=tuple(order))


def _cut(call: Call, x: Value, axis: int, places: range) -> Value:
    """Return some places along an axis."""
    if not places:
        raise call.refused()
    if places.step > 0:
        begin, end = places.start, places[-1] + 1
        return call.steps.call("slice", x, axis=axis, begin=begin, end=end, step=places.step)
    return call.steps.call("gather", x, axis=axis, indices=tuple(places))


def _slice(call: Call) -> Value:
    x = call.value(0)
    begins, ends = call.ints("starts", 1), call.ints("ends", 2)
    if begins is None or ends is None or len(begins) != len(ends):
        raise call.refused()
    axes = call.ints("axes", 3) or list(range(len(begins)))
    steps = call.ints("steps", 4) or [1] * len(begins)
    if len(axes) != len(begins) or len(steps) != len(begins):
        raise call.refused()
    for begin, end, axis, step in zip(begins, ends, axes, steps, strict=True):
        at = axis % len(x.shape)
        places = range(x.shape[at])[slice(begin, end, step or None)]
        if len(places) != x.shape[at] or step != 1:
            x = _empty(x, at) if not places and not x.live else _cut(call, x, at, places)
    return x


def _empty(x: Value, axis: int) -> Value:
    return Value(x.tensor.narrow(axis, 0, 0))


def _gather(call: Call) -> Value:
    x, index = call.value(0), call.value(1)
    axis = call.whole("axis", 0) % max(len(x.shape), 1)
    side = x.shape[axis] if x.shape else 0
    places = index.ints()
    if any(not -side <= place < side for place in places) or not places:
        raise call.refused()
    indices = tuple(place % side for place in places)
    run = range(indices[0], indices[-1] + 1)
    if indices == tuple(run):
        found = x if len(run) == side else _cut(call, x, axis, run)
    else:
        found = call.steps.call("gather", x, axis=axis, indices=indices)
    return _shaped(call, found, [*x.shape[:axis], *index.shape, *x.shape[axis + 1 :]])


def _split(call: Call) -> list[Value]:
    x = call.value(0)
    axis = call.whole("axis", 0) % len(x.shape)
    count, side = len(call.node.outputs), x.shape[axis]
    each = -(-side // count)
    sizes = call.ints("split", 1) or [min(each, side - i * each) for i in range(count)]
    if sum(sizes) != side or min(sizes) < 1:
        raise call.refused()
    found, begin = [], 0
    for size in sizes:
        found.append(_cut(call, x, axis, range(begin, begin + size)))
        begin += size
    return found


def _concat(call: Call) -> Value:
    values = [call.value(i) for i in range(len(call.inputs))]
    axis = call.whole("axis", 0) % max(len(values[0].shape), 1)
    if len(values) == 1:
        return values[0]
    return call.steps.call("concat", *values, axis=axis)


def _expand(call: Call) -> Value:
    x, wanted = call.value(0), call.value(1).ints()
    try:
        shape = broadcast(x.shape, wanted)
    except ValueError:
        raise UnusableError(say("shapes in it do not fit together.")) from None
    if not x.live and shape != x.shape:
        return call.steps.call("expand", x, shape=shape)
    return x if shape == x.shape else call.steps.call("expand", x, shape=shape)


def _pad(call: Call) -> Value:
    x, pads = call.value(0), call.ints("pads", 1)
    mode = call.word("mode", "constant")
    given = call.maybe(2)
    value = call.real("value", 0.0) if given is None else float(given.tensor)
    rank, axes = len(x.shape), call.ints("axes", 3)
    if pads is None or mode not in ("constant", "reflect", "edge") or min(pads, default=0) < 0:
        raise call.refused()
    places = range(rank) if axes is None else [a % rank for a in axes]
    if len(pads) != 2 * len(places):
        raise call.refused()
    begin, end = [0] * rank, [0] * rank
    for number, place in enumerate(places):
        begin[place], end[place] = pads[number], pads[number + len(places)]
    if not any(pads):
        return x
    if mode != "constant" and (rank != 4 or any(begin[:2]) or any(end[:2])):
        raise call.refused()
    return call.steps.call("pad", x, begin=tuple(begin), end=tuple(end), mode=mode, value=value)


SHAPES: Mapping[str, Operator] = {
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Slice": _slice,
    "Gather": _gather,
    "Split": _split,
    "Concat": _concat,
    "Expand": _expand,
    "Pad": _pad,
}
