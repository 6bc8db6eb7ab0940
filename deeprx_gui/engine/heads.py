"""Heads: the arithmetic from feature maps to raw distances, as data.

A detector makes a head from its statistics. Every head can score in numpy (the reference); a
runtime that knows a head's type may compute it on its own device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from deeprx_gui.domain.arrays import Float32, Float64
from deeprx_gui.engine.tap_maps import TapMaps, upsample


class Head(Protocol):
    """Anything that turns feature maps into a raw score map."""

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels per tap, coarsest first, of the maps it can score."""
        ...

    def score_map(self, taps: TapMaps) -> Float32:
        """Return the raw distance at each position (h, w) of the finest grid."""
        ...


@runtime_checkable
class SupportsImageWeight(Protocol):
    """A head whose image score is not the map's alone: it is multiplied with a weight."""

    def weight(self, taps: TapMaps, row: int, column: int) -> float:
        """Return the weight, given where the smoothed map is hottest."""
        ...


@runtime_checkable
class SupportsHomeGrid(Protocol):
    """A head with positions: what it computes on other grids than ``home`` it resamples first."""

    @property
    def home(self) -> tuple[tuple[int, int], ...]:
        """Grid (height, width) of each tap, coarsest first, that needs no resampling."""
        ...


@dataclass(frozen=True, eq=False)
class WhitenerBlock:
    """The columns of the whitener that belong to one tap.

    ``first_row``: rows above it are zero because the whitener is lower triangular. ``weight`` has
    shape (channels - first_row, tap channels), float32.
    """

    first_row: int
    weight: Float32


def split_whitener(whitener: Float64, channels: tuple[int, ...]) -> tuple[WhitenerBlock, ...]:
    """Split a lower-triangular whitener (d, d) by taps, coarsest first, Σ channels = d."""
    blocks, start = [], 0
    for count in channels:
        part = whitener[start:, start : start + count]
        blocks.append(WhitenerBlock(start, np.ascontiguousarray(part, dtype=np.float32)))
        start += count
    return tuple(blocks)


def whiten(blocks: tuple[WhitenerBlock, ...], taps: TapMaps, total: Float32) -> None:
    """Add the whitened features, each tap whitened on its own grid, to ``total`` (d, positions)."""
    height, width = taps.grid
    for block, features in zip(blocks, taps.maps, strict=True):
        count, h, w = features.shape
        partial = (block.weight @ features.reshape(count, h * w)).reshape(-1, h, w)
        total[block.first_row :] += upsample(partial, height, width).reshape(len(partial), -1)


@dataclass(frozen=True, eq=False)
class MahalanobisHead:
    """d = ‖W(f-μ)‖ at every position, one Gaussian for all positions.

    Whitening is linear and so is bilinear upsampling, hence W(up f) = up(W f): a coarse tap is
    whitened on its own grid, where it has a quarter of the positions, and the triangular W spares
    the rows above ``Block.first_row``. Together about a third of the multiplications of the dense
    product for two taps. ``offset`` is Wμ, shape (channels,).
    """

    blocks: tuple[WhitenerBlock, ...]
    offset: Float32
    squared: bool

    @classmethod
    def make(
        cls, mean: Float64, whitener: Float64, channels: tuple[int, ...], *, squared: bool
    ) -> MahalanobisHead:
        """Split a lower-triangular whitener (d, d) by taps, coarsest first, Σ channels = d."""
        offset = (whitener @ mean).astype(np.float32)
        return cls(split_whitener(whitener, channels), offset, squared)

    @property
    def channels(self) -> tuple[int, ...]:
        return tuple(block.weight.shape[1] for block in self.blocks)

    def score_map(self, taps: TapMaps) -> Float32:
        """Return d (or d²) at each position of the finest grid, shape (h, w)."""
        height, width = taps.grid
        total = np.repeat(-self.offset[:, None], height * width, axis=1)
        whiten(self.blocks, taps, total)
        squares = np.einsum("ij,ij->j", total, total)
        distance = squares if self.squared else np.sqrt(squares)
        return np.asarray(distance.reshape(height, width), np.float32)
