"""Files that somebody made to do harm: refused one by one, with a sentence, leaving nothing."""

from __future__ import annotations

import io
import json
import os
import random
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.errors import DeepRxError, ProfileError
from deeprx_gui.profiles import archive
from deeprx_gui.profiles.archive import reseal
from deeprx_gui.profiles.codec import decode, encode
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, make_profile
from tests.profiles.files import document, members, repacked, sealed_zip

GOOD = encode(make_profile(id="abc", revision=4))
PARTS = members(GOOD)


@pytest.fixture
def refuse(store: ProfileStore, root: Path, tmp_path: Path) -> Callable[[bytes], str]:
    """Import the bytes, expect a sentence, expect the store as it was; return the sentence."""
    store.save(make_profile("already here"))
    before = sorted(root.rglob("*"))

    def check(data: bytes) -> str:
        file = tmp_path / "届いた ファイル.deeprx"
        file.write_bytes(data)
        with pytest.raises(ProfileError) as caught:
            store.import_file(file, who="鈴木")
        assert sorted(root.rglob("*")) == before
        assert [card.name for card in store.list()] == ["already here"]
        assert "“届いた ファイル.deeprx” was not imported." in str(caught.value)
        return str(caught.value)

    return check


Refuse = Callable[[bytes], str]


def test_the_honest_file_is_taken(store: ProfileStore, tmp_path: Path) -> None:
    file = tmp_path / "a.deeprx"
    file.write_bytes(GOOD)
    assert store.import_file(file, who="鈴木").revision == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"PK\x03\x04", b"hello", b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(5000)],
    ids=["empty", "two bytes", "four bytes", "text", "picture", "zeros"],
)
def test_something_else(refuse: Refuse, data: bytes) -> None:
    refuse(data)


def test_a_zip_that_this_program_did_not_seal(refuse: Refuse) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        for name, part in PARTS.items():
            container.writestr(name, part)
    assert "damaged" in refuse(buffer.getvalue())


def test_a_zip_bomb_is_not_unpacked(refuse: Refuse) -> None:
    bomb = sealed_zip([*PARTS.items()], packed={"statistics.safetensors": bytes(40_000_000)})
    assert len(bomb) < 100_000
    assert "packed" in refuse(bomb)


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.txt",
        "/etc/passwd",
        "C:\\evil.txt",
        "golden/../../evil.png",
        "golden/../00.png",
        "golden\\00.png",
        "golden/000.png",
        "golden/٠٠.png",
        "golden/",
        "PROFILE.JSON",
        "evil" * 100,
        "log.jsonl",
    ],
)
def test_a_part_with_a_name_of_its_own(refuse: Refuse, name: str) -> None:
    sentence = refuse(sealed_zip([*PARTS.items(), (name, b"x")]))
    assert "not safe" in sentence or "damaged" in sentence
    assert len(sentence) < 400


def test_a_name_that_hides_its_end_behind_a_zero_byte(refuse: Refuse) -> None:
    data = sealed_zip([*PARTS.items(), ("golden/02.png#.exe", b"x")])
    assert "not safe" in refuse(reseal(data.replace(b"02.png#", b"02.png\0")))


def test_a_doubled_part(refuse: Refuse) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        doubled = sealed_zip([*PARTS.items(), ("profile.json", PARTS["profile.json"])])
    assert "twice" in refuse(doubled)


