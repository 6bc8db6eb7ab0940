"""One window per account and data folder: a second start hands over what it brought and ends.

A lock says whose window it is (the system frees it when the program dies), a folder of small files
carries the requests (ADR 0011). Both lie in the account's own folder: nobody else can ask, and a
data folder that cannot be written works as well.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.atomic import write_new
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.json_text import parse_json_text
from deeprx_gui.domain.message import say
from deeprx_gui.locks import HeldLock, is_held, try_hold
from deeprx_gui.paths import windows_data_dir

PROFILE_SUFFIX = ".deeprx"
PATIENCE_SECONDS = 15.0
MOST_FILES = 50
_SUFFIX = ".request"
_FORMAT = "deeprx-request"
_MOST_BYTES = 1_000_000
_PAUSE_SECONDS = 0.05
_LOOK_SECONDS = 1.0
_LOCK = "window.lock"
_STALE_SECONDS = 60.0

_log = logging.getLogger(__name__)


class NoAnswerError(StorageError):
    """The window that is open does not answer."""


@dataclass(frozen=True)
class WindowInstance:
    """The right to be the window of a data folder; ``place`` is where requests arrive."""

    place: Path
    held: HeldLock

    def close(self) -> None:
        """Let the next start be the window."""
        self.held.close()


def request_folder(data: Path) -> Path:
    """Return where starts over this data folder meet: a folder of this account's own."""
    name = os.path.normcase(data.absolute())
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return _own_folder() / "running" / digest


def hold_data_folder(data: Path) -> HeldLock | None:
    """Show whoever may read the data folder that its window is open, until the answer is closed.

    ``None`` where the folder cannot be written, or another account's window shows it already.
    """
    deadline = time.monotonic() + _LOOK_SECONDS
    try:
        while (held := try_hold(data / _LOCK)) is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)  # a command may just be looking
    except StorageError as error:
        _log.info("the window is not shown in %s: %s", data, error)
        return None
    return held


def window_is_open(data: Path) -> bool:
    """Say whether a window over this data folder is open: this account's, or any that shows it."""
    return any(is_held(place / _LOCK) for place in (request_folder(data), data))


def claim_or_hand_over(
    place: Path, files: Sequence[Path] = (), *, patience: float = PATIENCE_SECONDS
) -> WindowInstance | None:
    """Become the window, or hand ``files`` to the one that is open; ``None`` when it took them.

    A window that is just closing is waited for. Raises NoAnswerError when the open one does not
    answer within ``patience`` seconds, another StorageError when the folder cannot be written.
    """
    held = try_hold(place / _LOCK)
    if held is not None:
        return WindowInstance(place, held)
    _let_it_come_forward()
    request = place / f"{secrets.token_hex(8)}{_SUFFIX}"
    names = [str(file.absolute()) for file in files[:MOST_FILES]]
    write_new(request, json.dumps({"format": _FORMAT, "files": names}).encode())
    deadline = time.monotonic() + patience
    while request.exists():
        held = try_hold(place / _LOCK)
        if held is not None or time.monotonic() >= deadline:
            with suppress(OSError):
                request.unlink()
            break
        time.sleep(_PAUSE_SECONDS)
    else:
        return None
    if held is not None:
        return WindowInstance(place, held)
    raise NoAnswerError(
        say(
            "Deep RX Inspector is running already, but does not answer. Wait a little and try "
            "again; if it stays like this, restart the PC."
        )
    )


def take_requests(place: Path) -> list[tuple[Path, ...]]:
    """Take what other starts asked for, oldest first: each the files it brought, perhaps none.

    What nobody waits for any more, or what is no request, is dropped with a line in the log.
    """
    found = []
    for file in sorted(place.glob(f"*{_SUFFIX}"), key=_age, reverse=True):
        age = _age(file)
        try:
            with file.open("rb") as stream:
                data = stream.read(_MOST_BYTES)
            file.unlink()  # this is the answer
        except OSError as error:
            _log.warning("request %s cannot be read: %s", file.name, error)
            continue
        if age > _STALE_SECONDS:
            _log.info("request %s was left over", file.name)
            continue
        files = _read(data)
        if files is None:
            _log.warning("request %s makes no sense", file.name)
        else:
            found.append(files)
    return found


def _read(data: bytes) -> tuple[Path, ...] | None:
    try:
        document = parse_json_text(data)
        if document["format"] != _FORMAT:
            return None
        names = document["files"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(names, list) or not all(isinstance(n, str) and "\0" not in n for n in names):
        return None
    return tuple(Path(name) for name in names[:MOST_FILES] if is_profile(name))


def is_profile(word: str) -> bool:
    """Say whether a word of the command line names a product profile."""
    return word.lower().endswith(PROFILE_SUFFIX)


def _age(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return 0.0


def _own_folder() -> Path:
    if os.name == "nt":
        return windows_data_dir(shared=False)
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return root / "deeprx-inspector"


def _let_it_come_forward() -> None:
    """Windows lets only the program that was just started decide whose window is in front."""
    if sys.platform == "win32":
        import ctypes

        any_process = 0xFFFFFFFF
        ctypes.WinDLL("user32").AllowSetForegroundWindow(any_process)
