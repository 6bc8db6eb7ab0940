"""The condition of every judged picture, one line each: brightness, focus, position.

It stands in a file for each product beside the verdicts (``conditions/ID.csv``), because it is not
part of any verdict and may be lost: without it the drift of the scores is still told. Lines are
added without waiting for the disk; the oldest half goes when a file has become large.
"""

from __future__ import annotations

import logging
import math
import re
from pathlib import Path
from typing import Final

from deeprx_gui.atomic import append_soon, write_over
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.inspection import Health, Record
from deeprx_gui.domain.recorded_values import micros

FOLDER: Final = "conditions"
HEADER: Final = b"number,at,brightness,focus,across,down\n"
MOST_BYTES: Final = 8_000_000
"""Some 150,000 parts."""
_READ_BYTES: Final = 2_000_000
"""The newest 40,000 parts: twice what a drift is looked for in."""
_LOOK_EVERY: Final = 1000
_NAME: Final = re.compile(r"[\w-]{1,100}")
_VALUES: Final = 4

Condition = tuple[float, float, float, float]
"""Brightness and focus as multiples of the normal images', offset to the right and down."""

_log = logging.getLogger(__name__)


class ConditionLog:
    """Writes conditions into a store's ``folder``. Never raises: no verdict waits for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._written = 0
        self._failed = False

    def note(self, record: Record, health: Health) -> None:
        """Add one line for a stored verdict."""
        if record.number < 1 or not _NAME.fullmatch(record.profile_id):
            return
        across, down = health.offset or (math.nan, math.nan)
        values = (health.brightness, health.focus, across, down)
        key = (str(record.number), str(micros(record.when)))
        line = ",".join((*key, *(f"{value:.5g}" for value in values)))
        file = self._folder / f"{record.profile_id}.csv"
        try:
            fresh = not file.exists()
            if fresh:
                self._folder.mkdir(parents=True, exist_ok=True)
            append_soon(file, (HEADER if fresh else b"") + line.encode() + b"\n")
            self._written += 1
            if self._written % _LOOK_EVERY == 0:
                _halve(file)
        except (OSError, StorageError) as error:
            if not self._failed:
                _log.warning("%s: the condition of pictures is not noted: %s", file, error)
            self._failed = True


def _halve(file: Path) -> None:
    """Let the older half of a large file go."""
    if file.stat().st_size <= MOST_BYTES:
        return
    lines = file.read_bytes().splitlines(keepends=True)
    write_over(file, HEADER + b"".join(lines[len(lines) // 2 :]))


def read_conditions(folder: Path, profile_id: str) -> dict[tuple[int, int], Condition]:
    """Return the newest conditions of a product by number and time of the verdict.

    Times are UTC microseconds. What cannot be read is left out; never raises.
    """
    if not _NAME.fullmatch(profile_id):
        return {}
    file = folder / FOLDER / f"{profile_id}.csv"
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, 2)
            opened.seek(max(0, size - _READ_BYTES))
            data = opened.read(_READ_BYTES)
    except FileNotFoundError:
        return {}
    except OSError as error:
        _log.warning("%s cannot be read: %s", file, error)
        return {}
    found: dict[tuple[int, int], Condition] = {}
    for line in data.splitlines():
        parts = line.split(b",")
        if len(parts) != 2 + _VALUES:
            continue
        try:
            number, at = int(parts[0]), int(parts[1])
            brightness, focus, across, down = (float(part) for part in parts[2:])
        except ValueError:
            continue
        found[number, at] = (brightness, focus, across, down)
    return found
