"""deep-rx-local: a mean for each position, one covariance for all of them.

d_p(f) = sqrt((f-μ_p)ᵀ Σ⁻¹ (f-μ_p)) with Σ the covariance within positions, pooled over all of them:
the distance of linear discriminant analysis (Fisher 1936) with positions for classes. It knows what
belongs where at the price of a mean map, and needs few images, because Σ is estimated from
positions times images.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors import learnt
from deeprx_gui.engine.detectors.base import DetectorSpec, Extent, Settings
from deeprx_gui.engine.detectors.deep_rx import operations
from deeprx_gui.engine.detectors.settings import Flag, Number, Rule, checker, number
from deeprx_gui.engine.position_heads import LocalHead
from deeprx_gui.engine.reference import Reference
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.within import RunningWithin

RULES: Mapping[str, Rule] = {
    "shrinkage": Number(1e-3, above=0, most=1),
    "squared": Flag(default=False),
}
"""``shrinkage``: towards a multiple of the identity; ``squared``: d² for d."""
check = checker("deep-rx-local", RULES)


class DeepRxLocalAccumulator:
    """Streams feature maps into one ``RunningWithin``; memory O(channels x positions).

    The first picture fixes the reference grid.
    """

    def __init__(self, channels: tuple[int, ...], reference: Reference | None = None) -> None:
        self._channels = channels
        self._reference = reference
        self._within = _within(channels, reference)

    def add(self, taps: TapMaps) -> None:
        """Take in one picture."""
        self._adopt(Reference.of(taps))
        assert self._reference is not None
        assert self._within is not None
        self._within.add(self._reference.bring(taps).dense())

    def empty(self) -> DeepRxLocalAccumulator:
        """Return one with the same reference that has seen nothing."""
        return DeepRxLocalAccumulator(self._channels, self._reference)

    def without(self, other: DeepRxLocalAccumulator) -> DeepRxLocalAccumulator:
        """Return the exact downdate by everything ``other`` has seen."""
        left = DeepRxLocalAccumulator(self._channels, self._reference)
        left.merge(self)
        if left._within is not None and other._within is not None:
            left._within.subtract(other._within)
        return left

    def merge(self, other: DeepRxLocalAccumulator) -> None:
        """Take in everything ``other`` has seen; raises ValueError for another reference."""
        if other._reference is None or other._within is None:
            return
        self._adopt(other._reference)
        if self._reference != other._reference:
            raise ValueError(f"the references differ: {self._reference} and {other._reference}")
        assert self._within is not None
        self._within.merge(other._within)

    def statistics(self) -> Statistics:
        """Return the means (d, positions), the packed scatter, the grids and the counts."""
        within, reference = self._within, self._reference
        if within is None or reference is None or within.images < 2:
            raise learnt.no_structure()
        if not np.trace(within.scatter) > 0:
            raise learnt.too_alike()
        arrays = {
            "mean": within.mean,
            "scatter": learnt.pack(within.scatter),
            "channels": np.asarray(self._channels, np.int64),
            "grids": reference.as_array(),
        }
        return Statistics(arrays, {"images": within.images})

    def _adopt(self, reference: Reference) -> None:
        if self._reference is None:
            self._reference = reference
            self._within = _within(self._channels, reference)


def _within(channels: tuple[int, ...], reference: Reference | None) -> RunningWithin | None:
    return None if reference is None else RunningWithin(sum(channels), reference.positions)


def within_of(statistics: Statistics) -> tuple[RunningWithin, Reference, tuple[int, ...]]:
    """Rebuild what was learnt; raises ProfileError when the arrays do not fit together."""
    wanted = {"mean": 2, "scatter": 1, "channels": 1, "grids": 2}
    mean, packed, channels, grids = learnt.arrays_of(statistics, wanted)
    reference = learnt.reference_of(grids, len(channels), mean.shape[1])
    within = RunningWithin(*mean.shape)
    within.images = learnt.count_of(statistics, "images", 2)
    within.mean = mean.astype(np.float64)
    within.scatter = learnt.unpack(packed, len(mean))
    return within, reference, learnt.channels_of(channels, len(mean))


def head(statistics: Statistics, settings: Settings) -> LocalHead:
    """Factor the shrunk covariance and whiten the means with it."""
    full = check(settings)
    within, reference, channels = within_of(statistics)
    try:
        whitener = within.gaussian().whitener(number(full, "shrinkage"))
    except np.linalg.LinAlgError:
        raise learnt.too_alike() from None
    squared = full["squared"] is True
    return LocalHead.make(reference, within.mean, whitener, channels, squared=squared)


def megabytes(_settings: Settings, extent: Extent) -> float:
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
    check=check,
    accumulator=lambda channels, _settings: DeepRxLocalAccumulator(channels),
    head=head,
    megabytes=megabytes,
    operations=operations,
    needs_positioning=True,
)
