"""A USB camera (UVC) through OpenCV."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

import cv2

from deeprx_gui.capture.sources.base import Source
from deeprx_gui.capture.sources.devices import find_cameras
from deeprx_gui.capture.sources.live_device import STALL, LiveDeviceSource
from deeprx_gui.capture.sources.opencv import next_picture, open_capture
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import SourceError
from deeprx_gui.domain.field import Answer, Field, FieldKind, Options, plain_choices
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.source import SourceSpec

BACKENDS = {"dshow": cv2.CAP_DSHOW, "msmf": cv2.CAP_MSMF, "v4l2": cv2.CAP_V4L2, "any": cv2.CAP_ANY}
OPTIONS = (
    Field("width", say("Width"), FieldKind.WHOLE, unit="px", minimum=16, maximum=65535),
    Field("height", say("Height"), FieldKind.WHOLE, unit="px", minimum=16, maximum=65535),
    Field("fps", say("Pictures per second"), FieldKind.NUMBER, unit="fps", minimum=0.1,
          maximum=1000),
    Field("exposure", say("Exposure (driver-specific unit; empty: automatic)"),
          FieldKind.NUMBER),
    Field("gain", say("Gain (driver-specific unit)"), FieldKind.NUMBER),
    Field("focus", say("Focus (driver-specific unit; empty: automatic)"), FieldKind.NUMBER),
    Field("format", say("Transfer format, for example MJPG"), FieldKind.TEXT),
    Field("backend", say("Capture driver (backend)"), FieldKind.CHOICE, default="auto",
           choices=(Answer("auto", say("automatic")), *plain_choices(*BACKENDS))),
    STALL,
)  # fmt: skip

_FOURCC = 4
_log = logging.getLogger(__name__)


def camera_source(spec: SourceSpec, chosen: Options) -> Source:
    """Build a camera; its address is a number, a name as ``find_devices`` says it, or a path."""
    name = f"camera:{spec.address}" if spec.address.isdecimal() else spec.address
    return LiveDeviceSource(spec, name, lambda: _Camera(spec.address, name, chosen))


def _system_backend() -> int:
    if sys.platform == "win32":
        return cv2.CAP_DSHOW  # opens in a tenth of Media Foundation's time and knows exposure
    return cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY


class _Camera:
    def __init__(self, address: str, name: str, chosen: Options) -> None:
        self._address = address
        self._name = name
        self._chosen = chosen
        self._backend = BACKENDS.get(chosen.text("backend"), _system_backend())
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        self._capture = open_capture(self._number(), self._backend)
        if self._capture is None:
            raise SourceError(
                say(
                    "{name} cannot be opened. Check its cable, and whether another program is "
                    "using it.",
                    name=self._name,
                )
            )
        self._adjust(self._capture)

    def _number(self) -> int | str:
        """Look the camera up by name: its number changes when it is plugged in again."""
        if self._address.isdecimal():
            return int(self._address)
        if self._address.startswith("/dev/"):
            return self._address
        for camera in find_cameras():
            if camera.name == self._address:
                return camera.number
        raise SourceError(not_connected(self._name))

    def _adjust(self, capture: cv2.VideoCapture) -> None:
        values = self._settings()
        for what, value in values.items():
            if not capture.set(what, value):
                _log.info("%s does not take setting %d = %g", self._name, what, value)
        asked = {key: self._chosen.maybe(key) for key in ("width", "height")}
        got = {
            "width": capture.get(cv2.CAP_PROP_FRAME_WIDTH),
            "height": capture.get(cv2.CAP_PROP_FRAME_HEIGHT),
        }
        if any(value is not None and value != got[key] for key, value in asked.items()):
            raise SourceError(
                say(
                    "{name} does not offer the size asked for; it delivers {width} x {height} "
                    "pixels. Choose a size that it offers.",
                    name=self._name,
                    width=int(got["width"]),
                    height=int(got["height"]),
                )
            )

    def _settings(self) -> dict[int, float]:
        """What is set, in an order that drivers understand: format and size before the rest."""
        chosen, values = self._chosen, dict[int, float]()
        code = chosen.text("format")
        if len(code) == _FOURCC:
            values[cv2.CAP_PROP_FOURCC] = cv2.VideoWriter.fourcc(*code)
        values |= _given(chosen, {"width": cv2.CAP_PROP_FRAME_WIDTH,
                                  "height": cv2.CAP_PROP_FRAME_HEIGHT,
                                  "fps": cv2.CAP_PROP_FPS})  # fmt: skip
        if chosen.maybe("exposure") is not None:
            # "Manual" is 1 for V4L2; the Windows interfaces take anything but 1 (0.75: automatic).
            values[cv2.CAP_PROP_AUTO_EXPOSURE] = 1 if self._backend == cv2.CAP_V4L2 else 0.25
        if chosen.maybe("focus") is not None:
            values[cv2.CAP_PROP_AUTOFOCUS] = 0
        return values | _given(chosen, {"exposure": cv2.CAP_PROP_EXPOSURE,
                                        "gain": cv2.CAP_PROP_GAIN,
                                        "focus": cv2.CAP_PROP_FOCUS})  # fmt: skip

    def grab(self, arrived: Callable[[], object]) -> ByteImage | None:
        pixels = None
        if self._capture is not None:
            late = self._backend == cv2.CAP_DSHOW
            pixels = next_picture(self._capture, arrived, waits_to_retrieve=late)
        if pixels is None:
            raise SourceError(
                say(
                    "{name} stopped delivering pictures. Check its cable and its power.",
                    name=self._name,
                )
            )
        return pixels

    def release(self) -> None:
        if self._capture is not None:
            self._capture.release()


def _given(chosen: Options, properties: dict[str, int]) -> dict[int, float]:
    found = {number: chosen.maybe(key) for key, number in properties.items()}
    return {number: value for number, value in found.items() if value is not None}


def not_connected(name: str) -> Message:
    """Say that a camera of that name is not there."""
    return say("{name} is not connected. Check its cable and its power.", name=name)
