"""The virtual environment with the pinned dependencies: made once, repaired when interrupted."""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import json
import os
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from boot_python import SUPPORTED, python_in, running
from boot_shell import INTERRUPTED, BootstrapError, Shell, tell, timed

EXTRAS = "demo,test,dev,opcua"
STAMP = "bootstrap.json"
CONSTRAINTS = Path("packaging") / "constraints.txt"
_FIRST_NEEDED = "hatchling"
"""What pip downloads before anything else, to build this very package."""
_ONCE = ("--retries", "0", "--timeout", "15", "--disable-pip-version-check")


def prepare(root: Path, shell: Shell) -> Path:
    """Make sure that ``.venv`` holds the pinned set; returns its interpreter.

    Raises BootstrapError when something could not be installed.
    """
    folder = root / ".venv"
    python = python_in(folder)
    wanted = fingerprint(root)
    if _stamp(folder) == wanted and python.exists():
        return python
    (folder / STAMP).unlink(missing_ok=True)  # from here on, an interruption is noticed
    _make(folder, python, shell)
    _install(root, python, shell)
    _repair(folder, python, shell)
    (folder / STAMP).write_text(json.dumps(wanted), encoding="utf-8")
    return python


def fingerprint(root: Path) -> dict[str, str]:
    """Return what the environment depends on; another answer means: install again."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    # Not the whole file: another line length for ruff needs no installation.
    needs = json.dumps([project.get("build-system"), project.get("project")], sort_keys=True)
    pins = root / CONSTRAINTS
    text = needs + (pins.read_text(encoding="utf-8") if pins.exists() else "")
    return {
        "needs": hashlib.sha256(text.encode()).hexdigest(),
        "folder": str(root),  # scripts inside carry the path they were made for
    }


def _stamp(folder: Path) -> object:
    try:
        return json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _make(folder: Path, python: Path, shell: Shell) -> None:
    probe = "import sys, pip; print('%d.%d' % sys.version_info[:2], sys.prefix)"
    answer = shell.read([python, "-c", probe]) if python.exists() else None
    if answer is not None and answer.split()[0] in SUPPORTED and str(folder) in answer:
        return
    # Running from inside .venv: what made it makes it again.
    base = getattr(sys, "_base_executable", "") or sys.executable
    with timed(f"making {folder.name}"):
        if folder.exists():
            shutil.rmtree(folder)
        if shell.run([base, "-m", "venv", folder]) != 0:
            raise BootstrapError(
                f"{folder} could not be made. On Debian and Ubuntu run "
                f"sudo apt-get install python{running()}-venv, then try again."
            )


def _install(root: Path, python: Path, shell: Shell) -> None:
    if shell.read([python, "-m", "pip", "index", "versions", *_ONCE, _FIRST_NEEDED]) is None:
        raise BootstrapError(
            "Nothing can be downloaded: no package index answers. Connect this PC to the network; "
            "behind a proxy set HTTPS_PROXY; without the internet name a mirror in PIP_INDEX_URL, "
            "or a folder of wheels in PIP_FIND_LINKS. Then run the same command again: it goes on "
            "where it stopped."
        )
    command: list[str | Path] = [*_pip(python), "-e", f".[{EXTRAS}]"]
    if (root / CONSTRAINTS).exists():
        command += ["-c", CONSTRAINTS]
    with timed("installing the pinned dependencies (several GB the first time)"):
        code = shell.run(command, cwd=root)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        if code != 0:
            raise BootstrapError(
                "The dependencies could not be installed; the lines above say why. Check the "
                "network and the free disk space, then run the same command again: it goes on "
                "where it stopped."
            )


def _pip(python: Path) -> list[str | Path]:
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    return [python, "-m", "pip", "install", *options]


def _repair(folder: Path, python: Path, shell: Shell) -> None:
    """Install again whatever an interruption left in pieces; pip itself takes it for complete."""
    broken = _broken(folder)
    if not broken:
        return
    tell(f"incomplete after an interruption: {', '.join(broken)}")
    with timed("installing these again"):
        code = shell.run([*_pip(python), "--force-reinstall", "--no-deps", *broken])
    if code != 0 or _broken(folder):
        raise BootstrapError(f"Delete {folder}, then run the same command again.")


def _broken(folder: Path) -> list[str]:
    """Look through the environment, whichever Python it was made with."""
    sites = folder.glob("Lib/site-packages" if os.name == "nt" else "lib/python3.*/site-packages")
    return sorted(name for site in sites for name in incomplete(site))


def incomplete(site: Path) -> Iterator[str]:
    """Yield ``name==version`` of every installed package that lacks a file or has a short one."""
    for package in importlib.metadata.distributions(path=[str(site)]):
        # Not package.files: from Python 3.12 on it leaves out just the files that are missing.
        record = csv.reader((package.read_text("RECORD") or "").splitlines())
        if any(_is_wrong(site / file, size) for file, _hash, size in record):
            yield f"{package.name}=={package.version}"


def _is_wrong(file: Path, size: str) -> bool:
    if file.suffix == ".pyc" or not size:
        return False
    try:
        return file.stat().st_size != int(size)
    except OSError:
        return True
