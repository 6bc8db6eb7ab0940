"""padim: a Gaussian for each position.

d_p(f) = sqrt((f-μ_p)ᵀ C_p⁻¹ (f-μ_p)) of Defard, Setkov, Loesch & Audigier, "PaDiM: a patch
distribution modeling framework for anomaly detection and localization" (ICPR 2021), on channels
chosen at random once. S_p being the scatter at a position over n pictures, C_p is

- prior "identity", the paper's: S_p/(n-1) + ε 1, ε = 0.01;
- prior "pooled": (S_p + ν Σ)/(n-1+ν), the posterior of an inverse-Wishart prior worth ν pictures,
  with Σ the covariance within positions, pooled over all of them.

Which is better depends on the parts, and the evidence of the pictures does not tell: see
``docs/detectors.md``. The paper's is the default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from deeprx_gui.domain.arrays import Float32, Ints64
from deeprx_gui.domain.field import Answer, Field, FieldKind
from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors import stored_statistics
from deeprx_gui.engine.detectors.base import DetectorSpec
from deeprx_gui.engine.detectors.padim_memory import auto_channels, megabytes, operations, settle
from deeprx_gui.engine.detectors.settings import (
    BY_THE_PROGRAM,
    LEFT_TO_THE_PROGRAM,
    MEGABYTES,
    SEED,
    SQUARED,
    Settings,
    check_settings,
    number,
    whole,
)
from deeprx_gui.engine.position_factors import Blend, factor, pooled_covariance
from deeprx_gui.engine.position_heads import ChannelSelection, GaussiansHead
from deeprx_gui.engine.position_sums import PositionPictures, PositionStore, PositionSums
from deeprx_gui.engine.reference_grids import ReferenceGrids
from deeprx_gui.engine.tap_maps import TapMaps

FIELDS = (
    Field("channels", say("Number of features"), FieldKind.WHOLE, 0, minimum=0, maximum=4096,
          hint=LEFT_TO_THE_PROGRAM),
    SEED,
    Field(
        "prior", say("Covariance regularisation"), FieldKind.CHOICE, "identity",
        choices=(
            Answer("identity", say("fixed value (as in the paper)")),
            Answer("pooled", say("mean over all positions")),
        ),
        hint=say("The mean over all positions helps when there are few images."),
    ),
    Field("ridge", say("Fixed value added to the variance"), FieldKind.NUMBER, 0.01, minimum=0,
          maximum=1000,
          above=True),
    Field("weight", say("Weight of the mean (equivalent number of images)"), FieldKind.NUMBER, 20,
          minimum=0,
          maximum=1e6, above=True),
    Field(
        "keep", say("Data kept for each position"), FieldKind.CHOICE, "auto",
        choices=(
            Answer("auto", BY_THE_PROGRAM),
            Answer("sums", say("sums per position")),
            Answer("pictures", say("features of every image")),
        ),
    ),
    Field(
        "precision", say("Numeric precision"), FieldKind.CHOICE, "auto",
        choices=(
            Answer("auto", BY_THE_PROGRAM),
            Answer("float64", say("double (float64)")),
            Answer("float32", say("single (float32)")),
            Answer("float16", say("half (float16)")),
        ),
    ),
    MEGABYTES,
    SQUARED,
)  # fmt: skip
"""``channels``: how many are chosen, 0 leaves it to the program; ``seed`` of that choice;
``ridge``: ε; ``weight``: ν; ``keep`` and ``precision``: what is stored, chosen by the memory
``megabytes`` that a fit may take; ``squared``: d² for d."""
check = partial(check_settings, "padim", FIELDS)
_STEADY = 1e-3  # Σ of the pooled prior towards a multiple of the identity, as in deep-rx-local


class PadimAccumulator:
    """Streams feature maps into a ``PositionStore``. The first picture fixes the grid."""

    def __init__(
        self,
        channels: tuple[int, ...],
        settings: Settings,
        selection: ChannelSelection | None = None,
        store: PositionStore | None = None,
    ) -> None:
        self._channels = channels
        self._settings = settings
        self._selection = selection
        self._store = store
        if selection is not None and store is None:
            self._store = _store(settings, selection.reference.positions, len(selection.chosen))

    def add(self, taps: TapMaps) -> None:
        """Take in one picture."""
        if self._selection is None:
            reference = ReferenceGrids.of(taps)
            self._adopt(ChannelSelection(reference, self._channels, self._choose()))
        assert self._selection is not None
        assert self._store is not None
        self._store.add(self._selection.features(taps))

    def empty(self) -> PadimAccumulator:
        """Return one with the same grid and channels that has seen nothing."""
        return PadimAccumulator(self._channels, self._settings, self._selection)

    def without(self, other: PadimAccumulator) -> PadimAccumulator:
        """Return the exact downdate by everything ``other`` has seen."""
        left = self.empty()
        left.merge(self)
        left.subtract(other)
        return left

    def subtract(self, other: PadimAccumulator) -> None:
        """Take out everything ``other`` has seen."""
        if self._store is not None and other._store is not None:
            self._store.subtract(other._store)

    def merge(self, other: PadimAccumulator) -> None:
        """Take in everything ``other`` has seen; raises ValueError for another grid or choice."""
        if other._selection is None or other._store is None:
            return
        if self._selection is None:
            self._adopt(other._selection)
        assert self._selection is not None
        assert self._store is not None
        same = self._selection.reference == other._selection.reference
        if not same or not np.array_equal(self._selection.chosen, other._selection.chosen):
            raise ValueError("the references or the chosen channels differ")
        self._store.merge(other._store)

    def statistics(self) -> Statistics:
        """Return means and packed scatters, or all pictures; the grids, channels and counts."""
        store, selection = self._store, self._selection
        if store is None or selection is None or store.images < 2:
            raise stored_statistics.no_structure()
        if not np.trace(pooled_covariance(store)) > 0:
            raise stored_statistics.too_alike()
        arrays = {
            **store.arrays(),
            "channels": np.asarray(self._channels, np.int64),
            "chosen": selection.chosen,
            "grids": selection.reference.as_array(),
        }
        return Statistics(arrays, {"images": store.images})

    def scorer(self) -> GaussiansHead:
        """Return the head of what was learnt, without the way through rounded statistics."""
        assert self._store is not None
        assert self._selection is not None
        return _head(self._store, self._selection, self._settings)

    def held_out_maps(
        self, read: Callable[[int], TapMaps], groups: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, Float32]]:
        """Yield each picture's map (h, w) by what was learnt from the pictures of the other groups.

        Pictures left out one at a time under the paper's prior need one factor for all of them:
        with δ = x - m, S₋ = S - n/(n-1) δδᵀ and x - m₋ = n/(n-1) δ; Sherman & Morrison (1950) give
        d² = (n/(n-1))² q / (1 - n q/((n-1)(n-2))), q = δᵀ(S/(n-2) + ε 1)⁻¹δ. In float64: where
        there are fewer pictures than channels the denominator is close to zero.
        """
        store, selection = self._store, self._selection
        assert store is not None
        assert selection is not None
        n = store.images
        alone = all(len(group) == 1 for group in groups)
        exact = n > 2 and self._settings["prior"] == "identity"
        if not (alone and exact and self._settings["precision"] != "float16"):
            yield from self._refitted_maps(read, groups)
            return
        blend = Blend(1 / (n - 2), number(self._settings, "ridge"))
        whole_factor, mean = factor(store, blend, np.float64), store.mean
        for (index,) in groups:
            q = whole_factor.squares(selection.features(read(index)) - mean)
            squares = (n / (n - 1)) ** 2 * q / (1 - n * q / ((n - 1) * (n - 2)))
            distance = squares if self._settings["squared"] is True else np.sqrt(squares)
            yield index, distance.reshape(selection.reference.grid).astype(np.float32)

    def _refitted_maps(
        self, read: Callable[[int], TapMaps], groups: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, Float32]]:
        for group in groups:
            part = self.empty()
            for index in group:
                part.add(read(index))
            scorer = self.without(part).scorer()
            for index in group:
                yield index, scorer.score_map(read(index))

    def _adopt(self, selection: ChannelSelection) -> None:
        self._selection = selection
        self._store = _store(self._settings, selection.reference.positions, len(selection.chosen))

    def _choose(self) -> Ints64:
        total = sum(self._channels)
        wanted = min(total, whole(self._settings, "channels") or auto_channels(total))
        order = np.random.default_rng(whole(self._settings, "seed")).permutation(total)
        return np.sort(order[:wanted]).astype(np.int64)


def _store(settings: Settings, positions: int, dimension: int) -> PositionStore:
    """Make the store that the settings name; what was left open is as exact as possible."""
    precision = settings["precision"]
    if settings["keep"] == "pictures":
        half = precision == "float16"
        return PositionPictures(positions, dimension, np.float16 if half else np.float32)
    exact = precision in ("auto", "float64")
    return PositionSums(positions, dimension, np.float64 if exact else np.float32)


def _head(store: PositionStore, selection: ChannelSelection, settings: Settings) -> GaussiansHead:
    try:
        made = factor(store, blend(store, settings))
    except np.linalg.LinAlgError:
        raise stored_statistics.too_alike() from None
    mean = store.mean.astype(np.float32)
    return GaussiansHead(selection, mean, made, squared=settings["squared"] is True)


def blend(store: PositionStore, settings: Settings) -> Blend:
    """Return how the covariance of each position is made of its scatter and the prior."""
    freedom = store.images - 1
    if settings["prior"] == "identity":
        return Blend(1 / freedom, number(settings, "ridge"))
    weight = number(settings, "weight")
    pooled = pooled_covariance(store)
    d = len(pooled)
    pooled = (1 - _STEADY) * pooled + _STEADY * np.trace(pooled) / d * np.eye(d)
    whitener = np.linalg.inv(np.linalg.cholesky(pooled))
    return Blend(1 / (freedom + weight), weight / (freedom + weight), np.tril(whitener))


def store_of(statistics: Statistics) -> tuple[PositionStore, ChannelSelection]:
    """Rebuild what was learnt; raises ProfileError when the arrays do not fit together."""
    images = stored_statistics.count_of(statistics, "images", 2)
    channels, chosen, grids = stored_statistics.arrays_of(
        statistics, {"channels": 1, "chosen": 1, "grids": 2}
    )
    counts = stored_statistics.channels_of(channels, int(channels.sum()))
    if chosen.dtype.kind not in "iu" or (np.diff(chosen) < 1).any():
        raise stored_statistics.misfit()
    if chosen[0] < 0 or chosen[-1] >= sum(counts):
        raise stored_statistics.misfit()
    store: PositionStore
    if "pictures" in statistics.arrays:
        (pictures,) = stored_statistics.arrays_of(statistics, {"pictures": 3})
        if len(pictures) != images or pictures.dtype.kind != "f":
            raise stored_statistics.misfit()
        store = PositionPictures.restore(list(pictures))
    else:
        mean, packed = stored_statistics.arrays_of(statistics, {"mean": 2, "scatter": 2})
        shape = (len(mean), mean.shape[1] * (mean.shape[1] + 1) // 2)
        if packed.shape != shape or packed.dtype.kind != "f" or mean.dtype.kind != "f":
            raise stored_statistics.misfit()
        store = PositionSums.restore(images, mean.astype(np.float64), packed)
    positions, dimension = store.mean.shape
    if dimension != len(chosen):
        raise stored_statistics.misfit()
    reference = stored_statistics.reference_of(grids, len(counts), positions)
    return store, ChannelSelection(reference, counts, chosen.astype(np.int64))


def resume(statistics: Statistics, settings: Settings) -> PadimAccumulator:
    """Return what had seen all pictures of these statistics; ``settings`` are those of its fit."""
    store, selection = store_of(statistics)
    return PadimAccumulator(selection.channels, check(settings), selection, store)


def head(statistics: Statistics, settings: Settings) -> GaussiansHead:
    """Factor the covariance of each position."""
    full = check(settings)
    store, selection = store_of(statistics)
    return _head(store, selection, full)


SPEC = DetectorSpec(
    name="padim",
    title=say("PaDiM: each place for itself"),
    hint=say(
        "Learns for each place of the part what is usual there. Accurate and quick; "
        "the part must lie at the same place in every picture."
    ),
    fields=FIELDS,
    accumulator=PadimAccumulator,
    head=head,
    megabytes=megabytes,
    operations=operations,
    needs_positioning=True,
    resume=resume,
    settle=settle,
    settled=frozenset({"channels", "keep", "precision"}),
)
