"""What is not as it should be on the line, apart from any part: one sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.live_items import HealthWarning
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.output import OutputConnection, OutputState
from deeprx_gui.domain.source import SourceConnection, SourceState
from deeprx_gui.state.notice import NoticeKind


class Topic(StrEnum):
    """What a trouble is about; the order is the order on screen."""

    RUN = "run"
    SOURCE = "source"
    RECORDS = "records"
    TRIGGER = "trigger"
    PACE = "pace"
    PICTURE = "picture"
    TREND = "trend"
    OUTPUT = "output"


@dataclass(frozen=True)
class Trouble:
    """One sentence that says what is wrong and what to do."""

    topic: Topic
    message: Message
    kind: NoticeKind = NoticeKind.WARNING


def of_source(state: SourceState | None) -> Trouble | None:
    """Say what is wrong with the source, ``None`` while pictures come or nothing runs."""
    if state is not None and state.news is not None:
        remark = state.news.remark
        return None if remark is None else Trouble(Topic.SOURCE, remark)
    if state is None or state.link in (SourceConnection.LIVE, SourceConnection.ENDED):
        return None
    if state.link is SourceConnection.OPENING and state.problem is None:
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


def of_picture(warning: HealthWarning) -> Iterator[Trouble]:
    """Say what is wrong with the picture; the verdict is another matter."""
    for advice in warning.advice:
        yield Trouble(Topic.PICTURE, advice)


def of_outputs(states: Sequence[OutputState]) -> Iterator[Trouble]:
    """Say which receivers do not take their verdicts."""
    for state in states:
        if state.link is OutputConnection.READY and state.problem is None:
            continue
        if state.problem is None:
            continue
        text, address = state.problem, state.spec.address
        if address not in str(text):
            text = say("{address}: {problem}", address=address, problem=text)
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
