"""Up to which verdict the kept pictures are certain: what a killed program did not write is known.

Pictures are written after their verdicts. The mark says up to which number each picture that a
verdict names was written, or noted as not there; above it a missing one was never written.
"""

from __future__ import annotations

import logging
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Final

from deeprx_gui.atomic import write_over
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.recorded_values import micros

FILE_NAME: Final = "pictures-settled.txt"
_MOST_BYTES: Final = 32
_log = logging.getLogger(__name__)


class PictureMark:
    """The mark of a store's ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME

    def read(self) -> int | None:
        """Return the number of a verdict; ``None`` where an older program recorded."""
        try:
            with self._file.open("rb") as file:
                return int(file.read(_MOST_BYTES))
        except (OSError, ValueError):
            return None

    def write(self, number: int) -> None:
        """Set the mark. Never raises: a mark that is too low excuses more, and loses nothing."""
        try:
            write_over(self._file, f"{number}\n".encode())
        except StorageError as error:
            _log.warning("%s not written: %s", self._file, error)


def named_pictures(
    connection: sqlite3.Connection,
    after: int,
    *,
    until: datetime | None = None,
    count: int | None = None,
) -> list[tuple[int, str]]:
    """Return numbers above ``after`` and the pictures that should be there, in order.

    ``until``: only verdicts given before; ``count``: so many at most. Raises sqlite3.Error.
    """
    before = -1 if until is None else micros(until)
    sql = (
        "SELECT number, picture FROM records WHERE number > ? AND picture <> ''"
        " AND (at < ? OR ? < 0) AND picture NOT IN (SELECT picture FROM pictures_gone)"
        " ORDER BY number LIMIT ?"
    )
    values = (after, before, before, -1 if count is None else count)
    return connection.execute(sql, values).fetchall()
