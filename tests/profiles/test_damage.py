"""Damaged files: seen at once, said in words, never in the way of the others."""

from __future__ import annotations

import io
import json
import os
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import DeepRxError, ProfileError
from deeprx_gui.locks import try_hold
from deeprx_gui.profiles.codec import decode, encode
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, flip, make_profile


def test_one_flipped_bit_at_any_place_is_seen() -> None:
    data = encode(make_profile(id="abc", revision=1))
    assert len(data) > 4000
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 1 << at % 8
        with pytest.raises(ProfileError) as caught:
            decode(io.BytesIO(bytes(broken)))
        assert str(caught.value).endswith(".")


def test_capital_letters_in_the_seal_are_a_flipped_bit_too() -> None:
    data = encode(make_profile(id="abc", revision=1))
    with pytest.raises(ProfileError, match="damaged"):
        decode(io.BytesIO(data[:-64] + data[-64:].upper()))


def test_a_file_cut_short_anywhere_is_seen() -> None:
    data = encode(make_profile(id="abc", revision=1))
    for size in range(0, len(data), 13):
        with pytest.raises(ProfileError):
            decode(io.BytesIO(data[:size]))
    with pytest.raises(ProfileError):
        decode(io.BytesIO(data + b"\0"))


@pytest.fixture
def three(store: ProfileStore) -> str:
    """A profile with three revisions; its id."""
    profile = store.save(make_profile("カバー"))
    for ng in (13.0, 14.0):
        profile = store.save(replace(profile, limits=profile.limits.moved(ng=ng)))
    return profile.id


def test_a_damaged_current_revision_says_where_to_roll_back(
    store: ProfileStore, root: Path, three: str
) -> None:
    store.save(make_profile("another"))
    flip(root / three / "r0003.deeprx", 3000)
    with pytest.raises(ProfileError) as caught:
        store.load("カバー")
    assert str(caught.value) == (
        "r0003 of “カバー” cannot be used. The file is damaged: it is not as it was saved."
        " The other revisions are not affected: you can roll back to r0002."
    )
    another, card = store.list()
    assert another.name == "another"
    assert another.problem is None
    assert (card.name, card.revision, card.revisions) == ("カバー", 3, 3)
    assert card.problem == caught.value.message

    assert store.load(three, 2).limits.ng == 13.0
    store.rollback(three, 2, who="佐藤", why="r0003 が壊れた")
    assert store.load("カバー").limits.ng == 13.0
    assert all(card.problem is None for card in store.list())
    assert [(f.revision, f.sound) for f in store.verify(three)] == [
        (1, True),
        (2, True),
        (3, False),
    ]


def test_the_next_sound_revision_is_offered(store: ProfileStore, root: Path, three: str) -> None:
    flip(root / three / "r0003.deeprx", 3000)
    (root / three / "r0002.deeprx").write_bytes(b"")
    with pytest.raises(ProfileError, match=r"roll back to r0001\."):
        store.load(three)
    (root / three / "r0001.deeprx").unlink()
    with pytest.raises(ProfileError, match="import an exported copy"):
        store.load(three)
    assert store.list()[0].problem is not None


def test_a_missing_current_file_says_so(store: ProfileStore, root: Path, three: str) -> None:
    (root / three / "r0003.deeprx").unlink()
    with pytest.raises(ProfileError, match=r"“r0003.deeprx” is missing.*roll back to r0002"):
        store.load(three)
    problems = {f.revision: f.problem for f in store.verify(three)}
    assert problems[1] is None
    assert "missing" in str(problems[3])


def test_a_new_fit_repairs_a_damaged_profile(store: ProfileStore, root: Path, three: str) -> None:
    flip(root / three / "r0003.deeprx", 3000)
    saved = store.save(replace(make_profile("カバー"), id=three))
    assert saved.revision == 4
    assert store.list()[0].problem is None
    assert store.load("カバー").revision == 4


