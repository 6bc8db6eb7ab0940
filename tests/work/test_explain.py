"""An NG explained: its places, what carries the distance, the closest normal parts there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.view import View
from deeprx_gui.domain.why import Explanation, TapShare, fine_share, tap_words
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.i18n import render
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.explain import Explainer, crop_box
from deeprx_gui.work.fit import fit
from deeprx_gui.work.reference import positioning_from
from tests.engine.parts import part, with_scratch
from tests.work.helpers import SETTINGS, drive, request_for, save
from tests.work.test_positioned import lying


def explained(profile: Profile, engines: EnginePool, frame: Frame) -> Explanation:
    scorer = engines.for_profile(profile)
    score = scorer.score(frame)
    return drive(Explainer(profile, scorer).explain(frame, score.map, profile.limits))[1]


def test_a_scratch_is_found_and_split_exactly(
    engines: EnginePool, learnt: tuple[Profile, Sequence[Path]]
) -> None:
    profile, files = learnt
    bad = Frame(with_scratch(part(90, 64, 64), 40, 12), "bad")
    why = explained(profile, engines, bad)
    place = why.places[0]
    left, top, right, bottom = place.blob.box
    assert left < 17 / 64 < right
    assert top < 45 / 64 < bottom
    assert place.times > 1
    assert place.squared == pytest.approx(sum(tap.squared for tap in place.taps), rel=1e-9)
    assert sum(tap.share for tap in place.taps) == pytest.approx(1)
    assert [tap.stride for tap in place.taps] == [16, 8]
    assert {normal.source for normal in place.normals} <= {str(file) for file in files}
    assert len(place.normals) == 3
    assert why.note is None
    assert why.normals_note is None


def test_without_the_files_the_reference_pictures_are_compared_with(
    engines: EnginePool, learnt: tuple[Profile, Sequence[Path]]
) -> None:
    profile, _ = learnt
    absent = tuple(replace(n, source=f"/gone/{i}") for i, n in enumerate(profile.normals))
    gone = replace(profile, normals=absent)
    bad = Frame(with_scratch(part(90, 64, 64), 40, 12), "bad")
    why = explained(gone, engines, bad)
    assert all(normal.golden for normal in why.places[0].normals)
    assert why.normals_note is not None
    assert "reference pictures" in render(why.normals_note)
    nothing = explained(replace(gone, golden=()), engines, bad)
    assert nothing.places[0].normals == ()
    assert nothing.normals_note is not None
    assert "No normal picture is left" in render(nothing.normals_note)


def test_a_good_part_has_nothing_to_explain(
    engines: EnginePool, learnt: tuple[Profile, Sequence[Path]]
) -> None:
    profile, _ = learnt
    why = explained(profile, engines, Frame(part(1, 64, 64), "good"))
    assert (why.places, why.total, why.note) == ((), 0, None)


def test_parts_are_compared_in_their_own_frame(engines: EnginePool, tmp_path: Path) -> None:
    """The part lies 6 pixels to the right; the crops beside each other show the same place."""
    folder = tmp_path / "normal"
    folder.mkdir()
    files = [save(folder / f"{n}.png", lying(n, n - 3.5, 0)) for n in range(8)]
    found = drive(positioning_from(files, shift=0.1, turn=0.0))[1]
    settings = replace(SETTINGS, view=View(positioning=found))
    job = fit(
        request_for(files, settings=settings),
        engines=engines,
        store=ProfileStore(tmp_path / "p"),
        scratch=tmp_path / "s",
    )
    profile = drive(job)[1].profile
    bad = lying(50, 6, 0).copy()
    bad[30:40, 60:70] = 255
    seen = np.zeros((24, 24), np.float32)
    seen[8, 16] = 2 * profile.limits.ng
    explainer = Explainer(profile, engines.for_profile(profile))
    (place,) = drive(explainer.explain(Frame(bad, "bad"), seen, profile.limits))[1].places
    middle = 0.5 * (place.box[0] + place.box[2])
    assert abs(middle - (66 - 6) / 96) < 0.03, "the box is in the part's own frame"
    own = place.part.astype(float)
    normal = place.normals[0].pixels.astype(float)
    assert own.shape == normal.shape
    calm = np.abs(own - normal).max(axis=2) < 60
    assert calm.mean() > 0.6, "only the defect differs"


@pytest.mark.parametrize("aspect", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("at", [0.0, 0.5, 1.0])
def test_crops_are_square_and_inside(aspect: float, at: float) -> None:
    left, top, right, bottom = crop_box((at, at, min(1, at + 0.02), min(1, at + 0.02)), aspect)
    assert 0 <= left < right <= 1 + 1e-9
    assert 0 <= top < bottom <= 1 + 1e-9
    assert (bottom - top) * aspect == pytest.approx(right - left)


def shares(*parts: tuple[int, float]) -> tuple[TapShare, ...]:
    return tuple(TapShare(stride, share, share) for stride, share in parts)


def said(taps: tuple[TapShare, ...]) -> str:
    words = tap_words(taps)
    assert words is not None
    return render(words)


def test_plain_words_for_what_carries_the_distance() -> None:
    assert tap_words(()) is None
    assert fine_share(shares((8, 1.0))) is None
    assert "fine texture (80 %" in said(shares((16, 0.2), (8, 0.8)))
    assert "coarse shape (75 %" in said(shares((32, 0.5), (16, 0.25), (8, 0.25)))
    assert "both differ" in said(shares((16, 0.5), (8, 0.5)))
