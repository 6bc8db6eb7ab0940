"""Files this PC could make again: written whole or not at all, and missed by nobody."""

from __future__ import annotations

import logging
import os
import uuid
from contextlib import suppress
from pathlib import Path

_log = logging.getLogger(__name__)


def keep(file: Path, contents: bytes) -> None:
    """Write beside, flush, rename over. Without the file the next start is slower, no more."""
    partial = file.with_suffix(f".{uuid.uuid4().hex[:8]}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as stream:
            stream.write(contents)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    except OSError as error:
        _log.warning("%s could not be kept: %s", file, error)
        with suppress(OSError):  # where it could not even be begun there is nothing to remove
            partial.unlink(missing_ok=True)
