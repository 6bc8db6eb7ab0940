"""Files that appear whole or not at all, also when the power goes in the middle."""

from __future__ import annotations

import errno
import logging
import os
import re
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say

T = TypeVar("T")
_log = logging.getLogger(__name__)

PART = ".part"
"""Ending of a file that is still being written."""

STALE_SECONDS = 3600.0
"""A part file untouched for so long belongs to a writer that died; no save takes an hour."""

IDLE_SECONDS = 10.0
"""Longer than a finished part file waits for its name."""

_OURS = re.compile(rf"\.[0-9a-f]{{12}}{re.escape(PART)}")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})

# Windows: a virus scanner or a reader may hold a fresh file for a moment.
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4) if sys.platform == "win32" else ()


def storage_error(error: OSError, path: Path) -> StorageError:
    """Turn an operating system error about writing ``path`` into a sentence."""
    if error.errno in _FULL:
        return StorageError(
            say(
                "The disk is full: nothing could be written to “{folder}”. Free some space, then"
                " try again. What was saved before is untouched.",
                folder=path.parent,
            )
        )
    if error.errno in _FORBIDDEN:
        return StorageError(
            say(
                "This account may not write to “{folder}”. Ask whoever looks after this PC for the"
                " right to write there, or use another data folder.",
                folder=path.parent,
            )
        )
    return StorageError(
        say(
            "“{path}” could not be written ({reason}). Check the disk or the network drive, then"
            " try again. What was saved before is untouched.",
            path=path,
            reason=error.strerror or type(error).__name__,
        )
    )


@contextmanager
def reporting(path: Path, *, may_exist: bool = False) -> Iterator[None]:
    """Raise StorageError instead of OSError; with ``may_exist`` FileExistsError is an answer."""
    try:
        yield
    except OSError as error:
        if may_exist and isinstance(error, FileExistsError):
            raise
        raise storage_error(error, path) from error


def patiently(step: Callable[[], T]) -> T:
    """Do ``step``; on Windows try again for a second while another program holds the file."""
    for pause in _PAUSES:
        try:
            return step()
        except FileExistsError:
            raise
        except PermissionError:
            time.sleep(pause)
    return step()


