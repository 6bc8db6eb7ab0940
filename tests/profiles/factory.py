"""Profiles made by hand, and eyes that compare them to the last bit."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

from deeprx_gui.domain.limits import Limits, Promise
from deeprx_gui.domain.profile import (
    BackboneChoice,
    DetectorChoice,
    GoldenImage,
    NormalImage,
    Preprocessing,
    Profile,
    RevisionOrigin,
    Scoring,
)
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.domain.view import Positioning, Region, Shape, ShapeKind, View
from tests.made_profile import made_profile

JAPAN = timezone(timedelta(hours=9))


def picture(side: int = 12, seed: int = 0) -> Any:
    """A small RGB picture with both smooth and noisy parts."""
    rng = np.random.default_rng(seed)
    ramp = np.add.outer(np.arange(side), np.arange(side + 3))[..., None] * np.array([3, 5, 7])
    return (ramp + rng.integers(0, 9, (side, side + 3, 3))).astype(np.uint8)


def make_profile(name: str = "Housing A", *, count: int = 6, **changes: Any) -> Profile:
    """A small profile that uses every field."""
    rng = np.random.default_rng(count)
    channels = 5
    root = rng.normal(size=(channels, channels))
    profile = made_profile(
        name,
        id="",
        revision=0,
        preprocessing=Preprocessing(size=192, keep_aspect=False),
        scoring=Scoring(sigma=1.5, reduce="top1", min_area=3),
        backbone=BackboneChoice("efficientnet-lite0", (8, 16), "0123456789abcdef" * 4),
        detector=DetectorChoice("deep-rx", {"shrinkage": 0.01, "squared": False, "parts": [1, 2]}),
        limits=Limits(9.8, 12.25, Promise(3, count), None),
        suggested=Limits(9.5, 12.0, Promise(3, count), Promise(1, count)),
        normals=tuple(
            NormalImage(f"C:/画像/良品 {i:03d}.png", float(s) if i else None)
            for i, s in enumerate(rng.uniform(4, 9, count))
        ),
        origin=RevisionOrigin(
            "佐藤", datetime(2025, 3, 4, 5, 6, 7, 89, tzinfo=JAPAN), "初回", "0.1.0", "torch (CPU)"
        ),
        statistics=Statistics(
            {
                "mean": rng.normal(size=channels),
                "scatter": (root @ root.T),
                "channels": np.array([2, 3], np.int64),
                "weights": rng.normal(size=(2, 3, 4)).astype(np.float32),
                "flags": np.array([True, False]),
                "scalar": np.array(3.5),
                "nothing": np.empty((0, 4), np.float32),
            },
            {"positions": 12345678901, "images": count},
        ),
        golden=(
            GoldenImage("良品 001.png", picture(seed=1), 4.25),
            GoldenImage("b", picture(9, 2), 5.0),
        ),
        thumbnail=picture(16, 3),
        view=make_view(),
    )
    return replace(profile, **changes)


def make_view() -> View:
    """A view that uses every field."""
    rectangle = Shape(ShapeKind.RECTANGLE, ((0.1, 0.2), (0.9, 0.75)))
    triangle = Shape(ShapeKind.POLYGON, ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0)))
    small = Shape(ShapeKind.RECTANGLE, ((0.4, 0.4), (0.5, 0.5)))
    return View(
        Region((rectangle, triangle), (small,)),
        Positioning(picture(20, 4), rectangle, shift=0.2, turn=3.5, quality=0.6),
        mm_per_pixel=0.125,
    )


def by(profile: Profile, who: str, why: str) -> Profile:
    """The same profile as saved by somebody else, now."""
    origin = replace(profile.origin, who=who, why=why, when=datetime.now(UTC))
    return replace(profile, origin=origin)


def assert_same(a: Profile, b: Profile, *, but: tuple[str, ...] = ()) -> None:
    """Every field equal to the last bit, arrays with their types and shapes."""
    for field in fields(Profile):
        if field.name in but:
            continue
        x, y = getattr(a, field.name), getattr(b, field.name)
        match field.name:
            case "statistics":
                assert x.counts == y.counts
                assert x.arrays.keys() == y.arrays.keys()
                for name in x.arrays:
                    assert_same_array(x.arrays[name], y.arrays[name])
            case "golden":
                assert [(g.name, g.score) for g in x] == [(g.name, g.score) for g in y]
                for one, other in zip(x, y, strict=True):
                    assert_same_array(one.pixels, other.pixels)
            case "view":
                assert same_view(x, y)
            case "thumbnail":
                assert (x is None) == (y is None)
                if x is not None:
                    assert_same_array(x, y)
            case _:
                assert x == y, field.name


def assert_same_array(a: Any, b: Any) -> None:
    """Same type, shape and bytes (so that -0.0 is not 0.0)."""
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    assert a.tobytes() == b.tobytes()


def only_folder(root: Path) -> Path:
    """The folder of the one profile in the store at ``root``."""
    folders = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    assert len(folders) == 1
    return folders[0]


def flip(path: Path, at: int) -> None:
    """Turn one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def _same_positioning(a: Positioning | None, b: Positioning | None) -> bool:
    """Whether both look for the same thing in the same way."""
    if a is None or b is None:
        return a is b
    settings = (a.window, a.shift, a.turn, a.quality) == (b.window, b.shift, b.turn, b.quality)
    return settings and np.array_equal(a.reference, b.reference)


def same_view(a: View, b: View) -> bool:
    """Whether two views show the same; ``==`` would only ask whether they are one object."""
    plain = (a.region, a.mm_per_pixel) == (b.region, b.mm_per_pixel)
    return plain and _same_positioning(a.positioning, b.positioning)
