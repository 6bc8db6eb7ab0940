"""rpca-rx: the colours that normal pictures cannot explain together.

The normal pictures are the columns of D = L + S, low rank and sparse (see ``robust_pca``): L is
what they share, dirt and glints that only one of them has go to S. A new picture x leaves the
residual r = x - UUᵀx to the subspace of L; the score of a pixel is that of ``rx`` on the residual's
colours, with the Gaussian of the normal pictures' residuals.

All pictures must be in memory at once: beyond a limit they are reduced in size, and of more than
``MOST_PICTURES`` only every second, third, … is kept: time grows with their square.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.field import Field, FieldKind
from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors import stored_statistics
from deeprx_gui.engine.detectors.base import DetectorSpec, FitExtent
from deeprx_gui.engine.detectors.settings import (
    LEFT_TO_THE_PROGRAM,
    MEGABYTES,
    SHRINKAGE,
    SQUARED,
    Settings,
    check_settings,
    number,
    whole,
)
from deeprx_gui.engine.gaussian import RunningGaussian
from deeprx_gui.engine.heads import MahalanobisHead
from deeprx_gui.engine.holdout import FOLDS
from deeprx_gui.engine.reference_grids import ReferenceGrids
from deeprx_gui.engine.residual_head import ResidualHead, residual
from deeprx_gui.engine.robust_pca import basis_of, low_rank_part
from deeprx_gui.engine.tap_maps import TapMaps

FIELDS = (
    SHRINKAGE,
    SQUARED,
    Field("pixels", say("Pixels used per image"), FieldKind.WHOLE, 0, minimum=0,
          maximum=1 << 24, hint=LEFT_TO_THE_PROGRAM),
    Field("every", say("Use every n-th image"), FieldKind.WHOLE, 0, minimum=0,
          maximum=1_000_000, hint=LEFT_TO_THE_PROGRAM),
    replace(MEGABYTES, default=300, minimum=20),
)  # fmt: skip
"""``shrinkage`` and ``squared`` as in deep-rx; ``pixels``: at most so many in a picture, 0 for as
many as ``megabytes`` of memory allow; ``every``: only every so many pictures are kept, 0 for as
few as needed."""
check = partial(check_settings, "rpca-rx", FIELDS)
MOST_PICTURES = 300
_COPIES = 8
_STEPS = 35  # of the augmented Lagrangian, on the pictures tried
"""So many matrices of the pictures' size a fit holds at its peak, in float32."""
_FEWEST_PIXELS = 24 * 24


class RpcaRxAccumulator:
    """Keeps every picture, reduced where the settings say so, on the grid of the first."""

    def __init__(
        self, channels: tuple[int, ...], settings: Settings, reference: ReferenceGrids | None = None
    ) -> None:
        self._channels, self._settings, self._reference = channels, settings, reference
        self._pictures: list[Float32] = []
        self._every = max(1, whole(settings, "every"))
        self._seen = 0

    def add(self, taps: TapMaps) -> None:
        """Take in one picture; raises ValueError when it is not finite."""
        if self._reference is None:
            self._reference = ReferenceGrids((self._reduced(*taps.grid),))
        (picture,) = self._reference.bring(taps).maps
        if not np.isfinite(picture).all():
            raise ValueError("features must be finite")
        if self._seen % self._every == 0:
            self._pictures.append(picture)
        self._seen += 1

    def empty(self) -> RpcaRxAccumulator:
        """Return one with the same grid that has seen nothing."""
        return RpcaRxAccumulator(self._channels, self._settings, self._reference)

    def without(self, other: RpcaRxAccumulator) -> RpcaRxAccumulator:
        """Raise TypeError: held-out scores come from the pictures of the other folds."""
        del other
        raise TypeError("rpca-rx cannot take pictures out again")

    def merge(self, other: RpcaRxAccumulator) -> None:
        """Take in everything ``other`` has seen; raises ValueError for another grid."""
        if other._reference is None:
            return
        self._reference = self._reference or other._reference
        if self._reference != other._reference:
            raise ValueError(f"the references differ: {self._reference} and {other._reference}")
        self._pictures.extend(other._pictures)

    def statistics(self) -> Statistics:
        """Return the basis (3 h w, rank), the residuals' mean and packed scatter, the grid."""
        if self._reference is None or len(self._pictures) < 2:
            raise stored_statistics.no_structure()
        stack = np.stack([picture.reshape(-1) for picture in self._pictures], axis=1)
        basis = basis_of(low_rank_part(stack))
        del stack
        gaussian = RunningGaussian(len(self._pictures[0]))
        for picture in self._pictures:
            rest = residual(basis, picture)
            gaussian.add(rest.reshape(len(rest), -1).T)
        if basis.shape[1] == 0 or not np.trace(gaussian.scatter) > 0:
            raise stored_statistics.too_alike()
        arrays: dict[str, stored_statistics.AnyArray] = {
            "basis": basis,
            "mean": gaussian.mean,
            "scatter": stored_statistics.pack(gaussian.scatter),
            "grids": self._reference.as_array(),
        }
        return Statistics(arrays, {"positions": gaussian.count, "images": len(self._pictures)})

    def _reduced(self, height: int, width: int) -> tuple[int, int]:
        most = whole(self._settings, "pixels")
        scale = math.sqrt(most / (height * width)) if 0 < most < height * width else 1.0
        return max(1, int(height * scale)), max(1, int(width * scale))


