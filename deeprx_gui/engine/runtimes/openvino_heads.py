"""Detectors' heads as OpenVINO graphs: the score map never leaves the device before it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.bank_head import BankHead
from deeprx_gui.engine.heads import Head, MahalanobisHead, WhitenerBlock
from deeprx_gui.engine.position_heads import LocalHead
from deeprx_gui.engine.runtimes.quiet_openvino import Value, ops


def mahalanobis(head: Head, maps: list[Value]) -> Value:
    """Build ``MahalanobisHead``: (1, channels, h, w) per tap, coarsest first -> (1, h, w)."""
    assert isinstance(head, MahalanobisHead)
    total = _squares(head.blocks, head.offset.reshape(1, -1, 1, 1), maps)
    return total if head.squared else ops.sqrt(total)


def local(head: Head, maps: list[Value]) -> Value:
    """Build ``LocalHead``, for pictures whose grids are those of its reference."""
    assert isinstance(head, LocalHead)
    total = _squares(head.blocks, head.offset[None], maps)
    return total if head.squared else ops.sqrt(total)


_POSITIONS = 1024
"""What a graph for any picture size is made for."""


def nearest(head: Head, maps: list[Value]) -> Value:
    """Build ``BankHead``, a block of the bank after the other (see there)."""
    assert isinstance(head, BankHead)
    grid = _grid(maps)
    away = [
        ops.subtract(_averaged(m), ops.constant(c.reshape(1, -1, 1, 1)))
        for m, c in zip(maps, head.centres, strict=True)
    ]
    largest: Value | None = None
    for block in head.blocks(_positions(maps[-1])):
        products: Value | None = None
        for m, weight in zip(away, block.weights, strict=True):
            part = _pointwise(m, weight)
            if products is None:
                # on the coarsest grid: interpolation leaves a constant as it is
                part = ops.subtract(part, ops.constant(block.halves.reshape(1, -1, 1, 1)))
            if m is not away[-1]:
                part = _enlarged(part, grid)
            products = part if products is None else ops.add(part, products)
        best = ops.reduce_max(products, ops.constant([1]), keep_dims=False)
        largest = best if largest is None else ops.maximum(largest, best)
    squares = _sum_of_squares(away[-1])
    for m in away[:-1]:
        squares = ops.add(squares, _sum_of_squares(_enlarged(m, grid)))
    left = ops.subtract(squares, ops.multiply(largest, ops.constant(np.float32(2))))
    return ops.sqrt(ops.abs(left))  # rounding may leave -0.00…; unlike a clamp, |NaN| is NaN


def _positions(maps: Value) -> int:
    """Return the number of positions of a map; a usual one where the graph is for any size."""
    output = maps.output(0) if hasattr(maps, "output") else maps
    height, width = list(output.get_partial_shape())[2:]
    known = height.is_static and width.is_static
    return height.get_length() * width.get_length() if known else _POSITIONS


def _averaged(maps: Value) -> Value:
    """Return the mean of 3 x 3 neighbours, zeros outside the picture (see ``averaging``)."""
    return ops.avg_pool(maps, [1, 1], [1, 1], [1, 1], [3, 3], exclude_pad=False)


def _grid(maps: list[Value]) -> Value:
    """Return height and width of the finest map, whatever the picture."""
    return ops.gather(ops.shape_of(maps[-1], "i32"), ops.constant([2, 3]), ops.constant(0))


def _squares(blocks: tuple[WhitenerBlock, ...], centre: Float32, maps: list[Value]) -> Value:
    """Return ‖Wf - centre‖² at each position of the finest grid, (1, h, w).

    Each tap is whitened on its own grid (see ``heads``) by a 1x1 convolution. The whitener is lower
    triangular: the rows above a tap's first one are finished before it, so they are squared and
    summed up at once and are not carried along. ``centre``, Wμ, is (1, channels, 1, 1), or has the
    finest grid where each position has its own.
    """
    grid = _grid(maps)
    everywhere = centre.shape[2:] == (1, 1)
    squares: list[Value] = []
    rest: Value | None = None
    done = 0
    for block, features in zip(blocks, maps, strict=True):
        partial = _pointwise(features, block.weight)
        if rest is None and everywhere:
            # on the coarsest grid: interpolation leaves a constant as it is
            partial = ops.subtract(partial, ops.constant(centre))
        if features is not maps[-1]:
            partial = _enlarged(partial, grid)
        if rest is None and not everywhere:
            partial = ops.subtract(partial, ops.constant(centre))
        if rest is not None:
            lengths = ops.constant(np.array([block.first_row - done, len(block.weight)]))
            finished, rest = ops.variadic_split(rest, ops.constant(1), lengths).outputs()
            squares.append(_sum_of_squares(finished))
            done = block.first_row
        rest = partial if rest is None else ops.add(rest, partial)
    squares.append(_sum_of_squares(rest))
    total = squares[0]
    for more in squares[1:]:
        total = ops.add(total, more)
    return total


def _pointwise(features: Value, weight: Float32) -> Value:
    kernel = ops.constant(weight.reshape(*weight.shape, 1, 1))
    return ops.convolution(features, kernel, [1, 1], [0, 0], [0, 0], [1, 1])


def _enlarged(maps: Value, grid: Value) -> Value:
    """Interpolate bilinearly as ``tap_maps.upsample`` does."""
    axes = ops.constant(np.array([2, 3], np.int32))
    return ops.interpolate(
        maps, grid, "linear_onnx", "sizes", coordinate_transformation_mode="half_pixel", axes=axes
    )


def _sum_of_squares(maps: Value) -> Value:
    return ops.reduce_sum(ops.multiply(maps, maps), ops.constant([1]), keep_dims=False)


def fingerprint(head: Head) -> str:
    """Name a head by everything that is in it, so that the same one need not be compiled again."""
    digest = hashlib.blake2b(type(head).__qualname__.encode())
    _feed(digest.update, head)
    return digest.hexdigest()


def _feed(update: Callable[[bytes], None], part: object) -> None:
    if isinstance(part, np.ndarray):
        update(f"{part.dtype} {part.shape} ".encode())
        update(np.ascontiguousarray(part).tobytes())
    elif is_dataclass(part):
        for field in fields(part):
            update(f"{field.name} ".encode())
            _feed(update, getattr(part, field.name))
    elif isinstance(part, tuple):
        update(f"{len(part)} ".encode())
        for inner in part:
            _feed(update, inner)
    else:
        update(f"{part!r} ".encode())


HEADS: dict[type, Callable[[Head, list[Value]], Value]] = {
    MahalanobisHead: mahalanobis,
    LocalHead: local,
    BankHead: nearest,
}