@contextmanager
def whole_file(path: Path, *, private: bool = False, flush: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write to that replaces ``path`` when the body is done.

    ``private``: only the owner may read it, where the system has such rights, from the beginning.
    ``flush``: wait until it is on the disk (not needed for files of which there are thousands and
    which can be made again). Raises OSError; what was there before is then untouched, as it is
    when the body raises.
    """
    part = _part_of(path)
    try:
        with _create(part, private=private) as file:
            yield file
            if flush:
                _flush(file)
            with _closed_first(file):
                patiently(lambda: os.replace(openable(part), openable(path)))  # noqa: PTH105
    except BaseException:
        _drop(part)
        raise
    if flush:
        _sync_folder(path.parent)


def write_over(path: Path, data: bytes, *, private: bool = False) -> None:
    """Replace ``path`` by ``data``, whole or not at all. Raises StorageError.

    ``private`` as in ``whole_file``.
    """
    with reporting(path), whole_file(path, private=private) as file:
        file.write(data)


def write_new(path: Path, data: bytes) -> None:
    """Write ``data`` under a name that must not exist yet.

    Raises FileExistsError when another program took the name first (its file is not touched) and
    StorageError when the disk refuses.
    """
    with reporting(path, may_exist=True):
        part = _part_of(path)
        try:
            with _create(part) as file:
                file.write(data)
                _flush(file)
                with _closed_first(file):
                    move_new(part, path)
        except BaseException:
            _drop(part)
            raise
        _sync_folder(path.parent)


def write_cache(path: Path, data: bytes) -> None:
    """Write what this PC could make again, and its folder. Never raises: the log tells of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(data)
    except OSError as error:
        _log.warning("%s could not be kept: %s", path, error)


def move_new(source: Path, target: Path) -> None:
    """Give a file a name on the same disk that must be free.

    Raises FileExistsError when it is not (nothing is touched then), or another OSError.
    """
    old, new = openable(source), openable(target)
    if sys.platform == "win32":
        patiently(lambda: os.rename(old, new))  # noqa: PTH104 - Windows refuses a taken name
        return
    try:
        os.link(old, new)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _claim_and_replace(old, new)
    else:
        os.unlink(old)  # noqa: PTH108


def put_aside(file: Path, *, beside: Iterable[str] = ()) -> Path:
    """Give a bad file, and those with ``beside`` after its name, a dated name; return that.

    Raises StorageError.
    """
    aside = free_name(file, "damaged")
    for ending in ("", *beside):
        part = file.with_name(file.name + ending)
        if part.exists():
            target = aside.with_name(aside.name + ending)
            with reporting(part):
                patiently(lambda part=part, target=target: part.rename(target))  # type: ignore[misc]
    return aside


def free_name(file: Path, word: str) -> Path:
    """Return a name beside ``file`` that is not taken, with ``word`` and the time in it."""
    stamp = f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    for number in range(1000):
        more = f"-{number}" if number else ""
        name = file.with_name(f"{file.stem}-{word}-{stamp}{more}{file.suffix}")
        if not name.exists():
            return name
    raise AssertionError("a thousand files in one second")


def append_soon(path: Path, lines: bytes) -> None:
    """Add lines to a file without waiting for the disk: for what may be lost. Raises StorageError.

    Whoever reads it must pass over a torn last line.
    """
    with reporting(path), path.open("ab", buffering=0) as file:
        file.write(lines)


def append_line(path: Path, line: bytes) -> None:
    """Add one line to a file and wait until it is on the disk. Raises StorageError.

    A torn last line left by an interrupted write is closed first, so it spoils only itself.
    """
    with reporting(path):
        fresh = not path.exists()
        with path.open("a+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    line = b"\n" + line
            rest = memoryview(line + b"\n")
            try:
                while rest:
                    rest = rest[file.write(rest) or 0 :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise
        if fresh:
            _sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder that must not exist yet. Raises FileExistsError or StorageError."""
    with reporting(path, may_exist=True):
        path.mkdir()
        _sync_folder(path.parent)


def move_folder(source: Path, target: Path) -> None:
    """Move a folder within one disk, whole or not at all. Raises StorageError."""
    with reporting(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        patiently(lambda: source.rename(target))
        _sync_folder(target.parent)
        _sync_folder(source.parent)


def remove_folder(folder: Path) -> None:
    """Delete a folder with all that is in it. Raises StorageError."""
    with reporting(folder):
        patiently(lambda: shutil.rmtree(folder))
        _sync_folder(folder.parent)


def clean_leftovers(*folders: Path) -> None:
    """Remove what interrupted writes left in ``folders``, never what is being written.

    A part file of this module is held by its writer: one that nobody holds and nobody touched for
    some seconds is left over. Any other, and where that cannot be told, is after an hour. Never
    raises: litter that cannot be removed harms nobody and is tried again next time.
    """
    now = time.time()
    for folder in folders:
        with suppress(OSError):
            for part in folder.glob(f".*{PART}"):
                with suppress(OSError):
                    if _is_left_over(part, now):
                        part.unlink()


def _is_left_over(part: Path, now: float) -> bool:
    status = part.lstat()
    age = now - status.st_mtime
    if not stat.S_ISREG(status.st_mode) or age < IDLE_SECONDS:
        return False
    return age > STALE_SECONDS or (_OURS.fullmatch(part.name) is not None and not _is_held(part))


def clean_folder(folder: Path) -> None:
    """Clean leftovers in a folder, and remove it if that leaves it empty and it is not new.

    Never raises.
    """
    with suppress(OSError):
        idle = folder.stat().st_mtime < time.time() - IDLE_SECONDS
        clean_leftovers(folder)
        if idle:
            folder.rmdir()  # refused for a folder that holds anything


def _part_of(path: Path) -> Path:
    """Return an unused name beside ``path``: short, for its own may be as long as a name can be."""
    return path.with_name(f".{secrets.token_hex(6)}{PART}")


def _create(part: Path, *, private: bool = False) -> BinaryIO:
    file = open(openable(part), "xb")  # noqa: PTH123, SIM115 - long paths; the caller closes it
    if private:
        part.chmod(stat.S_IRUSR | stat.S_IWUSR)
    _hold(file.fileno())
    return file


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _claim_and_replace(old: str, new: str) -> None:
    """For disks without hard links: an empty file claims the name, then is replaced.

    A kill between the two leaves an empty file; readers take that for "never saved".
    """
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    try:
        os.replace(old, new)  # noqa: PTH105
    except OSError:
        with suppress(OSError):
            os.unlink(new)  # noqa: PTH108
        raise


def _drop(part: Path) -> None:
    # The error that brought us here matters more; clean_leftovers gets what stays behind.
    with suppress(OSError, ValueError):
        os.unlink(openable(part))  # noqa: PTH108


def _sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut; Windows knows no such call and needs none."""
    if sys.platform != "win32":
        handle = os.open(openable(folder), os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in _NO_FOLDER_SYNC:
                raise
        finally:
            os.close(handle)


if sys.platform == "win32":  # a file that is open there cannot be deleted

    def _hold(handle: int) -> None:
        """The open file is its own lock."""

    def _is_held(part: Path) -> bool:  # noqa: ARG001 - deleting it tells
        return False

    @contextmanager
    def _closed_first(file: BinaryIO) -> Iterator[None]:
        """Close the file: Windows renames none that is open."""
        file.close()
        yield

else:
    import fcntl

    def _hold(handle: int) -> None:
        """Let ``clean_leftovers`` of any program see that the file is being written."""
        with suppress(OSError):  # a drive that knows no locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_held(part: Path) -> bool:
        """Say whether a part file has a writer, or that cannot be told."""
        handle = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    @contextmanager
    def _closed_first(file: BinaryIO) -> Iterator[None]:
        """Keep the file open, and with it the lock, until it has its name."""
        file.flush()
        yield