def head(statistics: Statistics, settings: Settings) -> ResidualHead:
    """Factor the residuals' covariance; raises ProfileError when the arrays make no sense."""
    full = check(settings)
    wanted = {"basis": 2, "mean": 1, "scatter": 1, "grids": 2}
    basis, mean, packed, grids = stored_statistics.arrays_of(statistics, wanted)
    if any(a.dtype.kind != "f" for a in (basis, mean, packed)) or len(mean) != 3:
        raise stored_statistics.misfit()
    reference = stored_statistics.reference_of(grids, 1, len(basis) // 3)
    if len(basis) != 3 * reference.positions:
        raise stored_statistics.misfit()
    gaussian = RunningGaussian(3)
    gaussian.count = stored_statistics.count_of(statistics, "positions", 2)
    gaussian.scatter = stored_statistics.unpack(packed, 3)
    try:
        whitener = gaussian.whitener(number(full, "shrinkage"))
    except np.linalg.LinAlgError:
        raise stored_statistics.too_alike() from None
    colours = MahalanobisHead.make(
        mean.astype(np.float64), whitener, (3,), squared=full["squared"] is True
    )
    return ResidualHead(reference, basis.astype(np.float32), colours)


def settle(settings: Settings, extent: FitExtent) -> Settings:
    """Decide how many pixels a picture keeps; raises FitError when too few would be left."""
    every = whole(settings, "every") or -(-extent.images // MOST_PICTURES)
    settings = {**settings, "every": every}
    allowed = int(whole(settings, "megabytes") * 1e6 / _per_pixel(settings, extent))
    asked = whole(settings, "pixels") or extent.positions
    pixels = min(asked, allowed, extent.positions)
    if pixels < min(_FEWEST_PIXELS, extent.positions):
        raise FitError(
            say(
                "{n} pictures are too many for rpca-rx in {most} MB of memory. Choose fewer "
                "pictures, or another detector.",
                n=_kept(settings, extent),
                most=settings["megabytes"],
            )
        )
    return {**settings, "pixels": pixels}


def megabytes(settings: Settings, extent: FitExtent) -> float:
    """Memory of a fit at its peak."""
    pixels = whole(settings, "pixels") or extent.positions
    return min(pixels, extent.positions) * _per_pixel(settings, extent) / 1e6


def operations(settings: Settings, extent: FitExtent) -> float:
    """Arithmetic of a fit: a singular value decomposition in each step, for each fold and all."""
    pixels = min(whole(settings, "pixels") or extent.positions, extent.positions)
    folds = min(FOLDS, extent.images) + 1
    return folds * _STEPS * 6.0 * (3 * pixels) * _kept(settings, extent) ** 2


def _kept(settings: Settings, extent: FitExtent) -> int:
    """Return how many pictures are kept, about: each fold of a fit counts for itself."""
    return -(-extent.images // max(1, whole(settings, "every")))


def _per_pixel(settings: Settings, extent: FitExtent) -> float:
    """Bytes for each pixel of a picture over all pictures."""
    return 4 * 3 * _COPIES * max(1, _kept(settings, extent))


SPEC = DetectorSpec(
    name="rpca-rx",
    title=say("RPCA-RX: what pictures share"),
    hint=say(
        "Without a network: learns what all pictures share and looks at the colours of what is "
        "left. The part must lie at the same place; large pictures are reduced to fit in memory."
    ),
    fields=FIELDS,
    accumulator=RpcaRxAccumulator,
    head=head,
    megabytes=megabytes,
    operations=operations,
    needs_positioning=True,
    pixels=True,
    exact_downdate=False,
    settle=settle,
    settled=frozenset({"every", "pixels"}),
)
