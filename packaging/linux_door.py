"""Starts the frozen program of Linux for the door trials, as an account with a Japanese name."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import screen_file
from open_window import OpenWindow
from trial import TrialError

_TIMEOUT = 300
_BOUND_BY_RIGHTS = (
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",  # else root writes where nobody may
)


@dataclass(frozen=True)
class LinuxDoor:
    """``program``: the frozen folder; ``home``: see ``door_trials.Door``."""

    program: Path
    home: Path
    keeps_no_log: bool = False  # what is logged goes to standard error as well

    def console(self, data: Path, *words: str | Path, codes: Sequence[int] = (0,)) -> str:
        """Run ``deeprx``, return all it printed. Raises TrialError on another exit code."""
        command = self._command("deeprx", data, "en", *words)
        ended = subprocess.run(
            command,
            env=self._environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=_TIMEOUT,
        )
        if ended.returncode not in codes:
            said = (ended.stderr or ended.stdout).strip()[-800:]
            raise TrialError(f"{words[:2]}: exit code {ended.returncode}: {said}")
        return ended.stdout or ended.stderr

    def start(self, data: Path, *words: str | Path) -> int:
        """Run ``DeepRX Inspector`` to its end, return its exit code."""
        command = self._command("DeepRX Inspector", data, "ja", *words)
        environment = {**self._environment(), "QT_QPA_PLATFORM": "offscreen"}
        return subprocess.run(command, env=environment, check=False, timeout=_TIMEOUT).returncode

    @contextmanager
    def window(self, data: Path, *words: str | Path) -> Iterator[OpenWindow]:
        """Open the window on a screen of its own; it is closed in the end."""
        command = self._command("DeepRX Inspector", data, "ja", *words)
        said = self.home / "said.txt"
        with screen_file.screen() as shown, said.open("wb") as stream:
            more = {"DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb"}
            environment = {**self._environment(), **more}
            started = time.monotonic()
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=stream
            )

            def log() -> str:
                return said.read_text(encoding="utf-8", errors="replace")

            try:
                yield OpenWindow(process, shown, log, self.home, started)
            finally:
                process.terminate()
                try:
                    process.wait(20)
                finally:
                    process.kill()

    @contextmanager
    def read_only(self, folder: Path) -> Iterator[None]:
        """Take the right to write in a folder away from the program."""
        modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            yield
        finally:
            for path, mode in modes.items():
                path.chmod(mode)

    def _command(
        self, name: str, data: Path, language: str, *words: str | Path
    ) -> list[str | Path]:
        bound = _BOUND_BY_RIGHTS if os.geteuid() == 0 and shutil.which("setpriv") else ()
        options = ("--data-dir", data, "--lang", language)
        return [*bound, self.program / name, *words, *options]

    def _environment(self) -> dict[str, str]:
        account = self.home / "検査員"
        account.mkdir(exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("QT_", "PYTHON", "XDG_"))}
        return {**kept, "HOME": str(account), "QT_QPA_PLATFORM": "offscreen"}
