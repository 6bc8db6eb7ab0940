"""Calls Windows programs that lie in a Debian tree with Wine, as build_under_wine.sh made it.

Runs inside that script's namespaces, as root. Wine is told to be a Japanese Windows: code page 932,
an account with a Japanese name.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from trial import TrialError

WINE = "/usr/lib/wine/wine64"
DISPLAY = ":98"
ACCOUNT = "検査員"
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/root",
    "USER": ACCOUNT,
    "LC_ALL": "ja_JP.UTF-8",
    "WINEPREFIX": "/root/prefix",
    "WINEDEBUG": "-all",
    "DISPLAY": DISPLAY,
    "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=d",
    "KMP_AFFINITY": "disabled",  # torch's threads ask Windows for memory nodes, Wine has none
}
_TIMEOUT = 400.0


@dataclass(frozen=True)
class Wine:
    """``tree``: the Debian tree on this machine; inside it is the whole of drive Z:."""

    tree: Path

    @property
    def drive_c(self) -> Path:
        """The folder that Windows programs see as drive C:."""
        return self.tree / "root" / "prefix" / "drive_c"

    @property
    def local(self) -> Path:
        r"""``%LOCALAPPDATA%`` of the account."""
        return self.drive_c / "users" / ACCOUNT / "AppData" / "Local"

    def path(self, file: Path) -> str:
        """Return how a Windows program names a file of the tree."""
        inside = file.relative_to(self.tree)
        return str(PureWindowsPath("Z:/", *inside.parts))

    def command(self, program: str | Path, *words: str | Path) -> list[str]:
        """Return the command line of this machine that runs a Windows program."""
        spoken = [self.path(w) if isinstance(w, Path) else w for w in (program, *words)]
        settings = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        return ["chroot", str(self.tree), "/usr/bin/env", "-i", *settings, WINE, *spoken]

    def call(
        self,
        program: str | Path,
        *words: str | Path,
        code: int | None = 0,
        timeout: float = _TIMEOUT,
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end. ``code``: what it has to end with; ``None``: 0 to 2.

        Raises TrialError.
        """
        try:
            ended = subprocess.run(
                self.command(program, *words),
                stdin=subprocess.DEVNULL,
                capture_output=True,  # pipes: Wine hands other files on as invalid handles
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired as error:
            raise TrialError(f"{program} {words[:2]}: no end after {timeout:.0f} s") from error
        if ended.returncode not in ((0, 1, 2) if code is None else (code,)):
            said = (ended.stdout + ended.stderr).strip()[-1500:]
            raise TrialError(f"{program} {words[:2]}: exit code {ended.returncode}: {said}")
        return ended

    @contextmanager
    def running(self, program: Path, *words: str | Path) -> Iterator[subprocess.Popen[bytes]]:
        """Start a program and go on; whatever it does, it is gone in the end."""
        with subprocess.Popen(
            self.command(program, *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    self._end(program.name)
                process.kill()

    def _end(self, name: str) -> None:
        """End a program and those it has started, and see that they are gone."""
        patience = time.monotonic() + 30
        while self.close(name, "/F") and time.monotonic() < patience:
            time.sleep(0.5)

    def close(self, name: str, *how: str) -> bool:
        """Ask a program to close, as its cross does; ``/F``: end it. False when it is not there."""
        asked = subprocess.run(
            self.command("taskkill", *how, "/IM", name),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,  # it may have ended in the meantime
            timeout=60,
        )
        return asked.returncode == 0


@dataclass(frozen=True)
class Program:
    """Our program in one folder, with one data folder."""

    wine: Wine
    folder: Path
    data: Path

    def console(self, *words: str | Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run ``deeprx.exe``. Raises TrialError."""
        options = ("--data-dir", self.data, "--lang", "en")
        return self.wine.call(self.folder / "deeprx.exe", *words, *options, code=code)

    def answer(self, *words: str | Path) -> dict[str, Any]:
        """Run ``deeprx.exe … --json`` and return what it says; it may find parts NG.

        Raises TrialError.
        """
        return _answer(words, self.console(*words, "--json", code=None).stdout)


@dataclass(frozen=True)
class Source:
    """The same program from its source, on this machine."""

    root: Path
    data: Path

    def answer(self, *words: str | Path) -> dict[str, Any]:
        """Run a command with ``--json`` and return what it says. Raises TrialError."""
        ended = subprocess.run(
            [sys.executable, "-m", "deeprx_gui", *words, "--json", "--data-dir", self.data],
            cwd=self.root,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=_TIMEOUT,
        )
        return _answer(words, ended.stdout or ended.stderr)


def _answer(words: tuple[str | Path, ...], text: str) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise TrialError(f"{words[:2]} did not answer with JSON: {text[-600:]}") from error
    if "error" in said:
        raise TrialError(f"{words[:2]}: {said['error']}")
    return said
