"""The locks of Windows, with a kernel that behaves as Microsoft describes LockFileEx.

What is documented and stood in for here: a lock belongs to a handle, so that a second handle of the
same program is refused like another program; bytes beyond the end of the file can be locked; a held
byte is ERROR_LOCK_VIOLATION at once; a drive without locks has another error; a closed handle
frees its locks, but at leisure. ``docs/windows-build.md`` says what was tried under Wine.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deeprx_gui import locks
from deeprx_gui.domain.errors import StorageError

LOCK_VIOLATION, SHARING_VIOLATION, IO_PENDING = 33, 32, 997
INVALID_FUNCTION, NOT_SUPPORTED = 1, 50
FAIL_IMMEDIATELY, EXCLUSIVE = 1, 2

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there the real ones are tested")


class Kernel:
    """LockFileEx and UnlockFileEx over the inodes of this system.

    A handle that is closed without unlocking keeps its lock until ``tidy_up``. ``refusal``: the
    error of a drive that refuses every lock.
    """

    def __init__(self) -> None:
        self.holders: dict[tuple[int, int], int] = {}
        self.error = 0
        self.refusal = 0

    def lock(self, handle: int, flags: int, *region: Any) -> int:
        reserved, low, high, at = region
        there = at._obj
        assert (flags, reserved) == (FAIL_IMMEDIATELY | EXCLUSIVE, 0), "never waits in the kernel"
        assert (low, high, there.offset, there.offset_high) == (1, 0, 0, 0), "the first byte"
        assert there.event is None
        key = self._file_of(handle)
        if self.refusal:
            self.error = self.refusal
        elif key in self.holders:
            self.error = LOCK_VIOLATION
        else:
            self.holders[key] = handle
            return 1
        return 0

    def unlock(self, handle: int, reserved: int, low: int, high: int, at: Any) -> int:
        assert (reserved, low, high, at._obj.offset) == (0, 1, 0, 0), "the same region as locked"
        key = self._file_of(handle)
        if self.holders.get(key) != handle:
            self.error = 158  # ERROR_NOT_LOCKED
            return 0
        del self.holders[key]
        return 1

    def tidy_up(self, handle: int) -> None:
        """Free what a closed handle held: the system does it in the end."""
        self.holders = {key: one for key, one in self.holders.items() if one != handle}

    @staticmethod
    def _file_of(handle: int) -> tuple[int, int]:
        status = os.fstat(handle)
        return status.st_dev, status.st_ino


class Entry:
    """An entry of a library: callable, and takes ``argtypes``."""

    argtypes: tuple[object, ...] = ()

    def __init__(self, call: Callable[..., int]) -> None:
        self._call = call

    def __call__(self, *arguments: Any) -> int:
        assert len(arguments) == len(self.argtypes)
        return self._call(*arguments)


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture
def windows(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``deeprx_gui.locks`` as Windows would load it."""
    library = ModuleType("kernel32")
    library.LockFileEx = Entry(kernel.lock)  # type: ignore[attr-defined]
    library.UnlockFileEx = Entry(kernel.unlock)  # type: ignore[attr-defined]
    msvcrt = ModuleType("msvcrt")
    msvcrt.get_osfhandle = lambda number: number  # type: ignore[attr-defined]

    def load(name: str, *, use_last_error: bool) -> ModuleType:
        assert (name, use_last_error) == ("kernel32", True), "get_last_error needs it"
        return library

    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    monkeypatch.setattr(ctypes, "WinDLL", load, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: kernel.error, raising=False)
    assert locks.__file__ is not None
    spec = importlib.util.spec_from_file_location("locks_of_windows", locks.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "platform", "win32")
        spec.loader.exec_module(module)
    return module


def test_one_holds_it_and_the_next_comes_when_it_is_let_go(windows: Any, tmp_path: Path) -> None:
    place = tmp_path / "データ" / "window.lock"
    held = windows.try_hold(place)
    assert held is not None
    assert windows.try_hold(place) is None
    assert windows.is_held(place)
    held.close()
    held.close()
    assert not windows.is_held(place)
    again = windows.try_hold(place)
    assert again is not None
    again.close()


def test_looking_holds_nothing_and_makes_nothing(
    windows: Any, kernel: Kernel, tmp_path: Path
) -> None:
    place = tmp_path / "window.lock"
    assert not windows.is_held(place)
    assert not place.exists()
    place.touch()
    assert not windows.is_held(place)
    assert not windows.is_held(place)
    assert kernel.holders == {}


def test_nobody_waits_for_the_system_to_tidy_up_after_a_close(
    windows: Any, kernel: Kernel, tmp_path: Path
) -> None:
    place = tmp_path / "save.lock"
    for _ in range(3):
        with windows.one_writer(place, patience=0):
            assert windows.is_held(place)
        held = windows.try_hold(place)
        assert held is not None
        held.close()
    with pytest.raises(KeyError), windows.one_writer(place, patience=0):
        raise KeyError
    assert kernel.holders == {}


def test_a_program_that_died_holds_nothing(windows: Any, kernel: Kernel, tmp_path: Path) -> None:
    place = tmp_path / "window.lock"
    held = windows.try_hold(place)
    assert held is not None
    handle = held._file.fileno()
    held._file.close()  # as the system does it for the dead program
    assert windows.is_held(place), "until the system came to it"
    kernel.tidy_up(handle)
    assert not windows.is_held(place)
    with windows.one_writer(place, patience=0):
        pass


def test_a_second_writer_waits_and_is_told(windows: Any, tmp_path: Path) -> None:
    place = tmp_path / "save.lock"
    with (
        windows.one_writer(place),
        pytest.raises(StorageError, match="busy saving"),
        windows.one_writer(place, patience=0),
    ):
        pass


@pytest.mark.parametrize("error", [LOCK_VIOLATION, SHARING_VIOLATION, IO_PENDING])
def test_every_error_that_means_held_is_held(
    windows: Any, kernel: Kernel, tmp_path: Path, error: int
) -> None:
    kernel.refusal = error
    assert windows.try_hold(tmp_path / "window.lock") is None


@pytest.mark.parametrize("error", [INVALID_FUNCTION, NOT_SUPPORTED])
def test_a_drive_that_knows_no_locks_lets_everybody_in(
    windows: Any, kernel: Kernel, tmp_path: Path, error: int
) -> None:
    kernel.refusal = error
    place = tmp_path / "save.lock"
    with windows.one_writer(place, patience=0), windows.one_writer(place, patience=0):
        assert not windows.is_held(place)
