"""A network camera: RTSP, or HTTP (MJPEG and what else FFmpeg reads)."""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import quote

import cv2

from deeprx_gui.capture.sources.base import Source
from deeprx_gui.capture.sources.live_device import STALL, LiveDeviceSource
from deeprx_gui.capture.sources.opencv import has_ffmpeg, next_picture, open_capture
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import RequestError, SourceError
from deeprx_gui.domain.field import Field, FieldKind, Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.redaction import redact_password
from deeprx_gui.domain.source import SourceSpec

SCHEMES = ("rtsp", "rtsps", "http", "https")
OPTIONS = (
    Field("timeout", say("Response timeout (s)"), FieldKind.NUMBER, default=5.0, unit="s",
           minimum=0.5, maximum=60),
    Field("password_from", say("Environment variable with the password"), FieldKind.TEXT,
          secret=True),
    STALL,
)  # fmt: skip


def stream_title() -> Message:
    """Return what the choice of sources calls it; the reason stands there where it is left out."""
    if has_ffmpeg():
        return say("Network camera (RTSP, HTTP)")
    return say("Network camera (full edition only)")


def stream_source(spec: SourceSpec, chosen: Options) -> Source:
    """Build a stream; raises RequestError when its address is none.

    The password is in the address (then it is stored with it) or, better, in the environment
    variable that ``password_from`` names; neither is ever shown or logged.
    """
    scheme, mark, rest = spec.address.partition("://")
    if scheme.casefold() not in SCHEMES or not mark or not rest:
        raise RequestError(
            say(
                "{address} is not the address of a stream. It begins with one of these: {schemes}.",
                address=redact_password(spec.address),
                schemes=", ".join(f"{scheme}://" for scheme in SCHEMES),
            )
        )
    name = redact_password(spec.address)
    timeout = chosen.number("timeout")
    return LiveDeviceSource(
        spec,
        name,
        lambda: _Stream(spec.address, name, timeout, chosen.text("password_from")),
        opens_within=2 * timeout + 5,
    )


class _Stream:
    def __init__(self, address: str, name: str, timeout: float, password_from: str) -> None:
        self._address = address
        self._name = name
        self._milliseconds = round(timeout * 1000)
        self._password_from = password_from
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        if not has_ffmpeg():
            raise SourceError(
                say(
                    "Network cameras need FFmpeg, which the light edition leaves out. Use the full "
                    "edition, a USB camera, or let the camera write into a watched folder."
                )
            )
        limits = {
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: self._milliseconds,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC: self._milliseconds,
        }
        self._capture = open_capture(self._with_password(), cv2.CAP_FFMPEG, limits)
        if self._capture is None:
            raise SourceError(
                say(
                    "The stream {name} cannot be opened. Check its address, user name and "
                    "password, its power and the network.",
                    name=self._name,
                )
            )

    def _with_password(self) -> str:
        if not self._password_from:
            return self._address
        password = os.environ.get(self._password_from)
        if password is None:
            raise SourceError(
                say(
                    "The environment variable {variable} with the password of {name} is not set. "
                    "Set it, then start the program again.",
                    variable=self._password_from,
                    name=self._name,
                )
            )
        scheme, _, rest = self._address.partition("://")
        user, at, host = rest.rpartition("@")
        user = user.partition(":")[0] if at else "admin"
        return f"{scheme}://{user}:{quote(password, safe='')}@{host}"

    def grab(self, arrived: Callable[[], object]) -> ByteImage | None:
        pixels = next_picture(self._capture, arrived) if self._capture is not None else None
        if pixels is None:
            raise SourceError(
                say(
                    "The stream {name} broke off. Check the camera's power and the network.",
                    name=self._name,
                )
            )
        return pixels

    def release(self) -> None:
        if self._capture is not None:
            self._capture.release()
