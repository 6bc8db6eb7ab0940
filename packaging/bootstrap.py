"""One command from a fresh clone to a running program; standard library only.

    python packaging/bootstrap.py demo [options of "deeprx demo"]   the program on real images
    python packaging/bootstrap.py test [options of pytest]          every check there is
    python packaging/bootstrap.py run  [options of "deeprx-gui"]    the window
    python packaging/bootstrap.py install                           only what the others need
    python packaging/bootstrap.py frozen [options of "freeze.py"]   the standalone program

Each makes ``.venv`` with the pinned dependencies first, and on Debian and Ubuntu the shared
libraries that Qt needs. A second call finds everything in place and starts at once.

Python 3.11, 3.12 or 3.13 does the work. This file and ``boot_python.py`` run on older and newer
ones too, only to find it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import boot_python

ROOT = Path(__file__).resolve().parents[1]
VERBS = ("demo", "test", "run", "install", "frozen")


def main(arguments: list[str]) -> int:
    """Run one verb; returns the exit code."""
    if not arguments or arguments[0] not in VERBS:
        sys.stderr.write(__doc__ or "")
        return 0 if arguments and arguments[0] in {"-h", "--help"} else 2
    if not boot_python.is_right():
        python = boot_python.find(ROOT / ".venv")
        if python is None and _install_python():
            python = boot_python.find(ROOT / ".venv")
        if python is None:
            sys.stderr.write(boot_python.WHAT_TO_DO)
            return 2
        return boot_python.hand_over(python, [__file__, *arguments])

    import boot_verbs

    return boot_verbs.perform(arguments[0], arguments[1:], ROOT)


def _install_python() -> bool:
    """As root on Debian, ask apt for a Python that will do; say whether it worked."""
    if os.name == "nt" or sys.version_info < (3, 8):
        return False
    import boot_system
    from boot_shell import Shell

    return boot_system.install_python(Shell())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
