"""Profiles that travel: export, import, and what happens to their names and histories."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import ProfileError, StorageError
from deeprx_gui.profiles.names import MOST_NAME, file_stem, free_name, name_key
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, flip, make_profile


@pytest.fixture
def elsewhere(tmp_path: Path) -> ProfileStore:
    """The store of another PC."""
    return ProfileStore(tmp_path / "other PC")


def test_from_one_pc_to_another(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    first = store.save(make_profile("カバー 上"))
    saved = store.save(replace(first, limits=first.limits.moved(ng=13.0)))
    file = store.export("カバー 上", tmp_path / "USB メモリ.deeprx")
    taken = elsewhere.import_file(file, who="鈴木", why="第2ライン")
    assert taken.revision == 1
    assert taken.id != saved.id
    assert_same(elsewhere.load("カバー 上"), taken)
    assert_same(taken, saved, but=("id", "revision"))
    (entry,) = elsewhere.history("カバー 上")
    assert str(entry.what) == "imported from “USB メモリ.deeprx”"
    assert (entry.who, entry.why, entry.is_current) == ("鈴木", "第2ライン", True)
    line = json.loads((tmp_path / "other PC" / taken.id / "log.jsonl").read_bytes())
    assert (line["from_id"], line["from_revision"]) == (saved.id, 2)
    assert line["from_sha256"] == store.verify(saved.id)[1].sha256


def test_export_into_a_folder_gets_a_telling_name(store: ProfileStore, tmp_path: Path) -> None:
    store.save(make_profile("A/B: カバー"))
    target = store.export("A/B: カバー", tmp_path)
    assert target == tmp_path / "A_B_ カバー r0001.deeprx"
    assert target.is_file()


def test_an_older_revision_can_be_exported(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    first = store.save(make_profile())
    store.save(replace(first, limits=first.limits.moved(ng=99.0)))
    file = store.export(first.id, tmp_path / "old.deeprx", 1)
    assert elsewhere.import_file(file, who="鈴木").limits.ng == 12.25


def test_export_replaces_a_file_but_never_a_revision(store: ProfileStore, root: Path) -> None:
    first = store.save(make_profile())
    inside = root / first.id / "r0001.deeprx"
    for target in (inside, root, root / "x.deeprx", root.parent / "profiles" / ".." / "profiles"):
        with pytest.raises(ProfileError, match="keeps its own profiles"):
            store.export(first.id, target)
    outside = root.parent / "copy.deeprx"
    outside.write_text("old")
    store.export(first.id, outside)
    assert outside.read_bytes() == inside.read_bytes()


def test_export_to_nowhere(store: ProfileStore, tmp_path: Path) -> None:
    store.save(make_profile("a"))
    with pytest.raises(StorageError, match="could not be written"):
        store.export("a", tmp_path / "absent" / "a.deeprx")


def test_a_damaged_revision_is_not_exported(store: ProfileStore, root: Path) -> None:
    first = store.save(make_profile())
    flip(root / first.id / "r0001.deeprx", 2000)
    with pytest.raises(ProfileError, match="damaged"):
        store.export(first.id, root.parent / "copy.deeprx")
    assert not (root.parent / "copy.deeprx").exists()


def test_a_damaged_file_is_not_imported_but_may_be_asked_for_again(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    store.save(make_profile())
    file = store.export("Housing A", tmp_path / "a.deeprx")
    flip(file, 1234)
    with pytest.raises(ProfileError) as caught:
        elsewhere.import_file(file, who="鈴木")
    assert str(caught.value) == (
        "“a.deeprx” was not imported. The file is damaged: it is not as it was saved."
        " Export it again on the PC it was made on."
    )
    assert elsewhere.list() == ()


def test_a_name_that_is_taken_gets_a_number(store: ProfileStore, tmp_path: Path) -> None:
    store.save(make_profile("カバー"))
    file = store.export("カバー", tmp_path / "a.deeprx")
    assert store.import_file(file, who="鈴木").name == "カバー (2)"
    assert store.import_file(file, who="鈴木").name == "カバー (3)"
    second = store.export("カバー (2)", tmp_path / "b.deeprx")
    assert store.import_file(second, who="鈴木").name == "カバー (4)"


def test_a_name_that_was_asked_for_is_not_changed_behind_ones_back(
    store: ProfileStore, tmp_path: Path
) -> None:
    store.save(make_profile("カバー"))
    file = store.export("カバー", tmp_path / "a.deeprx")
    with pytest.raises(ProfileError, match="already a profile “カバー”"):
        store.import_file(file, who="鈴木", name="カバー")
    assert len(store.list()) == 1
    assert store.import_file(file, who="鈴木", name=" カバー 下 ").name == "カバー 下"


def test_free_names_stay_short_enough() -> None:
    name = "x" * MOST_NAME
    free = free_name(name, {name_key(name)})
    assert free == "x" * (MOST_NAME - 4) + " (2)"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("カバー", "カバー"),
        ('a<b>:"/\\|?*', "a_b________"),
        (" . ", "_"),
        ("CON", "_CON"),
        ("com1.x", "_com1.x"),
        ("console", "console"),
        ("end.", "end"),
    ],
)
def test_file_names_that_windows_accepts(name: str, stem: str) -> None:
    assert file_stem(name) == stem
