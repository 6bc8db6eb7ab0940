"""What ``bootstrap.py`` can do once it runs on a Python that will do."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import boot_environment
import boot_system
from boot_shell import INTERRUPTED, BootstrapError, Shell, tell, timed

_GUIDE = "packaging/guide.py"

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff check", ("-m", "ruff", "check", "--quiet", ".")),
    ("ruff format --check", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    ("mypy --strict", ("-m", "mypy", "--strict", "--no-error-summary")),
    ("translations", ("packaging/translate.py", "--check")),
    ("user guide", (_GUIDE,)),
)
"""What is checked before the tests, in this order."""

SIDE_BY_SIDE = ("-n", "logical", "--maxprocesses", "4", "--dist", "worksteal")
"""How pytest shares the tests out: a process per core; who has done its part takes of another's.

Neighbours mostly stay in one process and share what was made for them; by file (``loadfile``), a
test that crashes would be tried again and again. More than four processes would need more memory
than a usual PC has: each loads torch and OpenVINO. What a person gives after these wins: ``-n 0``
runs everything in one process.
"""


def perform(verb: str, arguments: Sequence[str], root: Path, shell: Shell | None = None) -> int:
    """Prepare everything and run a verb; returns the exit code."""
    shell = shell or Shell()
    try:
        boot_system.prepare(shell)
        python = boot_environment.prepare(root, shell)
        if verb != "test":
            _make_guide(python, root, shell)
        if verb == "test":
            return _test(python, arguments, root, shell)
        if verb == "demo":
            return shell.run([_script(python, "deeprx"), "demo", *arguments])
        if verb == "run":
            return shell.run([_script(python, "deeprx-gui"), *arguments])
        if verb == "frozen":
            return shell.run([python, "packaging/freeze.py", *arguments], cwd=root)
    except BootstrapError as error:
        tell(str(error))
        return 2
    except KeyboardInterrupt:
        tell("interrupted; run the same command again, it goes on where it stopped")
        return INTERRUPTED
    tell(f"ready: {python}")
    return 0


def _make_guide(python: Path, root: Path, shell: Shell) -> None:
    """Build what F1 opens, once; the program works without it and says what is missing."""
    if (root / _GUIDE).is_file() and not (root / "resources" / "guide").is_dir():
        shell.run([python, _GUIDE], cwd=root)


def _script(python: Path, name: str) -> Path:
    return python.with_name(name + python.suffix)


def _test(python: Path, arguments: Sequence[str], root: Path, shell: Shell) -> int:
    for headline, command in CHECKS:
        with timed(headline):
            code = shell.run([python, *command], cwd=root)
        if code != 0:
            tell(f"FAILED: {headline} (the lines above say what; nothing after it was run)")
            return code
    tell("pytest ...")  # its own closing line is the last
    pytest: list[str | Path] = [python, "-m", "pytest", *SIDE_BY_SIDE, *arguments]
    return shell.run(pytest, cwd=root, env={**_KEEPS_BYTECODE, **_without_display()})


_KEEPS_BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
"""Hundreds of programs are started by the tests: none is to compile every module again."""


def _without_display() -> Mapping[str, str]:
    chosen = {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    return {} if chosen or sys.platform == "win32" else {"QT_QPA_PLATFORM": "offscreen"}
