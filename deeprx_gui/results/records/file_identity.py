"""File identity: whether the file that SQLite writes to is still the one under its name."""

from __future__ import annotations

import os
from pathlib import Path

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import say

_Identity = tuple[int, int]


class FileIdentity:
    """Remembers which file is open; a deleted or replaced one takes verdicts that nobody finds.

    The write-ahead log beside it holds the newest verdicts, so it counts as well once it is there.
    """

    def __init__(self, file: Path) -> None:
        self._files = (file, file.with_name(f"{file.name}-wal"))
        self._known: dict[Path, _Identity] = {}
        self.check()

    def check(self) -> None:
        """Raise StorageError when another file, or none, bears the name."""
        for file in self._files:
            found, known = _identity(file), self._known.get(file)
            if known is None and found is not None:
                self._known[file] = found
            elif found != known:
                raise StorageError(
                    say(
                        "The file of verdicts “{file}” was deleted or replaced while the program "
                        "runs. Nothing is recorded: put the file back, or end the program and start"
                        " it again.",
                        file=file,
                    )
                )


def _identity(file: Path) -> _Identity | None:
    try:
        found = os.stat(file)  # noqa: PTH116 - called for every verdict
    except OSError:  # not there, or its drive is away
        return None
    return found.st_dev, found.st_ino
