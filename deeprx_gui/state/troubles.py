"""What is not as it should be on the line, apart from any part: one sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.output import OutputLink, OutputState
from deeprx_gui.domain.source import Link, SourceState
from deeprx_gui.state.cycle import Cycle
from deeprx_gui.state.notice import NoticeKind


class Topic(StrEnum):
    """What a trouble is about; the order is the order on screen."""

    SOURCE = "source"
    RECORDS = "records"
    LATE = "late"
    TAKT = "takt"
    PICTURE = "picture"
    TREND = "trend"
    OUTPUT = "output"


@dataclass(frozen=True)
class Trouble:
    """One sentence that says what is wrong and what to do."""

    topic: Topic
    message: Message
    kind: NoticeKind = NoticeKind.WARNING


CAUSE_WORDS: Final[Mapping[Cause, Message]] = {
    Cause.DARK: say("Check the lamp: the picture is darker than the normal images."),
    Cause.BRIGHT: say("Check the lamp: the picture is brighter than the normal images."),
    Cause.BLURRED: say("Check the focus: the picture is less sharp than the normal images."),
    Cause.SHIFTED: say("Check the camera's place: the scene has moved against the normal images."),
    Cause.FROZEN: say("Check the camera: it delivers the same picture over and over."),
    Cause.DIRT: say("Clean the lens: a spot stays at the same place of every picture."),
}


def of_source(state: SourceState | None) -> Trouble | None:
    """Say what is wrong with the source, ``None`` while pictures come or nothing runs."""
    if state is None or state.link in (Link.LIVE, Link.ENDED):
        return None
    if state.link is Link.OPENING and state.problem is None:
        return None
    problem = state.problem or say("No pictures are coming.")
    if state.retry_in is None:
        return Trouble(Topic.SOURCE, problem, NoticeKind.ERROR)
    waits = max(1, round(state.retry_in))
    return Trouble(
        Topic.SOURCE,
        say("{problem} The next attempt is in {seconds} s.", problem=problem, seconds=waits),
        NoticeKind.ERROR,
    )


def of_picture(causes: Sequence[Cause]) -> Iterator[Trouble]:
    """Say what is wrong with the picture; the verdict is another matter."""
    for cause in causes:
        yield Trouble(Topic.PICTURE, CAUSE_WORDS[cause])


def of_cycle(cycle: Cycle) -> Trouble | None:
    """Say that this PC is slower than the line."""
    if not cycle.slow or cycle.p95 is None:
        return None
    return Trouble(
        Topic.TAKT,
        say(
            "Slower than the line: 5 of 100 parts take longer than {p95} s, the takt is {takt} s. "
            "Choose a faster preset for this profile, or a longer takt.",
            p95=seconds(cycle.p95),
            takt=seconds(cycle.takt),
        ),
    )


def of_lateness(late: bool) -> Trouble | None:
    """Say that pictures come faster than they can be judged."""
    if not late:
        return None
    return Trouble(
        Topic.LATE,
        say(
            "Pictures come faster than this PC can judge them. Triggered ones wait and none is "
            "lost; give the line a slower takt or the profile a faster preset."
        ),
    )


def of_outputs(states: Sequence[OutputState]) -> Iterator[Trouble]:
    """Say which receivers do not take their verdicts."""
    for state in states:
        if state.link is OutputLink.READY and state.problem is None:
            continue
        if state.problem is None:
            continue
        text = say("{address}: {problem}", address=state.spec.address, problem=state.problem)
        if state.waiting or state.dropped:
            missing = state.waiting + state.dropped
            text = say(
                "{what} {missing}",
                what=text,
                missing=say_n(
                    "{n} verdict was not handed over; it is in the history.",
                    "{n} verdicts were not handed over; they are in the history.",
                    n=missing,
                ),
            )
        yield Trouble(Topic.OUTPUT, text)


def seconds(milliseconds: float) -> str:
    """Write milliseconds as seconds with as many digits as they are worth."""
    value = milliseconds / 1000
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
