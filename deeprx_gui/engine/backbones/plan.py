"""NetworkPlan: a frozen network as plain data, so that a runtime can build it without torch.

A plan has the arithmetic of the torch network it was written down from (``plan_of_network``): batch
norm folded in, borders mirrored, every tap the weights reach. Input: pixels 0..255, RGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from deeprx_gui.domain.arrays import Float32

PIXELS = -1
"""The value number of the network's input."""


@dataclass(frozen=True, eq=False)
class Conv:
    """A convolution of value ``source``: ``weight`` (out, in / groups, k, k), ``bias`` (out,).

    ``before``, ``after``: mirrored pixels in front of and behind the map, along height and width
    alike. They hold for maps whose sides are multiples of ``stride``.
    """

    source: int
    weight: Float32
    bias: Float32
    stride: int
    groups: int
    before: int
    after: int


@dataclass(frozen=True)
class Clip:
    """max(0, x), and at most ``high`` where given: ReLU and ReLU6."""

    source: int
    high: float | None


@dataclass(frozen=True)
class Add:
    """The sum of two values of the same shape."""

    source: int
    other: int


@dataclass(frozen=True)
class MaxPool:
    """The maximum over ``kernel`` x ``kernel``; what ``pad`` adds around the map never wins."""

    source: int
    kernel: int
    stride: int
    pad: int


@dataclass(frozen=True)
class Upsample:
    """The map at twice its height and width, bilinear between the centres of its positions."""

    source: int


Number = int | float | bool | str | tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Constant:
    """Numbers that do not depend on the picture, float32."""

    array: Float32


@dataclass(frozen=True, eq=False)
class Apply:
    """One of the general functions (``functions.FUNCTIONS``) of the values ``sources``.

    What networks from elsewhere need beside convolutions. ``stride``: how many pixels of the
    picture one cell of the result covers, 1 where the result is no map.
    """

    function: str
    sources: tuple[int, ...]
    numbers: Mapping[str, Number] = field(default_factory=dict)
    stride: int = 1


Step = Conv | Clip | Add | MaxPool | Upsample | Constant | Apply


def sources_of(step: Step) -> tuple[int, ...]:
    """Return the values a step is made of."""
    match step:
        case Constant():
            return ()
        case Apply():
            return step.sources
        case Add():
            return (step.source, step.other)
    return (step.source,)


@dataclass(frozen=True, eq=False)
class NetworkPlan:
    """Steps in order; the result of ``steps[i]`` is value ``i``.

    ``taps``: stride -> value. ``mean``, ``std``: what is taken off each RGB channel of the pixels,
    and what it is then divided by.
    """

    steps: tuple[Step, ...]
    taps: Mapping[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def needed(self, taps: tuple[int, ...]) -> int:
        """Return how many of the steps it takes to reach these taps."""
        return 1 + max(self.taps[stride] for stride in taps)

    def up_to(self, stride: int) -> NetworkPlan:
        """Return the network as far as its taps of at most this stride reach."""
        taps = {tap: value for tap, value in self.taps.items() if tap <= stride}
        return replace(self, steps=self.steps[: self.needed(tuple(taps))], taps=taps)
