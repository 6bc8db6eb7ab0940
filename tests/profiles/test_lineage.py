"""A product keeps its identity on its way from PC to PC."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.codec import decode
from deeprx_gui.profiles.lineage import Relation, old_id
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, by, flip, make_profile
from tests.profiles.files import document, repacked
from tests.profiles.test_schema import V2


@pytest.fixture
def elsewhere(tmp_path: Path) -> ProfileStore:
    """The store of the line PC."""
    return ProfileStore(tmp_path / "line PC")


def improved(store: ProfileStore, profile: Profile, ng: float) -> Profile:
    """Save the profile with another limit."""
    return store.save(by(replace(profile, limits=profile.limits.moved(ng=ng)), "佐藤", "照明"))


def moved(store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path) -> tuple[Profile, Profile]:
    """A profile here, and the same imported on the line PC."""
    first = store.save(make_profile("カバー"))
    file = store.export(first.id, tmp_path / "first.deeprx")
    return first, elsewhere.import_file(file, who="鈴木")


def test_an_improved_profile_reaches_the_line_pc(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    first, taken = moved(store, elsewhere, tmp_path)
    second = improved(store, first, 13.0)
    file = store.export(first.id, tmp_path / "second.deeprx")
    known = elsewhere.examine(file).known
    assert known is not None
    assert (known.id, known.relation, known.revision) == (taken.id, Relation.NEWER, 1)
    assert [d.field for d in known.changes] == ["limits.ng"]
    new = elsewhere.import_revision(file, known.id, expected=1, who="鈴木", why="改良")
    assert (new.id, new.revision, new.name) == (taken.id, 2, "カバー")
    assert_same(new, second, but=("id",))
    assert_same(elsewhere.load("カバー"), new)
    newest, oldest = elsewhere.history(taken.id)
    assert str(newest.what) == "taken over from “second.deeprx” as a new revision"
    assert (newest.who, newest.why, newest.is_current) == ("鈴木", "改良", True)
    assert [d.field for d in newest.changes] == ["limits.ng"]
    assert oldest.revision == 1
    assert elsewhere.rollback(taken.id, 1, who="鈴木", why="").limits.ng == 12.25
    assert all(finding.sound for finding in elsewhere.verify(taken.id))


def test_the_same_file_twice(store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path) -> None:
    _, taken = moved(store, elsewhere, tmp_path)
    known = elsewhere.examine(tmp_path / "first.deeprx").known
    assert known is not None
    assert (known.relation, known.held_as, known.recommended) == (Relation.SAME, 1, False)
    elsewhere.import_revision(tmp_path / "first.deeprx", taken.id, expected=1, who="鈴木")
    assert elsewhere.list()[0].revisions == 1
    assert len(elsewhere.history(taken.id)) == 1


def test_going_back_behind_a_newer_revision_is_said(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    _, taken = moved(store, elsewhere, tmp_path)
    improved(elsewhere, taken, 14.0)
    known = elsewhere.examine(tmp_path / "first.deeprx").known
    assert known is not None
    assert (known.relation, known.held_as, known.recommended) == (Relation.OLDER, 1, False)
    assert "goes back behind it" in str(known.sentence)
    again = elsewhere.import_revision(tmp_path / "first.deeprx", taken.id, expected=2, who="鈴木")
    assert again.revision == 1
    assert elsewhere.list()[0].revisions == 2, "it is there already: no copy of it is made"


def test_changed_on_both_pcs(store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path) -> None:
    first, taken = moved(store, elsewhere, tmp_path)
    improved(store, first, 13.0)
    improved(elsewhere, taken, 14.0)
    file = store.export(first.id, tmp_path / "second.deeprx")
    known = elsewhere.examine(file).known
    assert known is not None
    assert known.relation is Relation.DIVERGED
    assert "changed on both PCs" in str(known.sentence)
    new = elsewhere.import_revision(file, taken.id, expected=2, who="鈴木")
    assert (new.revision, new.limits.ng) == (3, 13.0)
    last = improved(elsewhere, new, 15.0)
    back = elsewhere.export(taken.id, tmp_path / "back.deeprx")
    returned = store.examine(back).known
    assert returned is not None
    assert returned.relation is Relation.NEWER, "it knows both ways"
    assert store.import_revision(back, first.id, expected=2, who="佐藤").limits == last.limits


def test_what_changed_after_the_question_is_not_overtaken(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    first, taken = moved(store, elsewhere, tmp_path)
    improved(store, first, 13.0)
    file = store.export(first.id, tmp_path / "second.deeprx")
    improved(elsewhere, taken, 14.0)
    with pytest.raises(ProfileError, match="in the meantime"):
        elsewhere.import_revision(file, taken.id, expected=1, who="鈴木")
    assert elsewhere.load(taken.id).limits.ng == 14.0


def test_a_copy_made_on_purpose_is_another_product(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    first, taken = moved(store, elsewhere, tmp_path)
    copy = store.duplicate(first.id, "カバー 下", who="佐藤")
    assert copy.lineage.id != first.lineage.id
    file = store.export(copy.id, tmp_path / "copy.deeprx")
    assert elsewhere.examine(file).known is None
    with pytest.raises(ProfileError, match="another product"):
        elsewhere.import_revision(file, taken.id, expected=1, who="鈴木")
    other = elsewhere.import_file(tmp_path / "first.deeprx", who="鈴木")
    assert other.name == "カバー (2)"
    assert other.lineage.id != taken.lineage.id


def test_the_name_given_here_stays(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    first, taken = moved(store, elsewhere, tmp_path)
    elsewhere.rename(taken.id, "第2ライン", who="鈴木")
    improved(store, first, 13.0)
    file = store.export(first.id, tmp_path / "second.deeprx")
    assert elsewhere.import_revision(file, taken.id, expected=2, who="鈴木").name == "第2ライン"


def test_a_damaged_file_does_not_become_a_revision(
    store: ProfileStore, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    first, taken = moved(store, elsewhere, tmp_path)
    improved(store, first, 13.0)
    file = store.export(first.id, tmp_path / "second.deeprx")
    flip(file, 1234)
    with pytest.raises(ProfileError, match="damaged"):
        elsewhere.import_revision(file, taken.id, expected=1, who="鈴木")
    assert elsewhere.load(taken.id).revision == 1


def test_two_pcs_agree_about_profiles_older_than_lineages(root: Path, tmp_path: Path) -> None:
    """One PC has the original, the other what a program without lineages imported from it."""
    with V2.open("rb") as file:
        profile = decode(file)
    assert profile.lineage.id == old_id(profile.id)
    here, there = root / profile.id, tmp_path / "there" / "bcdfghjkmn"
    for folder in (here, there):
        folder.mkdir(parents=True)
    (here / "r0007.deeprx").write_bytes(V2.read_bytes())
    raw = {**document(V2.read_bytes()), "id": "bcdfghjkmn", "revision": 1, "name": "別名"}
    (there / "r0001.deeprx").write_bytes(repacked(V2.read_bytes(), raw))
    (there / "log.jsonl").write_text(
        '{"when": "2026-01-02T03:04:05.000+00:00", "what": "imported", "who": "", "why": "",'
        ' "revision": 1, "before": null, "name": "別名", "sha256": "", "changes": [],'
        f' "from_id": "{profile.id}"}}\n',
        "utf-8",
    )
    store, other = ProfileStore(root), ProfileStore(tmp_path / "there")
    improved(store, store.load(profile.id), 13.0)
    known = other.examine(store.export(profile.id, tmp_path / "new.deeprx")).known
    assert known is not None
    assert (known.id, known.relation) == ("bcdfghjkmn", Relation.NEWER)
    back = other.export("bcdfghjkmn", tmp_path / "old.deeprx")
    assert decode(io.BytesIO(back.read_bytes())).lineage.id == old_id(profile.id)
    returned = store.examine(back).known
    assert returned is not None
    assert returned.relation is Relation.OLDER


def test_old_files_that_do_not_know_each_other(store: ProfileStore, tmp_path: Path) -> None:
    taken = store.import_file(V2, who="鈴木")
    raw = document(V2.read_bytes())
    raw["limits"]["ng"] = 13.0
    file = tmp_path / "other.deeprx"
    file.write_bytes(repacked(V2.read_bytes(), raw))
    known = store.examine(file).known
    assert known is not None
    assert (known.id, known.relation) == (taken.id, Relation.UNKNOWN)
    assert "It is not known" in str(known.sentence)
