"""What next: known bad parts pass, and what was tried finds more of them, or does not."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.search import FEWEST_REAL, SearchOutcome


@dataclass(frozen=True)
class AutomaticTrial:
    """What the search found on the labelled bad parts.

    ``passing`` of ``bad`` would be judged OK by the settings found, at the limits that the same
    promises set. ``seconds``: what learning with them will take. ``same``: the product is learnt
    with these settings already.
    """

    outcome: SearchOutcome
    passing: int
    bad: int
    seconds: float
    same: bool


def trial_of(profile: Profile, outcome: SearchOutcome, seconds: float) -> AutomaticTrial:
    """Return what a search means for a profile; the outcome holds scores of normals and of bad."""
    settings = outcome.settings
    limits = suggest_limits(
        outcome.normal,
        false_call_rate=settings.false_call_rate,
        review_rate=settings.review_rate,
        kind=settings.limit,
    )
    scoring, now = settings.scoring, profile.scoring
    same = (
        settings.detector.name == profile.detector.name
        and settings.backbone == profile.backbone.name
        and settings.preprocessing == profile.preprocessing
        and (scoring.sigma, scoring.reduce, scoring.normalise)
        == (now.sigma, now.reduce, now.normalise)
    )
    passing = sum(score <= limits.review for score in outcome.bad)
    return AutomaticTrial(outcome, passing, len(outcome.bad), seconds, same)


def can_be_tried(bad: int) -> bool:
    """Say whether so many labelled bad parts tell settings apart."""
    return bad >= FEWEST_REAL


def passing_words(misses: int, bad: int) -> Message:
    """Say how many known bad parts pass."""
    if not misses:
        return say_n("The bad part is stopped.", "All {n} bad parts are stopped.", n=bad)
    return say_n(
        "{n} of {bad} bad parts passes.", "{n} of {bad} bad parts pass.", n=misses, bad=bad
    )


def untried_words(bad: int) -> Message | None:
    """Say why nothing can be tried with so few bad parts; ``None`` where it can."""
    if can_be_tried(bad):
        return None
    return say_n(
        "With {n} more bad part the program can try what would find them.",
        "With {n} more bad parts the program can try what would find them.",
        n=FEWEST_REAL - bad,
    )


def tried_words(trial: AutomaticTrial, misses: int) -> Message:
    """Say what trying found, against ``misses`` known bad parts that pass now."""
    more = misses - trial.passing
    words = {"tried": trial.outcome.chosen.tried}
    if trial.same or more <= 0:
        return say(
            "Automatic finds no more of them: {tried} settings were tried on these pictures.",
            **words,
        )
    time = max(1, round(trial.seconds))
    if time < 90:
        return say_n(
            "Automatic finds {n} more ({time} s to learn).",
            "Automatic finds {n} more ({time} s to learn).",
            n=more,
            time=time,
        )
    return say_n(
        "Automatic finds {n} more ({time} min to learn).",
        "Automatic finds {n} more ({time} min to learn).",
        n=more,
        time=round(time / 60),
    )


def worth_learning(trial: AutomaticTrial | None, misses: int) -> bool:
    """Say whether learning with the settings found lets fewer bad parts pass."""
    return trial is not None and not trial.same and trial.passing < misses
