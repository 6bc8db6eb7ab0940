"""Files and folders that are gone when they are done with, and the right to make them.

Not ``tempfile`` with a folder of ours: on Windows it takes "you may not write here" for "this name
is taken" and tries two thousand million names (CPython issue 66305). Here a refusal is an OSError
at once. A test holds the product to it.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path

_log = logging.getLogger(__name__)

_OURS = re.compile("[0-9a-f]{8}$")
_STALE_SECONDS = 86_400.0

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL
if sys.platform == "win32":
    _FLAGS |= os.O_BINARY | os.O_NOINHERIT | os.O_TEMPORARY


def open_scratch(folder: Path) -> BufferedRandom:
    """Open an empty file for writing and reading that is gone when it is closed.

    Also after a crash: POSIX takes its name away at once, Windows the file with its last handle.
    Raises OSError.
    """
    path = folder / f"{secrets.token_hex(8)}.tmp"
    handle = os.open(path, _FLAGS, 0o600)
    if sys.platform != "win32":
        path.unlink()
    return os.fdopen(handle, "w+b")


@contextmanager
def scratch_folder(parent: Path, prefix: str = "") -> Iterator[Path]:
    """Make a folder in ``parent`` and take it away with all it holds. Raises OSError.

    What cannot be taken away (a virus scanner may hold a file) stays and is noted in the log.
    """
    folder = parent / f"{prefix}{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            _log.warning("%s could not be taken away", folder)


def clean_scratch(parent: Path) -> None:
    """Remove scratch folders of killed programs: those in which nothing was touched for a day.

    Never raises, and follows no link.
    """
    oldest = time.time() - _STALE_SECONDS
    with suppress(OSError):
        for folder in parent.iterdir():
            if _OURS.search(folder.name) and not folder.is_symlink() and folder.is_dir():
                with suppress(OSError):
                    if max(p.lstat().st_mtime for p in (folder, *folder.rglob("*"))) < oldest:
                        shutil.rmtree(folder, ignore_errors=True)


def cannot_write(folder: Path) -> str | None:
    """Return why nothing can be saved in a folder, made if need be; ``None`` when it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        open_scratch(folder).close()
    except OSError as error:
        return error.strerror or type(error).__name__
    return None
