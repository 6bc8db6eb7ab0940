"""Schema numbers: the frozen files of every one, migration, and files from the future."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.limits import FittedTail, HeldOutScheme, Promise, PromiseKind
from deeprx_gui.domain.view import WHOLE, Shape, ShapeKind
from deeprx_gui.profiles import migrations, schema
from deeprx_gui.profiles.codec import decode, encode
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.profiles.untrusted_input import Raw
from tests.profiles.factory import assert_same, make_profile, same_view
from tests.profiles.files import document, repacked

FROZEN = Path(__file__).resolve().parents[1] / "data" / "profiles"
V1 = FROZEN / "v1.deeprx"
V2 = FROZEN / "v2.deeprx"
V3 = FROZEN / "v3.deeprx"
V4 = FROZEN / "v4.deeprx"
NOW = schema.CURRENT


def test_every_schema_number_has_a_frozen_file() -> None:
    assert {file.name for file in FROZEN.glob("*.deeprx")} == {
        f"v{number}.deeprx" for number in range(1, schema.CURRENT + 1)
    }


@pytest.mark.parametrize(
    ("file", "digest"),
    [
        (V1, "14b0190e4aa4bb2e3b281bb3e8f6a514e0220fa7f2b7a6f586d0dcbda813714b"),
        (V2, "f77d421a7bcc42cf415639ffd9cb03810d124e3ec00115ba853cb99e42bd597d"),
        (V3, "caccfdfd0ba171d3af61206c2f1f4be7b2338e919038a39c75a656840b1cbe43"),
        (V4, "a07126f1e5e07f24fd8397d54fc26d1cb63acfac727738130ff944256249b49d"),
    ],
)
def test_a_frozen_file_was_not_made_again(file: Path, digest: str) -> None:
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest


def test_there_is_a_step_from_every_schema_to_the_next() -> None:
    assert set(migrations.STEPS) == set(range(1, schema.CURRENT))


def test_schema_1_is_read_as_it_was_meant() -> None:
    with V1.open("rb") as file:
        profile = decode(file)
    assert (profile.id, profile.name, profile.revision) == ("frzn23bcdf", "凍結 Housing 1", 7)
    assert (profile.preprocessing.size, profile.preprocessing.keep_aspect) == (192, False)
    assert (profile.scoring.sigma, profile.scoring.reduce) == (1.5, "top1")
    assert (profile.backbone.name, profile.backbone.taps) == ("efficientnet-lite0", (8, 16))
    assert profile.backbone.weights_sha256 == "0123456789abcdef" * 4
    assert profile.detector.name == "deep-rx"
    assert profile.detector.settings == {"shrinkage": 0.01, "squared": False, "parts": [1, 2]}
    assert (profile.limits.review, profile.limits.ng) == (9.8, 12.25)
    assert (profile.limits.review_promise, profile.limits.ng_promise) == (Promise(3, 6), None)
    assert profile.suggested.ng_promise == Promise(1, 6)
    assert profile.held_out_scheme is HeldOutScheme.LEAVE_ONE_OUT
    assert len(profile.normals) == 6
    assert profile.normals[0].source == "C:/画像/良品 000.png"
    assert profile.normals[0].held_out is None
    assert profile.normals[5].held_out == 6.090270829419451
    assert (profile.origin.who, profile.origin.why) == ("佐藤", "初回")
    assert profile.origin.when.isoformat() == "2025-03-04T05:06:07.000089+09:00"
    assert sorted(profile.statistics.arrays) == [
        "channels",
        "flags",
        "mean",
        "nothing",
        "scalar",
        "scatter",
        "weights",
    ]
    assert profile.statistics.counts == {"positions": 12345678901, "images": 6}
    assert [(g.name, g.score, g.pixels.shape) for g in profile.golden] == [
        ("良品 001.png", 4.25, (12, 15, 3)),
        ("b", 5.0, (9, 12, 3)),
    ]
    assert profile.thumbnail is not None
    assert profile.thumbnail.shape == (16, 19, 3)
    assert profile.extra == {"station": {"line": 3}, "scoring": {"later": "kept"}}
    assert profile.scoring.min_area == 1
    assert same_view(profile.view, WHOLE)


def test_schema_2_is_read_as_it_was_meant() -> None:
    with V2.open("rb") as file:
        profile = decode(file)
    assert profile.scoring.min_area == 3
    view = profile.view
    assert view.region.inside[0] == Shape(ShapeKind.RECTANGLE, ((0.1, 0.2), (0.9, 0.75)))
    assert view.region.inside[1] == Shape(ShapeKind.POLYGON, ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0)))
    assert view.region.ignore == (Shape(ShapeKind.RECTANGLE, ((0.4, 0.4), (0.5, 0.5))),)
    assert view.mm_per_pixel == 0.125
    found = view.positioning
    assert found is not None
    assert found.window == view.region.inside[0]
    assert (found.shift, found.turn, found.quality) == (0.2, 3.5, 0.6)
    assert found.reference.shape == (20, 23, 3)


def test_schema_3_is_read_as_it_was_meant() -> None:
    with V3.open("rb") as file:
        lineage = decode(file).lineage
    assert lineage.id == "0123456789abcdef" * 2
    assert lineage.mark == "fedcba9876543210" * 2
    assert lineage.before == ("00112233445566778899aabbccddeeff",)


@pytest.mark.parametrize("file", [V1, V2, V3])
def test_what_is_older_than_schema_4_has_no_tail_and_is_not_normalised(file: Path) -> None:
    with file.open("rb") as opened:
        profile = decode(opened)
    assert profile.scoring.normalise == "none"
    for promise in (*profile.limits.promises, *profile.suggested.promises):
        assert promise is None or promise.kind is PromiseKind.RANK


def test_schema_4_is_read_as_it_was_meant() -> None:
    with V4.open("rb") as file:
        profile = decode(file)
    assert profile.scoring.normalise == "position"
    gain, offset = (profile.statistics.arrays[f"normalise.{name}"] for name in ("gain", "offset"))
    assert (gain.shape, gain.dtype.name) == ((3, 4), "float32")
    assert (float(gain[0, 0]), float(gain[-1, -1])) == (0.5, 2.0)
    assert (float(offset[0, 0]), float(offset[-1, -1])) == (-1.0, 3.0)
    promise = profile.suggested.ng_promise
    assert promise == Promise(1, 6, FittedTail(0.01, "student-t", 0.0001, 0.04))
    assert promise is not None
    assert (promise.kind, promise.rate, promise.band) == (PromiseKind.TAIL, 0.01, (0.0001, 0.04))
    assert profile.limits.review_promise == Promise(3, 6)


def to_next(raw: Raw) -> Raw:
    """A step as the next schema may need one: a field renamed, a unit changed."""
    raw = dict(raw)
    raw["title"] = raw.pop("name")
    raw["limits"] = {**raw["limits"], "review": raw["limits"]["review"] / 2}
    return raw


def test_the_path_from_1_to_a_future_schema() -> None:
    """A program of the next schema opens the frozen file; that stays as it is."""
    steps = {
        **migrations.STEPS,
        NOW: lambda raw: {**to_next(raw), "name": to_next(raw)["title"] + " next"},
    }
    before = V1.read_bytes()
    with V1.open("rb") as file:
        migrated = decode(file, steps=steps, current=schema.CURRENT + 1)
    with V1.open("rb") as file:
        plain = decode(file)
    assert migrated.name == "凍結 Housing 1 next"
    assert migrated.limits.review == 4.9
    assert migrated.extra["title"] == "凍結 Housing 1"
    assert_same(migrated, plain, but=("name", "limits", "extra"))
    assert V1.read_bytes() == before


def test_steps_run_in_order_each_once() -> None:
    def step(number: int) -> migrations.Step:
        def run(raw: Raw) -> Raw:
            assert raw["schema"] == number
            return {**raw, "seen": [*raw.get("seen", []), number]}

        return run

    raw = {"schema": 2, "x": 1}
    steps = {number: step(number) for number in range(1, 5)}
    assert migrations.migrate(raw, current=5, steps=steps) == {
        "schema": 5,
        "x": 1,
        "seen": [2, 3, 4],
    }
    assert raw == {"schema": 2, "x": 1}


def test_what_a_step_makes_is_checked_too() -> None:
    with V1.open("rb") as file, pytest.raises(ProfileError, match="“name”"):
        decode(
            file, steps={**migrations.STEPS, schema.CURRENT: to_next}, current=schema.CURRENT + 1
        )


def test_a_newer_schema_is_refused_in_plain_words(
    store: ProfileStore, root: Path, tmp_path: Path
) -> None:
    """Even if nothing else in it is as this program knows it."""
    saved = store.save(make_profile())
    data = (root / saved.id / "r0001.deeprx").read_bytes()
    newer = repacked(data, {"format": "deeprx-profile", "schema": schema.CURRENT + 1, "x": [1]})
    file = tmp_path / "newer.deeprx"
    file.write_bytes(newer)
    with pytest.raises(ProfileError) as caught:
        store.import_file(file, who="鈴木")
    assert str(caught.value) == (
        "“newer.deeprx” was not imported. It was made by a newer program."
        " Update the program on this PC to use it."
    )
    store.save(saved)
    (root / saved.id / "r0002.deeprx").write_bytes(newer)
    with pytest.raises(ProfileError, match=r"newer program.*you can roll back to r0001"):
        store.load(saved.id)
    assert "newer program" in str(store.list()[0].problem)


def test_saving_an_opened_old_file_writes_the_current_schema(store: ProfileStore) -> None:
    taken = store.import_file(V1, who="鈴木")
    assert taken.name == "凍結 Housing 1"
    again = replace(taken, id="x", revision=1)
    assert document(encode(again))["schema"] == schema.CURRENT
    assert_same(decode(io.BytesIO(encode(again))), again)
