"""Find Python 3.11. Must run on the Python it is trying to replace, so: plain old syntax."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

WANTED = (3, 11)
WHAT_TO_DO = """\
Deep RX Inspector needs Python 3.11, and there is none on this PC. Install it, then try again:
  Windows          winget install Python.Python.3.11
  Debian, Ubuntu   sudo apt-get install python3.11 python3.11-venv
  elsewhere        uv python install 3.11      (or pyenv install 3.11)
"""
_PROBE = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info[:2] == (3, 11) else 1)"


def is_right() -> bool:
    """Say whether this Python can do the work itself."""
    if sys.version_info[:2] != WANTED:
        return False
    if sys.prefix != sys.base_prefix:
        return True  # a virtual environment: whatever made it could
    try:
        import ensurepip  # noqa: F401 - Debian packages it separately
    except ImportError:
        return False
    return True


def find(environment: Path) -> str | None:
    """Return the first Python 3.11 that can make virtual environments, ``None`` without one.

    ``environment`` is looked at first: after the first call it holds one.
    """
    for candidate in _candidates(environment):
        if _works(candidate):
            return candidate
    return None


def _candidates(environment: Path) -> list[str]:
    found = [str(python_in(environment)), "python3.11", "python3", "python"]
    if os.name == "nt":
        local = Path(os.environ.get("LOCALAPPDATA", ""))
        found.append(str(local / "Programs" / "Python" / "Python311" / "python.exe"))
        found += [_answer(["py", "-3.11", "-c", "import sys; print(sys.executable)"])]
    else:
        found.append("/usr/bin/python3.11")
        pyenv = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv")))
        found += [str(p) for p in sorted(pyenv.glob("versions/3.11*/bin/python3.11"))]
    found.append(_answer(["uv", "python", "find", "3.11"]))
    return [c for c in found if c]


def python_in(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def _works(candidate: str) -> bool:
    path = shutil.which(candidate)
    if path is None:
        return False
    try:
        # A version manager's shim may be there and still not start anything.
        return subprocess.call([path, "-c", _PROBE], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _answer(command: list[str]) -> str:
    path = shutil.which(command[0])
    if path is None:
        return ""
    try:
        answer = subprocess.run(
            [path, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return ""
    return answer.stdout.decode("utf-8", "replace").strip() if answer.returncode == 0 else ""


def hand_over(python: str, arguments: list[str]) -> int:
    """Run a script with another Python and return its exit code."""
    process = subprocess.Popen([python, *arguments])
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the other one was interrupted too and is tidying up