@pytest.mark.parametrize("content", [None, b"", b"3\n", b"r9999999999\n", b"\xff\x00"])
def test_a_lost_or_damaged_pointer_does_not_undo_a_rollback(
    store: ProfileStore, root: Path, three: str, content: bytes | None
) -> None:
    store.rollback(three, 1, who="佐藤", why="r0002 以降は過検出")
    pointer = root / three / "current"
    if content is None:
        pointer.unlink()
    else:
        pointer.write_bytes(content)
    assert store.load(three).revision == 1
    assert store.list()[0].revision == 1
    assert any(f.revision is None and f.problem for f in store.verify(three))
    store.rollback(three, 1, who="佐藤", why="書き直し")
    assert all(f.sound for f in store.verify(three))


def test_without_pointer_and_log_a_person_has_to_choose(
    store: ProfileStore, root: Path, three: str
) -> None:
    (root / three / "current").unlink()
    (root / three / "log.jsonl").unlink()
    with pytest.raises(ProfileError, match=r"not known which revision.*newest is r0003"):
        store.load(three)
    assert store.list()[0].problem is not None
    assert store.list()[0].name == "カバー"
    assert len(store.history(three)) == 3
    store.rollback("カバー", 2, who="佐藤", why="復旧")
    assert store.load(three).revision == 2


def test_a_pointer_to_a_revision_that_never_was(
    store: ProfileStore, root: Path, three: str
) -> None:
    (root / three / "current").write_bytes(b"r0042\n")
    with pytest.raises(ProfileError, match=r"r0042 of “カバー”.*roll back to r0003"):
        store.load(three)


def test_a_file_in_the_place_of_another_is_noticed(
    store: ProfileStore, root: Path, three: str
) -> None:
    folder = root / three
    (folder / "r0003.deeprx").write_bytes((folder / "r0001.deeprx").read_bytes())
    with pytest.raises(ProfileError, match="in the place of another"):
        store.load(three)
    other = store.save(make_profile("another"))
    (folder / "r0003.deeprx").write_bytes((root / other.id / "r0001.deeprx").read_bytes())
    with pytest.raises(ProfileError, match="in the place of another"):
        store.load(three)


def test_a_forged_revision_is_found_by_comparing_with_the_log(
    store: ProfileStore, root: Path, three: str
) -> None:
    honest = store.load(three, 2)
    forged = replace(honest, limits=honest.limits.moved(ng=99.0))
    (root / three / "r0002.deeprx").write_bytes(encode(forged))
    assert store.load(three, 2).limits.ng == 99.0
    finding = store.verify(three)[1]
    assert "not the one that the log says" in str(finding.problem)


def test_a_torn_line_in_the_log_spoils_only_itself(
    store: ProfileStore, root: Path, three: str
) -> None:
    log = root / three / "log.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    garbage = b'{"when": 3}\n\xff\xfe\n' + b"[" * 5000 + b"\n[]\n"
    log.write_bytes(lines[0] + garbage + lines[2][:-20])
    assert store.load(three).revision == 3
    assert "5 lines of the log" in str(store.verify(three)[-1].problem)
    store.save(store.load(three))
    assert [entry.revision for entry in store.history(three)].count(4) == 1
    assert store.load(three).revision == 4


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("when", "0001-01-01T00:00:00+14:00"),  # no time of this PC: its year 0
        ("when", "9999-12-31T23:59:59-12:00"),
        ("when", "2026-11-29T08:00:00"),
        ("when", 3),
        ("who", None),
        ("revision", -1),
        ("revision", 10**12),
        ("before", True),
        ("changes", "all"),
        ("changes", [{}]),
    ],
)
def test_a_line_of_the_log_that_makes_no_sense_is_counted_and_passed_over(
    store: ProfileStore, root: Path, three: str, key: str, value: object
) -> None:
    log = root / three / "log.jsonl"
    line = json.loads(log.read_bytes().splitlines()[-1])
    log.write_bytes(log.read_bytes() + json.dumps({**line, key: value}).encode() + b"\n")
    (root / three / "current").unlink()  # the log says which revision is in use
    assert store.load(three).revision == 3
    assert [f"{entry.when.astimezone():%Y}" for entry in store.history(three)]
    log.write_bytes(log.read_bytes() + log.read_bytes().splitlines(keepends=True)[0])
    assert "1 line of the log" in str(store.verify(three)[-1].problem)


