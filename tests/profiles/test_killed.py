"""Killed at every step of every change: nothing that was saved is lost, everything opens."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui import atomic
from deeprx_gui.domain.errors import ProfileError, StorageError
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, make_profile

STEPS = ("fsync", "link", "replace", "rename", "unlink", "mkdir")

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


class Saboteur:
    """Counts the steps a program asks of the system, and does something at one of them."""

    def __init__(self, at: int, deed: Callable[[str, tuple[Any, ...]], None]) -> None:
        self.at = at
        self.seen = 0
        self._deed = deed

    def wrap(self, name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            self.seen += 1
            if self.seen == self.at:
                self._deed(name, args)
            return real(*args, **kwargs)

        return step


def die(name: str, args: tuple[Any, ...]) -> None:
    """As the power does: at once, with what was being written half on the disk."""
    if name == "fsync":
        size = os.fstat(args[0]).st_size
        with suppress(OSError):  # a folder cannot be cut
            os.ftruncate(args[0], size - 20 if size > 40 else size // 2)
    os._exit(9)


def full(name: str, args: tuple[Any, ...]) -> None:
    if name in {"unlink", "mkdir"}:
        return  # these do not need space
    raise OSError(28, "No space left on device")


def forbidden(name: str, args: tuple[Any, ...]) -> None:
    raise PermissionError(13, "Permission denied")


def _new(store: ProfileStore) -> None:
    store.save(make_profile("new"))


def _again(store: ProfileStore) -> None:
    profile = store.load("カバー", 2)
    store.save(replace(profile, limits=profile.limits.moved(ng=15.0)))


def _rollback(store: ProfileStore) -> None:
    store.rollback("カバー", 1, who="佐藤", why="試し")


def _rename(store: ProfileStore) -> None:
    store.rename("カバー", "カバー B", who="佐藤")


def _duplicate(store: ProfileStore) -> None:
    store.duplicate("カバー", "カバー B", who="佐藤")


def _delete(store: ProfileStore) -> None:
    store.delete("カバー", who="佐藤")


DEEDS = [_new, _again, _rollback, _rename, _duplicate, _delete]


@pytest.fixture
def prepared(root: Path) -> Path:
    """A store with one profile of two revisions and one bystander."""
    store = ProfileStore(root)
    profile = store.save(make_profile("カバー"))
    store.save(replace(profile, limits=profile.limits.moved(ng=13.0)))
    store.save(make_profile("bystander"))
    return root


def check_nothing_lost(root: Path, honest: Path) -> None:
    """Every file saved before is there, in the bin at worst, and every profile opens."""
    for file in honest.rglob("r*.deeprx"):
        left = [p for p in root.rglob(file.name) if p.parent.name == file.parent.name]
        assert [p.read_bytes() for p in left] == [file.read_bytes()], file
    store = ProfileStore(root)
    for card in store.list():
        assert card.problem is None, str(card.problem)
        loaded = store.load(card.id)
        assert (loaded.name, loaded.revision) == (card.name, card.revision)
        store.history(card.id)
        assert all(f.sound or f.revision is None for f in store.verify(card.id))
    names = {card.name for card in store.list()}
    assert "bystander" in names
    in_bin = (root / ".bin").exists()
    assert in_bin or names & {"カバー", "カバー B"}
    for name in names - {"bystander"}:
        before = store.load(name)
        after = store.save(before)
        assert_same(store.load(name), after)
        assert all(f.sound for f in store.verify(name))


@needs_fork
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__.strip("_"))
def test_killed_at_every_step(
    prepared: Path, tmp_path: Path, deed: Callable[[ProfileStore], None]
) -> None:
    at = 0
    while True:
        at += 1
        root = tmp_path / str(at)
        shutil.copytree(prepared, root)
        child = os.fork()
        if child == 0:  # the program that is going to be killed
            code = 1
            try:
                saboteur = Saboteur(at, die)
                for name in STEPS:
                    setattr(os, name, saboteur.wrap(name))
                deed(ProfileStore(root))
                code = 0
            finally:
                os._exit(code)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in {0, 9}
        check_nothing_lost(root, prepared)
        if status == 0:
            break
    assert at > 5


def _refusal(deed: Callable[[ProfileStore], None], root: Path) -> str | None:
    try:
        deed(ProfileStore(root))
    except StorageError as error:
        return str(error)
    return None


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__.strip("_"))
@pytest.mark.parametrize(
    ("trouble", "words"),
    [(full, "disk is full"), (forbidden, "may not write")],
    ids=["full disk", "no permission"],
)
def test_the_disk_refuses_at_every_step(
    *,
    prepared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[ProfileStore], None],
    trouble: Callable[[str, tuple[Any, ...]], None],
    words: str,
) -> None:
    refused = 0
    for at in range(1, 100):
        root = tmp_path / str(at)
        shutil.copytree(prepared, root)
        saboteur = Saboteur(at, trouble)
        with monkeypatch.context() as patch:
            for name in STEPS:
                patch.setattr(os, name, saboteur.wrap(name))
            sentence = _refusal(deed, root)
        refused += bool(sentence)
        assert sentence is None or (words in sentence and "“" in sentence)
        if saboteur.seen < at:
            break
        check_nothing_lost(root, prepared)
    assert refused > 3


@needs_fork
@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files the POSIX way")
def test_a_disk_that_gets_full_in_the_middle_of_a_file(prepared: Path, tmp_path: Path) -> None:
    """For real: the system cuts writes off at a size, in the revision and in the log."""
    import resource

    log_size = next(prepared.rglob("log.jsonl")).stat().st_size
    for limit in (4000, log_size + 20):
        root = tmp_path / str(limit)
        shutil.copytree(prepared, root)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                try:
                    _again(ProfileStore(root))
                except StorageError:
                    code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert not list(root.rglob("*.part"))
        check_nothing_lost(root, prepared)


def test_leftovers_are_cleaned_up_but_not_those_of_a_save_going_on(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ProfileStore(prepared)
    folder = prepared / store.load("カバー").id
    old, fresh = folder / ".r0003.deeprx.0123.part", folder / ".r0003.deeprx.4567.part"
    mine = folder / "notes.part"
    dead = prepared / "bcdfghjkmn"
    dead.mkdir()
    (dead / ".r0001.deeprx.0123.part").write_bytes(b"half")
    for path in (old, fresh, mine):
        path.write_bytes(b"half")
    long_ago = fresh.stat().st_mtime - 2 * atomic.STALE_SECONDS
    for path in (old, mine, dead / ".r0001.deeprx.0123.part", dead):
        os.utime(path, (long_ago, long_ago))
    store.save(store.load("カバー"))
    store.save(make_profile("one"))
    assert not old.exists()
    assert not dead.exists()
    assert fresh.exists()
    assert mine.exists()


def test_an_interrupted_step_is_told_in_the_history(prepared: Path) -> None:
    store = ProfileStore(prepared)
    folder = prepared / store.load("カバー").id
    pointer = (folder / "current").read_bytes()
    store.rollback("カバー", 1, who="佐藤", why="試し")
    (folder / "current").write_bytes(pointer)  # as if killed between log and pointer
    assert store.load("カバー").revision == 2
    store.save(store.load("カバー"))
    said = [str(entry.what) for entry in store.history("カバー")]
    assert said == [
        "saved",
        "the program stopped before the last step was done; r0002 stayed current",
        "rolled back to r0001",
        "saved",
        "first saved",
    ]


def test_a_name_whose_save_was_killed_early_is_free(prepared: Path) -> None:
    store = ProfileStore(prepared)
    (prepared / "bcdfghjkmn").mkdir()
    assert len(store.list()) == 2
    assert store.save(make_profile("new")).revision == 1
    with pytest.raises(ProfileError, match="already a profile"):
        store.save(make_profile("NEW"))
