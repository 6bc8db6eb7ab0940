"""What is said about a drift: one sentence that names what moved first, and what to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from deeprx_gui.domain.drift import FEWEST, PICTURE, Drift, Measure, Move
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.words import times_limit_text

MEASURE_WORDS: Final[Mapping[Measure, Message]] = {
    Measure.BRIGHTNESS: say("Brightness"),
    Measure.FOCUS: say("Focus"),
    Measure.POSITION: say("Position"),
    Measure.SCORE: say("Score"),
}
_LOOK_AT: Final[Mapping[Measure, Message]] = {
    Measure.BRIGHTNESS: say("Look at the lamp, at daylight and at the exposure."),
    Measure.FOCUS: say("Look at the lens, its focus and the distance to the part."),
    Measure.POSITION: say("Look at the camera's mount and at the fixture."),
    Measure.SCORE: say(
        "Look at the parts themselves: another lot, material or tool. If they are good, learn "
        "again with parts of today."
    ),
}
_A_WEEK: Final = timedelta(days=6)
CONDITIONS_UNKNOWN: Final = say(
    "Brightness, focus and position of these parts were not recorded: they were judged by an "
    "older version, or by another PC."
)


def moment_words(when: datetime, newest: datetime) -> Message | str:
    """Return a time on this PC's clock: the day of the week within the last days, else the date."""
    local, last = when.astimezone(), newest.astimezone()
    if last - local >= _A_WEEK:
        return f"{local:%Y-%m-%d %H:%M}"
    return _day(local.weekday(), f"{local:%H:%M}")


def _day(weekday: int, time: str) -> Message:
    return (
        say("Monday {time}", time=time),
        say("Tuesday {time}", time=time),
        say("Wednesday {time}", time=time),
        say("Thursday {time}", time=time),
        say("Friday {time}", time=time),
        say("Saturday {time}", time=time),
        say("Sunday {time}", time=time),
    )[weekday]


def drift_words(drift: Drift, newest: datetime) -> Message | None:
    """Say what moved first and what followed; ``None`` when nothing moved.

    ``newest``: when the last part was judged.
    """
    first = drift.first
    if first is None:
        return None
    begin = _moved(first, newest)
    score = drift.move(Measure.SCORE)
    if first.measure is Measure.SCORE:
        stayed = [m for m in PICTURE if m in drift.known and drift.move(m) is None]
        more = _stayed(len(stayed) == len(drift.known & set(PICTURE)), bool(stayed))
        others = [move for move in drift.moves if move.measure is not Measure.SCORE]
        if others:
            return say("{first} {second}", first=begin, second=_followed(others[0], drift, newest))
        return begin if more is None else say("{first} {second}", first=begin, second=more)
    if score is None:
        return say(
            "{first} The scores have not followed yet.",
            first=begin,
        )
    return say("{first} {second}", first=begin, second=_followed(score, drift, newest))


def advice_words(drift: Drift) -> Message | None:
    """Say what to look at, ``None`` when nothing moved."""
    return None if drift.first is None else _LOOK_AT[drift.first.measure]


def stopped_words(drift: Drift) -> Message | None:
    """Say how many good parts are stopped at today's level of the scores."""
    before, now = drift.stopped_before, drift.stopped_now
    if before is None or now is None or round(100 * now) <= round(100 * before):
        return None
    return say(
        "Of 100 good parts about {now} lie above the limit at this level, about {before} before.",
        now=round(100 * now),
        before=round(100 * before),
    )


def forecast_words(drift: Drift) -> Message | None:
    """Say when more good parts will be stopped if the scores go on rising, ``None``: not clear."""
    found = drift.forecast
    if found is None:
        return None
    if found.high > 2.5 * found.days:  # nobody would plan with it
        return None
    return say_n(
        "If it goes on like this, more than {share} of 100 good parts are stopped in about {n} "
        "day.",
        "If it goes on like this, more than {share} of 100 good parts are stopped in about {n} "
        "days.",
        n=max(1, round(found.days)),
        share=round(100 * found.share),
    )


def state_words(drift: Drift) -> Message:
    """Say how it stands where nothing moved."""
    if not drift.enough:
        return say(
            "Too few parts to speak of a drift: {n} of this revision, {least} are needed.",
            n=drift.parts,
            least=FEWEST,
        )
    if not drift.known & set(PICTURE):
        return say(
            "The scores of the last {n} parts have not drifted. {why}",
            n=drift.parts,
            why=CONDITIONS_UNKNOWN,
        )
    return say("Nothing has drifted over the last {n} parts.", n=drift.parts)


def _moved(move: Move, newest: datetime) -> Message:
    since = moment_words(move.since, newest)
    percent = round(abs(100 * move.relative)) if move.measure is not Measure.POSITION else 0
    fallen = move.now < move.before
    match move.measure:
        case Measure.BRIGHTNESS if fallen:
            return say("Brightness has fallen by {percent} % since {since}.",
                       percent=percent, since=since)  # fmt: skip
        case Measure.BRIGHTNESS:
            return say("Brightness has risen by {percent} % since {since}.",
                       percent=percent, since=since)  # fmt: skip
        case Measure.FOCUS if fallen:
            return say("The picture has become less sharp since {since}: {percent} % less fine "
                       "detail.", percent=percent, since=since)  # fmt: skip
        case Measure.FOCUS:
            return say("The picture has become sharper since {since}: {percent} % more fine "
                       "detail.", percent=percent, since=since)  # fmt: skip
        case Measure.POSITION:
            return say("The part lies elsewhere since {since}: by {percent} % of the picture's "
                       "longer side.", percent=f"{100 * move.now:.1f}", since=since)  # fmt: skip
    return say(
        "The scores of good parts have risen since {since}: from {before} × to {now} × limit.",
        since=since,
        before=times_limit_text(move.before),
        now=times_limit_text(move.now),
    )


def _followed(move: Move, drift: Drift, newest: datetime) -> Message:
    at_once = drift.first is None or drift.together(drift.first, move)
    since = moment_words(move.since, newest)
    if move.measure is Measure.SCORE:
        levels = {"before": times_limit_text(move.before), "now": times_limit_text(move.now)}
        if at_once:
            return say("The scores rose with it: from {before} × to {now} × limit.", **levels)
        return say("The scores followed on {since}: from {before} × to {now} × limit.",
                   since=since, **levels)  # fmt: skip
    return _moved(move, newest)


def _stayed(everything: bool, anything: bool) -> Message | None:
    if not anything:
        return CONDITIONS_UNKNOWN
    if everything:
        return say("Brightness, focus and position have not moved.")
    return None
