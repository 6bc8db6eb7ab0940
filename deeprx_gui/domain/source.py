"""Source: where pictures of parts come from, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from deeprx_gui.domain.connection import Spec
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.left_out import LeftOutCount
from deeprx_gui.domain.message import Message


@dataclass(frozen=True)
class SourceSpec(Spec):
    """One source. Its address: a folder, a video file, a stream's URL, a camera's number or name.

    What options a kind knows, with their units and defaults, is said beside the kind's own code.
    """


@dataclass(frozen=True, eq=False)
class CapturedImage:
    """One picture as it arrived: a frame, or why there is none.

    ``number`` counts what this source delivered since it was opened, from 1. ``when`` is the wall
    clock (UTC, may jump), ``moment`` ``time.perf_counter()`` at arrival (never jumps). ``item``
    names a file so that it is never judged twice, also after a restart (empty for cameras);
    ``path`` is the file it lies in, if any.
    """

    number: int
    frame: Frame | None
    when: datetime
    moment: float
    source: str
    error: Message | None = None
    item: str = ""
    path: Path | None = None


class SourceConnection(StrEnum):
    """How things stand between the program and a source."""

    OPENING = "opening"
    LIVE = "live"
    STALLED = "stalled"
    LOST = "lost"
    ENDED = "ended"


@dataclass(frozen=True)
class SourceNews:
    """What a source that works has to tell beside its pictures.

    ``remark`` is said once; ``left_out`` is what is left out now, ``overwritten`` how many pictures
    were replaced before they could be judged.
    """

    remark: Message | None = None
    left_out: tuple[LeftOutCount, ...] = ()
    overwritten: int = 0


@dataclass(frozen=True)
class SourceState:
    """What is told about a source: ``problem`` in plain words unless all is well.

    ``retry_in``: seconds until the next attempt to reach it, ``None`` while none is planned.
    ``news``: nothing about the source itself has changed, it only has something to tell.
    """

    link: SourceConnection
    problem: Message | None = None
    retry_in: float | None = None
    news: SourceNews | None = None


@dataclass(frozen=True)
class Device:
    """One camera that was found: ``address`` opens it, ``name`` is for people."""

    kind: str
    address: str
    name: str
