"""Heads of detectors that know positions: what is normal differs from place to place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float32, Float64, Ints64
from deeprx_gui.engine.heads import WhitenerBlock, split_whitener, whiten
from deeprx_gui.engine.position_factors import CovarianceFactor
from deeprx_gui.engine.reference_grids import ReferenceGrids
from deeprx_gui.engine.tap_maps import TapMaps


@dataclass(frozen=True, eq=False)
class LocalHead:
    """d = ‖W(f-μ_p)‖: ``MahalanobisHead`` with an offset for each position.

    ``offset`` holds Wμ_p, shape (channels, height, width) on the reference grid. A picture with
    other grids is brought to the reference first, so the score map always has that shape.
    """

    reference: ReferenceGrids
    blocks: tuple[WhitenerBlock, ...]
    offset: Float32
    squared: bool

    @classmethod
    def make(
        cls,
        reference: ReferenceGrids,
        means: Float64,
        whitener: Float64,
        channels: tuple[int, ...],
        *,
        squared: bool,
    ) -> LocalHead:
        """Split a lower-triangular whitener by taps and whiten ``means`` (channels, positions)."""
        offset = (whitener @ means).astype(np.float32).reshape(-1, *reference.grid)
        return cls(reference, split_whitener(whitener, channels), offset, squared)

    @property
    def channels(self) -> tuple[int, ...]:
        return tuple(block.weight.shape[1] for block in self.blocks)

    @property
    def home(self) -> tuple[tuple[int, int], ...]:
        """Grids of the reference: pictures that have them need no resampling."""
        return self.reference.grids

    def score_map(self, taps: TapMaps) -> Float32:
        """Return d (or d²) at each position of the reference grid, shape (h, w)."""
        total = -self.offset.reshape(len(self.offset), -1)
        whiten(self.blocks, self.reference.bring(taps), total)
        squares = np.einsum("ij,ij->j", total, total)
        distance = squares if self.squared else np.sqrt(squares)
        return np.asarray(distance.reshape(self.reference.grid), np.float32)


@dataclass(frozen=True, eq=False)
class ChannelSelection:
    """Some of the channels of pictures on the reference grids.

    ``channels`` per tap, coarsest first; ``chosen`` numbers among all of them, ascending.
    """

    reference: ReferenceGrids
    channels: tuple[int, ...]
    chosen: Ints64

    def features(self, taps: TapMaps) -> Float32:
        """Return the chosen channels on the finest grid, shape (positions, chosen).

        Channels are chosen first: only they are brought to the reference and enlarged.
        """
        maps, start = [], 0
        for m in taps.maps:
            inside = self.chosen[(self.chosen >= start) & (self.chosen < start + len(m))]
            maps.append(m[inside - start])
            start += len(m)
        return np.ascontiguousarray(self.reference.bring(TapMaps(tuple(maps))).dense().T)


@dataclass(frozen=True, eq=False)
class GaussiansHead:
    """d = sqrt((f-μ_p)ᵀ C_p⁻¹ (f-μ_p)), a Gaussian for each position.

    ``mean`` has shape (positions, chosen channels). A picture with other grids is brought to the
    reference first.
    """

    selection: ChannelSelection
    mean: Float32
    factor: CovarianceFactor
    squared: bool

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels per tap, coarsest first, before any are chosen."""
        return self.selection.channels

    @property
    def home(self) -> tuple[tuple[int, int], ...]:
        """Grids of the reference: pictures that have them need no resampling."""
        return self.selection.reference.grids

    def score_map(self, taps: TapMaps) -> Float32:
        """Return d (or d²) at each position of the reference grid, shape (h, w)."""
        squares = self.factor.squares(self.selection.features(taps) - self.mean)
        distance = squares if self.squared else np.sqrt(squares)
        return np.asarray(distance.reshape(self.selection.reference.grid), np.float32)
