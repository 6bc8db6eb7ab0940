"""Steps of a plan written down while a network runs once on a probe. Imports torch.

Whatever does not depend on the picture is computed at once and becomes a constant; the rest becomes
steps. So shapes that a file computes on its way cost nothing later and need no steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as nnf
from torch import Tensor

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.backbones.functions import FUNCTIONS, ints
from deeprx_gui.engine.backbones.mirror_padding import mirror_pad
from deeprx_gui.engine.backbones.plan import (
    PIXELS,
    Add,
    Apply,
    Clip,
    Constant,
    Conv,
    MaxPool,
    Number,
    Step,
)

MOST_NUMBERS = 1 << 27
"""So many numbers one value may hold, 512 MB; no backbone needs that at the size of a probe."""
_BINARY = {"add", "subtract", "multiply", "divide", "power", "maximum", "minimum"}


class UnusableError(Exception):
    """What this network cannot be, in words for people."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, eq=False)
class Value:
    """A value on the probe; ``number``: of the step that made it, ``None`` for a constant."""

    tensor: Tensor
    number: int | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape)

    @property
    def live(self) -> bool:
        """Whether it depends on the picture."""
        return self.number is not None

    def ints(self) -> list[int]:
        """Return the whole numbers of a constant."""
        if self.live:
            raise UnusableError(
                say("a shape in it depends on what the picture shows. Export it with a fixed size.")
            )
        return [int(v) for v in self.tensor.reshape(-1).tolist()]


def check_size(shape: Sequence[int]) -> None:
    """Raise UnusableError for a value that no memory should be spent on."""
    if any(side < 0 for side in shape) or math.prod(shape) > MOST_NUMBERS:
        raise UnusableError(
            say(
                "it computes a value of {shape} numbers, which is too large.",
                shape=" × ".join(map(str, shape)),
            )
        )


def broadcast(*shapes: Sequence[int]) -> tuple[int, ...]:
    """Return what shapes become together; raises ValueError when they do not fit."""
    return np.broadcast_shapes(*(tuple(shape) for shape in shapes))


