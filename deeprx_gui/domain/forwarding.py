"""Store and forward: what a station sends to the central database, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from deeprx_gui.domain.message import Message, say, say_n

Row = dict[str, object]
"""One row as JSON knows it; times are UTC microseconds since 1970."""

CLOCK_LIMIT: Final = 60.0
"""Seconds by which the clocks of station and server may differ without a word."""


@dataclass(frozen=True)
class VerdictBatch:
    """Verdicts in the order of the station's file, and the contexts they share by their number."""

    verdicts: Sequence[Row]
    contexts: Mapping[int, Row]

    @property
    def last(self) -> int:
        """Number of the last one in the station's file, 0 for none."""
        return int(str(self.verdicts[-1]["row"])) if self.verdicts else 0

    def part(self, begin: int, end: int) -> VerdictBatch:
        """Return some of them."""
        return VerdictBatch(self.verdicts[begin:end], self.contexts)

    def only(self, verdicts: Sequence[Row]) -> VerdictBatch:
        """Return these of them, with the contexts they need."""
        used = {int(str(row["context"])) for row in verdicts}
        return VerdictBatch(verdicts, {key: self.contexts[key] for key in used})


class Standing(StrEnum):
    """How a verdict that another station recorded stands in the centre."""

    OWN = "own"
    """There under this station, which sent it as nobody else had it."""
    THERE = "there"
    """There under another, or let go by retention."""
    FREE = "free"
    """Not there, and the one that recorded it does not have it to send: this station may."""
    WAITS = "waits"
    """The one that recorded it may still send it."""


class ForwardPhase(StrEnum):
    """What the forwarder is doing."""

    CONNECTING = "connecting"
    SENDING = "sending"
    UP_TO_DATE = "up-to-date"
    WAITING = "waiting"
    """Something is in the way that goes by itself: the same is tried again soon."""
    STOPPED = "stopped"
    """Somebody has to do something; it is tried again all the same, slowly."""


@dataclass(frozen=True)
class ForwardState:
    """How far the forwarder is.

    ``sent``: verdicts of this station's file that are in the centre or put aside, of ``recorded``.
    ``put_aside``: rows the server refused. ``clock_ahead``: seconds by which this PC's clock is
    ahead of the server's, ``None`` before it was asked. ``rate``: rows per second of late.
    ``copied_wait``: verdicts recorded under another id wait for the station that has it.
    """

    phase: ForwardPhase = ForwardPhase.CONNECTING
    sent: int = 0
    recorded: int = 0
    put_aside: int = 0
    last_sent: datetime | None = None
    problem: Message | None = None
    clock_ahead: float | None = None
    rate: float = 0.0
    picture_problem: Message | None = None
    copied_wait: bool = False

    @property
    def waiting(self) -> int:
        """Verdicts that are not sent yet."""
        return max(0, self.recorded - self.sent)

    @property
    def remarks(self) -> tuple[Message, ...]:
        """What else a person should know."""
        told = [] if self.picture_problem is None else [self.picture_problem]
        if self.put_aside:
            told.append(
                say_n(
                    "{n} row was refused by the central database and is kept here.",
                    "{n} rows were refused by the central database and are kept here.",
                    n=self.put_aside,
                )
            )
        if self.copied_wait:
            told.append(
                say(
                    "Some verdicts here were recorded under the id of another station. They wait"
                    " until that station has sent its own, so that none counts twice. If it is gone"
                    " for good, let an administrator retire it: “deeprx central station retire”."
                )
            )
        if self.clock_ahead is not None and abs(self.clock_ahead) > CLOCK_LIMIT:
            told.append(
                say(
                    "The clock of this PC and that of the central database differ by {n} seconds."
                    " Set the clock of this PC, or let the IT department do it.",
                    n=round(abs(self.clock_ahead)),
                )
            )
        return tuple(told)


@dataclass(frozen=True)
class AsideRow:
    """A row the server refused. ``kind``: verdict, decision or correction.

    ``row``: its number here, 0 for a correction.
    """

    kind: str
    row: int
    uid: str
    reason: str
    when: str


@dataclass(frozen=True)
class ForwardMark:
    """Up to where a station's file was sent. ``server``: where to; another one begins at 0.

    ``uid``: of the verdict ``verdict``, so that another file with the same numbers is noticed.
    ``copied``: up to which number the verdicts that another station recorded are settled.
    """

    server: str = ""
    verdict: int = 0
    uid: str = ""
    decision: int = 0
    picture: int = 0
    copied: int = 0


@dataclass(frozen=True)
class SignIn:
    """Who a station says it is when it signs in.

    ``word`` is what its last sign-in left with the server, ``next_word`` what this one leaves.
    ``machine``: a digest of what tells this PC from another.
    """

    id: str
    name: str
    line: str
    word: str
    next_word: str
    machine: str
    program: str


@dataclass(frozen=True)
class ProductCorrections:
    """What was said at this station about pictures of one product; ``rows`` as the centre keeps."""

    profile_id: str
    name: str
    rows: Sequence[Row] = field(default_factory=tuple)
