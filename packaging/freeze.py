"""Build the standalone program of this system and try it out: ``python packaging/freeze.py``.

    --edition light   without torch, for stations that only inspect (default: full)
    --no-trial        build and check only
    --this-python     freeze the environment this runs in, instead of making one (packaging/windows)
    --data FOLDER     keep what the trial wrote, figures and screenshot (default build/frozen-trial)

Runs on the developers' environment (.venv); makes ``build/frozen-environment``, freezes it into
``build/frozen/DeepRX Inspector`` (the light edition into ``build/frozen-light``), writes its
licences and the list of its files, checks the folder (check_dist.py) and tries the program
(freeze_trial.py). Exit code 1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import check_dist
import freeze_environment
import freeze_trial
from boot_shell import BootstrapError, Shell, tell, timed
from deeprx_gui import __version__, installation_check
from frozen_contents import Edition

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
NAME = "DeepRX Inspector"
FOLDERS: Mapping[Edition, str] = {Edition.FULL: "frozen", Edition.LIGHT: "frozen-light"}
"""Where below ``build`` each edition is put; what the trial wrote lies beside it (``-trial``)."""


PLANS: Mapping[Edition, tuple[str, ...]] = {
    Edition.FULL: ("plans",),
    Edition.LIGHT: ("plans-light", "16"),
}
"""Where the built-in networks are put, and the coarsest tap they reach. Nothing asks for 1/32
unless a person does; it is 22 of 29 MB, and can be brought over (docs/light-edition.md)."""


def main(words: list[str] | None = None) -> int:
    """Build, check, try; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-trial", action="store_true")
    parser.add_argument("--this-python", action="store_true")
    parser.add_argument("--edition", type=Edition, choices=list(Edition), default=Edition.FULL)
    parser.add_argument("--data", type=Path)
    args = parser.parse_args(words)
    figures: dict[str, object] = {"edition": args.edition.value}
    program = BUILD / FOLDERS[args.edition] / NAME
    data = args.data or BUILD / f"{FOLDERS[args.edition]}-trial"
    try:
        build(Shell(), figures, Path(sys.executable) if args.this_python else None, args.edition)
        with timed("checking the folder"):
            dist = check_dist.Dist(program, args.edition)
            found = list(check_dist.problems(dist))
        figures["megabytes"] = round(dist.size / check_dist.MEGABYTE)
        figures["files"] = len(dist.files)
        for problem in found:
            tell(problem)
        if not found and not args.no_trial:
            found = freeze_trial.run(program, data, figures, args.edition)
    except BootstrapError as error:
        tell(str(error))
        return 1
    tell(json.dumps(figures))
    tell("FAILED: the frozen program" if found else "the frozen program is fit")
    return 1 if found else 0


def build(
    shell: Shell,
    figures: dict[str, object],
    python: Path | None = None,
    edition: Edition = Edition.FULL,
) -> None:
    """Make the folder with everything in it, from ``python``'s environment or one made for it.

    Raises BootstrapError.
    """
    if python is None:
        with _measured("environment_seconds", figures):
            python = freeze_environment.prepare(ROOT, shell)
    plans = BUILD / PLANS[edition][0]
    dist = BUILD / FOLDERS[edition]
    program = dist / NAME
    told = {"DEEPRX_PLANS": os.fspath(plans), "DEEPRX_EDITION": edition.value}
    with _measured("build_seconds", figures), timed("freezing"):
        _step(shell, python, "packaging/make_plans.py", plans, *PLANS[edition][1:])
        _step(shell, python, "packaging/guide.py", "--out", BUILD / "guide")
        _step(shell, python, "packaging/guide.py", "--out", ROOT / "resources" / "guide")
        if program.exists():
            shutil.rmtree(program)
        options: list[str | Path] = ["--noconfirm", "--log-level", "WARN", "--distpath", dist]
        options += ["--workpath", BUILD / f"{FOLDERS[edition]}-work"]
        options += [ROOT / "packaging" / "deeprx.spec"]
        _step(shell, python, "-m", "PyInstaller", *options, told=told)
        _strip(shell, program)
        _step(shell, python, "packaging/licences.py", program)
    write_list(program)


def _strip(shell: Shell, program: Path) -> None:
    """Take the debugger's symbols out of a Python that was built here: 25 MB of it on Linux.

    The wheels' libraries stay as they came: they have none, and patched ones do not bear it.
    """
    strip = shutil.which("strip")
    inside = program / "_internal"
    own = [*inside.glob("libpython*.so*"), *inside.glob("python3.*/lib-dynload/*.so")]
    if strip is None or not own:
        return
    if shell.run([strip, "--strip-unneeded", *own]) != 0:
        raise BootstrapError("strip failed; the lines above say why.")


def write_list(folder: Path) -> None:
    """Write down every file of the folder: the program looks at them when it starts."""
    document = installation_check.list_of(folder, __version__)
    target = folder / installation_check.LIST_NAME
    target.write_text(json.dumps(document, indent=0), encoding="utf-8", newline="\n")


def _step(
    shell: Shell, python: Path, *command: str | Path, told: Mapping[str, str] | None = None
) -> None:
    if shell.run([python, *command], cwd=ROOT, env=told or {}) != 0:
        raise BootstrapError(f"{command[0]} {command[1]} failed; the lines above say why.")


@contextmanager
def _measured(name: str, figures: dict[str, object]) -> Iterator[None]:
    start = time.monotonic()
    yield
    figures[name] = round(time.monotonic() - start, 1)


if __name__ == "__main__":
    sys.exit(main())
