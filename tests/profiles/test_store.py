"""The store as a person meets it: list, open, save, rename, copy, delete."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import ProfileError, StorageError
from deeprx_gui.profiles import reading
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, assert_same_array, by, make_profile, only_folder


def log_lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_bytes().splitlines()]


def test_an_empty_store_is_empty(store: ProfileStore, root: Path) -> None:
    assert store.list() == ()
    with pytest.raises(ProfileError, match="no profile “X”"):
        store.load("X")
    assert not root.exists()


def test_a_card_says_what_the_list_shows(store: ProfileStore) -> None:
    profile = make_profile("ハウジング")
    saved = store.save(profile)
    (card,) = store.list()
    assert (card.id, card.name, card.revision, card.revisions) == (saved.id, "ハウジング", 1, 1)
    assert (card.saved_at, card.who) == (profile.origin.when, "佐藤")
    assert (card.normals, card.backbone, card.detector) == (6, "efficientnet-lite0", "deep-rx")
    assert card.problem is None
    assert card.last_used is None
    assert profile.thumbnail is not None
    assert_same_array(card.thumbnail, profile.thumbnail)


def test_cards_are_sorted_by_name(store: ProfileStore) -> None:
    for name in ("カバー", "beta", "Alpha", "gamma"):
        store.save(make_profile(name))
    assert [card.name for card in store.list()] == ["Alpha", "beta", "gamma", "カバー"]


def test_a_revision_never_changes(store: ProfileStore, root: Path) -> None:
    profile = store.save(make_profile())
    folder = only_folder(root)
    first = (folder / "r0001.deeprx").read_bytes()
    written = (folder / "r0001.deeprx").stat().st_mtime_ns
    for ng in (13.0, 14.0, 15.0):
        profile = store.save(replace(profile, limits=profile.limits.moved(ng=ng)))
    store.load(profile.id)
    store.rename(profile.id, "Housing B", who="佐藤")
    store.rollback(profile.id, 2, who="佐藤", why="")
    store.verify(profile.id)
    assert (folder / "r0001.deeprx").read_bytes() == first
    assert (folder / "r0001.deeprx").stat().st_mtime_ns == written
    assert store.load(profile.id, 1).limits.ng == 12.25
    assert store.load(profile.id, 3).limits.ng == 14.0
    assert sorted(p.name for p in folder.iterdir()) == [
        "current",
        "last_used",
        "log.jsonl",
        *(f"r000{n}.deeprx" for n in range(1, 6)),
    ]


def test_opening_for_work_is_remembered_beside_the_revisions(
    store: ProfileStore, root: Path
) -> None:
    saved = store.save(make_profile())
    store.load(saved.id, 1)
    store.export(saved.id, root.parent / "copy.deeprx")
    assert store.list()[0].last_used is None
    store.load(saved.name)
    used = store.list()[0].last_used
    assert used is not None
    assert abs(used - datetime.now(UTC)) < timedelta(minutes=1)
    (only_folder(root) / "last_used").write_bytes(b"\xffnonsense")
    assert store.list()[0].last_used is None
    store.mark_used(saved.name)
    assert store.list()[0].last_used is not None


def test_an_operator_who_may_not_write_can_still_open(
    store: ProfileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = store.save(make_profile())

    def forbidden(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", forbidden)
    assert_same(store.load(saved.id), saved)
    with pytest.raises(StorageError, match="may not write"):
        store.save(saved)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may do anything"
)
def test_a_folder_that_may_not_be_read_or_written(store: ProfileStore, root: Path) -> None:
    saved = store.save(make_profile())
    try:
        root.chmod(0o500)
        with pytest.raises(StorageError):
            store.save(make_profile("new"))
        root.chmod(0)
        with pytest.raises(StorageError):
            store.list()
        with pytest.raises(StorageError):
            ProfileStore(root).load(saved.id)
    finally:
        root.chmod(0o700)


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "profiles").write_text("x")
    store = ProfileStore(tmp_path / "profiles")
    with pytest.raises(StorageError, match=r"could not be written"):
        store.save(make_profile())
    with pytest.raises(StorageError, match="cannot be read"):
        store.list()


@pytest.mark.parametrize(
    "name", ["HOUSING A", "housing a", "  Housing A ", "\u3000Housing A"], ids=range(4)
)
def test_names_are_unique_however_they_are_written(store: ProfileStore, name: str) -> None:
    store.save(make_profile("Housing A"))
    with pytest.raises(ProfileError, match="There is already a profile “Housing A”"):
        store.save(make_profile(name))
    assert store.load(name).name == "Housing A"


def test_composed_and_decomposed_kana_are_one_name(store: ProfileStore) -> None:
    store.save(make_profile("ガスケット"))
    with pytest.raises(ProfileError, match="already a profile"):
        store.save(make_profile("カ\u3099スケット"))
    assert store.load("カ\u3099スケット").name == "ガスケット"
    assert store.save(make_profile("カ\u3099ラス")).name == "ガラス"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "needs a name"),
        (" \t\u3000", "needs a name"),
        ("x" * 101, "too long"),
        ("a\nb", "cannot be shown"),
        ("a\x00", "cannot be shown"),
        ("\u202egnp.exe", "cannot be shown"),
        ("a\ud800", "cannot be shown"),
    ],
    ids=range(7),
)
def test_names_that_cannot_be(store: ProfileStore, name: str, words: str) -> None:
    with pytest.raises(ProfileError, match=words):
        store.save(make_profile(name))
    saved = store.save(make_profile("good"))
    with pytest.raises(ProfileError, match=words):
        store.rename(saved.id, name, who="佐藤")
    with pytest.raises(ProfileError, match=words):
        store.duplicate(saved.id, name, who="佐藤")


@pytest.mark.parametrize(
    "name", ["con", "..", "a/b\\c:d*?", "品番　１２３ 黒", ".hidden", "x" * 100]
)
def test_names_that_no_folder_could_have_are_fine(store: ProfileStore, name: str) -> None:
    saved = store.save(make_profile(name))
    assert saved.name == name
    assert store.load(name).id == saved.id
    assert len(saved.id) == 10
    assert saved.id.isalnum()
    assert saved.id.islower()


@pytest.mark.parametrize("key", ["..", "../profiles", "", ".", ".bin", "/", "r0001", "C:\\"])
def test_a_key_is_never_a_path(store: ProfileStore, key: str) -> None:
    store.save(make_profile())
    with pytest.raises(ProfileError, match="There is no profile"):
        store.load(key)


def test_renaming_is_a_new_revision(store: ProfileStore) -> None:
    first = store.save(make_profile("old"))
    renamed = store.rename("old", "new", who="鈴木", why="品番変更")
    assert (renamed.id, renamed.revision, renamed.name) == (first.id, 2, "new")
    assert (renamed.origin.who, renamed.origin.why) == ("鈴木", "品番変更")
    assert_same(store.load("new"), renamed)
    assert_same(renamed, first, but=("name", "revision", "origin", "lineage"))
    with pytest.raises(ProfileError, match="no profile “old”"):
        store.load("old")
    assert store.rename("new", "NEW", who="鈴木").revision == 3
    assert store.rename("new", "NEW", who="鈴木").revision == 3  # nothing to do
    store.save(make_profile("other"))
    with pytest.raises(ProfileError, match="already a profile “other”"):
        store.rename("new", "Other", who="鈴木")


def test_saving_can_rename_too_but_not_onto_another(store: ProfileStore) -> None:
    first = store.save(make_profile("a"))
    store.save(make_profile("b"))
    with pytest.raises(ProfileError, match="already a profile “b”"):
        store.save(replace(first, name="B"))
    assert store.save(replace(first, name="c")).revision == 2


def test_a_copy_has_its_own_life(store: ProfileStore, root: Path) -> None:
    first = store.save(make_profile("original"))
    first = store.save(replace(first, limits=first.limits.moved(ng=13.0)))
    copy = store.duplicate("original", "copy", who="鈴木", why="別ライン")
    assert copy.id != first.id
    assert (copy.revision, copy.origin.who) == (1, "鈴木")
    assert_same(copy, first, but=("id", "revision", "name", "origin", "lineage"))
    store.save(replace(copy, limits=copy.limits.moved(ng=50.0)))
    assert store.load("original").limits.ng == 13.0
    (line,) = log_lines(root / copy.id)[:1]
    assert (line["what"], line["from"], line["from_revision"]) == ("duplicated", "original", 2)
    with pytest.raises(ProfileError, match="already a profile"):
        store.duplicate("original", "Copy", who="鈴木")


def test_deleting_destroys_nothing(store: ProfileStore, root: Path) -> None:
    saved = store.save(make_profile("gone"))
    store.save(make_profile("stays"))
    before = {p.name: p.read_bytes() for p in (root / saved.id).glob("r*.deeprx")}
    store.delete("gone", who="鈴木", why="生産終了")
    assert [card.name for card in store.list()] == ["stays"]
    with pytest.raises(ProfileError, match="no profile"):
        store.load(saved.id)
    (folder,) = (root / ".bin").glob(f"*/{saved.id}")
    assert {p.name: p.read_bytes() for p in folder.glob("r*.deeprx")} == before
    for file in (folder, root / ".bin"):
        line = log_lines(file)[-1]
        assert (line["what"], line["who"], line["why"], line["name"]) == (
            "deleted",
            "鈴木",
            "生産終了",
            "gone",
        )
    assert store.save(make_profile("gone")).id != saved.id

    store.delete("gone", who="鈴木")
    folder.rename(root / saved.id)  # taken out of the bin by hand
    assert_same(store.load("gone"), saved)
    assert all(finding.sound for finding in store.verify("gone"))


def test_the_bin_is_listed_and_emptied(store: ProfileStore, root: Path) -> None:
    for name in ("one", "two", "stays"):
        store.save(make_profile(name))
    store.delete("one", who="鈴木")
    store.delete("two", who="高橋")
    two, one = sorted(store.binned(), key=lambda p: p.name, reverse=True)
    assert (one.name, one.who, two.name) == ("one", "鈴木", "two")
    assert one.when is not None
    assert store.empty_bin({one.place}, who="田中") == 1
    assert [p.name for p in store.binned()] == ["two"]
    line = log_lines(root / ".bin")[-1]
    assert (line["what"], line["who"], line["name"]) == ("destroyed", "田中", "one")
    store.restore(two.id, who="田中")
    assert store.binned() == ()
    assert store.empty_bin({one.place, "../stays"}, who="田中") == 0
    assert sorted(card.name for card in store.list()) == ["stays", "two"]


def test_undoing_a_delete(store: ProfileStore, root: Path) -> None:
    saved = store.save(make_profile("gone"))
    for _ in range(2):
        store.delete("gone", who="鈴木")
        assert store.find_id("gone") is None
        store.restore(saved.id, who="高橋", why="間違い")
    assert_same(store.load("gone"), saved)
    newest = store.history("gone")[0]
    assert (str(newest.what), newest.who, newest.is_current) == (
        "taken out of the bin",
        "高橋",
        True,
    )
    assert all(finding.sound for finding in store.verify("gone"))
    with pytest.raises(ProfileError, match="no longer in the bin"):
        store.restore(saved.id, who="高橋")
    with pytest.raises(ProfileError, match="no longer in the bin"):
        store.restore("../..", who="高橋")
    store.delete("gone", who="鈴木")
    store.save(make_profile("Gone"))
    with pytest.raises(ProfileError, match="already a profile “Gone”"):
        store.restore(saved.id, who="高橋")


def test_finding_an_id(store: ProfileStore) -> None:
    assert store.find_id("a") is None
    saved = store.save(make_profile("a"))
    assert store.find_id("A") == saved.id == store.find_id(saved.id)


def test_saving_what_somebody_deleted_meanwhile(store: ProfileStore) -> None:
    saved = store.save(make_profile("gone"))
    store.delete("gone", who="鈴木")
    with pytest.raises(ProfileError, match="There is no profile"):
        store.save(saved)


def test_the_log_says_who_when_what_why(store: ProfileStore, root: Path) -> None:
    profile = store.save(make_profile())
    moved = replace(profile, limits=profile.limits.moved(review=10.2))
    store.save(by(moved, "鈴木", "過検出が多い"))
    store.rollback(profile.id, 1, who="高橋", why="見逃し")
    lines = log_lines(root / profile.id)
    assert [(x["what"], x["who"], x["why"], x["revision"], x["before"]) for x in lines] == [
        ("created", "佐藤", "初回", 1, None),
        ("saved", "鈴木", "過検出が多い", 2, 1),
        ("rolled-back", "高橋", "見逃し", 1, 2),
    ]
    assert lines[1]["changes"] == ["review limit 1.03 × -> 1.07 ×, set by hand"]
    assert lines[2]["changes"] == ["review limit 1.07 × -> 1.03 ×"]
    assert lines[1]["based_on"] == 1
    for line in lines:
        when = datetime.fromisoformat(str(line["when"]))
        assert abs(when - datetime.now(UTC)) < timedelta(minutes=1)


def test_what_does_not_change_is_read_once(
    store: ProfileStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = store.save(make_profile())
    file = root / saved.id / "r0001.deeprx"
    os.utime(file, (1_700_000_000, 1_700_000_000))
    (card,) = store.list()

    def no_reading(path: Path) -> None:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(reading, "opened", no_reading)
    assert store.list()[0].thumbnail is card.thumbnail
    assert len(store.history("Housing A")) == 1
