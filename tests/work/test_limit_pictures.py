"""The pictures that set the limit: the frame lies on what is odd, wherever the region is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limit_setters import limit_question, record_of
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.domain.view import WHOLE, Region, Shape, ShapeKind, View
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit
from deeprx_gui.work.limit_pictures import LimitPicture, limit_pictures
from tests.work.helpers import SETTINGS, drive, request_for, save

RIGHT_HALF = View(Region((Shape(ShapeKind.RECTANGLE, ((0.4, 0.0), (1.0, 1.0))),)))
SPOT = (0.75, 0.25)


def part(seed: int, *, spot: bool = False) -> ByteImage:
    rng = np.random.default_rng(seed)
    pixels = np.tile(np.linspace(60, 160, 128), (128, 1)) + rng.normal(0, 3, (128, 128))
    if spot:
        pixels[26:38, 90:102] = 250
    return np.repeat(pixels.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [save(tmp_path / f"{n}.png", part(n, spot=n == 3)) for n in range(9)]


def pictures(
    files: Sequence[Path], view: View, normalise: str, engines: EnginePool, tmp_path: Path
) -> tuple[str, list[LimitPicture]]:
    settings = replace(
        SETTINGS,
        preprocessing=Preprocessing(128),
        view=view,
        scoring=replace(SETTINGS.scoring, normalise=normalise),
    )
    store = ProfileStore(tmp_path / "profiles")
    _, outcome = drive(
        fit(request_for(files, settings=settings), engines=engines, store=store, scratch=tmp_path)
    )
    profile = store.load(outcome.profile.id)
    assert record_of(profile).rate == settings.false_call_rate
    question = limit_question(profile)
    assert question is not None
    sources = [setter.source for setter in question.setters]
    told, _ = drive(limit_pictures(profile, sources, engines=engines))
    return sources[0], [p.item for p in told if isinstance(p.item, LimitPicture)]


@pytest.mark.parametrize(
    ("view", "normalise"), [(WHOLE, "none"), (WHOLE, "position"), (RIGHT_HALF, "none")]
)
def test_the_frame_lies_on_what_is_odd(
    files: list[Path], view: View, normalise: str, engines: EnginePool, tmp_path: Path
) -> None:
    first, found = pictures(files, view, normalise, engines, tmp_path)
    assert first == str(files[3])
    picture = found[0]
    assert picture.source == first
    assert picture.error is None
    assert picture.pixels is not None
    assert picture.place is not None
    left, top, right, bottom = picture.place
    assert left <= SPOT[0] <= right
    assert top <= SPOT[1] <= bottom
    assert right - left < 0.5


def test_a_picture_that_is_gone_says_so(
    files: list[Path], engines: EnginePool, tmp_path: Path
) -> None:
    store = ProfileStore(tmp_path / "profiles")
    request = request_for(files)
    _, outcome = drive(fit(request, engines=engines, store=store, scratch=tmp_path))
    files[3].unlink()
    sources = [str(files[3]), "elsewhere.png", str(files[0])]
    told, _ = drive(limit_pictures(outcome.profile, sources, engines=engines))
    gone, elsewhere, there = (p.item for p in told)
    assert isinstance(gone, LimitPicture)
    assert isinstance(elsewhere, LimitPicture)
    assert isinstance(there, LimitPicture)
    assert gone.pixels is None
    assert gone.error is not None
    assert elsewhere.error is not None
    assert there.pixels is not None


def test_answers_are_carried_from_revision_to_revision(
    files: list[Path], engines: EnginePool, tmp_path: Path
) -> None:
    store = ProfileStore(tmp_path / "profiles")
    _, first = drive(fit(request_for(files), engines=engines, store=store, scratch=tmp_path))
    rest = [file for file in files if file != files[3]]
    request = replace(
        request_for(rest, profile_id=first.profile.id), kept=(files[0],), left_out=(files[3],)
    )
    _, second = drive(fit(request, engines=engines, store=store, scratch=tmp_path))
    again = request_for(rest, profile_id=first.profile.id)
    _, third = drive(fit(again, engines=engines, store=store, scratch=tmp_path))
    for outcome in (second, third):
        record = record_of(outcome.profile)
        assert (record.kept, record.left_out) == ((str(files[0]),), (str(files[3]),))
        assert str(files[3]) not in record.maps
    whole = request_for(files, profile_id=first.profile.id)
    _, fourth = drive(fit(whole, engines=engines, store=store, scratch=tmp_path))
    assert record_of(fourth.profile).left_out == ()
