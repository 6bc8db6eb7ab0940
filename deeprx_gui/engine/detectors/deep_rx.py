"""deep-rx: one Gaussian over all grid positions of all normal images.

d(f) = sqrt((f-μ)ᵀ Σ⁻¹ (f-μ)), the detector of Reed & Yu, "Adaptive multiple-band CFAR detection of
an optical pattern with unknown spectral distribution" (IEEE ASSP 1990), on CNN features instead of
spectral bands.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors import stored_statistics
from deeprx_gui.engine.detectors.base import DetectorSpec, FitExtent
from deeprx_gui.engine.detectors.settings import (
    SHRINKAGE,
    SQUARED,
    Settings,
    check_settings,
    number,
)
from deeprx_gui.engine.gaussian import RunningGaussian
from deeprx_gui.engine.heads import MahalanobisHead
from deeprx_gui.engine.holdout import plan_hold_out
from deeprx_gui.engine.tap_maps import TapMaps

FIELDS = (SHRINKAGE, SQUARED)
"""``shrinkage``: towards a multiple of the identity; ``squared``: d² for d."""
check = partial(check_settings, "deep-rx", FIELDS)


class DeepRxAccumulator:
    """Streams feature maps into one ``RunningGaussian``; memory O(channels²)."""

    def __init__(
        self,
        channels: tuple[int, ...],
        gaussian: RunningGaussian | None = None,
        images: int = 0,
    ) -> None:
        """``images``: how many pictures ``gaussian`` has seen."""
        self._channels = channels
        self._gaussian = gaussian or RunningGaussian(sum(channels))
        self._images = images

    def add(self, taps: TapMaps) -> None:
        """Take in every position of one picture that lies in the region."""
        rows = taps.dense().T
        self._gaussian.add(rows if taps.cells is None else rows[taps.cells.region.ravel()])
        self._images += 1

    def empty(self) -> DeepRxAccumulator:
        """Return one that has seen nothing."""
        return DeepRxAccumulator(self._channels)

    def without(self, other: DeepRxAccumulator) -> DeepRxAccumulator:
        """Return the exact downdate by everything ``other`` has seen."""
        left = self._gaussian.copy()
        left.subtract(other._gaussian)
        return DeepRxAccumulator(self._channels, left, self._images - other._images)

    def merge(self, other: DeepRxAccumulator) -> None:
        """Take in everything ``other`` has seen."""
        self._gaussian.merge(other._gaussian)
        self._images += other._images

    def statistics(self) -> Statistics:
        """Return mean (d,), the scatter's lower triangle packed by rows, and the counts."""
        g = self._gaussian
        if g.count < 2 or not np.trace(g.scatter) > 0:
            raise stored_statistics.no_structure()
        arrays = {
            "mean": g.mean,
            "scatter": stored_statistics.pack(g.scatter),
            "channels": np.asarray(self._channels, np.int64),
        }
        return Statistics(arrays, {"positions": g.count, "images": self._images})


def gaussian_of(statistics: Statistics) -> RunningGaussian:
    """Rebuild the Gaussian; raises ProfileError when the arrays do not fit together."""
    mean, packed, channels = stored_statistics.arrays_of(
        statistics, {"mean": 1, "scatter": 1, "channels": 1}
    )
    stored_statistics.channels_of(channels, mean.size)
    gaussian = RunningGaussian(mean.size)
    gaussian.count = stored_statistics.count_of(statistics, "positions", 2)
    gaussian.mean = mean.astype(np.float64)
    gaussian.scatter = stored_statistics.unpack(packed, mean.size)
    return gaussian


def resume(statistics: Statistics, _settings: Settings) -> DeepRxAccumulator:
    """Return what had seen all pictures of these statistics."""
    gaussian = gaussian_of(statistics)
    channels = tuple(int(c) for c in statistics.arrays["channels"])
    images = stored_statistics.count_of(statistics, "images", 1)
    return DeepRxAccumulator(channels, gaussian, images)


def head(statistics: Statistics, settings: Settings) -> MahalanobisHead:
    """Factor the shrunk covariance and split the whitener by taps."""
    full = check(settings)
    gaussian = gaussian_of(statistics)
    channels = tuple(int(c) for c in statistics.arrays["channels"])
    try:
        whitener = gaussian.whitener(number(full, "shrinkage"))
    except np.linalg.LinAlgError:
        raise stored_statistics.too_alike() from None
    return MahalanobisHead.make(gaussian.mean, whitener, channels, squared=full["squared"] is True)


def megabytes(_settings: Settings, extent: FitExtent) -> float:
    """Memory of a fit: a few matrices, whatever the number of images."""
    return 6 * sum(extent.channels) ** 2 * 8 / 1e6


def operations(_settings: Settings, extent: FitExtent) -> float:
    """Arithmetic of a fit: scatters once in all and once for the held-out, factors, distances."""
    channels = sum(extent.channels)
    planned = plan_hold_out(extent.images)
    held_out = len(planned.held_out)
    per_picture = 2.0 * extent.positions * channels**2
    return (extent.images + 1.5 * held_out) * per_picture + len(planned.groups) * 2.0 * channels**3


SPEC = DetectorSpec(
    name="deep-rx",
    title=say("Deep RX"),
    hint=say("One statistic for the whole part: needs no positioning."),
    fields=FIELDS,
    accumulator=lambda channels, _settings: DeepRxAccumulator(channels),
    head=head,
    megabytes=megabytes,
    operations=operations,
    resume=resume,
)
