"""One profile, two runtimes: whatever computes, the parts get the same scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.profile import DetectorChoice, Profile
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.domain.verdict import judge
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.fit import fit
from tests.engine.parts import part, with_scratch
from tests.work.helpers import SETTINGS, drive, request_for, save, save_parts

Learnt = tuple[Profile, Sequence[Path]]
ALLOWED = 1e-3
"""How far two runtimes may be apart, in x limit."""


@pytest.fixture(scope="module")
def openvino(tmp_path_factory: pytest.TempPathFactory) -> EnginePool:
    folder = tmp_path_factory.mktemp("openvino")
    return EnginePool(BackboneLibrary(folder / "none"), "openvino", folder / "cache")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Good parts and bad ones, upright and lying, larger and smaller than the network's input."""
    folder = tmp_path_factory.mktemp("pictures")
    files = save_parts(folder, 3, first=50)
    files += save_parts(folder, 2, first=60, height=150, width=90)
    return [*files, save(folder / "bad.png", with_scratch(part(60, 64, 64), 24, 24))]


def scored(profile: Profile, files: Sequence[Path], engines: EnginePool) -> list[ScoredImage]:
    told, outcome = drive(score_images(profile, [PendingImage(f) for f in files], engines=engines))
    assert outcome.golden_difference <= ALLOWED
    return [p.item for p in told if isinstance(p.item, ScoredImage)]


def assert_agree(
    profile: Profile, files: Sequence[Path], one: EnginePool, other: EnginePool
) -> None:
    limit = profile.suggested.review
    found = zip(scored(profile, files, one), scored(profile, files, other), strict=True)
    for ours, theirs in found:
        assert ours.score is not None
        assert theirs.score is not None
        assert abs(ours.value - theirs.value) <= ALLOWED * limit
        assert np.abs(ours.score.map - theirs.score.map).max() <= ALLOWED * limit
        assert judge(ours.value, profile.limits) is judge(theirs.value, profile.limits)


def taught(detector: str, files: Sequence[Path], engines: EnginePool, folder: Path) -> Profile:
    settings = replace(SETTINGS, detector=DetectorChoice(detector))
    job = fit(
        request_for(files, settings=settings),
        engines=engines,
        store=ProfileStore(folder / "p"),
        scratch=folder / "s",
    )
    return drive(job)[1].profile


@pytest.mark.parametrize("detector", [d for d, spec in DETECTORS.items() if not spec.pixels])
def test_what_one_learnt_the_other_scores_alike(
    *,
    detector: str,
    learnt: Learnt,
    engines: EnginePool,
    openvino: EnginePool,
    pictures: list[Path],
    tmp_path: Path,
) -> None:
    _, files = learnt
    by_torch = taught(detector, files, engines, tmp_path / "torch")
    by_openvino = taught(detector, files, openvino, tmp_path / "openvino")
    assert by_torch.origin.runtime == "torch-cpu"
    assert by_openvino.origin.runtime == "openvino-cpu"
    for profile in (by_torch, by_openvino):
        assert_agree(profile, [*files, *pictures], openvino, engines)
    limit = by_torch.suggested.review
    assert abs(by_openvino.suggested.review - limit) <= ALLOWED * limit
    for ours, theirs in zip(by_openvino.normals, by_torch.normals, strict=True):
        assert ours.held_out is not None
        assert theirs.held_out is not None
        assert abs(ours.held_out - theirs.held_out) <= ALLOWED * limit
