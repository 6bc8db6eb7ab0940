"""A profile cannot demand more than the PC has: stated, and refused with the figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work import predict
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.check_incoming import check_incoming
from deeprx_gui.work.predict import check_judging, judging_mb
from tests.profiles.factory import make_profile


def needed(size: int) -> float:
    profile = replace(make_profile(), preprocessing=Preprocessing(size=size))
    found = judging_mb(profile)
    assert found is not None
    return found


@pytest.fixture
def office_pc(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PC with 8 GB of memory."""
    monkeypatch.setattr(predict, "memory_mb", lambda: 7500.0)


def test_it_grows_with_the_picture_and_with_what_was_learnt() -> None:
    assert 700 < needed(256) < 1000
    assert needed(256) < needed(512) < needed(2048) < needed(4096)
    assert 9_000 < needed(16_384) < 12_000
    rx = replace(make_profile(detector=DetectorChoice("rx")), preprocessing=Preprocessing(16_384))
    assert judging_mb(rx) == pytest.approx(10_300, rel=0.05), "10.3 GB were measured"
    arrays = {"bank": np.zeros((1000, 1000))}
    profile = make_profile()
    heavy = replace(profile, statistics=replace(profile.statistics, arrays=arrays))
    assert (judging_mb(heavy) or 0) > (judging_mb(profile) or 0) + 8


def test_what_can_be_learnt_can_be_judged_with(office_pc: None) -> None:
    for detector in ("deep-rx", "padim", "patchcore", "rx", "rpca-rx", "deep-rx-local"):
        profile = make_profile(detector=DetectorChoice(detector))
        check_judging(replace(profile, preprocessing=Preprocessing(size=1024)))


def test_a_detector_of_a_newer_program_is_left_to_who_opens_it(office_pc: None) -> None:
    profile = make_profile(detector=DetectorChoice("tomorrow"))
    assert judging_mb(profile) is None
    check_judging(profile)


def test_an_import_beyond_the_pc_is_refused_with_the_figure(
    office_pc: None, tmp_path: Path
) -> None:
    elsewhere = ProfileStore(tmp_path / "elsewhere")
    large = replace(make_profile("large"), preprocessing=Preprocessing(size=16_384))
    elsewhere.save(large)
    file = elsewhere.export("large", tmp_path / "large.deeprx")
    here = ProfileStore(tmp_path / "here", check=check_incoming)
    for look in (
        lambda: here.examine(file),
        lambda: here.import_file(file, who="x"),
        lambda: here.import_revision(file, "large", expected=1, who="x"),
    ):
        with pytest.raises(ProfileError, match=r"16384 × 16384 .* 9,\d{3} MB .* 7,500 MB"):
            look()
    assert here.list() == ()


def test_opening_one_that_is_here_is_refused_before_anything_is_loaded(
    office_pc: None, tmp_path: Path
) -> None:
    large = replace(make_profile("large"), preprocessing=Preprocessing(size=16_384))
    engines = EnginePool(BackboneLibrary(tmp_path))
    job = score_images(large, [], engines=engines)
    next(job)
    with pytest.raises(ProfileError, match="MB of memory"):
        next(job)
    assert engines.describe() is None
