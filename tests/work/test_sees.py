"""What a profile can see: checked against the very defects it names, and what bad input gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import NormalImage, Profile
from deeprx_gui.domain.sees import SmallestSeen, seen_words
from deeprx_gui.domain.view import Region, Shape, ShapeKind, View
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.i18n import render
from deeprx_gui.work import sees
from deeprx_gui.work.sees import smallest_seen
from deeprx_gui.work.sees_pictures import SIDE, seen_picture, side_by_side
from tests.work.helpers import drive

Learnt = tuple[Profile, Sequence[Path]]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sees, "STEPS", 4)
    monkeypatch.setattr(sees, "MIXED", 6)
    monkeypatch.setattr(sees, "IMAGES", 4)


def moved(profile: Profile, times: float) -> Profile:
    """The same with both limits at so many times the suggested NG limit."""
    limit = profile.suggested.ng * times
    return replace(profile, limits=Limits(limit, limit))


def test_what_is_named_is_found_and_shown(learnt: Learnt, engines: EnginePool) -> None:
    profile, _ = learnt
    told, seen = drive(smallest_seen(profile, engines=engines))
    assert [one.kind for one in seen.smallest] == ["spot", "scratch"]
    found = [one for one in seen.smallest if one.picture is not None]
    assert found, "the largest scratch is a third of the picture"
    for one in found:
        assert one.found >= 0.75 * one.tried > 0
        assert one.extent is not None
        assert one.picture is not None
        assert one.mask is not None
        scorer = engines.for_profile(profile)
        assert scorer.score(Frame(one.picture, "")).value > profile.limits.ng
        shown = seen_picture(one)
        assert shown is not None
        assert max(shown.whole.shape) == SIDE == shown.detail.shape[0]
        assert (shown.whole == (224, 32, 32)).all(axis=2).any(), "a frame"
        both = side_by_side(one)
        assert both is not None
        assert both.shape[0] == SIDE
        assert f"seen from {round(one.extent)} px on" in render(seen_words(one))
    assert len(seen.planted.scores) > 0
    assert seen.planted.planted
    dones = [p.done for p in told]
    assert dones == sorted(dones)
    assert told[-1].done == told[-1].total, "the bar ends full"
    assert any(p.seconds_left is not None for p in told), "the time left is told"


def test_a_higher_limit_sees_no_smaller_defects(learnt: Learnt, engines: EnginePool) -> None:
    profile, _ = learnt
    sizes, smallest = [], []
    for times in (0.7, 1.5, 1e6):
        _, seen = drive(smallest_seen(moved(profile, times), engines=engines))
        sizes.append([np.inf if s.extent is None else s.extent for s in seen.smallest])
        smallest.append(seen.smallest[0])
    for kind in (0, 1):
        assert sizes[0][kind] <= sizes[1][kind] <= sizes[2][kind] == np.inf
    blind = smallest[-1]
    assert blind.picture is None
    assert seen_picture(blind) is None
    assert side_by_side(blind) is None
    assert "not even the largest tried" in render(seen_words(blind))


def test_millimetres_where_the_scale_is_known(learnt: Learnt, engines: EnginePool) -> None:
    profile, _ = learnt
    scaled = replace(profile, view=View(mm_per_pixel=0.5))
    _, seen = drive(smallest_seen(scaled, engines=engines))
    (one, *_) = [s for s in seen.smallest if s.extent is not None]
    assert one.extent is not None
    assert one.mm == pytest.approx(one.extent / 2)
    assert " mm)" in render(seen_words(one))


def test_other_pictures_of_good_parts_may_be_named(learnt: Learnt, engines: EnginePool) -> None:
    profile, files = learnt
    gone = tuple(NormalImage(f"/nowhere/{n}.png", 1.0) for n in range(6))
    lost = replace(profile, normals=gone)
    with pytest.raises(RequestError, match="None of the normal images can be used"):
        drive(smallest_seen(lost, engines=engines))
    _, seen = drive(smallest_seen(lost, engines=engines, images=files))
    assert any(one.tried for one in seen.smallest)


def test_no_room_inside_the_region_is_a_sentence(learnt: Learnt, engines: EnginePool) -> None:
    profile, _ = learnt
    thin = Region((Shape(ShapeKind.RECTANGLE, ((0.5, 0.5), (0.503, 0.503))),))
    with pytest.raises(RequestError, match="no room for planted defects"):
        drive(smallest_seen(replace(moved(profile, 9), view=View(thin)), engines=engines))
    none = SmallestSeen("spot", say("spot"), None, None, 0, 0)
    assert "no room for one" in render(seen_words(none))


def test_it_can_be_stopped_between_any_two_pictures(learnt: Learnt, engines: EnginePool) -> None:
    job = smallest_seen(learnt[0], engines=engines)
    for _ in range(7):
        next(job)
    job.close()
