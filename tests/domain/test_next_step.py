"""What next: what trying found, said against what passes now."""

from __future__ import annotations

import pytest

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.next_step import (
    AutomaticTrial,
    can_be_tried,
    passing_words,
    trial_of,
    tried_words,
    untried_words,
    worth_learning,
)
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.domain.search import Chosen, SearchOutcome
from deeprx_gui.i18n import render
from tests.made_profile import made_profile

CHOSEN = Chosen(
    "padim", "efficientnet-lite0", 256, "none", "max", 40, 48, True, 4.0, 100.0, 12, True
)


def outcome(detector: str = "padim") -> SearchOutcome:
    """A search on 60 normal parts: the review limit of 5 % is its third highest score."""
    normal = tuple(0.5 + n / 120 for n in range(60))
    bad = (*(1.5 for _ in range(40)), 0.975, 0.98, *(0.4 for _ in range(6)))
    settings = FitSettings(detector=DetectorChoice(detector), limit="rank")
    return SearchOutcome(settings, CHOSEN, (), bad, normal)


def test_the_bad_parts_that_would_pass_are_counted_at_the_limits_of_the_same_promises() -> None:
    trial = trial_of(made_profile(), outcome(), 18.4)
    assert (trial.passing, trial.bad) == (7, 48), "0.975 is the third highest normal score"
    assert not trial.same
    assert trial_of(made_profile(), outcome("deep-rx"), 18.4).same


def test_what_trying_found_is_said_with_the_time_to_learn() -> None:
    trial = AutomaticTrial(outcome(), 1, 48, 18.4, same=False)
    assert render(passing_words(8, 48)) == "8 of 48 bad parts pass."
    assert render(tried_words(trial, 8)) == "Automatic finds 7 more (18 s to learn)."
    long = AutomaticTrial(outcome(), 1, 48, 150.0, same=False)
    assert render(tried_words(long, 8)) == "Automatic finds 7 more (2 min to learn)."
    assert worth_learning(trial, 8)


@pytest.mark.parametrize(("passing", "same"), [(8, False), (9, False), (1, True)])
def test_nothing_better_is_said_as_such(passing: int, same: bool) -> None:
    trial = AutomaticTrial(outcome(), passing, 48, 18.4, same=same)
    assert "finds no more of them: 12 settings were tried" in render(tried_words(trial, 8))
    assert not worth_learning(trial, 8)
    assert not worth_learning(None, 8)


def test_too_few_bad_parts_cannot_tell_settings_apart() -> None:
    assert can_be_tried(5)
    assert untried_words(5) is None
    missing = untried_words(3)
    assert missing is not None
    assert render(missing) == "With 2 more bad parts the program can try what would find them."
    assert render(passing_words(0, 3)) == "All 3 bad parts are stopped."
