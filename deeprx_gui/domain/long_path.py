"""Paths longer than 260 characters, which Windows opens only when asked in a special way."""

from __future__ import annotations

import os
from pathlib import Path

_SAFE = 240
"""Below 260 by the length of a file name that a temporary file may add."""


def openable(path: Path) -> str:
    r"""Return what to hand to ``open``, ``stat`` and ``scandir``: on Windows ``\\?\`` if long."""
    if os.name != "nt":
        return os.fspath(path)
    return extended(os.path.abspath(path))  # noqa: PTH100 - \\?\ paths allow no "..", absolute() keeps it


def extended(full: str) -> str:
    r"""Return a full Windows path with ``\\?\`` in front when it is long; shares become UNC."""
    if len(full) < _SAFE or full.startswith("\\\\?\\"):
        return full
    if full.startswith("\\\\"):
        return "\\\\?\\UNC\\" + full[2:]
    return "\\\\?\\" + full
