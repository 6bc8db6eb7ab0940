"""Paths as people want to read them: the common folder once, then what differs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def absolute(path: Path) -> Path:
    """Return the full path without ``..``, links left as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - absolute() keeps "..", resolve() follows links


def below_common_folder(paths: Sequence[Path]) -> tuple[Path | None, list[str]]:
    """Return the deepest folder that holds all of them, and each path from there on.

    Without such a folder (other drives, or only the root) it is ``None`` and the paths are full.
    """
    full = [absolute(path) for path in paths]
    try:
        folder = Path(os.path.commonpath([path.parent for path in full]))
    except ValueError:  # several drives, or no path at all
        return None, [str(path) for path in full]
    if folder == Path(folder.anchor):
        return None, [str(path) for path in full]
    return folder, [str(path.relative_to(folder)) for path in full]
