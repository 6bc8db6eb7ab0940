"""patchcore: the distance to the nearest of a bank of normal patches.

Roth, Pemula, Zepeda, Schölkopf, Brox & Gehler, "Towards total recall in industrial anomaly
detection" (CVPR 2022): features averaged over 3 x 3 neighbours on each tap, brought to the finest
grid; a greedy k-centre coreset of those of all normal pictures, chosen after a random projection;
the score of a place is the distance to the nearest of the coreset, the picture's score its maximum
times the weight of equation 7.

The coreset is made in a stream (see ``coreset``): memory depends on the size of the bank, not on
the number of pictures.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.field import Field, FieldKind
from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.bank_head import BankHead, patches
from deeprx_gui.engine.coreset import Coreset, projection
from deeprx_gui.engine.detectors import stored_statistics
from deeprx_gui.engine.detectors.base import DetectorSpec, FitExtent
from deeprx_gui.engine.detectors.settings import MEGABYTES, SEED, Settings, check_settings, whole
from deeprx_gui.engine.holdout import FOLDS, plan_hold_out
from deeprx_gui.engine.tap_maps import TapMaps

_FEWEST = 100
_MERGES = 4 * FOLDS  # each fold: what lies before and after it, both together, itself
FIELDS = (
    Field("bank", say("Memory bank size (number of features)"), FieldKind.WHOLE, 3000,
          minimum=_FEWEST,
          maximum=100_000, hint=say("More is more accurate, slower, and a larger file.")),
    Field("projection", say("Dimensions used to select features (random projection)"),
          FieldKind.WHOLE, 64, minimum=2,
          maximum=4096),
    Field("neighbours", say("Neighbours for score weighting"), FieldKind.WHOLE, 9, minimum=0,
          maximum=1000, hint=say("0: nearest feature only, no weighting.")),
    SEED,
    MEGABYTES,
)  # fmt: skip
"""``bank``: patches remembered, fewer where the fit would need more than ``megabytes``;
``projection``: dimensions in which the coreset is chosen, its matrix from ``seed``; ``neighbours``:
b of equation 7, 0 for no weight."""
check = partial(check_settings, "patchcore", FIELDS)


class PatchCoreAccumulator:
    """Streams the patches of each picture into a ``Coreset``; no picture comes out again."""

    def __init__(
        self, channels: tuple[int, ...], settings: Settings, coreset: Coreset | None = None
    ) -> None:
        self._channels, self._settings = channels, settings
        if coreset is None:
            most, seed = whole(settings, "projection"), whole(settings, "seed")
            shadow = projection(sum(channels), most, seed)
            coreset = Coreset(whole(settings, "bank"), shadow)
        self._coreset = coreset
        self._images = 0

    def add(self, taps: TapMaps) -> None:
        """Take in every place of one picture that lies in the region."""
        rows = patches(taps)
        self._coreset.add(rows if taps.cells is None else rows[taps.cells.region.ravel()])
        self._images += 1

    def empty(self) -> PatchCoreAccumulator:
        """Return one with the same projection that has seen nothing."""
        return PatchCoreAccumulator(self._channels, self._settings, self._coreset.empty())

    def without(self, other: PatchCoreAccumulator) -> PatchCoreAccumulator:
        """Raise TypeError: a coreset does not know which pictures its rows stand for."""
        del other
        raise TypeError("patchcore cannot take pictures out again")

    def merge(self, other: PatchCoreAccumulator) -> None:
        """Take in everything ``other`` has seen."""
        self._coreset.merge(other._coreset)
        self._images += other._images

    def statistics(self) -> Statistics:
        """Return the bank (rows, channels), the channels per tap and the counts."""
        bank = self._coreset.rows()
        if len(bank) == 0:
            raise stored_statistics.no_structure()
        arrays: dict[str, stored_statistics.AnyArray] = {
            "bank": bank,
            "channels": np.asarray(self._channels, np.int64),
        }
        return Statistics(arrays, {"images": self._images})


def head(statistics: Statistics, settings: Settings) -> BankHead:
    """Return the head; raises ProfileError when the arrays do not fit together."""
    full = check(settings)
    bank, channels = stored_statistics.arrays_of(statistics, {"bank": 2, "channels": 1})
    stored_statistics.count_of(statistics, "images", 1)
    if bank.dtype.kind != "f":
        raise stored_statistics.misfit()
    counts = stored_statistics.channels_of(channels, bank.shape[1])
    return BankHead(bank.astype(np.float32), counts, whole(full, "neighbours"))


def settle(settings: Settings, extent: FitExtent) -> Settings:
    """Make the bank as small as the memory asks; raises FitError when it would be useless."""
    rows = min(whole(settings, "bank"), _affordable(settings, extent))
    if rows < _FEWEST:
        smallest = megabytes({**settings, "bank": _FEWEST}, extent)
        raise FitError(
            say(
                "Learning would take {need} MB of memory, {most} MB are allowed. Choose a smaller "
                "picture size, or another detector.",
                need=round(smallest),
                most=settings["megabytes"],
            )
        )
    return {**settings, "bank": rows}


def megabytes(settings: Settings, extent: FitExtent) -> float:
    """Memory of a fit at its peak, whatever the number of images."""
    return _fixed(extent) + whole(settings, "bank") * _per_row(settings, extent)


def _affordable(settings: Settings, extent: FitExtent) -> int:
    return int((whole(settings, "megabytes") - _fixed(extent)) / _per_row(settings, extent))


def _fixed(extent: FitExtent) -> float:
    """Megabytes for the patches of one picture on their way."""
    return 4 * 4 * extent.positions * sum(extent.channels) / 1e6 + 40


def _per_row(settings: Settings, extent: FitExtent) -> float:
    """Megabytes per row of the bank: banks of twice the size for each fold before, after, whole."""
    channels = sum(extent.channels)
    banks = 2 * min(FOLDS, extent.images) + 3
    stored = channels + min(channels, whole(settings, "projection"))
    return 4 * (2 * banks * stored + min(extent.positions, 4096)) / 1e6


def operations(settings: Settings, extent: FitExtent) -> float:
    """Arithmetic of a fit: distances to the bank, some forty mergings of banks, nearest patches."""
    bank = float(min(whole(settings, "bank"), extent.positions * extent.images))
    projected = min(whole(settings, "projection"), sum(extent.channels))
    learnt = 2.0 * extent.images * extent.positions * bank * projected
    merged = _MERGES * 2.0 * (2 * bank) * bank * projected
    held_out = len(plan_hold_out(extent.images, exact=False).held_out)
    return learnt + merged + 2.0 * held_out * extent.positions * bank * sum(extent.channels)


SPEC = DetectorSpec(
    name="patchcore",
    title=say("PatchCore: nearest normal patch"),
    hint=say(
        "Remembers what small patches of good parts look like, wherever they lie: needs no "
        "positioning. Accurate, but slower than the others."
    ),
    fields=FIELDS,
    accumulator=PatchCoreAccumulator,
    head=head,
    megabytes=megabytes,
    operations=operations,
    exact_downdate=False,
    settle=settle,
    settled=frozenset({"bank"}),
)
