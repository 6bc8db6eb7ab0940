"""deep-rx-local: a mean for each position, one covariance for all of them.

d_p(f) = sqrt((f-μ_p)ᵀ Σ⁻¹ (f-μ_p)) with Σ the covariance within positions, pooled over all of them:
the distance of linear discriminant analysis (Fisher 1936) with positions for classes. It knows what
belongs where at the price of a mean map, and needs few images, because Σ is estimated from
positions times images.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from deeprx_gui.domain.arrays import Bools
from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors import stored_statistics
from deeprx_gui.engine.detectors.base import DetectorSpec, FitExtent
from deeprx_gui.engine.detectors.deep_rx import operations
from deeprx_gui.engine.detectors.settings import (
    SHRINKAGE,
    SQUARED,
    Settings,
    check_settings,
    number,
)
from deeprx_gui.engine.position_heads import LocalHead
from deeprx_gui.engine.reference_grids import ReferenceGrids
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.within_covariance import RunningWithinCovariance

FIELDS = (SHRINKAGE, SQUARED)
"""``shrinkage``: towards a multiple of the identity; ``squared``: d² for d."""
check = partial(check_settings, "deep-rx-local", FIELDS)


class DeepRxLocalAccumulator:
    """Streams feature maps into one ``RunningWithinCovariance``; memory O(channels x positions).

    The first picture fixes the reference grid and, on it, the region (positions,), true where it
    counts; positions outside are not learnt.
    """

    def __init__(
        self,
        channels: tuple[int, ...],
        reference: ReferenceGrids | None = None,
        region: Bools | None = None,
        within: RunningWithinCovariance | None = None,
    ) -> None:
        self._channels = channels
        self._reference = reference
        self._region = region
        self._within = within or _within(channels, reference, region)

    def add(self, taps: TapMaps) -> None:
        """Take in one picture."""
        self._adopt(
            ReferenceGrids.of(taps), None if taps.cells is None else taps.cells.region.ravel()
        )
        assert self._reference is not None
        assert self._within is not None
        features = self._reference.bring(taps).dense()
        self._within.add(features if self._region is None else features[:, self._region])

    def empty(self) -> DeepRxLocalAccumulator:
        """Return one with the same reference that has seen nothing."""
        return DeepRxLocalAccumulator(self._channels, self._reference, self._region)

    def without(self, other: DeepRxLocalAccumulator) -> DeepRxLocalAccumulator:
        """Return the exact downdate by everything ``other`` has seen."""
        left = DeepRxLocalAccumulator(self._channels, self._reference, self._region)
        left.merge(self)
        if left._within is not None and other._within is not None:
            left._within.subtract(other._within)
        return left

    def merge(self, other: DeepRxLocalAccumulator) -> None:
        """Take in everything ``other`` has seen; raises ValueError for another reference."""
        if other._reference is None or other._within is None:
            return
        self._adopt(other._reference, other._region)
        if self._reference != other._reference:
            raise ValueError(f"the references differ: {self._reference} and {other._reference}")
        assert self._within is not None
        self._within.merge(other._within)

    def statistics(self) -> Statistics:
        """Return the means (d, positions), the packed scatter, the grids and the counts.

        With a region ``inside`` (all positions) is 1 where it is, and only those have means.
        """
        within, reference = self._within, self._reference
        if within is None or reference is None or within.images < 2:
            raise stored_statistics.no_structure()
        if not np.trace(within.scatter) > 0:
            raise stored_statistics.too_alike()
        arrays = {
            "mean": within.mean,
            "scatter": stored_statistics.pack(within.scatter),
            "channels": np.asarray(self._channels, np.int64),
            "grids": reference.as_array(),
        }
        if self._region is not None:
            arrays["inside"] = self._region.astype(np.uint8)
        return Statistics(arrays, {"images": within.images})

    def _adopt(self, reference: ReferenceGrids, region: Bools | None) -> None:
        if self._reference is None:
            self._reference, self._region = reference, region
            self._within = _within(self._channels, reference, region)


def _within(
    channels: tuple[int, ...], reference: ReferenceGrids | None, region: Bools | None
) -> RunningWithinCovariance | None:
    if reference is None:
        return None
    positions = reference.positions if region is None else int(region.sum())
    return RunningWithinCovariance(sum(channels), positions)


def region_of(statistics: Statistics, learnt_positions: int) -> Bools | None:
    """Return which positions (h, w) were learnt, ``None``: all; ProfileError for what cannot be."""
    if "inside" not in statistics.arrays:
        return None
    (inside,) = stored_statistics.arrays_of(statistics, {"inside": 1})
    region: Bools = inside == 1
    if inside.dtype.kind not in "iu" or int(region.sum()) != learnt_positions:
        raise stored_statistics.misfit()
    return region


def within_of(
    statistics: Statistics,
) -> tuple[RunningWithinCovariance, ReferenceGrids, tuple[int, ...]]:
    """Rebuild what was learnt; raises ProfileError when the arrays do not fit together."""
    wanted = {"mean": 2, "scatter": 1, "channels": 1, "grids": 2}
    mean, packed, channels, grids = stored_statistics.arrays_of(statistics, wanted)
    region = region_of(statistics, mean.shape[1])
    positions = mean.shape[1] if region is None else region.size
    reference = stored_statistics.reference_of(grids, len(channels), positions)
    within = RunningWithinCovariance(*mean.shape)
    within.images = stored_statistics.count_of(statistics, "images", 2)
    within.mean = mean.astype(np.float64)
    within.scatter = stored_statistics.unpack(packed, len(mean))
    return within, reference, stored_statistics.channels_of(channels, len(mean))


def resume(statistics: Statistics, _settings: Settings) -> DeepRxLocalAccumulator:
    """Return what had seen all pictures of these statistics."""
    within, reference, channels = within_of(statistics)
    region = region_of(statistics, within.mean.shape[1])
    return DeepRxLocalAccumulator(channels, reference, region, within)


def head(statistics: Statistics, settings: Settings) -> LocalHead:
    """Factor the shrunk covariance and whiten the means with it."""
    full = check(settings)
    within, reference, channels = within_of(statistics)
    try:
        whitener = within.gaussian().whitener(number(full, "shrinkage"))
    except np.linalg.LinAlgError:
        raise stored_statistics.too_alike() from None
    squared = full["squared"] is True
    means, region = within.mean, region_of(statistics, within.mean.shape[1])
    if region is not None:  # outside nothing was learnt, and nothing is scored
        means = np.zeros((len(means), region.size))
        means[:, region] = within.mean
    return LocalHead.make(reference, means, whitener, channels, squared=squared)


def megabytes(_settings: Settings, extent: FitExtent) -> float:
    """Memory of a fit: a few mean maps and matrices, whatever the number of images."""
    channels = sum(extent.channels)
    return 8 * channels * (6 * extent.positions + 6 * channels) / 1e6


SPEC = DetectorSpec(
    name="deep-rx-local",
    title=say("Deep RX, by position"),
    hint=say(
        "Knows what belongs where: finds parts that are missing or in the wrong place. "
        "The part must lie at the same place in every picture."
    ),
    fields=FIELDS,
    accumulator=lambda channels, _settings: DeepRxLocalAccumulator(channels),
    head=head,
    megabytes=megabytes,
    operations=operations,
    needs_positioning=True,
    resume=resume,
)
