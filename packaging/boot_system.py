"""The shared libraries Qt needs on Debian and Ubuntu, and Python itself."""

from __future__ import annotations

from collections.abc import Sequence

from boot_python import SUPPORTED, running
from boot_shell import Shell, tell, timed

QT_PACKAGES: tuple[tuple[str, ...], ...] = (
    ("libglib2.0-0", "libglib2.0-0t64"),
    ("libegl1",),
    ("libgl1",),
    ("libxkbcommon0",),
    ("libfontconfig1",),
    ("libdbus-1-3",),
    # A window on a screen, beyond drawing without one:
    ("libxcb-cursor0",),
    ("libxkbcommon-x11-0",),
    ("libxcb-icccm4",),
    ("libxcb-keysyms1",),
    ("libxcb-shape0",),
    # Japanese sentences in windows and screenshots:
    ("fonts-noto-cjk",),
)
"""What Qt needs, found in a bare system; each entry under the names it has had."""


_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def prepare(shell: Shell) -> None:
    """Install the missing packages as root; otherwise say exactly how. Does nothing elsewhere."""
    absent = missing(shell, QT_PACKAGES)
    if absent and not install(shell, absent):
        tell("these system packages are missing; without them the window may not open. Run:")
        tell(f"  {_by_hand(absent)}")


def missing(shell: Shell, packages: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the packages that are not installed; none where dpkg does not rule."""
    answer = shell.read(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"])
    if answer is None:
        return []
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return [names[0] for names in packages if not installed & set(names)]


def install(shell: Shell, packages: Sequence[str]) -> bool:
    """Install packages as root; say whether that was possible and worked."""
    if not shell.is_root():
        return False
    with timed(f"installing system packages: {' '.join(packages)}"):
        _update(shell)
        command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
        return shell.run(command, env=_QUIET) == 0


def install_python(shell: Shell) -> bool:
    """Install a Python that will do where the distribution has one; say whether that worked.

    The one that is running comes first: Debian gives it without what makes environments.
    """
    if not shell.is_root() or shell.read(["apt-cache", "--version"]) is None:
        return False
    _update(shell)
    offered = (shell.read(["apt-cache", "pkgnames", "python3."]) or "").split()
    for version in sorted(SUPPORTED, key=lambda version: version != running()):
        packages = [f"python{version}", f"python{version}-venv"]
        if set(packages) <= set(offered):
            return install(shell, packages)
    return False


def _update(shell: Shell) -> None:
    if shell.run(["apt-get", "update", "-q"], env=_QUIET) != 0:
        tell("apt-get update failed; trying with the lists that are there")


def _by_hand(packages: Sequence[str]) -> str:
    return f"sudo apt-get update && sudo apt-get install -y {' '.join(packages)}"
