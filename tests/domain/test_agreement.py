"""Agreement of appraisers: published worked examples, and what makes a study impossible."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.agreement import (
    EFFECTIVENESS,
    KAPPA,
    MISS_RATE,
    AgreementStudy,
    Rating,
)
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.kappa import cohen_kappa, fleiss_kappa, wilson_interval
from deeprx_gui.domain.verdict import Verdict

OK, NG, REVIEW = Verdict.OK, Verdict.NG, Verdict.REVIEW


def crossed(*cells: int) -> tuple[list[int], list[int]]:
    """Return the paired ratings of a 2 × 2 table, row by row."""
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    both = [pair for pair, count in zip(pairs, cells, strict=True) for _ in range(count)]
    return [a for a, _ in both], [b for _, b in both]


@pytest.mark.parametrize(
    ("cells", "kappa"),
    [
        # the attribute study of the AIAG manual: 50 parts, three appraisers, three trials
        ((44, 6, 3, 97), 0.86),  # A and B
        ((42, 5, 9, 94), 0.79),  # B and C
        ((43, 7, 8, 92), 0.78),  # A and C
        ((45, 5, 3, 97), 0.88),  # A and the truth
        ((45, 2, 3, 100), 0.92),  # B and the truth
        ((42, 9, 6, 93), 0.77),  # C and the truth
    ],
)
def test_cohen_kappa_is_that_of_the_manual(cells: tuple[int, ...], kappa: float) -> None:
    assert cohen_kappa(*crossed(*cells)) == pytest.approx(kappa, abs=0.005)


def test_fleiss_kappa_is_that_of_the_published_example() -> None:
    """Fourteen raters, ten subjects, five categories: 0.210."""
    counts = np.array(
        [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ]
    )
    assert fleiss_kappa(counts) == pytest.approx(0.210, abs=0.0005)


def test_where_nothing_can_disagree_kappa_says_nothing() -> None:
    assert cohen_kappa([1, 1], [1, 1]) is None
    assert cohen_kappa([], []) is None
    assert fleiss_kappa(np.array([[3, 0], [3, 0]])) is None
    assert fleiss_kappa(np.zeros((0, 2), dtype=int)) is None
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa(np.array([[2, 1], [1, 1]]))


def test_wilson_interval() -> None:
    """Newcombe 1998: 81 of 263 is .2553 to .3662, 0 of 20 ends at .1611."""
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(0, 0) is None


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=40))
def test_kappa_does_not_care_about_order_or_names(pairs: list[tuple[bool, bool]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    kappa = cohen_kappa(first, second)
    other = cohen_kappa(second, first)
    renamed = cohen_kappa([not a for a in first], [not b for b in second])
    if kappa is None:
        assert other is None
        assert renamed is None
    else:
        assert kappa <= 1.0
        assert other == pytest.approx(kappa)
        assert renamed == pytest.approx(kappa)


def manual_study() -> AgreementStudy:
    """Return ratings with the manual's counts: 16 bad parts, 34 good ones, three trials.

    A misses 3 and stops 5, all on different parts; B misses 3 and stops 2; C is wrong 6 and 9
    times on ten parts.
    """
    bad = [f"b{n}" for n in range(16)]
    good = [f"g{n}" for n in range(34)]
    wrong = {
        "A": {**dict.fromkeys(bad[:3], 1), **dict.fromkeys(good[:5], 1)},
        "B": {**dict.fromkeys(bad[:3], 1), **dict.fromkeys(good[:2], 1)},
        "C": {**dict.fromkeys(bad[:4], 1), **dict.fromkeys(bad[:2], 2)}
        | {**dict.fromkeys(good[:6], 1), **dict.fromkeys(good[:3], 2)},
    }
    ratings = []
    for part in bad + good:
        for name, errors in wrong.items():
            for trial in range(3):
                right = trial >= errors.get(part, 0)
                ratings.append(Rating(part, name, NG if (part in bad) is right else OK))
    return AgreementStudy(ratings, dict.fromkeys(bad, True) | dict.fromkeys(good, False))


def test_figures_are_those_of_the_manual() -> None:
    """Effectiveness 84, 90, 80 %; miss rate 6.3, 6.3, 12.5 %; false alarms 4.9, 2.0, 8.8 %."""
    a, b, c = manual_study().figures
    shares = [
        [
            round(100 * share.count / share.of, 1)
            for share in (figures.right, figures.missed, figures.false_alarms)
        ]
        for figures in (a, b, c)
    ]
    assert shares == [[84.0, 6.2, 4.9], [90.0, 6.2, 2.0], [80.0, 12.5, 8.8]]
    assert [round(f.kappa or 0, 2) for f in (a, b, c)] == [0.88, 0.92, 0.77]
    assert a.right.value is not None
    assert EFFECTIVENESS.verdict(a.right.value) is REVIEW
    assert MISS_RATE.verdict(a.missed.count / a.missed.of) is NG
    assert a.repeated.count == 42


def test_review_stops_a_part() -> None:
    study = AgreementStudy(
        [Rating("bad", "line", v) for v in (NG, REVIEW)]
        + [Rating("good", "line", v) for v in (OK, REVIEW)],
        {"bad": True, "good": False},
    )
    (line,) = study.figures
    assert (line.missed.count, line.missed.of) == (0, 2)
    assert (line.false_alarms.count, line.false_alarms.of) == (1, 2)
    assert line.repeated.count == 1  # NG and REVIEW both stop


def test_without_the_truth_only_agreement_is_told() -> None:
    study = AgreementStudy(
        [Rating(part, name, v) for part, v in (("1", OK), ("2", NG)) for name in "AB"], {}
    )
    assert study.between == {("A", "B"): 1.0}
    assert study.overall == 1.0
    assert study.figures[0].right.value is None
    assert study.figures[0].kappa is None
    assert study.all_alike.count == 2


def test_scores_of_one_part_differ_by_their_pooled_deviation() -> None:
    scores = {"near": (0.98, 1.02, 1.00), "far": (0.50, 0.54, 0.52), "error": (math.nan, 1.0, 1.0)}
    study = AgreementStudy([Rating(p, "line", OK, t) for p, ts in scores.items() for t in ts], {})
    (spread,) = study.spreads
    assert spread.deviation == pytest.approx(0.02)
    assert (spread.parts, spread.near) == (2, ("near",))


def test_kappa_grades() -> None:
    assert [KAPPA.verdict(v) for v in (0.75, 0.6, 0.39)] == [OK, REVIEW, NG]


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ([], "Too few parts"),
        ([Rating("1", "A", OK), Rating("1", "A", OK)], "Too few parts"),
        ([Rating("1", "A", OK), Rating("2", "A", OK)], "once only"),
        ([Rating("1", "A", OK), Rating("1", "A", OK), Rating("2", "A", OK)], "part “2” 1 times"),
        ([Rating("1", "A", OK), Rating("2", "A", OK), Rating("1", "B", OK)], "“B” judged part “2”"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(ratings: list[Rating], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        AgreementStudy(ratings, {})
