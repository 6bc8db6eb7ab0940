"""Which cameras are connected. Asking may take seconds: never in the window's own thread."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2

from deeprx_gui.domain.source import Device

_VIDEO4LINUX = Path("/sys/class/video4linux")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Camera:
    """One USB camera: ``number`` is what OpenCV opens, ``name`` what the driver calls it."""

    number: int
    name: str


def find_usb_cameras() -> tuple[Device, ...]:
    """Return the USB cameras as sources, as the operating system lists them.

    A camera whose name is unique is addressed by it: its number changes when it is plugged in
    again.
    """
    cameras = find_cameras()
    names = Counter(camera.name for camera in cameras)
    return tuple(
        Device(
            "camera",
            camera.name if names[camera.name] == 1 and _is_address(camera.name)
            else str(camera.number),
            camera.name or f"{camera.number}",
        )
        for camera in cameras
    )  # fmt: skip


def find_cameras() -> tuple[Camera, ...]:
    """Return the USB cameras in the order of their numbers; never raises."""
    try:
        from cv2_enumerate_cameras import enumerate_cameras

        backend = cv2.CAP_DSHOW if sys.platform == "win32" else _backend()
        found = {c.index: Camera(c.index, c.name or "") for c in enumerate_cameras(backend)}
    except Exception as error:  # noqa: BLE001 - a driver's trouble must not hide the other devices
        _log.warning("the cameras could not be listed: %r", error)
        found = {camera.number: camera for camera in _video4linux()}
    return tuple(found[number] for number in sorted(found))


def _backend() -> int:
    return cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY


def _video4linux() -> list[Camera]:
    """Ask Linux itself; a camera may show up with a second node that delivers no pictures."""
    found = []
    for node in sorted(_VIDEO4LINUX.glob("video*")) if _VIDEO4LINUX.is_dir() else ():
        number = node.name.removeprefix("video")
        if not number.isdecimal() or _text(node / "index") not in ("", "0"):
            continue
        found.append(Camera(int(number), _text(node / "name") or node.name))
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _is_address(name: str) -> bool:
    """Whether a name can stand in a written source and is no number or path."""
    return bool(name) and not name.isdecimal() and not name.startswith("/dev/")
