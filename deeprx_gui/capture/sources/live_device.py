"""Live devices whose drivers may hang: every call to them happens in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from deeprx_gui.capture.sources.base import CaptureNumbering, Timestamp
from deeprx_gui.capture.sources.call_thread import CallThread, finished_within
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import SourceError
from deeprx_gui.domain.field import Field, FieldKind
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import CapturedImage, SourceSpec

LATEST = 4
"""Pictures kept for a reader that is busy for a moment; older ones are lost."""

_WAITED = 0.002
"""Seconds; a driver that answers sooner had the picture already."""

MOST_LEFT_BEHIND = 3
"""So many hanging threads of one device are borne before it is no longer tried."""

STALL = Field(
    "stall",
    say("Seconds without a picture until it is connected again (0: never)"),
    FieldKind.NUMBER, default=5.0, unit="s", minimum=0, maximum=86400,
)  # fmt: skip

_log = logging.getLogger(__name__)


Grabbed = ByteImage | Frame
"""A driver's picture: pixels, RGB (height, width, 3), or a frame where it knows more of them."""


class CameraDriver(Protocol):
    """A driver: plain blocking calls, all made in one thread, made anew for each connection."""

    def open(self) -> None:
        """Reach the device; raises SourceError."""

    def grab(self, arrived: Callable[[], object]) -> Grabbed | None:
        """Return the next picture, RGB, owned by the caller; ``None``: none yet, ask again.

        ``arrived`` is called as soon as it is there, before it is decoded or converted.
        Raises SourceError when the device is gone or delivers what is no picture.
        """

    def release(self) -> None:
        """Let go of the device, also after a failed ``open``."""


class ArrivalTimes:
    """When the pictures of one connection arrived, never later than that.

    A driver keeps a few pictures for a reader that is late. One that is handed out without waiting
    lay there already: it counts as no newer than the last one that was waited for, or than the
    fourth one before it, as many as a driver keeps.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._asked = clock()
        self._taken: deque[float] = deque(maxlen=LATEST)
        self._arrived = self._asked

    def ask(self) -> None:
        """Note that the next picture is asked for now."""
        self._asked = self._clock()

    def arrived(self) -> float:
        """Note that it is there now; return the clock's seconds at which it arrived."""
        now = self._clock()
        if now - self._asked >= _WAITED:
            self._taken.clear()
        self._arrived = self._taken[0] if self._taken else now
        self._taken.append(now)
        return self._arrived

    def stamp(self) -> Timestamp:
        """Return when the picture arrived that was noted last."""
        return Timestamp.at(self._arrived)


class _LatestFrames:
    """The latest few pictures of one connection, with the moments they arrived at.

    Grabbing never pauses: what a driver keeps for a reader that is late would be seconds old.
    """

    def __init__(self) -> None:
        self.stop = False
        self._new = threading.Condition()
        self._pictures: deque[tuple[Grabbed, Timestamp]] = deque(maxlen=LATEST)
        self._over: BaseException | None = None
        self._times = ArrivalTimes()

    def run(self, grabber: CameraDriver) -> None:
        """Grab until stopped or the device breaks down; the thread that may hang."""
        try:
            while not self.stop:
                self._times.ask()
                pixels = grabber.grab(self._times.arrived)
                if pixels is not None:
                    with self._new:
                        self._pictures.append((pixels, self._times.stamp()))
                        self._new.notify_all()
        except BaseException as error:  # noqa: BLE001 - raised again where the picture is asked for
            with self._new:
                self._over = error
                self._new.notify_all()

    def next(self, timeout: float) -> tuple[Grabbed, Timestamp] | None:
        """Return the oldest picture not taken yet; raises what broke the device down."""
        with self._new:
            self._new.wait_for(
                lambda: self._pictures or self._over is not None,
                min(timeout, threading.TIMEOUT_MAX),
            )
            if self._pictures:
                return self._pictures.popleft()
            if self._over is not None:
                raise self._over
            return None


class LiveDeviceSource:
    """A live source around a ``CameraDriver``; opening and reading never hang.

    ``name`` is for people. ``opens_within``: seconds after which a driver counts as hanging.
    """

    lossy = True

    def __init__(
        self,
        spec: SourceSpec,
        name: str,
        make: Callable[[], CameraDriver],
        *,
        opens_within: float = 20.0,
    ) -> None:
        self.spec = spec
        self._make = make
        self._opens_within = opens_within
        self._arrivals = CaptureNumbering(name)
        self._aside: CallThread | None = None
        self._grabber: CameraDriver | None = None
        self._grabs = _LatestFrames()
        self._size: tuple[int, int] | None = None
        self._left: list[CallThread] = []

    def open(self) -> None:
        """Reach the device; raises SourceError, also when its driver hangs."""
        self.close()
        self._left = [aside for aside in self._left if not aside.ended]
        if len(self._left) >= MOST_LEFT_BEHIND:
            raise self._hangs()
        grabber = self._make()
        aside = CallThread(f"source {self.spec.kind}")
        self._aside, self._grabber = aside, grabber
        opening = aside.start(grabber.open)
        if not finished_within(opening, self._opens_within):
            self._let_go(within=0)
            raise self._hangs()
        try:
            opening.result()
        except Exception:
            self._let_go()
            raise
        self._size = None
        self._grabs = grabs = _LatestFrames()
        aside.start(lambda: grabs.run(grabber))

    def read(self, timeout: float) -> CapturedImage | None:
        """Return the next picture; raises SourceError when the device broke down."""
        if self._aside is None:
            raise SourceError(say("The source is not open. Start it first."))
        grabbed = self._grabs.next(timeout)
        if grabbed is None:
            return None
        picture, moment = grabbed
        return self._arrivals.frame(self._framed(picture), at=moment)

    def _framed(self, picture: Grabbed) -> Frame:
        frame = picture if isinstance(picture, Frame) else Frame(picture, self._arrivals.name)
        size = (frame.width, frame.height)
        if self._size is not None and size != self._size:
            raise SourceError(
                say(
                    "{name} suddenly delivers {width} x {height} pixels instead of {asked}. Check "
                    "whether another program changes its settings.",
                    name=self._arrivals.name,
                    width=frame.width,
                    height=frame.height,
                    asked=f"{self._size[0]} x {self._size[1]}",
                )
            )
        self._size = size
        return frame

    def done(self, captured: CapturedImage) -> None:
        """Nothing to do: a camera forgets its pictures."""

    def close(self) -> None:
        """Let go of the device; a driver that hangs is left behind in its thread."""
        if self._aside is not None:
            self._let_go()

    def _let_go(self, *, within: float | None = None) -> None:
        aside, grabber = self._aside, self._grabber
        self._aside = self._grabber = None
        self._grabs.stop = True
        if aside is None or grabber is None:
            return
        if not aside.end(grabber.release, within=within):
            self._left.append(aside)
            _log.warning("the driver of %s hangs; its thread is left behind", self._arrivals.name)

    def _hangs(self) -> SourceError:
        return SourceError(
            say(
                "{name} does not answer: its driver hangs. Unplug it and plug it in again; if that "
                "does not help, restart the PC.",
                name=self._arrivals.name,
            )
        )
