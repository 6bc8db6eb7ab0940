"""What another limit would find, and what it costs: counted, said, never used by itself."""

from __future__ import annotations

import json

import pytest

from deeprx_gui.domain.limit_advice import CatchAll, catch_all, offer_words, step_words
from deeprx_gui.domain.limit_setters import (
    KEY,
    BadScores,
    LimitRecord,
    bad_known,
    limit_question,
    one_step_more,
    record_of,
    with_record,
)
from deeprx_gui.domain.limits import Limits, suggest_limits
from deeprx_gui.domain.profile import NormalImage, Profile
from deeprx_gui.i18n import render, set_language
from deeprx_gui.ui.limit_words import without_it
from tests.made_profile import made_profile

LIMITS = Limits(10.0, 12.0)
HELD_OUT = (3.0, 6.0, 9.6, 9.9)


def offered(bad: list[float], good: list[float] | None = None) -> CatchAll:
    found = catch_all(LIMITS, bad, good or [], HELD_OUT)
    assert found is not None
    return found


def test_the_limit_that_finds_every_bad_part_and_its_price() -> None:
    good = [5.0, 9.5, 9.7, 11.0, 13.0]
    offer = offered([9.56, 14.0, 30.0], good)
    assert offer.times == pytest.approx(0.95)
    assert offer.review == pytest.approx(9.5)
    assert (offer.bad, offer.calls, offer.good) == (3, 2, 5), "9.5 is not above 9.5; 13 is NG"
    words = render(offer_words(offer))
    assert words == "REVIEW from 0.95 × finds all 3 bad parts; 2 of 5 good parts go to review."
    one = render(offer_words(offered([9.56], [9.7, 1.0])))
    assert one == "REVIEW from 0.95 × finds all 1 bad parts; 1 of 2 good parts goes to review."


@pytest.mark.parametrize("lowest", [10.0, 9.5, 9.501, 0.3, 0.101, 1e-9])
def test_no_bad_part_is_left_at_the_limit_offered(lowest: float) -> None:
    offer = offered([lowest, 20.0])
    assert 0 < offer.review < lowest
    assert offer.review > 0.5 * lowest, "no lower than it has to be"


def test_without_good_parts_the_held_out_normals_pay() -> None:
    offer = offered([9.7])
    assert (offer.calls, offer.good, offer.held_out) == (1, 4, True)
    assert "1 of 4 normal images" in render(offer_words(offer))


@pytest.mark.parametrize("bad", [[], [10.1, 11.0], [0.0, 11.0], [float("nan")]])
def test_nothing_is_offered_where_nothing_is_missed(bad: list[float]) -> None:
    assert catch_all(LIMITS, bad, [1.0], HELD_OUT) is None


def taught(trial: BadScores | None = None) -> Profile:
    scores = (34.4, *(20 + i / 10 for i in range(40)))
    limits = suggest_limits(scores, false_call_rate=0.02)
    return made_profile(
        limits=limits,
        normals=tuple(NormalImage(f"/parts/{i}.png", score) for i, score in enumerate(scores)),
        extra=with_record({}, LimitRecord(0.02, "rank", trial=trial)),
    )


PLANTED = BadScores((25.0, 30.0, 40.0), planted=True)


def test_planted_defects_stand_in_where_no_bad_part_is_known_and_are_called_so() -> None:
    profile = taught(PLANTED)
    assert bad_known(profile, [28.0]) == BadScores((28.0,)), "real ones come first"
    assert bad_known(profile, []) == PLANTED
    assert bad_known(taught(), []).scores == ()
    assert bad_known(taught(), [], PLANTED) == PLANTED, "asked for after learning"
    question = limit_question(profile, bad_known(profile, []))
    assert question is not None
    words = [render(m) for m in without_it(question, question.setters[0])]
    assert "Planted defects not judged NG: 0 instead of 2 of 3." in words
    far = limit_question(profile, BadScores((90.0, 1.0), planted=True))
    assert far is not None
    same = [render(m) for m in without_it(far, far.setters[0])]
    assert "Planted defects not judged NG: still 1 of 2." in same
    step = one_step_more(profile, PLANTED)
    assert step is not None
    assert render(step_words(step)) == (
        "2.4 % → 4.8 % false calls finds 2 more of 3 planted defects."
    )
    set_language("ja")
    try:
        assert "模擬欠陥 3 個中あと 2 個" in render(step_words(step))
    finally:
        set_language("en")


def test_what_the_search_planted_survives_a_file_and_nothing_foreign_does() -> None:
    raw = json.loads(json.dumps(record_of(taught(PLANTED)).to_raw()))
    assert record_of(made_profile(extra={KEY: raw})).trial == PLANTED
    trial = raw["trial"]
    foreign: list[object] = [3, [], {**trial, "planted": 1}, {**trial, "scores": "12"}]
    foreign += [{**trial, "scores": [1, "2"]}, {**trial, "scores": []}]
    foreign += [{**trial, "scores": [10**400]}, {**trial, "scores": [1.0] * 10_001}]
    for other in foreign:
        assert record_of(made_profile(extra={KEY: {**raw, "trial": other}})).trial is None
