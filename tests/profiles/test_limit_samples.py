"""Limit samples travel with their product: saved, copied, exported, imported; never believed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.limit_samples import MOST_SAMPLES, LimitSample
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles import codec
from deeprx_gui.profiles.codec import decode, encode, sample_pixels, sample_png
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import JAPAN, assert_same, make_profile, picture
from tests.profiles.files import document, members, repacked, sealed_zip

WHEN = datetime(2026, 11, 29, 8, 0, tzinfo=JAPAN)


def sample(number: int = 0, expected: Verdict = Verdict.NG, note: str = "傷 0.3 mm") -> LimitSample:
    pixels = picture(10 + number, 20 + number)
    return LimitSample(f"限度見本 {number}", expected, note, sample_png(pixels), "佐藤", WHEN)


def with_samples(**changes: Any) -> Profile:
    samples = (sample(0), sample(1, Verdict.OK, ""))
    return make_profile(id="abc", revision=4, **{"limit_samples": samples, **changes})


def same_samples(a: Profile, b: Profile) -> bool:
    found = [[(s.key, s.png) for s in p.limit_samples] for p in (a, b)]
    return found[0] == found[1]


def test_they_come_back_to_the_last_pixel() -> None:
    profile = with_samples()
    again = decode(io.BytesIO(encode(profile)))
    assert same_samples(again, profile)
    assert_same(again, profile, but=("limit_samples",))
    assert np.array_equal(sample_pixels(again.limit_samples[1].png), picture(11, 21))
    assert encode(again) == encode(profile)


def test_a_profile_without_any_is_the_file_it_always_was() -> None:
    data = encode(make_profile(id="abc", revision=4))
    assert "limit_samples" not in document(data)
    assert decode(io.BytesIO(data)).limit_samples == ()


def test_they_stay_through_saving_renaming_and_copying(store: ProfileStore) -> None:
    saved = store.save(replace(with_samples(), id="", revision=0))
    renamed = store.rename(saved.id, "Housing B", who="鈴木")
    copied = store.duplicate(saved.id, "Housing C", who="鈴木")
    moved = replace(renamed, limits=replace(renamed.limits, ng=renamed.limits.ng * 2))
    for profile in (renamed, copied, store.save(moved)):
        assert same_samples(store.load(profile.id), saved)


def test_they_travel_with_an_export(store: ProfileStore, tmp_path: Path) -> None:
    saved = store.save(replace(with_samples(), id="", revision=0))
    file = store.export(saved.id, tmp_path)
    taken = ProfileStore(tmp_path / "another PC").import_file(file, who="鈴木")
    assert same_samples(taken, saved)


def test_the_history_says_what_became_of_them(store: ProfileStore) -> None:
    saved = store.save(replace(make_profile(), limit_samples=(sample(0),)))
    more = store.save(replace(saved, limit_samples=(sample(0), sample(1), sample(2))))
    noted = (replace(more.limit_samples[0], note="深さ"), *more.limit_samples[1:])
    other = store.save(replace(more, limit_samples=noted))
    none = store.save(replace(other, limit_samples=()))
    told = [[str(change.text) for change in store.diff(saved.id, n, n + 1)] for n in (1, 2, 3)]
    assert told == [["+2 limit samples"], ["limit samples changed"], ["-3 limit samples"]]
    assert none.revision == 4


def test_keys_of_a_newer_program_stay_with_their_sample() -> None:
    data = encode(with_samples())
    raw = document(data)
    raw["limit_samples"][1]["depth"] = 0.3
    again = decode(io.BytesIO(repacked(data, raw)))
    kept = document(encode(again))["limit_samples"]
    assert [entry.get("depth") for entry in kept] == [None, 0.3]
    less = replace(again, limit_samples=again.limit_samples[:1])
    assert "depth" not in json.dumps(document(encode(less))["limit_samples"])


@pytest.fixture
def refuse(store: ProfileStore, tmp_path: Path) -> Callable[[bytes], str]:
    def check(data: bytes) -> str:
        file = tmp_path / "bad.deeprx"
        file.write_bytes(data)
        with pytest.raises(ProfileError) as caught:
            store.import_file(file, who="鈴木")
        assert store.list() == ()
        return str(caught.value)

    return check


Refuse = Callable[[bytes], str]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("expected", "REVIEW"),
        ("expected", ["NG"]),
        ("expected", None),
        ("member", "limit_samples/07.png"),
        ("member", "../../evil.png"),
        ("name", 5),
        ("note", "x" * 501),
        ("when", "yesterday"),
        ("when", "2026-11-29T08:00:00"),
        ("when", "0001-01-01T00:00:00+14:00"),
        ("who", None),
        ("who", "x" * 1001),
    ],
)
def test_an_entry_that_makes_no_sense(refuse: Refuse, key: str, value: object) -> None:
    data = encode(with_samples())
    raw = document(data)
    raw["limit_samples"][0][key] = value
    assert "“limit_samples” of the profile makes no sense" in refuse(repacked(data, raw))


@pytest.mark.parametrize("value", [None, {}, 3, "all", [[]]])
def test_a_list_that_is_none(refuse: Refuse, value: object) -> None:
    data = encode(make_profile(id="abc", revision=4))
    refuse(repacked(data, {**document(data), "limit_samples": value}))


def test_more_than_a_profile_holds(refuse: Refuse) -> None:
    many = tuple(sample(0) for _ in range(MOST_SAMPLES + 1))
    with pytest.raises(ProfileError, match=f"at most {MOST_SAMPLES}"):
        encode(with_samples(limit_samples=many))


def test_a_picture_without_its_entry_and_an_entry_without_its_picture(refuse: Refuse) -> None:
    data = encode(with_samples())
    raw = document(data)
    fewer = {**raw, "limit_samples": raw["limit_samples"][:1]}
    assert "not the ones it says" in refuse(repacked(data, fewer))
    parts = {name: part for name, part in members(data).items() if "samples/01" not in name}
    refuse(sealed_zip([*parts.items()]))


@pytest.mark.parametrize(
    "name",
    ["limit_samples/0.png", "limit_samples/../00.png", "limit_samples/00.exe", "limit_samples/"],
)
def test_a_part_with_a_name_of_its_own(refuse: Refuse, name: str) -> None:
    data = encode(with_samples())
    assert "not safe" in refuse(sealed_zip([*members(data).items(), (name, b"x")]))


@pytest.mark.parametrize("bad", [b"", b"x", b"\x89PNG\r\n\x1a\n", bytes(200)])
def test_a_picture_that_is_none(refuse: Refuse, bad: bytes) -> None:
    data = encode(with_samples())
    file = repacked(data, document(data), {"limit_samples/00.png": bad})
    assert "cannot be read" in refuse(file)


def test_a_picture_whose_rows_are_missing_is_found_before_it_is_taken_in(refuse: Refuse) -> None:
    """Its head and its checksums are right: only unpacking shows it."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(kind + body)
        return b"".join((struct.pack(">I", len(body)), kind, body, struct.pack(">I", crc)))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4000, 4000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    data = encode(with_samples())
    file = repacked(data, document(data), {"limit_samples/00.png": bomb})
    assert "cannot be read" in refuse(file)


def test_too_large_pictures_are_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "MOST_SAMPLE_PIXELS", 100)
    with pytest.raises(ProfileError, match="at most 0 megapixels"):
        sample_png(picture(12))
    monkeypatch.setattr(codec, "MOST_SAMPLE_PIXELS", 10_000)
    monkeypatch.setattr(codec, "MOST_SAMPLE_PIXELS_TOGETHER", 200)
    with pytest.raises(ProfileError, match="too large together"):
        encode(with_samples())
