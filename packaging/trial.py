"""How trials of a program are run: all of them, also after one has failed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable

from boot_shell import tell, timed


class TrialError(Exception):
    """The program does not do what it should."""


def run_all(trials: Iterable[Callable[..., None]], *arguments: object) -> list[str]:
    """Call every trial with ``arguments``; return what failed, told already."""
    failed = []
    for trial in trials:
        with timed(trial.__name__.replace("_", " ")):
            try:
                trial(*arguments)
            except (TrialError, OSError, ValueError, subprocess.TimeoutExpired) as error:
                failed.append(f"{trial.__name__}: {error}")
                tell(f"FAILED: {failed[-1]}")
    return failed
