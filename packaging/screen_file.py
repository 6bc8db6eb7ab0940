"""A virtual screen whose picture can be read: Xvfb keeps it in a file (X Window Dump format)."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
_PATIENCE = 20.0


@dataclass(frozen=True)
class Screen:
    """``display``: what to put into DISPLAY; ``file``: where its picture lies."""

    display: str
    file: Path

    def picture(self) -> Picture:
        """Return what is on the screen now, RGB."""
        data = self.file.read_bytes()
        head = struct.unpack_from(">25I", data)
        header, width, height, line, colours = head[0], head[4], head[5], head[12], head[19]
        start = header + 12 * colours
        rows = np.frombuffer(data, np.uint8, line * height, start).reshape(height, line)
        return np.ascontiguousarray(rows[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1])


def available() -> bool:
    """Say whether Xvfb is installed."""
    return shutil.which("Xvfb") is not None


@contextmanager
def screen(width: int = 1280, height: int = 800) -> Iterator[Screen]:
    """Run a virtual screen."""
    with tempfile.TemporaryDirectory() as folder:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"]
        server = subprocess.Popen(
            [*command, "-fbdir", folder, "-nolisten", "tcp"],
            pass_fds=(write,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        try:
            with os.fdopen(read) as answer:
                number = answer.readline().strip()
            yield Screen(f":{number}", Path(folder) / "Xvfb_screen0")
        finally:
            server.terminate()
            server.wait(10)


def wait_for_window(
    shown: Screen, start: float, calm: float = 1.0, patience: float = _PATIENCE
) -> tuple[float, float]:
    """Wait until something is drawn and nothing changes for ``calm`` seconds.

    Returns the seconds from ``start`` (``time.monotonic``) to the first paint and to the last.
    Raises TimeoutError.
    """
    empty = shown.picture()
    before, first, last = empty, 0.0, start
    while time.monotonic() - start < patience + calm:
        time.sleep(0.02)
        now = shown.picture()
        moment = time.monotonic()
        if not first and differ(now, empty):
            first = last = moment
        elif first and differ(now, before):
            last = moment
        if first and moment - last > calm:
            return first - start, last - start
        before = now
    raise TimeoutError("no window")


def wait_until_calm(shown: Screen, calm: float, patience: float) -> Picture:
    """Return the picture once it has stayed the same for ``calm`` seconds. Raises TimeoutError."""
    before, since = shown.picture(), time.monotonic()
    end = since + patience
    while time.monotonic() - since < calm:
        if time.monotonic() > end:
            raise TimeoutError("the screen does not come to rest")
        time.sleep(0.1)
        now = shown.picture()
        if differ(now, before):
            before, since = now, time.monotonic()
    return before


def differ(one: Picture, other: Picture) -> bool:
    """Say whether more has changed than a blinking caret."""
    return bool((one != other).any(axis=2).mean() > 0.0005)