class Steps:
    """The steps so far. ``height``: of the probe; ``mirror``: mirrored borders (ADR 0004)."""

    def __init__(self, height: int, *, mirror: bool) -> None:
        self.steps: list[Step] = []
        self.height, self._mirror = height, mirror
        self._constants: dict[int, tuple[Value, int]] = {}

    def call(self, function: str, *values: Value, **numbers: Number) -> Value:
        """Return a general function of some values; all constants: it is computed for good."""
        tensors = [v.tensor for v in values]
        check_size(_shape_of(function, tensors, numbers))
        live = any(v.live for v in values)
        if live:
            tensors = [t.to(torch.float32) for t in tensors]
        result = FUNCTIONS[function](tensors, numbers)
        check_size(result.shape)
        if not live:
            return Value(result)
        sources = tuple(self._number(v) for v in values)
        return self._added(Apply(function, sources, numbers, self._stride(result)), result)

    def add(self, a: Value, b: Value) -> Value:
        """Return the sum."""
        if a.live and b.live and a.shape == b.shape:
            return self._added(Add(self._number(a), self._number(b)), a.tensor + b.tensor)
        return self.call("add", a, b)

    def relu(self, x: Value, high: float | None = None) -> Value:
        """Return max(0, x), at most ``high``."""
        if not x.live:
            return Value(x.tensor.clamp(0, high))
        return self._added(Clip(self._number(x), high), x.tensor.clamp(0, high))

    def max_pool(self, x: Value, kernel: list[int], stride: list[int], pads: list[int]) -> Value:
        """Return the maximum over windows; nothing beyond the border ever wins."""
        alike = len(set(kernel)) == len(set(stride)) == len(set(pads)) == 1
        if alike and 2 * pads[0] <= kernel[0] and x.live:
            result = nnf.max_pool2d(x.tensor, kernel[0], stride[0], pads[0])
            return self._added(MaxPool(self._number(x), kernel[0], stride[0], pads[0]), result)
        return self.call(
            "max_pool", x, kernel=tuple(kernel), stride=tuple(stride), pads=tuple(pads)
        )

    def convolve(
        self,
        x: Value,
        weight: Float32,
        bias: Float32,
        *,
        stride: list[int],
        dilation: list[int],
        groups: int,
        pads: list[int],
    ) -> Value:
        """Return a convolution with ``weight`` (outputs, inputs / groups, h, w).

        ``bias``: (outputs,). ``pads``: top, left, bottom, right of a border of zeros.
        """
        before, after = set(pads[:2]), set(pads[2:])
        square = weight.shape[2] == weight.shape[3] and len(set(stride)) == 1
        inside = self._mirror and len(before) == len(after) == 1
        if any(pads) and not (inside and square and set(dilation) == {1}):
            x = self._bordered(x, pads)
            before, after = {0}, {0}
        number, tensors = self._number(x), (torch.from_numpy(weight), torch.from_numpy(bias))
        out = (
            (x.shape[2] + sum(pads[::2])) // stride[0],
            (x.shape[3] + sum(pads[1::2])) // stride[1],
        )
        check_size((1, len(weight), *out))
        if square and set(dilation) == {1}:
            step = Conv(number, weight, bias, stride[0], groups, before.pop(), after.pop())
            seen = x.tensor
            if step.before or step.after:
                seen = mirror_pad(seen, (step.before, step.after) * 2)
            return self._added(step, nnf.conv2d(seen, *tensors, step.stride, groups=groups))
        maps = self.call(
            "convolve",
            x,
            Value(tensors[0]),
            stride=tuple(stride),
            dilation=tuple(dilation),
            groups=groups,
        )
        return self.call("add", maps, Value(tensors[1].reshape(1, -1, 1, 1)))

    def last_convolution(self, value: Value) -> Conv | None:
        """Return the convolution that made a value."""
        step = None if value.number in (None, PIXELS) else self.steps[value.number or 0]
        return step if isinstance(step, Conv) else None

    def replace_last(self, step: Conv, result: Tensor) -> Value:
        """Put a convolution in the place of the last step; ``result`` (1, channels, h, w)."""
        self.steps[-1] = step
        return Value(result, len(self.steps) - 1)

    def _bordered(self, x: Value, pads: list[int]) -> Value:
        top, left, bottom, right = pads
        small = max(top, bottom) >= x.shape[2] or max(left, right) >= x.shape[3]
        mirrored = "edge" if small else "reflect"
        mode = mirrored if self._mirror else "constant"
        begin, end = (0, 0, top, left), (0, 0, bottom, right)
        return self.call("pad", x, begin=begin, end=end, mode=mode, value=0.0)

    def _number(self, value: Value) -> int:
        """Return the number of a value; a constant gets a step when it is first needed."""
        if value.number is not None:
            return value.number
        known = self._constants.get(id(value))
        if known is None:
            array = np.ascontiguousarray(value.tensor.to(torch.float32).numpy(), np.float32)
            if not np.isfinite(array).all():
                raise UnusableError(say("it holds numbers that are not finite."))
            self.steps.append(Constant(array))
            known = self._constants[id(value)] = (value, len(self.steps) - 1)
        return known[1]

    def _added(self, step: Step, result: Tensor) -> Value:
        check_size(result.shape)
        self.steps.append(step)
        return Value(result, len(self.steps) - 1)

    def _stride(self, result: Tensor) -> int:
        """Return how many rows of the probe one row of a map covers."""
        rows = result.shape[2] if result.dim() == 4 else 0
        return max(1, self.height // rows) if rows else 1


def _shape_of(
    function: str, tensors: Sequence[Tensor], numbers: dict[str, Number]
) -> tuple[int, ...]:
    """Return at least how large a result will be, for the functions that make more of less."""
    first = tuple(tensors[0].shape)
    try:
        if function in _BINARY:
            return broadcast(*(t.shape for t in tensors))
        if function == "matmul":
            outer = broadcast(*(t.shape[:-2] for t in tensors))
            return (*outer, first[-2] if len(first) > 1 else 1, tensors[1].shape[-1])
    except ValueError as error:
        raise UnusableError(say("shapes in it do not fit together.")) from error
    if function == "expand":
        return ints(numbers, "shape")
    if function == "pad":
        more = zip(first, ints(numbers, "begin"), ints(numbers, "end"), strict=True)
        return tuple(side + a + b for side, a, b in more)
    if function == "resize":
        down, across = ints(numbers, "scale")
        return (*first[:2], first[2] * down, first[3] * across)
    if function == "concat":
        return (sum(t.numel() for t in tensors),)
    return ()
