"""A window of the program that was started on a virtual screen, while a trial looks at it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import screen_file
from deeprx_gui.results.encode import encode_png

_PATIENCE = 90.0
_CALM = 1.5
_PAUSE = 0.1


@dataclass(frozen=True)
class OpenWindow:
    """``log``: what the program has written down so far; pictures go to ``out``."""

    process: subprocess.Popen[bytes]
    shown: screen_file.Screen
    log: Callable[[], str]
    out: Path
    started: float = field(default_factory=time.monotonic)

    @property
    def runs(self) -> bool:
        """Whether the program still runs."""
        return self.process.poll() is None

    def wait_until_shown(self) -> tuple[float, float]:
        """Wait for its first picture; return seconds from the start to first and last paint.

        Raises TimeoutError.
        """
        return screen_file.wait_for_window(self.shown, self.started, calm=_CALM, patience=_PATIENCE)

    def wait_until_changed(self, since: screen_file.Picture) -> None:
        """Return when the screen shows something else. Raises TimeoutError."""
        end = time.monotonic() + _PATIENCE
        while not screen_file.differ(self.shown.picture(), since):
            if time.monotonic() > end:
                raise TimeoutError("nothing changed on the screen")
            time.sleep(_PAUSE)

    def wait_until_said(self, words: str) -> None:
        """Return when the program has written these words down. Raises TimeoutError."""
        end = time.monotonic() + _PATIENCE
        while words not in self.log():
            if time.monotonic() > end:
                raise TimeoutError(f"“{words}” was not said: {self.log()[-600:]}")
            time.sleep(_PAUSE)

    def photograph(self, name: str) -> None:
        """Keep a picture of the screen once nothing moves on it. Raises TimeoutError."""
        picture = screen_file.wait_until_calm(self.shown, _CALM, _PATIENCE)
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / f"{name}.png").write_bytes(encode_png(picture))
