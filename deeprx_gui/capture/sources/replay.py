"""A folder played as if it were a camera: for trying out, for tests, for soak runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from deeprx_gui.capture.sources.base import CaptureNumbering, SourceEnded, Timestamp
from deeprx_gui.capture.sources.image_files import check_folder, pictures_in, read_picture
from deeprx_gui.domain.errors import SourceError
from deeprx_gui.domain.field import Field, FieldKind, Options
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import CapturedImage, SourceSpec

OPTIONS = (
    Field("fps", say("Pictures per second (0: as fast as possible)"), FieldKind.NUMBER,
           default=10.0, unit="fps", minimum=0, maximum=1000),
    Field("loop", say("Repeat from the beginning"), FieldKind.SWITCH, default=True),
    Field("lossy", say("Skip frames when processing is too slow"), FieldKind.SWITCH, default=True),
    Field("memory", say("Image cache size"), FieldKind.NUMBER,
           default=256.0, unit="MB", minimum=0, maximum=65536),
)  # fmt: skip


class ReplaySource:
    """Plays pictures at a steady pace; those that fit into ``memory`` are decoded only once."""

    def __init__(
        self, spec: SourceSpec, chosen: Options, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.spec = spec
        self.lossy = chosen.switch("lossy")
        self._folder = Path(spec.address)
        self._period = 1 / chosen.number("fps") if chosen.number("fps") else 0.0
        self._loop = chosen.switch("loop")
        self._kept = _DecodedFrames(int(chosen.number("memory") * 1e6))
        self._clock = clock
        self._closed = threading.Event()
        self._paths: tuple[Path, ...] = ()
        self._next = 0
        self._due = 0.0
        self._arrivals = CaptureNumbering(spec.address)

    def open(self) -> None:
        """List the pictures; later: see whether the folder is back. Raises RequestError."""
        if self._paths:
            check_folder(self._folder)
        else:
            self._paths = pictures_in(self._folder)
        self._closed.clear()
        self._due = self._clock()

    def read(self, timeout: float) -> CapturedImage | None:
        """Return the next picture when its time has come; raises SourceEnded without ``loop``."""
        if not self._paths:
            raise SourceError(say("The source is not open. Start it first."))
        if self._next >= len(self._paths) and not self._loop:
            raise SourceEnded
        early = self._due - self._clock()
        if early > 0 and (self._closed.wait(min(early, timeout)) or early > timeout):
            return None
        self._skip()
        return self._show(Timestamp.at(time.perf_counter() - self._age()))

    def _age(self) -> float:
        """Return the seconds since a camera would have delivered the picture that is next."""
        return max(0.0, self._clock() - (self._due - self._period)) if self._period else 0.0

    def _skip(self) -> None:
        """Lose what a camera would have lost, and set the time of the next picture."""
        now = self._clock()
        if self._period and self.lossy:
            missed = int(max(0.0, now - self._due) / self._period)
            if not self._loop:  # the last one is always shown
                missed = min(missed, len(self._paths) - 1 - self._next)
            self._next += missed
            self._due += (missed + 1) * self._period
        else:
            self._due = max(self._due + self._period, now - self._period)

    def _show(self, at: Timestamp) -> CapturedImage:
        path = self._paths[self._next % len(self._paths)]
        found = self._kept.get(path)
        if found is None:
            picture = read_picture(path, self._folder)
            if not isinstance(picture, Frame):
                self._next += 1
                return self._arrivals.error(picture.message, path=path)
            self._kept.add(path, picture)
            found = picture
        self._next += 1
        return self._arrivals.frame(found, path=path, at=at if self.lossy else None)

    def done(self, captured: CapturedImage) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Stop waiting; the place is kept."""
        self._closed.set()


class _DecodedFrames:
    """Decoded pictures up to a number of bytes; the first ones stay, as all come in turn."""

    def __init__(self, most: int) -> None:
        self._room = most
        self._frames: dict[Path, Frame] = {}

    def get(self, path: Path) -> Frame | None:
        return self._frames.get(path)

    def add(self, path: Path, frame: Frame) -> None:
        if frame.pixels.nbytes <= self._room:
            self._room -= frame.pixels.nbytes
            self._frames[path] = frame
