"""History, differences, rollback and verification as a person reads them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.limits import Limits, Promise
from deeprx_gui.domain.profile import (
    BackboneChoice,
    DetectorChoice,
    NormalImage,
    Preprocessing,
    Profile,
    Scoring,
)
from deeprx_gui.profiles.codec import RevisionHead, encode_parts, hashes_of
from deeprx_gui.profiles.difference import differences, numbers
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, by, make_profile, picture


def told(a: Profile, b: Profile) -> list[str]:
    heads = [RevisionHead(p, hashes_of(encode_parts(p)), "") for p in (a, b)]
    return [str(difference.text) for difference in differences(*heads)]


BASE = make_profile(limits=Limits(9.8, 12.25, Promise(3, 50), Promise(1, 50)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, []),
        ({"id": "other", "revision": 9, "thumbnail": None, "extra": {"x": 1}}, []),
        ({"name": "Housing B"}, ["name “Housing A” -> “Housing B”"]),
        (
            {"limits": BASE.limits.moved(review=10.2)},
            ["review limit 1.03 × -> 1.07 ×, set by hand"],
        ),
        (
            {"limits": BASE.limits.moved(ng=9.0)},
            [
                "review limit 1.03 × -> 0.95 ×, set by hand",
                "NG limit 1.29 × -> 0.95 ×, set by hand",
            ],
        ),
        (
            {"limits": Limits(9.8001, 13, Promise(3, 64), Promise(1, 64))},
            ["review limit 1.03158 × -> 1.03159 ×", "NG limit 1.29 × -> 1.37 ×"],
        ),
        (
            {
                "limits": Limits(19.6, 24.5, Promise(3, 50), Promise(1, 50)),
                "suggested": Limits(19.6, 24.5, Promise(3, 50), Promise(1, 50)),
            },
            [
                "review limit 1.00 × of what was learnt anew",
                "NG limit 1.25 × of what was learnt anew",
                "learnt again",
            ],
        ),
        (
            {"normals": (*BASE.normals, *(NormalImage(f"n{i}", 1.0) for i in range(14)))},
            ["+14 normal images", "learnt again"],
        ),
        (
            {"normals": (*BASE.normals[2:], NormalImage("x", None))},
            ["+1 normal image", "-2 normal images", "learnt again"],
        ),
        ({"suggested": Limits(1, 2)}, ["learnt again"]),
        ({"statistics": make_profile(count=9).statistics}, ["learnt again"]),
        (
            {"backbone": BackboneChoice("resnet18", (8, 16), "f" * 64)},
            ["network efficientnet-lite0 -> resnet18"],
        ),
        (
            {"backbone": BackboneChoice("efficientnet-lite0", (8,), "f" * 64)},
            ["other weights of the network efficientnet-lite0", "feature strides 8, 16 -> 8"],
        ),
        (
            {"detector": DetectorChoice("padim", {"shrinkage": 0.1, "nu": 3})},
            [
                "detector deep-rx -> padim",
                "setting nu - -> 3",
                "setting parts [1, 2] -> -",
                "setting shrinkage 0.01 -> 0.1",
                "setting squared False -> -",
            ],
        ),
        (
            {"preprocessing": Preprocessing(384, True)},
            ["picture size 192 -> 384", "the picture keeps its proportions now"],
        ),
        (
            {"scoring": Scoring(0.0, "max", 3)},
            ["smoothing 1.50 -> 0.00", "score mean of the highest 1 % -> highest point"],
        ),
        ({"golden": BASE.golden[:1]}, ["other sample pictures for the self-check"]),
        (
            {"golden": (BASE.golden[0], replace(BASE.golden[1], pixels=picture(5)))},
            ["other sample pictures for the self-check"],
        ),
        (
            {"origin": replace(BASE.origin, program="0.2.0", runtime="openvino", who="x")},
            ["program 0.1.0 -> 0.2.0", "runtime torch (CPU) -> openvino"],
        ),
    ],
    ids=range(19),
)
def test_differences_in_words(change: dict[str, Any], words: list[str]) -> None:
    assert told(BASE, replace(BASE, **change)) == words


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        (9.8, 10.2, ("9.80", "10.20")),
        (0.001, 0.002, ("0.0010", "0.0020")),
        (1e-16, 2.0, ("1e-16", "2")),
        (0.0, 1.0, ("0.00", "1.00")),
        (1.0, 1.0 + 1e-12, ("1.0", "1.000000000001")),
        (12345.678, 12345.679, ("12345.6780", "12345.6790")),
    ],
)
def test_numbers_that_differ_look_different(old: float, new: float, texts: tuple[str, str]) -> None:
    assert numbers(old, new) == texts


@pytest.fixture
def key(store: ProfileStore) -> str:
    """r1 taught, r2 limit moved, r3 more images, rolled back to r2; the id."""
    profile = store.save(make_profile("カバー"))
    moved = replace(profile, limits=profile.limits.moved(review=10.2))
    profile = store.save(by(moved, "鈴木", "過検出"))
    more = (*profile.normals, *(NormalImage(f"追加 {i}.png", 5.0) for i in range(14)))
    store.save(by(replace(profile, normals=more), "高橋", "良品追加"))
    store.rollback("カバー", 2, who="佐藤", why="様子見")
    return profile.id


def test_history_newest_first(store: ProfileStore, key: str) -> None:
    found = store.history("カバー")
    assert [(e.revision, e.who, str(e.what), e.why, e.is_current) for e in found] == [
        (2, "佐藤", "rolled back to r0002", "様子見", True),
        (3, "高橋", "saved", "良品追加", False),
        (2, "鈴木", "saved", "過検出", False),
        (1, "佐藤", "first saved", "初回", False),
    ]
    assert [[str(d.text) for d in e.changes] for e in found] == [
        ["-14 normal images", "learnt again"],
        ["+14 normal images", "learnt again"],
        ["review limit 1.03 × -> 1.07 ×, set by hand"],
        [],
    ]
    assert all(e.problem is None for e in found)


def test_diff_both_ways(store: ProfileStore, key: str) -> None:
    assert [str(d.text) for d in store.diff(key, 1, 3)] == [
        "review limit 1.03 × -> 1.07 ×, set by hand",
        "+14 normal images",
        "learnt again",
    ]
    assert [d.field for d in store.diff(key, 3, 1)] == ["limits.review", "normals", "statistics"]
    assert store.diff(key, 2, 2) == ()


def test_rollback_moves_the_pointer_only(store: ProfileStore, root: Path, key: str) -> None:
    files = {p.name: p.read_bytes() for p in (root / key).glob("r*.deeprx")}
    back = store.rollback(key, 1, who="佐藤", why="")
    assert_same(back, store.load("カバー"))
    assert (root / key / "current").read_bytes() == b"r0001\n"
    assert {p.name: p.read_bytes() for p in (root / key).glob("r*.deeprx")} == files
    length = len(store.history(key))
    store.rollback(key, 1, who="佐藤", why="again")  # it is current already
    assert len(store.history(key)) == length
    assert store.save(store.load(key)).revision == 4  # not over r0002


def test_rollback_to_nowhere(store: ProfileStore, root: Path, key: str) -> None:
    for revision in (0, -1, 4, 99):
        with pytest.raises(ProfileError, match=r"has no revision .* r0001, r0002, r0003\."):
            store.rollback(key, revision, who="佐藤", why="")
        with pytest.raises(ProfileError, match="has no revision"):
            store.load(key, revision)
        with pytest.raises(ProfileError, match="has no revision"):
            store.diff(key, 1, revision)
        with pytest.raises(ProfileError, match="has no revision"):
            store.export(key, root.parent, revision)
    (root / key / "r0001.deeprx").write_bytes(b"x" * 5000)
    with pytest.raises(ProfileError, match=r"r0001 of “カバー” cannot be used.*back to r0003"):
        store.rollback(key, 1, who="佐藤", why="")
    assert store.load(key).revision == 2


def test_rollback_to_a_name_that_is_taken_by_now(store: ProfileStore) -> None:
    first = store.save(make_profile("old name"))
    store.rename(first.id, "new name", who="佐藤")
    store.save(make_profile("Old Name"))
    with pytest.raises(ProfileError, match="already a profile “Old Name”"):
        store.rollback(first.id, 1, who="佐藤", why="")
    assert store.load(first.id).name == "new name"


def test_history_of_a_profile_without_its_log(store: ProfileStore, root: Path, key: str) -> None:
    (root / key / "log.jsonl").unlink()
    found = store.history(key)
    assert [(e.revision, e.who, e.is_current) for e in found] == [
        (3, "高橋", False),
        (2, "鈴木", True),
        (1, "佐藤", False),
    ]
    assert store.save(store.load(key)).revision == 4


def test_history_shows_damage(store: ProfileStore, root: Path, key: str) -> None:
    (root / key / "r0003.deeprx").write_bytes(b"PK\x03\x04")
    (entry,) = [e for e in store.history(key) if e.problem]
    assert entry.revision == 3
    assert "damaged" in str(entry.problem)


def test_verify_a_healthy_profile(store: ProfileStore, key: str) -> None:
    findings = store.verify("カバー")
    assert [f.revision for f in findings] == [1, 2, 3]
    assert all(f.sound and len(f.sha256) == 64 for f in findings)
    assert len({f.sha256 for f in findings}) == 3


def test_two_hundred_revisions(store: ProfileStore, root: Path) -> None:
    profile = store.save(make_profile("long life", count=2, golden=(), thumbnail=None))
    for n in range(199):
        profile = store.save(replace(profile, limits=Limits(9.8, 13.0 + n)))
    fresh = ProfileStore(root)
    (card,) = fresh.list()
    assert (card.revision, card.revisions) == (200, 200)
    found = fresh.history("long life")
    assert [e.revision for e in found] == list(range(200, 0, -1))
    assert str(found[0].changes[0].text) == "NG limit 22.11 × -> 22.21 ×, set by hand"
    assert len(fresh.verify("long life")) == 200
