"""A video file: every picture of it is judged, then it is over."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from deeprx_gui.capture.sources.base import CaptureNumbering, SourceEnded
from deeprx_gui.capture.sources.image_files import check_folder
from deeprx_gui.capture.sources.opencv import next_picture, open_capture
from deeprx_gui.domain.errors import RequestError, SourceError
from deeprx_gui.domain.field import Field, FieldKind, Options
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import CapturedImage, SourceSpec

OPTIONS = (
    Field("fps", say("Pictures per second (0: as fast as possible)"), FieldKind.NUMBER,
           default=0.0, unit="fps", minimum=0, maximum=1000),
)  # fmt: skip

_BACKENDS = (cv2.CAP_FFMPEG, *((cv2.CAP_MSMF,) if sys.platform == "win32" else ()))
_TOLERATED = 0.02
"""Share of a video's announced pictures that may be missing: some containers only estimate."""


class VideoSource:
    """Every picture in order, none lost; ``fps`` slows it down to the line's pace."""

    lossy = False

    def __init__(
        self, spec: SourceSpec, chosen: Options, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.spec = spec
        self._file = Path(spec.address)
        self._period = 1 / chosen.number("fps") if chosen.number("fps") else 0.0
        self._clock = clock
        self._closed = threading.Event()
        self._capture: cv2.VideoCapture | None = None
        self._next = 0
        self._announced = 0.0
        self._ended = False
        self._due = 0.0
        self._arrivals = CaptureNumbering(spec.address)

    def open(self) -> None:
        """Open the file and go to the next picture; raises RequestError when it is no video."""
        self.close()
        self._closed.clear()
        if not os.path.isfile(openable(self._file)):  # noqa: PTH113
            self._not_there()
        found = (open_capture(openable(self._file), backend) for backend in _BACKENDS)
        capture = next((opened for opened in found if opened is not None), None)
        if capture is None:
            raise RequestError(
                say(
                    "{file} cannot be read as a video. Check whether it plays elsewhere, or save "
                    "it as MP4 or AVI.",
                    file=str(self._file),
                )
            )
        for _ in range(self._next):  # exact in every container, unlike setting the position
            capture.grab()
        self._announced = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._due = self._clock()
        self._capture = capture

    def _not_there(self) -> None:
        if self._next:  # it was there: the drive or the share is gone
            check_folder(self._file.parent)
        raise RequestError(
            say(
                "{path} is not there or cannot be reached. Check the path, the drive and the "
                "network connection.",
                path=str(self._file),
            )
        )

    def read(self, timeout: float) -> CapturedImage | None:
        """Return the next picture; raises SourceEnded after the last."""
        if self._capture is None:
            raise SourceError(say("The source is not open. Start it first."))
        if self._ended:
            raise SourceEnded
        early = self._due - self._clock()
        if early > 0 and (self._closed.wait(min(early, timeout)) or early > timeout):
            return None
        self._due = max(self._due + self._period, self._clock() - self._period)
        pixels = next_picture(self._capture)
        if pixels is None:
            return self._end()
        self._next += 1
        return self._arrivals.frame(Frame(pixels, self._arrivals.name))

    def _end(self) -> CapturedImage:
        """Say with one ERROR that a video broke off early; a whole one just ends."""
        self._ended = True
        if not os.path.isfile(openable(self._file)):  # noqa: PTH113
            self._ended = False
            raise SourceError(
                say(
                    "The video {file} cannot be reached any more. Check its drive and the network "
                    "connection.",
                    file=str(self._file),
                )
            )
        if self._next + 1 < self._announced * (1 - _TOLERATED):
            return self._arrivals.error(
                say(
                    "The video {file} is damaged: it breaks off after {read} of {announced} "
                    "pictures. Copy it again from where it was taken.",
                    file=self._file.name,
                    read=self._next,
                    announced=int(self._announced),
                )
            )
        raise SourceEnded

    def done(self, captured: CapturedImage) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Close the file; the place in it is kept."""
        self._closed.set()
        if self._capture is not None:
            self._capture.release()
            self._capture = None
