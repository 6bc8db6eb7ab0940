"""Run programs and say what is happening; the tests put a fake in its place."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C stopped."""


class BootstrapError(Exception):
    """Something a person has to put right; the text says what."""


class Shell:
    """Runs programs."""

    def run(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> int:
        """Run to the end and return the exit code; after Ctrl-C wait for the program to tidy up."""
        sys.stdout.flush()
        process = subprocess.Popen(
            [str(part) for part in command], env={**os.environ, **(env or {})}, cwd=cwd
        )
        interrupted = False
        code = None
        while code is None:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                interrupted = True
        if interrupted and code != 0:
            return INTERRUPTED
        return 128 - code if code < 0 else code  # what a shell says of a program that was killed

    def read(self, command: Sequence[str | Path]) -> str | None:
        """Return what a program prints, ``None`` where it fails or does not exist."""
        if shutil.which(str(command[0])) is None:
            return None
        answer = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return answer.stdout if answer.returncode == 0 else None

    def is_root(self) -> bool:
        """Say whether system packages may be installed."""
        return sys.platform != "win32" and os.geteuid() == 0


def tell(text: str) -> None:
    """Say what is being done; on standard error, so that ``--json`` output stays clean."""
    sys.stderr.write(f"bootstrap: {text}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    """Say what begins, and how long it took."""
    tell(f"{what} ...")
    start = time.monotonic()
    yield
    tell(f"{what}: {time.monotonic() - start:.1f} s")
