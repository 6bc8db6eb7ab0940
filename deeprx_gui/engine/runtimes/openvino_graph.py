"""From a plan to an OpenVINO graph."""

from __future__ import annotations

import numpy as np

from deeprx_gui.engine.backbones.plan import (
    PIXELS,
    Add,
    Apply,
    Clip,
    Constant,
    Conv,
    MaxPool,
    NetworkPlan,
    Step,
    Upsample,
    sources_of,
)
from deeprx_gui.engine.runtimes.openvino_functions import FUNCTIONS
from deeprx_gui.engine.runtimes.quiet_openvino import Value, ops, ov

_REFERENCE = 256
"""The picture side for which it is decided what is worth while."""
_WORTH = 1.1
"""Mirroring before a widening 1x1 convolution may enlarge its work by this factor."""


class GraphBuilder:
    """Builds the graph of a plan up to some taps, for one picture size or for any.

    ``size``: (height, width) of the pixels, or ``None``: then both may change from picture to
    picture and must be at least ``smallest_side``.
    """

    def __init__(
        self, plan: NetworkPlan, taps: tuple[int, ...], size: tuple[int, int] | None
    ) -> None:
        self._plan, self._size = plan, size
        self._steps = plan.steps[: plan.needed(taps)]
        self._users = _users(self._steps)
        self._strides = strides(self._steps)
        sides = [-1, -1] if size is None else list(size)
        self.pixels = ops.parameter([1, *sides, 3], ov.Type.u8, name="pixels")
        self._values: dict[int, Value] = {}
        if any(PIXELS in sources_of(step) and not isinstance(step, Conv) for step in self._steps):
            self._values[PIXELS] = self._normalised()
        for number, step in enumerate(self._steps):
            self._values[number] = self._value(step)
        self.taps = [self._values[plan.taps[stride]] for stride in sorted(taps, reverse=True)]
        """The feature maps (1, channels, h, w), coarsest first."""

    def model(self, outputs: list[Value]) -> Value:
        """Return the graph from ``pixels`` (1, h, w, 3), uint8, to ``outputs``."""
        return ov.Model([ops.result(value) for value in outputs], [self.pixels], "deeprx")

    def _value(self, step: Step) -> Value:
        match step:
            case Conv(source=source) if source == PIXELS:
                return self._stem(step)
            case Conv():
                return self._convolve(step, self._mirrored(step))
            case Clip(source):
                return _clip(self._values[source], step)
            case Add(source, other):
                return ops.add(self._values[source], self._values[other])
            case MaxPool(source):
                return _max_pool(self._values[source], step)
            case Upsample(source):
                return _twice(self._values[source])
            case Constant(array):
                return ops.constant(array)
            case Apply(function, sources, numbers):
                return FUNCTIONS[function]([self._values[s] for s in sources], numbers)

    def _normalised(self) -> Value:
        """The pixels as a normalised map, for what is not a convolution."""
        planes = ops.transpose(ops.convert(self.pixels, ov.Type.f32), ops.constant([0, 3, 1, 2]))
        mean, std = (np.array(v, np.float32) for v in (self._plan.mean, self._plan.std))
        shape = (1, 3, 1, 1)
        centred = ops.subtract(planes, ops.constant(mean.reshape(shape)))
        return ops.multiply(centred, ops.constant((1 / std).reshape(shape)))

    def _stem(self, step: Conv) -> Value:
        """The first convolution: on uint8 pixels as they lie in memory, normalisation folded in.

        (x - mean) / std is linear and mirrored pixels are pixels: it fits into the weights.
        """
        mean, std = np.asarray(self._plan.mean), np.asarray(self._plan.std)
        weight = step.weight.astype(np.float64) / std[:, None, None]
        bias = step.bias - (weight * mean[:, None, None]).sum(axis=(1, 2, 3))
        pixels = self._pad(self.pixels, step, 1, first_axis=1)
        planes = ops.transpose(ops.convert(pixels, ov.Type.f32), ops.constant([0, 3, 1, 2]))
        folded = Conv(
            PIXELS,
            weight.astype(np.float32),
            bias.astype(np.float32),
            step.stride,
            step.groups,
            0,
            0,
        )
        return self._convolve(folded, planes)

    def _mirrored(self, step: Conv) -> Value:
        """Return the source of a convolution with its border.

        A 1x1 convolution does the same to a mirrored pixel as to the pixel itself. Where one made
        the map much wider, the narrow map before it is mirrored, which moves fewer bytes.
        """
        source = self._values[step.source]
        found = self._widening(step)
        if found is None:
            return self._pad(source, step, self._strides[step.source])
        widening, clip = found
        narrow = self._pad(self._values[widening.source], step, self._strides[widening.source])
        return _clip(self._convolve(widening, narrow), clip)

    def _widening(self, step: Conv) -> tuple[Conv, Clip] | None:
        """Return the widening convolution and its ReLU before ``step`` where the trick pays."""
        clip = self._steps[step.source]
        if not isinstance(clip, Clip) or step.before + step.after == 0:
            return None
        widening = self._steps[clip.source]
        if not isinstance(widening, Conv) or widening.source == PIXELS:
            return None
        alone = self._users[step.source] == self._users[clip.source] == 1
        outputs, inputs, kernel, _ = widening.weight.shape
        pointwise = (kernel, widening.groups, widening.stride) == (1, 1, 1)
        side = _REFERENCE / self._strides[step.source]
        larger = ((side + step.before + step.after) / side) ** 2
        pays = alone and pointwise and outputs >= 2 * inputs and larger <= _WORTH
        return (widening, clip) if pays else None

    def _pad(self, value: Value, step: Conv, stride: int, first_axis: int = 2) -> Value:
        """Mirror the border of a map; repeat it where the map is smaller than what is mirrored."""
        reach = max(step.before, step.after)
        if reach == 0:
            return value
        small = self._size is not None and reach >= min(self._size) // stride
        begin, end = [0, 0, 0, 0], [0, 0, 0, 0]
        for axis in (first_axis, first_axis + 1):
            begin[axis], end[axis] = step.before, step.after
        mode = "edge" if small else "reflect"
        return ops.pad(value, ops.constant(begin), ops.constant(end), mode)

    def _convolve(self, step: Conv, value: Value) -> Value:
        move, none, weight = [step.stride] * 2, [0, 0], step.weight
        if step.groups == 1:
            raw = ops.convolution(value, ops.constant(weight), move, none, none, [1, 1])
        else:
            split = weight.reshape(step.groups, -1, *weight.shape[1:])
            raw = ops.group_convolution(value, ops.constant(split), move, none, none, [1, 1])
        return ops.add(raw, ops.constant(step.bias.reshape(1, -1, 1, 1)))


