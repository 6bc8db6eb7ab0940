"""Which values of a network can be tapped: maps, maps with channels last, and tokens of a grid."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

MOST_EXTRA_TOKENS = 16
"""So many tokens may stand before those of the grid: class and register tokens."""
_STRIDES = (2, 128)


@dataclass(frozen=True)
class OnnxLayer:
    """One value that can be tapped.

    ``node``: the operation that makes it, which names it as well. ``kind``: ``map``,
    ``channels-last`` or ``tokens``; ``extra``: the tokens before the grid, which are left out.
    ``joins``: here a block ends, where what went around it is added to what went through.
    """

    name: str
    node: str
    operator: str
    stride: int
    channels: int
    grid: tuple[int, int]
    kind: str = "map"
    extra: int = 0
    joins: bool = False


def stride_of(grid: Sequence[int], sides: tuple[int, int]) -> int | None:
    """Return how many pixels one cell of a grid covers, ``None`` when it is no grid of these."""
    height, width = grid
    if height < 1 or width < 1 or sides[0] % height or sides[1] % width:
        return None
    stride = sides[0] // height
    fits = stride == sides[1] // width and _STRIDES[0] <= stride <= _STRIDES[1]
    return stride if fits else None


def layer_of(
    shape: Sequence[int],
    sides: tuple[int, int],
    grids: Collection[tuple[int, int]],
    names: tuple[str, str, str],
) -> OnnxLayer | None:
    """Return what a value of this shape is as a tap, ``None`` when it is none.

    ``grids``: those of the maps so far, into one of which tokens belong. ``names``: of the value,
    of its node, of the operator. What joins several ways (a residual block's end) is marked by
    the caller.
    """
    if len(shape) == 4 and shape[0] == 1:
        _, a, b, c = shape
        for kind, grid, channels in (("map", (b, c), a), ("channels-last", (a, b), c)):
            stride = stride_of(grid, sides)
            if stride is not None and channels > 1:
                return OnnxLayer(*names, stride, channels, grid, kind)
    if len(shape) == 3 and shape[0] == 1 and shape[2] > 1:
        extras = {grid: shape[1] - grid[0] * grid[1] for grid in grids}
        fitting = [g for g, extra in extras.items() if 0 <= extra <= MOST_EXTRA_TOKENS]
        if fitting:
            best = min(fitting, key=lambda g: extras[g])
            stride = stride_of(best, sides)
            if stride is not None:
                return OnnxLayer(*names, stride, shape[2], best, "tokens", extras[best])
    return None


def suggested(layers: Sequence[OnnxLayer]) -> tuple[str, ...]:
    """Return layers to begin with.

    Of a network that narrows, the last at the strides nearest 8 and 16; of a transformer, whose
    tokens keep one stride, those at about half and at three quarters of its depth.
    """
    tokens = [layer for layer in layers if layer.kind == "tokens" and layer.joins]
    tokens = tokens or [layer for layer in layers if layer.kind == "tokens"]
    if tokens and len({layer.stride for layer in layers}) == 1:
        places = (len(tokens) // 2, len(tokens) * 3 // 4)
        return tuple(dict.fromkeys(tokens[min(p, len(tokens) - 1)].name for p in places))
    last = {layer.stride: layer.name for layer in layers}
    last |= {layer.stride: layer.name for layer in layers if layer.joins}
    wanted = {min(last, key=lambda s: abs(s - goal)) for goal in (8, 16)} if last else set()
    return tuple(last[stride] for stride in sorted(wanted))
