"""A stated target: the limits for it, how sure they are, and what would make them surer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.false_call_target import (
    TargetAnswer,
    answer_for,
    limits_words,
    promise_band,
    rounded,
    sureness_words,
    surer_words,
    target_from_text,
)
from deeprx_gui.domain.learning_curve import (
    asked_rate,
    curve_words,
    is_sure,
    learning_curve,
    parts_to_be_sure,
    promise_at,
)
from deeprx_gui.domain.limit_ways import same_target
from deeprx_gui.domain.limits import Limits, PromiseKind, suggest_limits
from deeprx_gui.domain.order_statistics import beta_quantile, counted_band, rank_band
from deeprx_gui.domain.parts import LearntParts, PartsFrom, with_parts
from deeprx_gui.domain.profile import NormalImage, Profile
from deeprx_gui.i18n import render
from tests.made_profile import made_profile


def taught(parts: int, *, shots: int = 1) -> Profile:
    """A product learnt from ``parts`` parts, each photographed ``shots`` times."""
    scores = np.random.default_rng(parts).exponential(1.0, parts) + 5
    normals = tuple(
        NormalImage(f"/parts/{i}-{shot}.png", float(score) - 0.01 * shot)
        for i, score in enumerate(scores)
        for shot in range(shots)
    )
    limits = suggest_limits([float(s) for s in scores], kind="auto")
    groups = tuple(tuple(f"/parts/{i}-{shot}.png" for shot in range(shots)) for i in range(parts))
    extra = with_parts({}, LearntParts(PartsFrom.NAME, "^(.*)-", groups if shots > 1 else ()))
    extra["limit_setters"] = {"rate": 0.01, "kind": "auto", "maps": {}}
    return made_profile(limits=limits, normals=normals, extra=extra)


def answer(profile: Profile, target: float) -> TargetAnswer:
    found = answer_for(profile, target)
    assert found is not None
    return found


@given(st.integers(1, 20), st.integers(1, 60), st.floats(0.01, 0.99))
def test_a_quantile_has_so_much_of_the_law_below_it(a: int, b: int, p: float) -> None:
    x = beta_quantile(a, b, p)
    trials = a + b - 1
    ways = np.cumprod([1.0, *[(trials - k) / (k + 1) for k in range(trials)]])
    masses = [w * x**k * (1 - x) ** (trials - k) for k, w in enumerate(ways)]
    assert sum(masses[a:]) == pytest.approx(p, abs=1e-6)


def test_bands_equal_known_figures() -> None:
    assert rank_band(1, 99)[1] == pytest.approx(1 - 0.05 ** (1 / 99)), "docs: below 3 % with 99"
    assert counted_band(0, 44)[1] == pytest.approx(1 - 0.05 ** (1 / 44))
    assert counted_band(2, 44) == pytest.approx((0.0081365, 0.1362585), abs=1e-6)
    assert counted_band(3, 3)[1] == 1.0
    assert counted_band(0, 0) == (0.0, 1.0)


def test_the_band_of_a_rank_holds_nine_of_ten_cases() -> None:
    rng = np.random.default_rng(3)
    ranked = -np.sort(-rng.random((4000, 50)), axis=1)
    share = 1 - ranked[:, 1]  # of uniform scores above the second largest
    low, high = rank_band(2, 50)
    assert np.mean((low <= share) & (share <= high)) == pytest.approx(0.9, abs=0.015)


def test_the_curve_says_what_fifty_and_a_hundred_parts_promise() -> None:
    assert render(curve_words([promise_at(50, 0.01), promise_at(100, 0.01)])).endswith(
        "50 → 2.5 %, 100 → 1.2 %"
    )
    assert promise_at(50, 0.01).kind is PromiseKind.TAIL
    assert promise_at(600, 0.01).kind is PromiseKind.RANK
    assert promise_at(50, 0.01, "rank").kind is PromiseKind.RANK
    assert promise_at(1, 0.01).rate == pytest.approx(0.5)


@given(st.integers(5, 400), st.sampled_from([0.05, 0.01, 0.002]), st.sampled_from(["auto", "rank"]))
def test_the_curve_promises_what_the_limits_of_real_scores_promise(
    parts: int, target: float, kind: str
) -> None:
    scores = [float(s) for s in np.random.default_rng(parts).exponential(1.0, parts) + 5]
    promise = suggest_limits(scores, false_call_rate=target, kind=kind).ng_promise
    assert promise is not None
    said = promise_at(parts, target, kind)
    assert said.rate == pytest.approx(promise.rate)
    assert (said.low, said.high) == pytest.approx(promise_band(promise))
    assert said.kind is promise.kind


@pytest.mark.parametrize("target", [0.05, 0.01, 0.005])
def test_so_many_parts_make_a_target_sure_and_fewer_do_not(target: float) -> None:
    enough = parts_to_be_sure(target)
    assert is_sure(promise_at(enough, target), target)
    assert not is_sure(promise_at(enough * 3 // 4, target), target)
    curve = learning_curve(target, parts=47)
    assert 47 in [one.parts for one in curve]
    assert len(curve) <= 5
    assert is_sure(curve[-1], target)
    assert [one.parts for one in curve] == sorted({one.parts for one in curve})


def test_a_target_within_reach_gets_its_limits_and_how_sure_they_are() -> None:
    found = answer(taught(120), 0.01)
    assert found.reached
    assert found.limits.ng_promise is not None
    assert found.promise.rate == pytest.approx(0.01)
    assert found.low < 0.01 < found.high
    assert found.surer > 0
    words = render(sureness_words(found.promise))
    assert words.startswith("About 1 % of good parts are called NG, ")
    assert "the highest scores of 120 good parts" in words
    assert "more parts would make it surer: below 2 % in 19 of 20 cases" in render(
        surer_words(found)
    )


def test_a_target_out_of_reach_says_how_many_parts_are_missing() -> None:
    found = answer(taught(40), 1 / 200)
    assert not found.reached
    assert found.missing == 224 - 40
    assert promise_at(224, 1 / 200).rate <= 1 / 200 < promise_at(220, 1 / 200).rate
    assert found.promise.rate == pytest.approx(promise_at(40, 1 / 200).rate)
    assert "cannot promise 0.5 %: about 190 more parts would" in render(surer_words(found))


def test_an_easy_target_is_sure_enough() -> None:
    found = answer(taught(400), 0.05)
    assert found.promise.kind is PromiseKind.RANK
    assert "counted: the order" in render(sureness_words(found.promise))
    assert render(surer_words(found)).endswith("sure enough.")


def test_three_shots_of_a_part_are_one_part() -> None:
    once, thrice = answer(taught(30), 0.01), answer(taught(30, shots=3), 0.01)
    assert thrice.parts == once.parts == 30
    assert thrice.missing == once.missing == 87
    assert thrice.limits.ng == pytest.approx(once.limits.ng)


def test_a_product_without_scores_has_no_answer() -> None:
    profile = made_profile(normals=(NormalImage("a.png", None),))
    assert answer_for(profile, 0.01) is None


def test_the_limits_are_said_on_the_scale_of_the_suggestion() -> None:
    assert render(limits_words(Limits(9.5, 12.0), 10.0)) == "REVIEW from 0.95 ×, NG from 1.20 ×."
    assert render(limits_words(Limits(9.5, 9.5), 10.0)) == "NG from 0.95 ×; no review band."


@pytest.mark.parametrize(
    ("text", "target"), [("1/200", 0.005), (" 1 / 20 ", 0.05), ("0.5%", 0.005), ("0.01", 0.01)]
)
def test_a_target_is_read_as_people_write_it(text: str, target: float) -> None:
    assert target_from_text(text) == pytest.approx(target)


@pytest.mark.parametrize("text", ["", "0", "1/0", "1/1", "-1", "nan", "2/300", "95%", "1/9999999"])
def test_what_is_no_target_gets_a_sentence(text: str) -> None:
    with pytest.raises(RequestError) as refused:
        target_from_text(text)
    assert "is no target for false calls" in render(refused.value.message)


@pytest.mark.parametrize(("parts", "said"), [(7, 7), (41, 45), (159, 160), (1234, 1300)])
def test_about_so_many_parts_is_rounded_upwards(parts: int, said: int) -> None:
    assert rounded(parts) == said


def test_a_new_revision_can_keep_what_the_limits_were_set_to_promise() -> None:
    before, now = taught(120), taught(150)
    assert same_target(before, now) is None, "the suggested limits"
    wanted = replace(before, limits=answer(before, 0.05).limits)
    kept = same_target(wanted, now)
    assert kept == answer(now, 0.05).limits
    assert kept is not None
    assert same_target(wanted, replace(now, limits=kept)) is None
    assert same_target(replace(before, limits=Limits(1.0, 2.0)), now) is None, "moved by hand"


@pytest.mark.parametrize(
    ("parts", "asked", "kind", "told"),
    [
        (20, 0.05, "auto", 0.05),  # the least of twenty parts: nothing can be told
        (60, 0.05, "auto", 0.05),
        (60, 0.08, "auto", 0.08),
        (60, 0.05, "rank", 0.05),  # 3 of 61, what the usual rate gives
        (99, 0.1, "rank", 0.1),
    ],
)
def test_what_a_fit_was_asked_for_is_told_from_its_promise(
    parts: int, asked: float, kind: str, told: float
) -> None:
    scores = [float(s) for s in np.random.default_rng(parts).exponential(1.0, parts) + 5]
    limits = suggest_limits(scores, review_rate=asked, kind=kind)
    assert asked_rate(limits.review_promise, 0.05) == pytest.approx(told)
    assert asked_rate(None, 0.05) == 0.05