def test_a_symbolic_link(refuse: Refuse) -> None:
    link = zipfile.ZipInfo("golden/02.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "does not belong" in refuse(sealed_zip([*PARTS.items(), (link, b"/etc/passwd")]))


def test_a_locked_part(refuse: Refuse) -> None:
    data = bytearray(GOOD)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    assert "locked" in refuse(reseal(bytes(data)))


def test_a_part_that_claims_to_be_larger_than_the_file(refuse: Refuse) -> None:
    data = bytearray(GOOD)
    at = data.index(b"PK\x01\x02")
    data[at + 20 : at + 28] = struct.pack("<II", 30_000_000, 30_000_000)
    assert "more than its own size" in refuse(reseal(bytes(data)))
    data[at + 20 : at + 28] = struct.pack("<II", 2_000_000_000, 2_000_000_000)
    assert "larger than 32 MB" in refuse(reseal(bytes(data)))


def test_a_part_that_lies_outside_the_file(refuse: Refuse) -> None:
    data = bytearray(GOOD)
    at = data.index(b"PK\x01\x02")
    data[at + 42 : at + 46] = struct.pack("<I", 0xFFFFFF00)
    refuse(reseal(bytes(data)))


def test_a_huge_table_of_contents(refuse: Refuse) -> None:
    refuse(sealed_zip([*PARTS.items(), *((f"golden/{i}.png", b"") for i in range(20_000))]))


def test_missing_parts(refuse: Refuse) -> None:
    for name in ("profile.json", "statistics.safetensors"):
        rest = [(other, part) for other, part in PARTS.items() if other != name]
        assert name in refuse(sealed_zip(rest))
    for name in ("golden/01.png", "thumbnail.png"):
        rest = [(other, part) for other, part in PARTS.items() if other != name]
        assert "parts are not the ones" in refuse(sealed_zip(rest))


def test_a_part_nobody_listed(refuse: Refuse) -> None:
    extra = sealed_zip([*PARTS.items(), ("golden/02.png", PARTS["golden/01.png"])])
    assert "parts are not the ones" in refuse(extra)
    raw = document(GOOD)
    raw["golden"] = raw["golden"][:1]
    assert "parts are not the ones" in refuse(repacked(GOOD, raw))


def test_a_part_that_was_exchanged(refuse: Refuse) -> None:
    other = members(encode(make_profile(id="abc", revision=4, count=9)))
    parts = {**PARTS, "statistics.safetensors": other["statistics.safetensors"]}
    assert "not as it was saved" in refuse(sealed_zip([*parts.items()]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '"profile"',
        '{"format": "deeprx-profile", "schema": 1}',
        '{"format": "deeprx-profile", "schema": true}',
        '{"format": "deeprx-profile", "schema": 0}',
        '{"format": "deeprx-profile", "schema": "1"}',
        '{"format": "other", "schema": 1}',
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": 99999999999999999999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"a": "\ud800"}',
        '{"a": ' + "[" * 50 + "]" * 50 + "}",
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"a": [' + "0," * 500_001 + "0]}",
        '{"a": "' + "x" * 33_000_000 + '"}',
    ],
    ids=range(24),
)
def test_text_that_is_broken_endless_or_ambiguous(refuse: Refuse, text: str) -> None:
    refuse(repacked(GOOD, text))


def test_members_cannot_name_paths(refuse: Refuse) -> None:
    raw = document(GOOD)
    text = json.dumps({**raw, "members": {**raw["members"], "../evil": "0" * 64}})
    assert "“members”" in refuse(repacked(GOOD, text))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_things_that_are_not_files(store: ProfileStore, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.deeprx"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(ProfileError, match="not a file"):
            store.import_file(path, who="鈴木")
    with pytest.raises(ProfileError, match="There is no file"):
        store.import_file(tmp_path / "absent.deeprx", who="鈴木")


def test_a_file_beyond_any_sense_is_not_even_read(
    refuse: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_FILE_BYTES", 1024 * 2)
    assert "larger than" in refuse(GOOD)


def test_bytes_changed_at_random_and_sealed_again_never_give_other_data() -> None:
    """The seal holds no secret; behind it every part has to hold on its own."""
    honest = decode(io.BytesIO(GOOD))
    rng = random.Random(7)  # noqa: S311 - not about secrets
    opened = 0
    for _ in range(1500):
        data = bytearray(GOOD)
        for _ in range(rng.choice((1, 1, 1, 4, 64))):
            data[rng.randrange(len(data) - 86)] = rng.randrange(256)
        try:
            profile = decode(io.BytesIO(reseal(bytes(data))))
        except DeepRxError:
            continue
        opened += 1
        assert_same(profile, honest)
    assert opened < 300  # dates and rights of the zip entries may change without harm


def test_truncated_and_sealed_again_is_refused() -> None:
    for size in range(100, len(GOOD), 97):
        with pytest.raises(ProfileError):
            decode(io.BytesIO(reseal(GOOD[:size] + GOOD[-86:])))


def _nested(raw: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    target: Any = raw
    *steps, last = path.split(".")
    for step in steps:
        target = target[int(step) if step.isdigit() else step]
    if value is KeyError:
        del target[last]
    else:
        target[int(last) if last.isdigit() else last] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", 3),
        ("id", ""),
        ("revision", 0),
        ("revision", True),
        ("revision", 1.0),
        ("name", None),
        ("name", "x" * 201),
        ("name", KeyError),
        ("preprocessing", []),
        ("preprocessing", KeyError),
        ("preprocessing.size", 0),
        ("preprocessing.size", 10**9),
        ("preprocessing.size", "256"),
        ("preprocessing.keep_aspect", 1),
        ("scoring.sigma", -1),
        ("scoring.sigma", True),
        ("scoring.reduce", "mean"),
        ("backbone.name", ""),
        ("backbone.taps", [8, 8]),
        ("backbone.taps", [0]),
        ("backbone.taps", [[8]]),
        ("backbone.taps", list(range(1, 99))),
        ("backbone.weights_sha256", "ABC"),
        ("detector.name", 1),
        ("detector.settings", []),
        ("limits.review", 0),
        ("limits.review", -1.0),
        ("limits.review", 99.0),
        ("limits.ng", None),
        ("limits.ng_promise", 3),
        ("limits.ng_promise", {"rank": 0, "normals": 5}),
        ("limits.review_promise", {"rank": 1}),
        ("suggested.review", "9"),
        ("held_out_scheme", "none"),
        ("normals", {}),
        ("normals.0", None),
        ("normals.0.source", 1),
        ("normals.0.held_out", "1"),
        ("normals.0.held_out", KeyError),
        ("origin.who", None),
        ("origin.when", "yesterday"),
        ("origin.when", "2025-01-01T00:00:00"),
        ("origin.when", "0001-01-01T00:00:00+14:00"),
        ("origin.when", 5),
        ("origin.why", "x" * 100_001),
        ("statistics.counts", {"n": 1.5}),
        ("golden", {}),
        ("golden.0.member", "../evil.png"),
        ("golden.0.member", "golden/01.png"),
        ("golden.0.score", None),
        ("golden.0.name", 1),
    ],
)
def test_a_field_that_makes_no_sense_is_named(refuse: Refuse, path: str, value: object) -> None:
    sentence = refuse(repacked(GOOD, _nested(document(GOOD), path, value)))
    assert f"“{path.partition('.')[0]}" in sentence
    assert "is expected there" in sentence
