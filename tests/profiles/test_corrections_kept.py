"""Corrections lie in the product's folder: whole or not at all, bounded, removable."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.profiles.gate_check import GateError
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import make_profile

WAS_OK, MISSED = CorrectionKind.WAS_OK, CorrectionKind.MISSED


@pytest.fixture
def key(store: ProfileStore) -> str:
    return store.save(make_profile("gear")).id


def add(store: ProfileStore, key: str, kind: CorrectionKind, data: bytes, name: str) -> str:
    return store.corrections.add(key, kind, data, name=name, who="佐藤").id


def test_pictures_are_kept_byte_for_byte_and_go_with_the_correction(
    store: ProfileStore, key: str
) -> None:
    id_ = add(store, key, WAS_OK, b"picture", "傷 1.PNG")
    (one,) = store.corrections.book(key).pending
    path = store.corrections.path_of(key, one)
    assert path.read_bytes() == b"picture"
    assert path.suffix == ".png"
    assert (one.name, one.who) == ("傷 1.PNG", "佐藤")
    assert not store.corrections.take_back(key, [id_]).every
    assert not path.exists()


def test_said_twice_is_said_once(store: ProfileStore, key: str) -> None:
    assert add(store, key, WAS_OK, b"x", "a.png") == add(store, key, WAS_OK, b"x", "b.png")
    assert len(store.corrections.book(key).pending) == 1


def test_the_must_find_set_is_bounded_and_says_so(
    store: ProfileStore, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.profiles.correction_store.MOST_MUST_FIND", 2)
    ids = [add(store, key, MISSED, bytes([n]), f"{n}.png") for n in range(3)]
    with pytest.raises(ProfileError, match="at most 2 are kept"):
        store.corrections.applied(key, ids, 1)
    assert len(store.corrections.applied(key, ids[:2], 1).must_find) == 2
    assert len(store.corrections.remove_must_find(key, ids[:1]).must_find) == 1


def test_no_more_than_so_many_wait(
    store: ProfileStore, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.profiles.correction_store.MOST_PENDING", 1)
    add(store, key, MISSED, b"1", "1.png")
    with pytest.raises(ProfileError, match="Apply them, or take some back"):
        add(store, key, MISSED, b"2", "2.png")
    monkeypatch.setattr("deeprx_gui.profiles.correction_store.MOST_BYTES", 3)
    with pytest.raises(ProfileError, match="too large"):
        add(store, key, MISSED, b"1234", "3.png")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"schema": 2}',
        '{"schema": 1, "pending": [], "must_find": [{"id": "../../etc"}], "learnt": []}',
        '{"schema": 1, "pending": 7, "must_find": [], "learnt": []}',
    ],
)
def test_a_damaged_list_is_said_and_nothing_goes_live_unjudged(
    store: ProfileStore, key: str, text: str
) -> None:
    add(store, key, MISSED, b"1", "1.png")
    book = next(Path(store._shelf.root).glob("*/corrections/book.json"))
    book.write_text(text)
    with pytest.raises(ProfileError, match=r"book\.json"):
        store.corrections.book(key)
    with pytest.raises(ProfileError, match=r"book\.json"):
        store.corrections.take_back(key, [])
    assert store.load(key).name == "gear"  # judging goes on


def test_names_in_the_list_cannot_lead_out_of_the_folder(store: ProfileStore, key: str) -> None:
    add(store, key, MISSED, b"1", "1.png")
    book = next(Path(store._shelf.root).glob("*/corrections/book.json"))
    raw = json.loads(book.read_text("utf-8"))
    raw["pending"][0]["file"] = "../r0001.deeprx"
    book.write_text(json.dumps(raw))
    with pytest.raises(ProfileError):
        store.corrections.book(key)


def test_a_picture_nobody_names_goes_with_the_next_change(store: ProfileStore, key: str) -> None:
    id_ = add(store, key, MISSED, b"1", "1.png")
    (one,) = store.corrections.book(key).pending
    left = store.corrections.path_of(key, one).with_name("0" * 24 + ".png")
    left.write_bytes(b"of a killed program")
    other = left.with_name("notes.txt")
    other.write_text("somebody's own")
    store.corrections.take_back(key, [id_])
    assert not left.exists()
    assert other.exists()


def test_they_survive_the_bin(store: ProfileStore, key: str) -> None:
    ids = [add(store, key, MISSED, b"1", "1.png")]
    store.corrections.applied(key, ids, 1)
    store.delete(key, who="")
    store.restore(key, who="")
    assert len(store.corrections.book(key).must_find) == 1


def test_without_a_judgement_nothing_replaces_what_a_must_find_set_guards(
    store: ProfileStore, key: str
) -> None:
    second = store.save(make_profile("gear", id=key, revision=1, count=7))
    store.rollback(key, 1, who="", why="")
    store.corrections.applied(key, [add(store, key, MISSED, b"1", "1.png")], 1)
    with pytest.raises(GateError, match="must-find set"):
        store.rollback(key, second.revision, who="", why="")
    with pytest.raises(GateError, match="must-find set"):
        store.save(make_profile("gear", id=key, revision=1, count=8))
    now = store.load(key)
    with pytest.raises(GateError, match=r"Nothing was saved\. Do it again"):
        store.save(replace(now, limits=now.limits.moved(ng=now.limits.ng * 3)))
    assert store.load(key).revision == 1
    renamed = store.rename(key, "wheel", who="")  # learnt is the same
    assert renamed.revision == 3


def test_what_was_made_of_an_older_revision_does_not_override_newer_limits(
    store: ProfileStore, key: str
) -> None:
    """Somebody else saved meanwhile: what a person sees is not what is in use."""
    open_ = store.load(key)
    newer = store.save(replace(open_, limits=open_.limits.moved(ng=open_.limits.ng * 3)))
    with pytest.raises(GateError, match=r"r0002 is in use now.*Open it again"):
        store.save(replace(open_, extra={"remembered": True}), onto_current=True)
    assert store.load(key).limits == newer.limits
    again = store.save(replace(newer, extra={"remembered": True}), onto_current=True)
    assert (again.revision, again.limits) == (3, newer.limits)
