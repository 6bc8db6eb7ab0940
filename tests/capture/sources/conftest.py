"""Pictures that are easily told apart, a clock that is set by hand, cameras that fail on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from deeprx_gui.capture.sources.base import Source
from deeprx_gui.capture.sources.table import open_source, parse_source
from deeprx_gui.domain.source import CapturedImage

Open = Callable[..., Source]


def put(path: Path, value: int = 100, size: tuple[int, int] = (24, 16)) -> Path:
    """Write a picture of one red value; its green is always 7, its blue 9."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:] = (value, 7, 9)
    Image.fromarray(pixels).save(path)
    return path


def value_of(captured: CapturedImage | None) -> int:
    assert captured is not None
    assert captured.frame is not None, str(captured.error)
    return int(captured.frame.pixels[0, 0, 0])


def name_of(captured: CapturedImage | None) -> str:
    assert captured is not None
    assert captured.path is not None
    return captured.path.name


def collect(source: Source, count: int, within: float = 60.0) -> list[CapturedImage]:
    """Read until there are so many pictures."""
    found: list[CapturedImage] = []
    end = time.monotonic() + within
    while len(found) < count:
        assert time.monotonic() < end, f"only {len(found)} of {count} pictures came"
        captured = source.read(0.05)
        if captured is not None:
            found.append(captured)
    return found


def nothing_for(source: Source, seconds: float = 0.15) -> bool:
    """Whether no picture comes for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if source.read(0.03) is not None:
            return False
    return True


def never(item: str) -> bool:
    """Stand for a store that knows no verdict."""
    return False


@pytest.fixture
def opened() -> Iterator[Open]:
    """``opened(text, known)`` opens a written source; all are closed at the end."""
    sources: list[Source] = []

    def _open(text: str, known: Callable[[str], bool] = never) -> Source:
        source = open_source(parse_source(text), known=known)
        sources.append(source)
        source.open()
        return source

    yield _open
    for source in sources:
        source.close()


class HandClock:
    """Seconds that pass only when somebody says so, or waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


Bgr = NDArray[np.uint8]


def bgr(value: int = 50, size: tuple[int, int] = (64, 48)) -> Bgr:
    """What OpenCV would deliver for red = ``value``."""
    return np.full((size[1], size[0], 3), (9, 7, value), np.uint8)


class FakeCapture:
    """Stands for ``cv2.VideoCapture``; a test says what the camera does."""

    made: list[FakeCapture]
    opens = True
    frames: Callable[[int], Any] = staticmethod(lambda n: bgr(n % 256))
    hang_open: threading.Event | None = None
    hang_read: threading.Event | None = None
    size = (64, 48)
    ignored: frozenset[int] = frozenset()

    def __init__(self, what: Any, backend: int = 0, params: Any = ()) -> None:
        self.what, self.backend, self.params = what, backend, list(params)
        self.settings: dict[int, float] = {}
        self.reads = 0
        self.released = False
        self.threads = {threading.current_thread()}
        type(self).made.append(self)
        if self.hang_open is not None:
            self.hang_open.wait(30)

    def isOpened(self) -> bool:
        return type(self).opens

    def set(self, what: int, value: float) -> bool:
        if what in self.ignored:
            return False
        self.settings[what] = value
        return True

    def get(self, what: int) -> float:
        sizes = {cv2.CAP_PROP_FRAME_WIDTH: self.size[0], cv2.CAP_PROP_FRAME_HEIGHT: self.size[1]}
        return float(sizes.get(what, 0))

    def grab(self) -> bool:
        self.threads.add(threading.current_thread())
        if self.hang_read is not None:
            self.hang_read.wait(30)
        self.reads += 1
        time.sleep(0.002)  # a camera has its own pace
        return True

    def retrieve(self) -> tuple[bool, Any]:
        self.threads.add(threading.current_thread())
        frame = type(self).frames(self.reads)
        return frame is not None, frame

    def release(self) -> None:
        self.threads.add(threading.current_thread())
        self.released = True


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> type[FakeCapture]:
    """Put a camera in OpenCV's place; what a test sets on the class holds for that test alone."""

    class Camera(FakeCapture):
        made: list[FakeCapture] = []  # noqa: RUF012 - this test's own

    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    return Camera
