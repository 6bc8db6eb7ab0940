"""The clean environment that is frozen: the product's own pins, and a torch for processors.

Everything in the environment a program is built from may end up in it; the developers' has test
tools, CUDA and sample pictures that must not. So a second one is made, in ``build/``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

from boot_python import find, python_in, running
from boot_shell import INTERRUPTED, BootstrapError, Shell, timed

PYTHON = "3.11"
"""What the standalone program is made with, on every system."""
FOLDER = Path("build") / "frozen-environment"
STAMP = "made-for.json"
NOT_FROZEN = frozenset({"torchvision"})
"""Dependencies that the frozen program does without (frozen_contents.EXCLUDED_MODULES)."""
EXTRAS = ("opcua", "freeze")
"""What is installed besides the dependencies: what the program ships as well, and the tools."""
_NEEDLESS = ("openvino-telemetry", "sympy", "networkx", "jinja2", "fsspec")
TORCH_FOR_PROCESSORS = ("2.14.1+cpu", "2.13.0+cpu")
"""On Linux, in this order: PyPI's torch brings 4 GB of CUDA and cannot be loaded without it. The
older one computes the same scores; docs/windows-build.md says which one a build was made with."""
_NAME = re.compile(r"^[A-Za-z0-9._-]+")


def prepare(root: Path, shell: Shell) -> Path:
    """Make the environment unless it is there; return its interpreter. Raises BootstrapError."""
    folder = root / FOLDER
    python = python_in(folder)
    wanted = _fingerprint(root)
    stamp = folder / STAMP
    try:
        if json.loads(stamp.read_text(encoding="utf-8")) == wanted and python.exists():
            return python
    except (OSError, ValueError):
        pass
    with timed("making the environment that is frozen"):
        if folder.exists():
            shutil.rmtree(folder)
        base = _base(root)
        if shell.run([base, "-m", "venv", folder]) != 0:
            raise BootstrapError(f"{folder} could not be made.")
        _install_torch(root, python, shell)
        _pip(root, python, shell, *requirements(root))
        # Nobody asks for them at run time; some freezing tool might still take them along.
        shell.run([python, "-m", "pip", "uninstall", "-q", "-y", *_NEEDLESS])
    stamp.write_text(json.dumps(wanted), encoding="utf-8")
    return python


def _base(root: Path) -> str:
    """Return the Python of the tested set, whichever the developers' environment was made with."""
    if running() == PYTHON:
        return getattr(sys, "_base_executable", "") or sys.executable
    found = find(root / ".venv", (PYTHON,))
    if found is None:
        raise BootstrapError(
            f"The standalone program is built with Python {PYTHON}, the one its wheels were tested "
            "with, and there is none on this PC. Install it, then try again."
        )
    return found


def requirements(root: Path) -> list[str]:
    """Return the pins of the product and of the freezing tools, without torch."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = project["optional-dependencies"]
    pins = [*project["dependencies"], *(pin for extra in EXTRAS for pin in more[extra])]
    pins = list(dict.fromkeys(pins))
    return [pin for pin in pins if _name(pin) not in NOT_FROZEN | {"torch"}]


def torch_pins(root: Path, platform: str = sys.platform) -> list[str]:
    """Return the builds of torch to try, the best first."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = [pin for pin in project["dependencies"] if _name(pin) == "torch"]
    if platform == "linux":
        return [f"torch=={version}" for version in TORCH_FOR_PROCESSORS]
    return pinned


def _name(pin: str) -> str:
    found = _NAME.match(pin)
    return found.group().lower() if found else ""


def _install_torch(root: Path, python: Path, shell: Shell) -> None:
    tried = torch_pins(root)
    for pin in tried:
        if shell.run(_command(root, python, pin)) == 0:
            return
    raise BootstrapError(
        f"There is no {' and no '.join(tried)} to be had. Put the wheel of a build of torch for "
        "processors into a folder and name it: PIP_FIND_LINKS=/path/to/wheels (README, “Without "
        "the CUDA libraries”)."
    )


def _command(root: Path, python: Path, *what: str) -> list[str | Path]:
    options = ["-q", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    pins = root / "packaging" / "constraints.txt"
    return [python, "-m", "pip", "install", *options, "-c", pins, *what]


def _pip(root: Path, python: Path, shell: Shell, *what: str) -> None:
    code = shell.run(_command(root, python, *what))
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code != 0:
        raise BootstrapError("The dependencies could not be installed; the lines above say why.")


def _fingerprint(root: Path) -> dict[str, str]:
    text = json.dumps([requirements(root), torch_pins(root), _NEEDLESS])
    pins = (root / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    return {
        "needs": hashlib.sha256((text + pins).encode()).hexdigest(),
        "python": PYTHON,
        "folder": os.fspath(root),
    }
