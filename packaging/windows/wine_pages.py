"""Goes through the setup page by page, as a person with a keyboard does, and photographs it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import screen_file
from deeprx_gui.results.encode import encode_png
from trial import TrialError
from windows.wine_door import screen_of
from windows.wine_program import DISPLAY, Wine

_READS_ITSELF = 8.0
"""Seconds without a change before the first page: the setup checks its own file first."""
_CALM = 1.5
_COPIES = 240.0
_OPENS = 120.0


@dataclass(frozen=True)
class Pages:
    """``language``: 1041 Japanese, 1033 English; ``out``: for the pictures."""

    wine: Wine
    out: Path
    language: str
    name: str

    @contextmanager
    def begun(self, program: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Start a setup or its uninstaller; whatever happens, it is gone in the end."""
        start = time.monotonic()
        with self.wine.running(program, f"/LANG={self.language}") as process:
            shown = screen_of(self.wine)
            screen_file.wait_for_window(shown, start, calm=_READS_ITSELF, patience=90)
            yield process

    def press(self, keys: str) -> None:
        """Press keys, as xdotool names them, once nothing moves any more."""
        self.calm()
        command = ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", f"DISPLAY={DISPLAY}", "xdotool"]
        subprocess.run(["chroot", self.wine.tree, *command, "key", keys], check=True, timeout=20)

    def calm(self, seconds: float = _CALM) -> screen_file.Picture:
        """Return the picture once it has stayed the same. Raises TimeoutError."""
        return screen_file.wait_until_calm(screen_of(self.wine), seconds, _COPIES)

    def photograph(self, page: str) -> None:
        """Keep a picture of the screen."""
        file = self.out / f"{self.name}-{page}.png"
        file.write_bytes(encode_png(self.calm()))


def first_page(pages: Pages, setup: Path) -> None:
    """What a person sees first."""
    with pages.begun(setup):
        pages.photograph("1-welcome")


def install_by_hand(pages: Pages, setup: Path, folder: Path) -> None:
    """All pages to the last one, whose button opens the window of the program in ``folder``."""
    with pages.begun(setup) as process:
        for page in ("2-for-whom", "3-folder", "4-entries"):
            pages.press("alt+n")
            pages.photograph(page)
        pages.press("alt+i")
        _wait_for(folder / "uninstall.exe")  # no calm tells: the bar stands still on large files
        pages.calm(4)
        pages.photograph("5-done")
        pages.press("alt+f")
        process.wait(60)
        try:
            screen_file.wait_for_window(screen_of(pages.wine), time.monotonic(), 6, _OPENS)
        except TimeoutError as error:
            raise TrialError("the last page of the setup did not open the program") from error
        pages.photograph("6-program")
    if not pages.wine.close("DeepRX Inspector.exe"):
        raise TrialError("the program that the last page of the setup opened did not stay")
    pages.calm(4)


def _wait_for(file: Path) -> None:
    end = time.monotonic() + _COPIES
    while not file.exists():
        if time.monotonic() > end:
            raise TrialError(f"{file} was not written")
        time.sleep(0.2)


def uninstall_by_hand(pages: Pages, folder: Path) -> None:
    """Whoever only presses Enter keeps the data."""
    with pages.begun(folder / "uninstall.exe"):
        pages.press("alt+u")
        pages.calm(5)
        pages.photograph("7-data")
        pages.press("Return")
        pages.photograph("8-removed")
        pages.press("alt+c")
        pages.calm(4)
