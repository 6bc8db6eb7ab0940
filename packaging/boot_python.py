"""Find a Python that will do. Must run on the one it is trying to replace, so: plain old syntax."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13")
"""The versions that every pinned dependency has a wheel for, the best tested first."""
WHAT_TO_DO = """\
Deep RX Inspector needs Python {versions}, and there is none on this PC that can
make virtual environments. Install one, then try again:
  Windows          winget install Python.Python.{first}
  Debian, Ubuntu   sudo apt-get install python3-venv    (or python{first}-venv where it is offered)
  elsewhere        uv python install {first}      (or pyenv install {first})
""".format(versions=" or ".join([", ".join(SUPPORTED[:-1]), SUPPORTED[-1]]), first=SUPPORTED[0])
_PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"


def running() -> str:
    """Return the version of this Python: "3.11"."""
    return "{}.{}".format(*sys.version_info[:2])


def is_right() -> bool:
    """Say whether this Python can do the work itself."""
    if running() not in SUPPORTED:
        return False
    if sys.prefix != sys.base_prefix:
        return True  # a virtual environment: whatever made it could
    try:
        import ensurepip  # noqa: F401 - Debian packages it separately
    except ImportError:
        return False
    return True


def find(environment: Path, versions: tuple[str, ...] = SUPPORTED) -> str | None:
    """Return the first Python of one of these versions that can make virtual environments.

    ``environment`` is looked at first: after the first call it holds one. ``None``: there is none.
    """
    for candidate in _candidates(environment, versions):
        if _version(candidate) in versions:
            return candidate
    return None


def _candidates(environment: Path, versions: tuple[str, ...]) -> list[str]:
    names = ["python" + version for version in versions]
    found = [str(python_in(environment)), *names, "python3", "python"]
    if os.name == "nt":
        local = Path(os.environ.get("LOCALAPPDATA", "")) / "Programs" / "Python"
        found += [str(local / ("Python" + v.replace(".", "")) / "python.exe") for v in versions]
        code = "import sys; print(sys.executable)"
        found += [_answer(["py", "-" + version, "-c", code]) for version in versions]
    else:
        found += ["/usr/bin/" + name for name in names]
        pyenv = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
        found += [
            str(path) for v in versions for path in sorted(pyenv.glob(v + "*/bin/python" + v))
        ]
    found += [_answer(["uv", "python", "find", version]) for version in versions]
    return [candidate for candidate in found if candidate]


def python_in(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def _version(candidate: str) -> str:
    """Return "3.11" for a Python that can make virtual environments, else nothing."""
    # A version manager's shim may be there and still not start anything.
    return _answer([candidate, "-c", _PROBE])


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
