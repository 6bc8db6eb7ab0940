"""What every source of pictures can do, and how it says that it is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.source import CapturedImage, SourceNews, SourceSpec

Known = Callable[[str], bool]
"""Whether a verdict of an item (``Captured.item``) is already stored; called in any thread."""


class SourceEnded(Exception):  # noqa: N818 - the end of a folder is not an error
    """There will be no more pictures; ``problem`` says why when that is not as it should be."""

    def __init__(self, problem: Message | None = None) -> None:
        super().__init__(str(problem) if problem is not None else "")
        self.problem = problem


class Source(Protocol):
    """Where pictures come from. One thread opens and reads; any thread may call ``done``.

    ``lossy``: pictures may be passed over when nobody reads (camera, stream), or never (files).
    """

    @property
    def spec(self) -> SourceSpec:
        """What was chosen."""

    @property
    def lossy(self) -> bool:
        """Whether pictures are lost while nobody reads."""

    def open(self) -> None:
        """Get ready to read, or go on where ``close`` broke off: nothing twice, nothing skipped.

        Raises SourceError when the source cannot be reached now, and RequestError when it never
        will be as it was asked for (a folder that is not there, a file that is no video).
        """

    def read(self, timeout: float) -> CapturedImage | None:
        """Return the next picture, ``None`` when none came within ``timeout`` seconds.

        Raises SourceError when the source broke down, SourceEnded when there will be no more.
        """

    def done(self, captured: CapturedImage) -> None:
        """Take note that the verdict of a picture is stored; never raises."""

    def close(self) -> None:
        """Let go of the source; may be called twice, from any thread when nobody reads."""


@runtime_checkable
class TellsNews(Protocol):
    """A source that has something to tell beside its pictures."""

    def news(self) -> tuple[SourceNews, ...]:
        """Return what is new since the last time; never waits."""


@dataclass(frozen=True)
class Timestamp:
    """Now, when it is made: on the wall clock and on ``time.perf_counter``."""

    when: datetime = field(default_factory=lambda: datetime.now(UTC))
    counter: float = field(default_factory=time.perf_counter)

    @classmethod
    def at(cls, counter: float) -> Timestamp:
        """Return a moment of the past, given on ``time.perf_counter``."""
        now = cls()
        return cls(now.when - timedelta(seconds=now.counter - counter), counter)


class CaptureNumbering:
    """Makes ``CapturedImage`` of what a source got, numbered from 1."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0

    def frame(
        self, frame: Frame, *, item: str = "", path: Path | None = None, at: Timestamp | None = None
    ) -> CapturedImage:
        """Return a picture that arrived ``at`` a moment (just now if not given)."""
        return self._captured(frame, None, item, path, at or Timestamp())

    def error(self, error: Message, *, item: str = "", path: Path | None = None) -> CapturedImage:
        """Return what there is instead of a picture: the reason."""
        return self._captured(None, error, item, path, Timestamp())

    def _captured(
        self,
        frame: Frame | None,
        error: Message | None,
        item: str,
        path: Path | None,
        at: Timestamp,
    ) -> CapturedImage:
        self.count += 1
        return CapturedImage(
            number=self.count,
            frame=frame,
            when=at.when,
            moment=at.counter,
            source=str(path) if path is not None else self.name,
            error=error,
            item=item,
            path=path,
        )
