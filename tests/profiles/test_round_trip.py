"""What is saved is what is opened."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.limits import Limits, Promise
from deeprx_gui.domain.profile import DetectorChoice, GoldenImage, NormalImage
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.profiles.codec import decode, encode
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, make_profile, picture
from tests.profiles.files import document, repacked


def _again(profile: Any) -> Any:
    return decode(io.BytesIO(encode(replace(profile, id="abc", revision=1))))


def test_every_field_comes_back(store: ProfileStore, root: Path) -> None:
    profile = make_profile("ハウジング A 黒")
    saved = store.save(profile)
    assert saved.revision == 1
    loaded = ProfileStore(root).load("ハウジング A 黒")
    assert_same(loaded, saved)
    assert_same(loaded, profile, but=("id", "revision", "lineage"))
    assert_same(store.load(saved.id), saved)


def test_loaded_arrays_cannot_be_changed_by_mistake(store: ProfileStore) -> None:
    loaded = store.load(store.save(make_profile()).id)
    with pytest.raises(ValueError, match="read-only"):
        loaded.statistics.arrays["mean"][0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        loaded.golden[0].pixels[0, 0, 0] = 1


def test_the_same_profile_gives_the_same_bytes() -> None:
    profile = make_profile(id="abc", revision=3)
    shuffled = replace(
        profile,
        statistics=Statistics(
            dict(reversed(list(profile.statistics.arrays.items()))), profile.statistics.counts
        ),
        detector=DetectorChoice("deep-rx", dict(reversed(list(profile.detector.settings.items())))),
    )
    assert encode(profile) == encode(shuffled) == encode(decode(io.BytesIO(encode(profile))))


def test_numbers_from_numpy_and_other_byte_orders_are_kept() -> None:
    profile = make_profile(
        detector=DetectorChoice("x", MappingProxyType({"a": np.float32(0.5), "b": np.int64(3)})),
        normals=(NormalImage("a", np.float32(0.1)),),  # type: ignore[arg-type] # as a fit may hand it over
        statistics=Statistics(
            {"big": np.arange(6, dtype=">f4").reshape(2, 3).T},
            {"n": np.int64(4)},  # type: ignore[dict-item] # as a fit may hand it over
        ),
    )
    again = _again(profile)
    assert again.detector.settings == {"a": 0.5, "b": 3}
    assert again.normals[0].held_out == float(np.float32(0.1))
    assert again.statistics.counts == {"n": 4}
    np.testing.assert_array_equal(again.statistics.arrays["big"], [[0, 3], [1, 4], [2, 5]])


def test_no_golden_images_and_no_thumbnail_are_fine() -> None:
    profile = make_profile(golden=(), thumbnail=None, normals=())
    assert_same(_again(profile), profile, but=("id", "revision", "lineage"))


def test_a_time_without_zone_is_this_pcs_time() -> None:
    profile = make_profile()
    naive = datetime(2025, 1, 2, 3, 4, 5)  # noqa: DTZ001 - the case under test
    again = _again(replace(profile, origin=replace(profile.origin, when=naive)))
    assert again.origin.when == naive.astimezone()


def test_a_file_name_that_is_not_unicode_does_not_stop_a_save() -> None:
    again = _again(make_profile(count=1, golden=(GoldenImage("b\udcff", picture(), 1.0),)))
    assert again.golden[0].name == "b?"


def test_unknown_keys_survive_at_every_level(store: ProfileStore, root: Path) -> None:
    saved = store.save(make_profile())
    file = root / saved.id / "r0001.deeprx"
    raw = document(file.read_bytes())
    raw["station"] = {"line": 3, "名前": ["検査"]}
    raw["preprocessing"]["region"] = [0, 0, 10, 10]
    raw["limits"]["review_promise"]["band"] = 0.5
    raw["normals"][2]["operator"] = "鈴木"
    raw["golden"][1]["place"] = "left"
    file.write_bytes(repacked(file.read_bytes(), raw))

    loaded = store.load(saved.id)
    assert_same(loaded, saved, but=("extra",))
    again = store.save(replace(loaded, limits=loaded.limits.moved(ng=20.0)))
    written = document((root / saved.id / "r0002.deeprx").read_bytes())
    assert written["station"] == {"line": 3, "名前": ["検査"]}
    assert written["preprocessing"]["region"] == [0, 0, 10, 10]
    assert written["limits"]["review_promise"]["band"] == 0.5
    assert written["normals"][2]["operator"] == "鈴木"
    assert written["golden"][1]["place"] == "left"
    assert written["limits"]["ng"] == 20.0
    assert store.load(again.id).extra == loaded.extra


def test_an_unknown_key_does_not_stick_to_another_image() -> None:
    profile = make_profile(
        extra={"normals": {"1": {"of": "C:/画像/良品 001.png", "keys": {"operator": "鈴木"}}}}
    )
    kept = document(encode(replace(profile, id="a", revision=1)))
    assert kept["normals"][1]["operator"] == "鈴木"
    fewer = replace(profile, id="a", revision=1, normals=profile.normals[1:])
    assert "operator" not in json.dumps(document(encode(fewer))["normals"])


def test_unknown_keys_never_replace_known_ones() -> None:
    profile = make_profile(extra={"limits": {"review": 99.0}, "name": "other", "normals": 3})
    assert_same(_again(profile), profile, but=("id", "revision", "extra", "lineage"))


def test_nothing_in_the_file_is_packed_or_named_after_the_user(
    store: ProfileStore, root: Path
) -> None:
    saved = store.save(make_profile("../../evil: 名前"))
    assert (root / saved.id).parent == root
    with zipfile.ZipFile(root / saved.id / "r0001.deeprx") as container:
        assert sorted(container.namelist()) == [
            "golden/00.png",
            "golden/01.png",
            "profile.json",
            "reference.png",
            "statistics.safetensors",
            "thumbnail.png",
        ]
        assert all(info.compress_type == zipfile.ZIP_STORED for info in container.infolist())
        assert container.testzip() is None


@pytest.mark.parametrize(
    "change",
    [
        {"statistics": Statistics({"mean": np.array([1.0, np.nan])})},
        {"statistics": Statistics({"mean": np.array([np.inf], np.float32)})},
        {"statistics": Statistics({"names": np.array(["a"])})},
        {"statistics": Statistics({"z": np.array([1j])})},
        {"statistics": Statistics({"o": np.array([object()])})},
        {"golden": (GoldenImage("a", picture(), float("nan")),)},
        {"golden": tuple(GoldenImage(str(i), picture(), 1.0) for i in range(65))},
        {"golden": (GoldenImage("a", picture()[..., :1], 1.0),)},
        {"thumbnail": np.zeros((4097, 4097, 3), np.uint8)},
        {"normals": (NormalImage("a", float("inf")),)},
        {"detector": DetectorChoice("x", {"nu": float("nan")})},
        {"extra": {"x": float("nan")}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_could_not_be_opened_again_is_not_saved(
    store: ProfileStore, root: Path, change: dict[str, Any]
) -> None:
    store.save(make_profile("good"))
    before = sorted(root.rglob("*"))
    with pytest.raises(ProfileError):
        store.save(replace(make_profile("bad"), **change))
    assert sorted(root.rglob("*")) == before


_arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.uint8, np.bool_]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    elements={"allow_nan": False, "allow_infinity": False},
)
_scores = st.floats(1e-300, 1e300)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=5) | _scores,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(
    arrays=st.dictionaries(st.text(min_size=1, max_size=8), _arrays, max_size=4),
    limits=st.tuples(_scores, _scores).map(sorted),
    rank=st.none() | st.integers(1, 10**6),
    settings=st.dictionaries(st.text(max_size=8), _json, max_size=3),
    normals=st.lists(st.tuples(st.text(max_size=20), st.none() | _scores), max_size=5),
    pixels=hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))),
)
def test_any_profile_comes_back(
    *,
    arrays: dict[str, Any],
    limits: list[float],
    rank: int | None,
    settings: dict[str, Any],
    normals: list[tuple[str, float | None]],
    pixels: Any,
) -> None:
    promise = None if rank is None else Promise(rank, 10**6)
    profile = replace(
        make_profile(),
        limits=Limits(limits[0], limits[1], promise, promise),
        detector=DetectorChoice("x", settings),
        normals=tuple(NormalImage(source, score) for source, score in normals),
        statistics=Statistics(arrays, {"n": 1}),
        golden=(GoldenImage("", pixels, 0.0),),
    )
    assert_same(_again(profile), profile, but=("id", "revision", "lineage"))
