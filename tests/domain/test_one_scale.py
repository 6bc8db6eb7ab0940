"""The scale of every score shown: it belongs to the revision, and no limit moves it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.limits import Limits, suggest_limits
from deeprx_gui.domain.words import limit_texts, limits_line, parts_to_count
from deeprx_gui.i18n import render
from deeprx_gui.state.session import Session
from tests.made_profile import made_profile

SUGGESTED = suggest_limits([float(n) for n in range(1, 101)])
POSITIVE = st.floats(0.01, 1e4)


@given(POSITIVE, POSITIVE, POSITIVE)
def test_a_moved_limit_changes_no_multiple(score: float, review: float, ng: float) -> None:
    before = SUGGESTED.times(score)
    for moved in (
        SUGGESTED.moved(review=review),
        SUGGESTED.moved(ng=ng),
        SUGGESTED.moved(review=review).moved(ng=ng),
        SUGGESTED.moved(ng=ng).moved(review=review),
    ):
        assert moved.times(score) == before
        assert moved.times(moved.review) == moved.review_times


def test_a_profile_shows_scores_in_its_suggested_limit_whoever_made_its_limits() -> None:
    profile = made_profile()
    moved = replace(profile, limits=Limits(5.0, 20.0))
    assert moved.limits.times(15.0) == profile.limits.times(15.0) == 1.5
    assert moved.limits.review_times == 0.5
    learnt = replace(moved, suggested=Limits(3.0, 4.0))
    assert learnt.limits.times(15.0) == 5.0


def test_limits_given_to_the_window_take_its_scale() -> None:
    session = Session()
    session.open_profile(made_profile())
    session.set_limits(Limits(5.0, 20.0))
    limits = session.limits
    assert limits is not None
    assert limits.times(15.0) == 1.5
    session.undo_stack.undo()
    assert session.limits == made_profile().limits


def test_limits_that_differ_in_their_scale_alone_are_the_same_limits() -> None:
    assert Limits(5.0, 20.0) == Limits(5.0, 20.0, unit=10.0)
    for unit in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="unit"):
            Limits(5.0, 20.0, unit=unit)


@given(POSITIVE, st.floats(0.0, 3.0), POSITIVE)
def test_two_limits_are_shown_alike_only_where_the_review_band_is_off(
    review: float, more: float, unit: float
) -> None:
    limits = Limits(review, review * (1 + more), unit=unit)
    texts = limit_texts(limits)
    apart = limits.ng_times - limits.review_times
    if apart == 0:
        assert texts[0] == texts[1]
        assert not limits.has_review_band
        assert render(limits_line(limits)) == f"NG above {texts[1]} ×, review band off"
    elif apart > 1e-8:
        assert texts[0] != texts[1]
        assert render(limits_line(limits)) == f"REVIEW above {texts[0]} ×, NG above {texts[1]} ×"


def test_limits_close_to_each_other_have_the_digits_to_tell_them_apart() -> None:
    assert limit_texts(Limits(10.0, 12.0)) == ("1.00", "1.20")
    assert limit_texts(Limits(10.0, 10.03)) == ("1.000", "1.003")
    assert limit_texts(Limits(10.0, 10.0)) == ("1.00", "1.00")


@pytest.mark.parametrize(
    ("share", "base"), [(0.5, 100), (1 / 51, 100), (0.01, 1000), (0.002, 1000), (0.0005, 10_000)]
)
def test_shares_are_said_of_as_many_parts_as_make_two(share: float, base: int) -> None:
    assert parts_to_count(share) == base
