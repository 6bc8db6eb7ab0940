"""deep-rx: one Gaussian over all grid positions of all normal images.

d(f) = sqrt((f-μ)ᵀ Σ⁻¹ (f-μ)), the detector of Reed & Yu, "Adaptive multiple-band CFAR detection of
an optical pattern with unknown spectral distribution" (IEEE ASSP 1990), on CNN features instead of
spectral bands.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deeprx_gui.domain.errors import FitError, ProfileError, RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors.base import DetectorSpec
from deeprx_gui.engine.gaussian import RunningGaussian
from deeprx_gui.engine.heads import MahalanobisHead
from deeprx_gui.engine.tap_maps import TapMaps

DEFAULTS: Mapping[str, object] = {"shrinkage": 1e-3, "squared": False}


def check(settings: Mapping[str, object]) -> Mapping[str, object]:
    """Fill in defaults. ``shrinkage``: 0 < a <= 1 towards the identity; ``squared``: d² for d."""
    for key in settings:
        if key not in DEFAULTS:
            raise RequestError(
                say("The detector deep-rx has no setting “{key}”. Leave it out.", key=key)
            )
    full = {**DEFAULTS, **settings}
    shrinkage = full["shrinkage"]
    is_truth = isinstance(shrinkage, bool)  # which Python counts as a whole number
    if is_truth or not isinstance(shrinkage, int | float) or not 0 < shrinkage <= 1:
        raise RequestError(
            say(
                "The setting “shrinkage” must be above 0 and at most 1, not {value}.",
                value=shrinkage,
            )
        )
    if not isinstance(full["squared"], bool):
        raise RequestError(
            say("The setting “squared” must be true or false, not {value}.", value=full["squared"])
        )
    return full


class DeepRxAccumulator:
    """Streams feature maps into one ``RunningGaussian``; memory O(channels²)."""

    def __init__(self, channels: tuple[int, ...], gaussian: RunningGaussian | None = None) -> None:
        self._channels = channels
        self._gaussian = gaussian or RunningGaussian(sum(channels))
        self._images = 0

    def add(self, taps: TapMaps) -> None:
        """Take in every position of one picture."""
        self._gaussian.add(taps.dense().T)
        self._images += 1

    def without(self, other: DeepRxAccumulator) -> DeepRxAccumulator:
        """Return the exact downdate by everything ``other`` has seen."""
        left = DeepRxAccumulator(self._channels, self._gaussian.copy())
        left._gaussian.subtract(other._gaussian)
        left._images = self._images - other._images
        return left

    def merge(self, other: DeepRxAccumulator) -> None:
        """Take in everything ``other`` has seen."""
        self._gaussian.merge(other._gaussian)
        self._images += other._images

    def statistics(self) -> Statistics:
        """Return mean (d,), the scatter's lower triangle packed by rows, and the counts."""
        g = self._gaussian
        if g.count < 2 or not np.trace(g.scatter) > 0:
            raise FitError(
                say(
                    "The normal images show no structure at all (all of one colour). "
                    "Check the camera and the lamp, then take the pictures again."
                )
            )
        rows, columns = np.tril_indices(g.dimension)
        arrays = {
            "mean": g.mean,
            "scatter": g.scatter[rows, columns],
            "channels": np.asarray(self._channels, np.int64),
        }
        return Statistics(arrays, {"positions": g.count, "images": self._images})


def gaussian_of(statistics: Statistics) -> RunningGaussian:
    """Rebuild the Gaussian; raises ProfileError when the arrays do not fit together."""
    if not _fits(statistics):
        raise ProfileError(
            say(
                "The statistics in this profile do not fit together. "
                "Roll back to an older revision."
            )
        )
    mean, packed = statistics.arrays["mean"], statistics.arrays["scatter"]
    rows, columns = np.tril_indices(mean.size)
    gaussian = RunningGaussian(mean.size)
    gaussian.count, gaussian.mean = statistics.counts["positions"], mean.astype(np.float64)
    gaussian.scatter[rows, columns] = packed
    gaussian.scatter[columns, rows] = packed
    return gaussian


def _fits(statistics: Statistics) -> bool:
    """Whether names, shapes and numbers are those that ``statistics()`` gives."""
    arrays = statistics.arrays
    if not {"mean", "scatter", "channels"} <= arrays.keys():
        return False
    mean, packed, channels = arrays["mean"], arrays["scatter"], arrays["channels"]
    return (
        mean.ndim == channels.ndim == 1
        and packed.shape == (mean.size * (mean.size + 1) // 2,)
        and bool((channels > 0).all())
        and int(channels.sum()) == mean.size
        and bool(np.isfinite(mean).all() and np.isfinite(packed).all())
        and statistics.counts.get("positions", 0) >= 2
    )


def head(statistics: Statistics, settings: Mapping[str, object]) -> MahalanobisHead:
    """Factor the shrunk covariance and split the whitener by taps."""
    full = check(settings)
    shrinkage = full["shrinkage"]
    assert isinstance(shrinkage, int | float)
    gaussian = gaussian_of(statistics)
    channels = tuple(int(c) for c in statistics.arrays["channels"])
    try:
        whitener = gaussian.whitener(float(shrinkage))
    except np.linalg.LinAlgError:
        raise FitError(
            say(
                "The normal images vary too little to measure with. "
                "Add normal images that show the usual differences between good parts."
            )
        ) from None
    return MahalanobisHead.make(gaussian.mean, whitener, channels, squared=full["squared"] is True)


SPEC = DetectorSpec(
    name="deep-rx",
    title=say("Deep RX"),
    hint=say("One statistic for the whole part: needs no positioning."),
    check=check,
    accumulator=lambda channels, _settings: DeepRxAccumulator(channels),
    head=head,
)