def test_folders_that_are_not_profiles(store: ProfileStore, root: Path, three: str) -> None:
    (root / "thumbs").mkdir()
    (root / "bcdfghjkmn").mkdir()
    (root / "note.txt").write_text("x")
    copy = root / f"{three} - コピー"
    copy.mkdir()
    (copy / "r0001.deeprx").write_bytes((root / three / "r0001.deeprx").read_bytes())
    cards = store.list()
    assert [card.name for card in cards] == [copy.name, "カバー"] or [
        card.name for card in cards
    ] == ["カバー", copy.name]
    problem = next(card.problem for card in cards if card.name == copy.name)
    assert "not made by this program" in str(problem)
    with pytest.raises(ProfileError, match="There is no profile"):
        store.load("bcdfghjkmn")


@pytest.mark.parametrize("age", [0, 3600], ids=["fresh files", "old files"])
def test_what_was_damaged_and_put_back_is_seen_at_once(
    store: ProfileStore, root: Path, three: str, age: int
) -> None:
    file = root / three / "r0003.deeprx"
    written = file.stat().st_mtime - age
    os.utime(file, (written, written))
    assert store.list()[0].problem is None
    honest = file.read_bytes()
    for at in (0, 100, len(honest) // 2, len(honest) - 1):
        flip(file, at)
        assert store.list()[0].problem is not None
        with pytest.raises(DeepRxError):
            store.load(three)
        file.write_bytes(honest)
        assert store.list()[0].problem is None
    assert_same(store.load(three), store.load(three, 3))


def test_a_save_that_was_killed_is_no_damage(store: ProfileStore, root: Path, three: str) -> None:
    """What a kill leaves is said as a remark: verify cries for what is wrong alone."""
    log = root / three / "log.jsonl"
    log.write_bytes(log.read_bytes() + b'{"when": "2026-1')
    findings = store.verify(three)
    assert all(f.sound for f in findings)
    assert "was stopped" in str(findings[-1].remark)
    store.save(store.load(three))
    assert [f.remark for f in store.verify(three)] == [None] * 4


def test_a_first_save_that_was_killed_before_its_pointer_is_no_damage(
    store: ProfileStore, root: Path
) -> None:
    key = store.save(make_profile("first")).id
    (root / key / "current").unlink()
    findings = store.verify(key)
    assert all(f.sound for f in findings)
    assert "the only one" in str(findings[-1].remark)
    assert store.load(key).revision == 1


def test_what_killed_saves_leave_is_cleared_at_the_next_start(
    store: ProfileStore, root: Path, three: str
) -> None:
    old = time.time() - 60
    empty = root / "bcdfghjkmn"
    parts = [empty / f".{'a' * 12}.part", root / three / f".{'b' * 12}.part"]
    (root / ".bin" / "20260101T000000Z-0000").mkdir(parents=True)
    empty.mkdir()
    for part in parts:
        part.write_bytes(b"half")
    for path in (*parts, empty, root / ".bin" / "20260101T000000Z-0000"):
        os.utime(path, (old, old))
    store.tidy()
    assert not any(part.exists() for part in parts)
    assert not empty.exists()
    assert list((root / ".bin").iterdir()) == []
    assert store.load(three).revision == 3


def test_nothing_is_cleared_while_somebody_writes(store: ProfileStore, root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    empty = root / "bcdfghjkmn"
    empty.mkdir()
    os.utime(empty, (time.time() - 60, time.time() - 60))
    held = try_hold(root / ".lock")
    assert held is not None
    with closing(held):
        store.tidy()
        assert empty.exists()
    store.tidy()
    assert not empty.exists()
