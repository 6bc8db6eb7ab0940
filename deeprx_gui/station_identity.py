"""Who this installation is: an id made once per data folder, and what people call it."""

from __future__ import annotations

import logging
import platform
import re
import uuid
from contextlib import suppress
from pathlib import Path

from deeprx_gui.atomic import reporting, write_new, write_over
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.station import StationIdentity

_ID = re.compile(r"[0-9a-f]{32}")
_log = logging.getLogger(__name__)


def identity(file: Path, name: str) -> StationIdentity:
    """Return who this installation is; the id is made and kept in ``file`` where there is none.

    ``name`` is what a person calls it; without one it is the PC's own name. Where the folder cannot
    be written the id stays empty: one that changes with every start would be worse. Never raises.
    """
    return StationIdentity(_id(file), name.strip() or platform.node())


def _id(file: Path) -> str:
    known = _read(file)
    if known:
        return known
    made = uuid.uuid4().hex
    try:
        with reporting(file):
            file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another program was faster
            write_new(file, f"{made}\n".encode())
        if not _read(file):
            _log.warning("%s holds no station id, so a new one is made", file)
            write_over(file, f"{made}\n".encode())
    except StorageError as error:
        _log.warning("the station has no id: %s", error)
    return _read(file)


def _read(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError):
        return ""
    return text if _ID.fullmatch(text) else ""
