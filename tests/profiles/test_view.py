"""The view inside a profile: hostile shapes, the reference picture, differences in words."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.view import WHOLE, Region, View
from deeprx_gui.profiles.codec import RevisionHead, decode, encode, encode_parts, hashes_of
from deeprx_gui.profiles.difference import differences
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import assert_same, make_profile, make_view, picture
from tests.profiles.files import document, members, repacked

SAVED = encode(replace(make_profile(), id="x", revision=1))


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        *groups, last = path.split(".")
        for step in groups:
            raw = raw[step]
        raw[last] = value

    return change


def _rectangle(*points: object, **more: object) -> list[object]:
    return [{"kind": "rectangle", "points": list(points), **more}]


HOSTILE = [
    ("view", []),
    ("view.region", None),
    ("view.region.inside", {}),
    ("view.region.inside", [None]),
    ("view.region.inside", _rectangle([0, 0])),
    ("view.region.inside", _rectangle([0, 0], [1, 1], [0, 1])),
    ("view.region.inside", _rectangle([0, 0], [1, 1.001])),
    ("view.region.inside", _rectangle([0, 0], [-1e-9, 1])),
    ("view.region.inside", _rectangle([0, 0], [True, 1])),
    ("view.region.inside", _rectangle([0, 0], ["1", 1])),
    ("view.region.inside", _rectangle([0, 0, 0], [1, 1, 1])),
    ("view.region.inside", _rectangle([0.5, 0], [0.5, 1])),
    ("view.region.inside", _rectangle([0, 0], [1, 1]) * 65),
    ("view.region.ignore", [{"kind": "polygon", "points": [[0, 0], [1, 1]]}]),
    ("view.region.ignore", [{"kind": "polygon", "points": [[0.5, 0.5]] * 4}]),
    ("view.region.ignore", [{"kind": "polygon", "points": [[0, 0], [1, 1], [0, 1]] * 400}]),
    ("view.region.ignore", [{"kind": "circle", "points": [[0, 0], [1, 1], [0, 1]]}]),
    ("view.region.ignore", [{"kind": ["polygon"], "points": [[0, 0], [1, 1], [0, 1]]}]),
    ("view.positioning", True),
    ("view.positioning.window", None),
    ("view.positioning.window", {"kind": "polygon", "points": [[0, 0], [1, 1], [0, 1]]}),
    ("view.positioning.shift", 0.51),
    ("view.positioning.turn", -1),
    ("view.positioning.quality", 1.5),
    ("view.mm_per_pixel", 0),
    ("view.mm_per_pixel", "1"),
    ("scoring.min_area", 0),
    ("scoring.min_area", 1.5),
]


@pytest.mark.parametrize(("path", "value"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_view_that_makes_no_sense_is_refused(path: str, value: object) -> None:
    raw = document(SAVED)
    _set(path, value)(raw)
    with pytest.raises(ProfileError, match="makes no sense"):
        decode(io.BytesIO(repacked(SAVED, raw)))


def test_numbers_that_are_not_finite_are_refused() -> None:
    raw = document(SAVED)
    raw["view"]["mm_per_pixel"] = math.inf
    with pytest.raises(ProfileError, match="not finite"):
        decode(io.BytesIO(repacked(SAVED, raw)))


def test_the_reference_is_there_exactly_when_parts_are_positioned() -> None:
    raw = document(SAVED)
    raw["view"]["positioning"] = None
    with pytest.raises(ProfileError, match="its parts are not the ones"):
        decode(io.BytesIO(repacked(SAVED, raw)))
    plain = encode(replace(make_profile(), id="x", revision=1, view=WHOLE))
    assert "reference.png" not in members(plain)
    raw["view"]["positioning"] = document(SAVED)["view"]["positioning"]
    with pytest.raises(ProfileError, match="its parts are not the ones"):
        decode(io.BytesIO(repacked(plain, raw)))


def test_unknown_keys_of_the_view_survive(store: ProfileStore) -> None:
    raw = document(SAVED)
    raw["view"]["lens"] = {"k1": 0.5}
    raw["view"]["positioning"]["scale"] = 1
    profile = decode(io.BytesIO(repacked(SAVED, raw)))
    again = document(encode(profile))
    assert again["view"]["lens"] == {"k1": 0.5}
    assert again["view"]["positioning"]["scale"] == 1
    saved = store.save(replace(profile, id=""))
    assert_same(store.load(saved.id), profile, but=("id", "revision", "lineage"))


def _texts(before: View, after: View) -> list[str]:
    heads = []
    for view in (before, after):
        profile = make_profile(view=view)
        heads.append(RevisionHead(profile, hashes_of(encode_parts(profile)), ""))
    return [str(difference.text) for difference in differences(heads[0], heads[1])]


def test_what_changed_in_the_view_is_said_in_words() -> None:
    view = make_view()
    found = view.positioning
    assert found is not None
    assert _texts(view, make_view()) == []
    assert _texts(WHOLE, view) == [
        "region changed",
        "ignored areas changed",
        "positioning switched on",
        "mm per pixel - -> 0.125",
    ]
    assert "positioning switched off" in _texts(view, WHOLE)
    assert _texts(view, replace(view, region=Region(view.region.inside))) == [
        "ignored areas changed"
    ]
    other = replace(view, positioning=replace(found, reference=picture(20, 9)))
    assert _texts(view, other) == ["other reference picture for positioning"]
    stricter = replace(view, positioning=replace(found, quality=0.9))
    assert _texts(view, stricter) == ["settings of positioning changed"]
