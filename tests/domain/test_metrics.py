"""Figures of merit: equal to scikit-learn and to definitions written out in loops."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc

from deeprx_gui.domain.arrays import Bools, Float32, Ints
from deeprx_gui.domain.metrics import PixelCurve, auroc, confusion, roc_curve
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict

# Few different values, so that ties are the rule.
some = st.lists(st.integers(0, 8).map(float), min_size=1, max_size=40)


def stacked(good: list[float], bad: list[float]) -> tuple[list[int], list[float]]:
    return [0] * len(good) + [1] * len(bad), good + bad


@given(some, some)
def test_auroc_equals_scikit_learn_with_ties(good: list[float], bad: list[float]) -> None:
    assert auroc(good, bad) == pytest.approx(roc_auc_score(*stacked(good, bad)), abs=1e-12)


@given(some, some)
def test_auroc_is_the_chance_that_bad_scores_higher(good: list[float], bad: list[float]) -> None:
    wins = [(b > g) + (b == g) / 2 for b in bad for g in good]
    assert auroc(good, bad) == pytest.approx(np.mean(wins))


def test_auroc_of_one_kind_alone_is_none() -> None:
    assert auroc([1.0], []) is None
    assert auroc([], [1.0]) is None
    assert auroc([1.0, 2.0], [3.0]) == 1.0


@given(some, some)
def test_roc_curve_equals_scikit_learn(good: list[float], bad: list[float]) -> None:
    fpr, tpr = roc_curve(good, bad)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        theirs = sklearn_roc(*stacked(good, bad), drop_intermediate=False)
    assert np.allclose(fpr, theirs[0])
    assert np.allclose(tpr, theirs[1])
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(tpr, fpr) == pytest.approx(auroc(good, bad))


def test_roc_curve_needs_both_kinds() -> None:
    with pytest.raises(ValueError, match="good and bad"):
        roc_curve([1.0], [])


def test_confusion_counts_false_calls_and_misses() -> None:
    verdicts = [Verdict.NG, Verdict.OK, Verdict.REVIEW, Verdict.OK, Verdict.NG, Verdict.ERROR]
    labels = [Label.GOOD, Label.GOOD, Label.GOOD, Label.BAD, Label.BAD, Label.BAD]
    found = confusion([*verdicts, Verdict.NG], [*labels, Label.UNKNOWN])
    assert (found.false_calls, found.misses) == (1, 1)
    assert (found.count(Label.GOOD), found.count(Label.BAD), found.count(Label.UNKNOWN)) == (
        3,
        3,
        1,
    )
    assert found.table[Label.BAD][Verdict.ERROR] == 1  # no OK, hence no miss


def test_every_verdict_needs_a_label() -> None:
    with pytest.raises(ValueError, match="argument"):
        confusion([Verdict.OK], [])


def pictures(seed: int, spread: float = 1.0) -> list[tuple[Float32, Ints]]:
    """Three score maps with region numbers; the second picture is good."""
    rng = np.random.default_rng(seed)
    regions = np.zeros((3, 24, 20), np.intp)
    regions[0, 2:6, 3:9] = 1
    regions[0, 15:18, 12:19] = 2
    regions[2, 10:11, 4:6] = 1
    maps = rng.gumbel(5, 1, regions.shape) + spread * (regions > 0) * rng.uniform(0, 4, 1)
    return [(m.astype(np.float32), r) for m, r in zip(maps, regions, strict=True)]


def curve_of(found: list[tuple[Float32, Ints]], bins: int = 20_000) -> PixelCurve:
    curve = PixelCurve(0.0, max(float(m.max()) for m, _ in found), bins)
    for score_map, regions in found:
        curve.add_picture(score_map, regions)
    return curve


def naive_pro(found: list[tuple[Float32, Ints]], until: float, most: int | None = None) -> float:
    """The paper's definition: for every limit, mean overlap of regions against false positives.

    ``most``: no more limits than this are tried, where every one would take long.
    """
    scores = np.concatenate([m.ravel() for m, _ in found])
    good: Bools = np.concatenate([r.ravel() for _, r in found]) == 0
    x, y = [0.0], [0.0]
    limits = np.unique(scores)[::-1]
    for limit in limits if most is None else limits[:: -(-limits.size // most)]:
        x.append(float((scores[good] >= limit).mean()))
        overlaps = [
            (m[r == number] >= limit).mean() for m, r in found for number in np.unique(r[r > 0])
        ]
        y.append(float(np.mean(overlaps)))
    inside = [i for i, v in enumerate(x) if v <= until]
    xs = [x[i] for i in inside] + [until]
    ys = [y[i] for i in inside] + [float(np.interp(until, x, y))]
    return float(np.trapezoid(ys, xs) / until)


def exact_pixel_auroc(found: list[tuple[Float32, Ints]]) -> float:
    labels = np.concatenate([r.ravel() > 0 for _, r in found])
    return float(roc_auc_score(labels, np.concatenate([m.ravel() for m, _ in found])))


@pytest.mark.parametrize("seed", range(4))
def test_pixel_auroc_equals_scikit_learn(seed: int) -> None:
    found = pictures(seed)
    assert curve_of(found).pixel_auroc() == pytest.approx(exact_pixel_auroc(found), abs=2e-4)


@pytest.mark.parametrize("until", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_aupro_equals_its_definition(seed: int, until: float) -> None:
    found = pictures(seed)
    assert curve_of(found).aupro(until) == pytest.approx(naive_pro(found, until), abs=2e-3)


def test_small_regions_count_as_much_as_large_ones() -> None:
    regions = np.zeros((20, 20), np.intp)
    regions[:10] = 1
    regions[15, 15] = 2
    score_map = np.where(regions == 1, 5.0, 1.0).astype(np.float32)  # the small one is missed
    curve = curve_of([(score_map, regions)])
    assert curve.aupro() == pytest.approx(0.5 + 0.5 * 0.15, abs=0.01)


def test_a_perfect_map_has_areas_of_one() -> None:
    regions = np.zeros((20, 20), np.intp)
    regions[4:9, 4:9] = 1
    curve = curve_of([(1 + 8 * (regions > 0).astype(np.float32), regions)])
    assert curve.pixel_auroc() == 1.0
    assert curve.aupro() == pytest.approx(1.0)


def test_one_burning_hot_pixel_does_not_spoil_the_areas() -> None:
    found = pictures(1)
    spoilt = [(m.copy(), r) for m, r in found]
    spoilt[0][0][3, 4] = 1e5
    assert curve_of(spoilt).pixel_auroc() == pytest.approx(exact_pixel_auroc(spoilt), abs=2e-4)
    assert curve_of(spoilt).aupro() == pytest.approx(naive_pro(spoilt, 0.3), abs=2e-3)


def test_without_defects_or_without_good_pixels_there_are_no_areas() -> None:
    plain = np.ones((4, 4), np.float32)
    none = curve_of([(plain, np.zeros((4, 4), np.intp))])
    assert none.pixel_auroc() is None
    assert none.aupro() is None
    all_bad = curve_of([(plain, np.ones((4, 4), np.intp))])
    assert all_bad.pixel_auroc() is None
    assert all_bad.aupro() is None


def test_pictures_of_different_sizes_add_up() -> None:
    found = [(m[: 24 - 4 * i], r[: 24 - 4 * i]) for i, (m, r) in enumerate(pictures(5))]
    assert curve_of(found).pixel_auroc() == pytest.approx(exact_pixel_auroc(found), abs=2e-4)
