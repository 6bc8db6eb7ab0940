"""ResidualHead: what a subspace of normal pictures cannot explain, measured by its colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.heads import MahalanobisHead
from deeprx_gui.engine.reference_grids import ReferenceGrids
from deeprx_gui.engine.tap_maps import TapMaps


def residual(basis: Float32, picture: Float32) -> Float32:
    """Return the part of a picture (3, h, w) outside the orthonormal basis (3 h w, rank)."""
    flat = picture.reshape(-1)
    outside = flat - basis @ (flat @ basis)
    return np.asarray(outside.reshape(picture.shape), np.float32)


@dataclass(frozen=True, eq=False)
class ResidualHead:
    """d = the distance of ``colours`` on the residual; pictures are brought to the reference."""

    reference: ReferenceGrids
    basis: Float32
    colours: MahalanobisHead

    @property
    def channels(self) -> tuple[int, ...]:
        return self.colours.channels

    def score_map(self, taps: TapMaps) -> Float32:
        """Return d (or d²) at each position of the reference grid, shape (h, w)."""
        (picture,) = self.reference.bring(taps).maps
        return self.colours.score_map(TapMaps((residual(self.basis, picture),)))