def smallest_side(plan: NetworkPlan, taps: tuple[int, ...]) -> int:
    """Return the shortest picture side at which every border of the plan can be mirrored."""
    steps = plan.steps[: plan.needed(taps)]
    at = strides(steps)
    reaches = [(max(s.before, s.after), at[s.source]) for s in steps if isinstance(s, Conv)]
    return max(((reach + 1) * stride for reach, stride in reaches), default=1)


def strides(steps: tuple[Step, ...]) -> dict[int, int]:
    """Return how many pixels lie between two positions of each value."""
    found = {PIXELS: 1}
    for number, step in enumerate(steps):
        if isinstance(step, Apply | Constant):
            found[number] = step.stride if isinstance(step, Apply) else 1
            continue
        moved = step.stride if isinstance(step, Conv | MaxPool) else 1
        found[number] = found[step.source] * moved
        if isinstance(step, Upsample):
            found[number] //= 2
    return found


def _users(steps: tuple[Step, ...]) -> dict[int, int]:
    count = dict.fromkeys(range(PIXELS, len(steps)), 0)
    for step in steps:
        for source in sources_of(step):
            count[source] += 1
    return count


def _clip(value: Value, step: Clip) -> Value:
    return ops.relu(value) if step.high is None else ops.clamp(value, 0.0, step.high)


def _max_pool(value: Value, step: MaxPool) -> Value:
    move, pad, kernel = [step.stride] * 2, [step.pad] * 2, [step.kernel] * 2
    return ops.max_pool(value, move, [1, 1], pad, pad, kernel, "floor").output(0)


def _twice(value: Value) -> Value:
    scales, axes = ops.constant(np.array([2, 2], np.float32)), ops.constant(np.array([2, 3]))
    half = {"coordinate_transformation_mode": "half_pixel", "axes": axes}
    return ops.interpolate(value, scales, "linear_onnx", "scales", **half)
