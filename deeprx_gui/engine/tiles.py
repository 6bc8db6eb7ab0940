"""Tiles: large pictures go through the backbone piece by piece, and no seam is seen.

A convolution sees only so far. Tiles overlap by twice that, each gives the part of its maps that
does not depend on where it was cut, and the parts put together are the maps of the whole picture:
the same as without tiles, at the memory of one tile.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.engine.heads import Head, MahalanobisHead
from deeprx_gui.engine.runtimes.base import Extractor, MapWithTaps, RuntimeInfo
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.tile_reach import reach_of

MOST_PIXELS = 1 << 20
"""Network inputs of up to so many pixels are computed in one piece."""
LONGEST = 1280
"""The longest side of a tile."""


@dataclass(frozen=True)
class TileSpan:
    """One tile along one axis: it starts at ``start``, and gives what lies in ``low`` .. ``high``.

    All in pixels of the whole picture, multiples of the coarsest stride.
    """

    start: int
    low: int
    high: int


def spans(side: int, stride: int) -> tuple[int, tuple[TileSpan, ...]]:
    """Return the length of the tiles along one axis and where they lie."""
    reach = reach_of(stride)
    if side <= LONGEST:
        return side, (TileSpan(0, 0, side),)
    count = -(-(side - 2 * reach) // (LONGEST - 2 * reach))
    length = -(-(side - 2 * reach) // (count * stride)) * stride + 2 * reach
    starts = [(side - length) * i // ((count - 1) * stride) * stride for i in range(count)]
    seams = [
        (after + before + length) // (2 * stride) * stride
        for before, after in itertools.pairwise(starts)
    ]
    edges = zip(starts, [0, *seams], [*seams, side], strict=True)
    return length, tuple(TileSpan(start, low, high) for start, low, high in edges)


@dataclass(frozen=True)
class Tile:
    """One piece: the pixels to compute, and which of its outcome belongs where."""

    pixels: ByteImage
    rows: TileSpan
    columns: TileSpan

    def put(self, part: Float32, into: Float32) -> None:
        """Copy what this tile gives of a map (..., h, w) into that of the whole picture."""
        stride = self.pixels.shape[0] // part.shape[-2]
        y, x = self.rows, self.columns
        top, left = (y.low - y.start) // stride, (x.low - x.start) // stride
        height, width = (y.high - y.low) // stride, (x.high - x.low) // stride
        into[..., y.low // stride : y.high // stride, x.low // stride : x.high // stride] = part[
            ..., top : top + height, left : left + width
        ]


class Tiled:
    """An extractor that never computes more than one tile at a time; ``stride``: the coarsest."""

    def __init__(self, inner: Extractor, stride: int) -> None:
        self._inner, self._stride = inner, stride

    @property
    def info(self) -> RuntimeInfo:
        return self._inner.info

    def taps(self, pixels: ByteImage) -> TapMaps:
        """Return the feature maps (channels, h, w) of the whole picture."""
        if not is_large(pixels):
            return self._inner.taps(pixels)
        whole: list[Float32] = []
        for tile in self._tiles(pixels):
            parts = self._inner.taps(tile.pixels).maps
            if not whole:
                whole = [_room(pixels, tile, part) for part in parts]
            for part, into in zip(parts, whole, strict=True):
                tile.put(part, into)
        return TapMaps(tuple(whole))

    def compute(self, pixels: ByteImage) -> None:
        """Run the backbone over the whole picture and leave the maps where they are."""
        if not is_large(pixels):
            self._inner.compute(pixels)
            return
        for tile in self._tiles(pixels):
            self._inner.compute(tile.pixels)

    def scorer(self, head: Head) -> Callable[[ByteImage], Float32]:
        """Return the function from prepared pixels to the raw score map.

        A head that treats all positions alike scores tile by tile on the device; any other needs
        the maps of the whole picture.
        """
        small = self._inner.scorer(head)
        alike = isinstance(head, MahalanobisHead)

        def run(pixels: ByteImage) -> Float32:
            if not is_large(pixels):
                return small(pixels)
            if not alike:
                return head.score_map(self.taps(pixels))
            whole: Float32 | None = None
            for tile in self._tiles(pixels):
                part = small(tile.pixels)
                whole = _room(pixels, tile, part) if whole is None else whole
                tile.put(part, whole)
            assert whole is not None
            return whole

        return run

    def scorer_with_taps(self, head: Head) -> Callable[[ByteImage], MapWithTaps]:
        """Return as ``scorer``, with the feature maps of the whole picture."""
        small = self._inner.scorer_with_taps(head)

        def run(pixels: ByteImage) -> MapWithTaps:
            if not is_large(pixels):
                return small(pixels)
            whole: list[Float32] = []
            for tile in self._tiles(pixels):
                raw, taps = small(tile.pixels)
                parts = (raw, *taps.maps)
                if not whole:
                    whole = [_room(pixels, tile, part) for part in parts]
                for part, into in zip(parts, whole, strict=True):
                    tile.put(part, into)
            return whole[0], TapMaps(tuple(whole[1:]))

        return run

    def _tiles(self, pixels: ByteImage) -> Iterator[Tile]:
        height, rows = spans(pixels.shape[0], self._stride)
        width, columns = spans(pixels.shape[1], self._stride)
        for y in rows:
            for x in columns:
                cut = pixels[y.start : y.start + height, x.start : x.start + width]
                yield Tile(np.ascontiguousarray(cut), y, x)


def is_large(pixels: ByteImage) -> bool:
    """Whether a network input is computed in tiles."""
    return pixels.shape[0] * pixels.shape[1] > MOST_PIXELS


def _room(pixels: ByteImage, tile: Tile, part: Float32) -> Float32:
    """Return an empty map of the whole picture like ``part`` of a tile."""
    stride = tile.pixels.shape[0] // part.shape[-2]
    size = (pixels.shape[0] // stride, pixels.shape[1] // stride)
    return np.empty((*part.shape[:-2], *size), np.float32)
