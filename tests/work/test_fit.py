"""Learning: from picture files to a saved revision, told step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.errors import BackboneError, FitError, ProfileError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limits import HeldOutScheme, suggest_limits
from deeprx_gui.domain.profile import Preprocessing, Profile, Scoring
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit, learn
from tests.engine.parts import part
from tests.work.conftest import MakeParts
from tests.work.helpers import SETTINGS, drive, request_for, save


def test_a_fit_saves_what_it_learnt(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts
) -> None:
    files = parts(8)
    _, outcome = drive(fit(request_for(files), engines=engines, store=store, scratch=scratch))
    profile = store.load("Plate")
    assert (profile.id, profile.revision) == (outcome.profile.id, 1)
    assert [n.source for n in profile.normals] == [str(f) for f in files]
    assert profile.statistics.counts == {"positions": 8 * 64, "images": 8}
    assert profile.backbone.weights_sha256 == engines.library.find("efficientnet-lite0").sha256
    assert profile.detector.settings == {"shrinkage": 1e-3, "squared": False}
    assert (profile.origin.who, profile.origin.runtime) == ("佐藤", "torch-cpu")
    assert profile.thumbnail is not None
    assert outcome.skipped == ()
    assert outcome.runtime == "torch-cpu"
    assert outcome.seconds > 0
    assert not list(scratch.iterdir())


def test_limits_come_from_held_out_scores(learnt: tuple[Profile, Sequence[Path]]) -> None:
    profile, _ = learnt
    assert profile.held_out_scheme is HeldOutScheme.LEAVE_ONE_OUT
    assert len(profile.held_out_scores) == 8
    assert profile.limits == profile.suggested == suggest_limits(profile.held_out_scores)
    assert profile.limits.ng == max(profile.held_out_scores)
    assert profile.limits.ng_promise is not None
    assert profile.limits.ng_promise.rate == pytest.approx(1 / 9)


def test_a_held_out_score_is_that_of_a_fit_without_the_image(
    learnt: tuple[Profile, Sequence[Path]], engines: EnginePool, scratch: Path
) -> None:
    profile, files = learnt
    _, others = drive(learn([*files[:3], *files[4:]], SETTINGS, engines=engines, scratch=scratch))
    head = detector("deep-rx").head(others.statistics, profile.detector.settings)
    scorer = engines.for_fit(SETTINGS).scorer(head, SETTINGS.scoring)
    held_out = profile.normals[3].held_out
    assert scorer.score(decode(files[3])).value == pytest.approx(held_out, rel=1e-4)


def test_golden_images_are_the_lowest_the_middle_and_the_highest(
    learnt: tuple[Profile, Sequence[Path]], engines: EnginePool
) -> None:
    profile, _ = learnt
    ranked = sorted(profile.normals, key=lambda n: n.held_out or 0)
    wanted = [Path(ranked[i].source).name for i in (0, 4, 7)]
    assert [g.name for g in profile.golden] == wanted
    scorer = engines.for_profile(profile)
    for golden in profile.golden:
        assert golden.pixels.shape == (64, 64, 3)
        assert scorer.score_prepared(golden.pixels).value == golden.score  # to the last bit


def test_progress_counts_every_image_and_then_every_held_out_score(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts
) -> None:
    files = parts(10)
    told, _ = drive(fit(request_for(files), engines=engines, store=store, scratch=scratch))
    notes = [str(p.note) for p in told]
    assert list(dict.fromkeys(notes)) == [
        "Getting ready…",
        "Looking for pictures of the same part",
        "Reading normal images",
        "Scoring every normal image against the others",
        "Saving…",
    ]
    reading = [p for p in told if str(p.note) == "Reading normal images"]
    assert [p.item for p in reading] == files
    working = [p for p in told[1:-1] if str(p.note) != "Looking for pictures of the same part"]
    assert [p.done for p in working] == sorted(p.done for p in working)
    assert {p.total for p in working} == {14}
    assert (working[0].done, working[-1].done) == (1, 14)
    assert all(p.seconds_left is None for p in working[:2])
    assert all(p.seconds_left is not None and p.seconds_left >= 0 for p in working[2:])
    assert working[-1].seconds_left == 0


def test_learning_again_makes_the_next_revision_of_the_same_profile(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts
) -> None:
    files = parts(6)
    _, first = drive(fit(request_for(files), engines=engines, store=store, scratch=scratch))
    store.save(replace(first.profile, name="Plate, left"))
    again = request_for(parts(7), name="ignored", profile_id=first.profile.id, why="more light")
    _, second = drive(fit(again, engines=engines, store=store, scratch=scratch))
    assert (second.profile.id, second.profile.revision) == (first.profile.id, 3)
    assert second.profile.name == "Plate, left"
    assert second.profile.origin.why == "more light"
    assert len(store.load(first.profile.id, 1).normals) == 6


def test_more_than_a_hundred_images_are_held_out_in_folds(
    engines: EnginePool, scratch: Path, parts: MakeParts
) -> None:
    tiny = FitSettings(preprocessing=Preprocessing(size=32))
    files = parts(101, height=32, width=32)
    _, found = drive(learn(files, tiny, engines=engines, scratch=scratch))
    assert found.plan.scheme is HeldOutScheme.K_FOLD
    assert all(n.held_out is not None for n in found.normals)


def test_beyond_the_most_only_some_are_held_out_and_all_are_learnt(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.engine.holdout.MOST_HELD_OUT", 6)
    _, found = drive(learn(parts(15), SETTINGS, engines=engines, scratch=scratch))
    assert found.statistics.counts["images"] == 15
    assert [i for i, n in enumerate(found.normals) if n.held_out is not None] == [
        0,
        3,
        6,
        8,
        11,
        14,
    ]


@pytest.mark.parametrize(
    "settings",
    [
        replace(SETTINGS, scoring=Scoring(sigma=0.0, reduce="top1")),
        replace(SETTINGS, taps=(16,)),
        replace(SETTINGS, taps=(4, 8, 32)),
        replace(SETTINGS, preprocessing=Preprocessing(60, keep_aspect=False)),
        replace(SETTINGS, detector=replace(SETTINGS.detector, settings={"squared": True})),
        replace(SETTINGS, backbone="efficientnet-lite2"),
    ],
)
def test_every_setting_reaches_the_score(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts, settings: FitSettings
) -> None:
    request = request_for(parts(6, width=96), settings=settings)
    _, outcome = drive(fit(request, engines=engines, store=store, scratch=scratch))
    profile = outcome.profile
    assert profile.preprocessing == settings.preprocessing
    assert profile.scoring == settings.scoring
    assert profile.backbone.taps == settings.taps
    scorer = engines.for_profile(store.load(profile.id))
    score = scorer.score(decode(Path(profile.normals[0].source)))
    prepared = engines.for_fit(settings).prepare(part(0, 64, 96))
    assert score.map.shape == tuple(n // min(settings.taps) for n in prepared.shape[:2])
    assert np.isfinite(score.value)


def test_pictures_of_all_sizes_and_shapes_are_learnt_together(
    engines: EnginePool, store: ProfileStore, scratch: Path, tmp_path: Path
) -> None:
    shapes = [(64, 64), (300, 200), (50, 800), (800, 50), (8, 8), (1, 1), (640, 480)]
    files = [save(tmp_path / f"{h}x{w}.png", part(h, h, w)) for h, w in shapes]
    _, outcome = drive(fit(request_for(files), engines=engines, store=store, scratch=scratch))
    assert outcome.skipped == ()
    assert all(np.isfinite(s) and s > 0 for s in outcome.profile.held_out_scores)


def test_the_same_picture_many_times_still_gives_limits(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts
) -> None:
    request = request_for(parts(1) * 6)
    _, outcome = drive(fit(request, engines=engines, store=store, scratch=scratch))
    assert 0 < outcome.profile.limits.review < 100
    assert len(outcome.profile.golden) == 1


def test_one_structured_picture_among_blank_ones_is_a_sentence(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts, tmp_path: Path
) -> None:
    blank = [save(tmp_path / f"b{i}.png", np.full((64, 64, 3), 90, np.uint8)) for i in range(8)]
    job = fit(request_for([*parts(1), *blank]), engines=engines, store=store, scratch=scratch)
    with pytest.raises(FitError, match="normal images"):
        drive(job)


def test_a_name_that_cannot_be_saved_is_told_before_learning(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts
) -> None:
    with pytest.raises(ProfileError):
        next(fit(request_for(parts(6), name=" "), engines=engines, store=store, scratch=scratch))


def test_a_backbone_that_is_not_installed_is_told_before_a_picture_is_read(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts
) -> None:
    request = request_for(parts(6), settings=replace(SETTINGS, backbone="resnet50"))
    job = fit(request, engines=engines, store=store, scratch=scratch)
    assert str(next(job).note) == "Getting ready…"
    with pytest.raises(BackboneError, match=r"resnet50 is not installed.*import"):
        next(job)
