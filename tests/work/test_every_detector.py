"""Every detector learns, is saved, opened again, and scores the same in every runtime."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit
from deeprx_gui.work.frame_reader import read_frames_ahead
from tests.engine.parts import part
from tests.work.conftest import MakeParts
from tests.work.helpers import SETTINGS, drive, request_for, save

EVERY = pytest.mark.parametrize("name", DETECTORS)


@pytest.fixture(scope="module")
def openvino(tmp_path_factory: pytest.TempPathFactory) -> EnginePool:
    """The built-in backbones in OpenVINO."""
    return EnginePool(BackboneLibrary(tmp_path_factory.mktemp("none")), "openvino")


@EVERY
def test_learn_save_open_score(  # noqa: PLR0917 - fixtures
    name: str,
    engines: EnginePool,
    openvino: EnginePool,
    store: ProfileStore,
    scratch: Path,
    parts: MakeParts,
    tmp_path: Path,
) -> None:
    files = parts(12)
    request = request_for(files, settings=replace(SETTINGS, detector=DetectorChoice(name)))
    _, outcome = drive(fit(request, engines=openvino, store=store, scratch=scratch))
    assert len(outcome.profile.held_out_scores) == 12
    opened = store.load("Plate")
    assert opened.detector.name == name
    damaged = part(40).copy()
    damaged[20:44, 20:44] = (255, 0, 0)
    paths = [*files[:3], save(tmp_path / "damaged.png", damaged)]
    pictures = [frame for _, frame in read_frames_ahead(paths)]
    limit = outcome.profile.limits.ng
    scorers = [room.for_profile(opened) for room in (openvino, engines)]
    a, b = (
        [scorer.score(frame) for frame in pictures if not isinstance(frame, Exception)]
        for scorer in scorers
    )
    for one, other in zip(a, b, strict=True):
        assert abs(one.value - other.value) <= 1e-3 * limit
        assert np.abs(one.map - other.map).max() <= 1e-3 * limit
    assert a[3].value > limit
    assert max(score.value for score in a[:3]) <= limit
    for golden in opened.golden:
        again = scorers[1].score_prepared(golden.pixels).value
        assert again == pytest.approx(golden.score, abs=1e-3 * limit)
