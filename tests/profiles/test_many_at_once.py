"""Several threads and programs on one store: no revision is ever overwritten."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui import atomic, locks
from deeprx_gui.atomic import write_new, write_over
from deeprx_gui.domain.errors import ProfileError, StorageError
from deeprx_gui.domain.profile import Profile
from deeprx_gui.locks import one_writer
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import make_profile

THREADS, SAVES = 6, 5


def _save_many(root: Path, profile: Profile, who: int) -> list[int]:
    store = ProfileStore(root)
    return [
        store.save(replace(profile, limits=profile.limits.moved(ng=100.0 * who + n))).revision
        for n in range(1, SAVES + 1)
    ]


def _check_all_there(root: Path, key: str, expected: int) -> ProfileStore:
    store = ProfileStore(root)
    findings = store.verify(key)
    assert all(f.sound for f in findings), [str(f.problem) for f in findings if f.problem]
    limits = {store.load(key, f.revision).limits.ng for f in findings if f.revision}
    assert len(findings) == len(limits) == expected
    assert not list(root.rglob("*.part"))
    return store


def test_threads_that_save_the_same_profile(store: ProfileStore, root: Path) -> None:
    profile = store.save(make_profile(count=2, golden=()))
    with ThreadPoolExecutor(THREADS) as pool:
        made = [
            n
            for numbers in pool.map(lambda who: _save_many(root, profile, who), range(THREADS))
            for n in numbers
        ]
    assert sorted(made) == list(range(2, THREADS * SAVES + 2))
    store = _check_all_there(root, profile.id, THREADS * SAVES + 1)
    assert store.load(profile.id).revision == THREADS * SAVES + 1
    assert [e.revision for e in store.history(profile.id)] == [*sorted(made, reverse=True), 1]


def test_threads_on_a_drive_that_knows_no_locks(
    store: ProfileStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_try_lock", lambda _handle: True)
    profile = store.save(make_profile(count=2, golden=()))
    with ThreadPoolExecutor(THREADS) as pool:
        made = [
            n
            for numbers in pool.map(lambda who: _save_many(root, profile, who), range(THREADS))
            for n in numbers
        ]
    assert len(set(made)) == THREADS * SAVES
    store = _check_all_there(root, profile.id, THREADS * SAVES + 1)
    assert store.load(profile.id).revision in made


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_programs_that_save_the_same_profile(store: ProfileStore, root: Path) -> None:
    profile = store.save(make_profile(count=2, golden=()))
    children = []
    for who in range(3):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _save_many(root, profile, who)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    _check_all_there(root, profile.id, 3 * SAVES + 1)


def test_one_name_is_given_once(store: ProfileStore, root: Path) -> None:
    barrier = threading.Barrier(4)

    def create(_: int) -> bool:
        barrier.wait()
        try:
            ProfileStore(root).save(make_profile("wanted", count=2, golden=()))
        except ProfileError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create, range(4))) == [False, False, False, True]
    assert [card.name for card in store.list()] == ["wanted"]


def test_a_lock_that_is_never_freed_ends_in_a_sentence(tmp_path: Path) -> None:
    with (
        one_writer(tmp_path / "lock"),
        pytest.raises(StorageError, match="busy saving"),
        one_writer(tmp_path / "lock", patience=0.0),
    ):
        pytest.fail("two writers at once")
    with one_writer(tmp_path / "lock", patience=0.0):
        pass


def _no_links(*args: Any, **kwargs: Any) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_a_name_is_taken_once_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    write_new(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_disk_without_links_that_gets_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", _no_links)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match="disk is full"):
        write_new(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_claim_left_by_a_killed_save_is_no_revision(store: ProfileStore, root: Path) -> None:
    saved = store.save(make_profile())
    (root / saved.id / "r0002.deeprx").touch()
    assert store.list()[0].revisions == 1
    assert store.save(saved).revision == 3
    assert [f.revision for f in store.verify(saved.id)] == [1, 3]


@pytest.mark.skipif(sys.platform == "win32", reason="folders are synced the POSIX way")
@pytest.mark.parametrize("write", [write_new, write_over])
def test_the_data_is_on_the_disk_before_its_name_and_the_name_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, bytes], None]
) -> None:
    steps: list[str] = []

    def fsync(handle: int) -> None:
        folder = os.fstat(handle).st_ino == tmp_path.stat().st_ino
        size = os.fstat(handle).st_size
        steps.append("sync folder" if folder else f"sync {size} bytes")

    def noting(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            steps.append(name)
            return real(*args, **kwargs)

        return step

    monkeypatch.setattr(os, "fsync", fsync)
    for name in ("link", "replace"):
        monkeypatch.setattr(os, name, noting(name))
    write(tmp_path / "a", b"12345")
    assert steps[0] == "sync 5 bytes"
    assert steps[1] in {"link", "replace"}
    assert steps[2:] == ["sync folder"]


def test_windows_may_need_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virus scanner holds the file for the first two tries."""
    monkeypatch.setattr(atomic, "_PAUSES", (0.0, 0.0, 0.0))
    tries = []
    real = os.replace

    def busy(*args: Any, **kwargs: Any) -> None:
        tries.append(args)
        if len(tries) < 3:
            raise PermissionError(13, "The process cannot access the file")
        real(*args, **kwargs)

    monkeypatch.setattr(os, "replace", busy)
    write_over(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"
    tries.clear()
    monkeypatch.setattr(atomic, "_PAUSES", (0.0,))
    with pytest.raises(StorageError, match="may not write"):
        write_over(tmp_path / "a", b"y")
    assert (tmp_path / "a").read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
