"""Starts the Windows program under Wine for the door trials."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import screen_file
from deeprx_gui.log import FILE_NAME
from open_window import OpenWindow
from trial import TrialError
from windows.wine_program import DISPLAY, Wine

_CLOSES = 40
_EMPTY_AFTER = 10.0


def screen_of(wine: Wine) -> screen_file.Screen:
    """Return the virtual screen that build_under_wine.sh has started."""
    return screen_file.Screen(DISPLAY, wine.tree / "screen" / "Xvfb_screen0")


@dataclass(frozen=True)
class WineDoor:
    """``folder``: of the program; ``home``: see ``door_trials.Door``; ``out``: for the pictures."""

    wine: Wine
    folder: Path
    home: Path
    out: Path
    keeps_no_log: bool = True

    def console(self, data: Path, *words: str | Path, codes: Sequence[int] = (0,)) -> str:
        """Run ``deeprx.exe``, return all it printed. Raises TrialError on another exit code."""
        options = ("--data-dir", data, "--lang", "en")
        ended = self.wine.call(self.folder / "deeprx.exe", *words, *options, code=None)
        if ended.returncode not in codes:
            said = (ended.stderr or ended.stdout).strip()[-800:]
            raise TrialError(f"{words[:2]}: exit code {ended.returncode}: {said}")
        return ended.stdout or ended.stderr

    def start(self, data: Path, *words: str | Path) -> int:
        """Run ``DeepRX Inspector.exe`` to its end, return its exit code."""
        options = ("--data-dir", data, "--lang", "ja")
        return self.wine.call(self._window, *words, *options, code=None).returncode

    @contextmanager
    def window(self, data: Path, *words: str | Path) -> Iterator[OpenWindow]:
        """Open the window; it is closed by its cross in the end. Raises TrialError."""
        with self.opened(data, self._window, *words, "--data-dir", data, "--lang", "ja") as there:
            yield there

    @contextmanager
    def opened(self, data: Path, *command: str | Path) -> Iterator[OpenWindow]:
        """Open the window by any command: by its name, or by a file it is said to open."""
        shown = screen_of(self.wine)
        empty = shown.picture()
        started = time.monotonic()
        log = data / "logs" / FILE_NAME
        start = log.stat().st_size if log.exists() else 0

        def said() -> str:
            return log.read_bytes()[start:].decode("utf-8", "replace") if log.exists() else ""

        with subprocess.Popen(
            self.wine.command(*command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield OpenWindow(process, shown, said, self.out, started)
            finally:
                self._close(process)
        _until_empty(shown, empty)

    def _close(self, process: subprocess.Popen[bytes]) -> None:
        self.wine.close(self._window.name)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_CLOSES)
            return
        self.wine.close(self._window.name, "/F")
        process.kill()
        raise TrialError("the window does not close")

    @contextmanager
    def read_only(self, folder: Path) -> Iterator[None]:
        """Take the right to write in a folder away from the program."""
        _mount("--bind", folder, folder)
        try:
            _mount("-o", "remount,ro,bind", folder)
            yield
        finally:
            subprocess.run(["umount", folder], check=True, timeout=20)

    @property
    def _window(self) -> Path:
        return self.folder / "DeepRX Inspector.exe"


def _mount(*words: str | Path) -> None:
    subprocess.run(["mount", *words], check=True, timeout=20)


def _until_empty(shown: screen_file.Screen, empty: screen_file.Picture) -> None:
    end = time.monotonic() + _EMPTY_AFTER
    while time.monotonic() < end and bool((shown.picture() != empty).any()):
        time.sleep(0.1)
