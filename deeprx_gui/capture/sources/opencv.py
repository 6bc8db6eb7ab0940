"""What camera, video and stream share: OpenCV's ``VideoCapture``, quiet and in RGB."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

# FFmpeg prints to the console, addresses with passwords included, unless told not to before it
# starts; what matters is said in sentences.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2
import numpy as np

from deeprx_gui.domain.arrays import ByteImage

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def has_ffmpeg() -> bool:
    """Say whether FFmpeg came with OpenCV; on Windows it is a file that can be left out."""
    folder = Path(cv2.__file__).parent
    return sys.platform != "win32" or any(folder.glob("opencv_videoio_ffmpeg*.dll"))


def open_capture(
    what: int | str, backend: int, params: Mapping[int, int] | None = None
) -> cv2.VideoCapture | None:
    """Open a camera's number, a file or an address; ``None`` when it cannot be opened."""
    flat = [number for pair in (params or {}).items() for number in pair]
    try:
        capture = cv2.VideoCapture(what, backend, flat)
    except cv2.error:
        return None
    if capture.isOpened():
        return capture
    capture.release()
    return None


def next_picture(
    capture: cv2.VideoCapture,
    arrived: Callable[[], object] = lambda: None,
    *,
    waits_to_retrieve: bool = False,
) -> ByteImage | None:
    """Return the next picture as RGB, ``None`` when there is none or it is broken.

    ``arrived`` is called when it is there, before it is decoded; ``waits_to_retrieve``: the backend
    waits for it only in ``retrieve`` (DirectShow).
    """
    try:
        ok = capture.grab()
        if ok and not waits_to_retrieve:
            arrived()
        ok, raw = capture.retrieve() if ok else (False, None)
        if ok and waits_to_retrieve:
            arrived()
        return to_rgb(raw) if ok and raw is not None else None
    except cv2.error:
        return None


def to_rgb(raw: object) -> ByteImage | None:
    """Return what OpenCV delivers (BGR, BGRA or grey) as a new RGB array; ``None`` if broken."""
    if not isinstance(raw, np.ndarray) or raw.dtype != np.uint8 or 0 in raw.shape:
        return None
    if raw.ndim == 3 and raw.shape[2] == 1:
        raw = raw[:, :, 0]
    codes = {2: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}
    code = codes.get(raw.shape[2] if raw.ndim == 3 else raw.ndim)
    if raw.ndim not in (2, 3) or code is None or (raw.ndim == 3 and raw.shape[2] == 2):
        return None
    return np.asarray(cv2.cvtColor(raw, code), np.uint8)
