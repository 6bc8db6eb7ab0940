"""How well good and bad parts are told apart: AUROC, ROC, pixel AUROC, AUPRO, confusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float32, Float64, Ints
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict


def _midranks(values: Float64) -> Float64:
    """Return 1-based ranks of ``values``, ties sharing the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts, dtype=np.float64)
    return np.asarray((ends - (counts - 1) / 2.0)[inverse], dtype=np.float64)


def auroc(good: Sequence[float] | Float64, bad: Sequence[float] | Float64) -> float | None:
    """Area under the ROC curve of scores (n,): the chance that a bad part scores above a good one.

    Mann-Whitney U with midranks for ties. ``None`` when one side is empty.
    """
    g, b = np.asarray(good, dtype=np.float64), np.asarray(bad, dtype=np.float64)
    if g.size == 0 or b.size == 0:
        return None
    ranks = _midranks(np.concatenate([g, b]))
    u = ranks[g.size :].sum() - b.size * (b.size + 1) / 2.0
    return float(u / (g.size * b.size))


def roc_curve(
    good: Sequence[float] | Float64, bad: Sequence[float] | Float64
) -> tuple[Float64, Float64]:
    """Return false-positive and true-positive rates from (0, 0) to (1, 1), limit falling.

    Raises ValueError when one side is empty.
    """
    g, b = np.sort(np.asarray(good, float)), np.sort(np.asarray(bad, float))
    if g.size == 0 or b.size == 0:
        raise ValueError("a ROC curve needs good and bad parts")
    limits = np.unique(np.concatenate([g, b]))[::-1]
    fpr = 1.0 - np.searchsorted(g, limits, side="left") / g.size
    tpr = 1.0 - np.searchsorted(b, limits, side="left") / b.size
    return np.concatenate([[0.0], fpr]), np.concatenate([[0.0], tpr])


@dataclass(frozen=True)
class Confusion:
    """Counts of verdicts per label; ``table[label][verdict]``."""

    table: dict[Label, dict[Verdict, int]]

    def count(self, label: Label) -> int:
        """Parts with this label that were judged (ERROR included)."""
        return sum(self.table[label].values())

    @property
    def false_calls(self) -> int:
        return self.table[Label.GOOD][Verdict.NG]

    @property
    def misses(self) -> int:
        return self.table[Label.BAD][Verdict.OK]


def confusion(verdicts: Sequence[Verdict], labels: Sequence[Label]) -> Confusion:
    """Count verdicts per label."""
    table = {label: dict.fromkeys(Verdict, 0) for label in Label}
    for verdict, label in zip(verdicts, labels, strict=True):
        table[label][verdict] += 1
    return Confusion(table)


_DECADES = 6


class PixelCurve:
    """Pixel-wise ROC and per-region overlap from histograms; memory independent of images.

    Scores are sorted into ``bins`` by their logarithm, from ``high`` down over six decades, so that
    a single burning hot pixel does not cost all others their resolution; with 20,000 bins (0.07 %
    wide) the areas agree with the exact ones to about 1e-4. AUPRO follows Bergmann et al., "The
    MVTec Anomaly Detection Dataset", IJCV 2021: mean over ground-truth regions of the region's
    overlap, against the false-positive rate of the defect-free pixels, integrated to 0.3 and
    divided by 0.3.
    """

    def __init__(self, low: float, high: float, bins: int = 20_000) -> None:
        self._low, self._bins = low, bins
        self._smallest = max(high - low, 1e-12) * 10.0**-_DECADES
        self._good = np.zeros(bins)
        self._bad = np.zeros(bins)
        self._overlap = np.zeros(bins)
        self._regions = 0

    def add_picture(self, score_map: Float32, regions: Ints) -> None:
        """Add one picture: distances (h, w) and region numbers (h, w), 0 = defect-free."""
        times = np.maximum((score_map.astype(np.float64) - self._low) / self._smallest, 1.0)
        index = (np.log10(times) * (self._bins / _DECADES)).astype(np.intp)
        index = np.minimum(index, self._bins - 1).ravel()
        flat = regions.ravel()
        self._good += np.bincount(index[flat == 0], minlength=self._bins)
        for number in np.unique(flat[flat > 0]):
            counts = np.bincount(index[flat == number], minlength=self._bins)
            self._bad += counts
            self._overlap += counts / counts.sum()
            self._regions += 1

    def pixel_auroc(self) -> float | None:
        """Return the pixel AUROC, ``None`` without defect or defect-free pixels."""
        if self._bad.sum() == 0 or self._good.sum() == 0:
            return None
        below = np.cumsum(self._good) - self._good
        wins = (self._bad * (below + self._good / 2.0)).sum()
        return float(wins / (self._bad.sum() * self._good.sum()))

    def aupro(self, until: float = 0.3) -> float | None:
        """Return the area under the per-region overlap up to the rate ``until``, 0..1."""
        if self._regions == 0 or self._good.sum() == 0:
            return None
        fpr = np.concatenate([[0.0], np.cumsum(self._good[::-1]) / self._good.sum()])
        pro = np.concatenate([[0.0], np.cumsum(self._overlap[::-1]) / self._regions])
        inside = fpr <= until
        x = np.append(fpr[inside], until)
        y = np.append(pro[inside], np.interp(until, fpr, pro))
        return float(np.trapezoid(y, x) / until)
