"""A score is the same to the last bit alone, in a batch, and on any number of cores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.single_threaded_blas import _openblas
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.fit import fit
from tests.work.helpers import SETTINGS, drive, request_for, save_parts


@pytest.mark.parametrize("detector", DETECTORS)
def test_alone_in_a_batch_and_on_any_number_of_cores(detector: str, tmp_path: Path) -> None:
    engines = EnginePool(BackboneLibrary(tmp_path / "none"), "openvino", tmp_path / "cache")
    files = save_parts(tmp_path, 6, height=128, width=128)
    settings = replace(
        SETTINGS, preprocessing=Preprocessing(128), detector=DetectorChoice(detector)
    )
    request = request_for(files, settings=settings)
    job = fit(request, engines=engines, store=ProfileStore(tmp_path / "p"), scratch=tmp_path)
    profile = drive(job)[1].profile
    told, _ = drive(score_images(profile, [PendingImage(f) for f in files], engines=engines))
    batch = [p.item.score for p in told if isinstance(p.item, ScoredImage)]
    scorer = engines.for_profile(profile)
    openblas = _openblas()
    assert openblas is not None
    ask, tell = openblas
    before = ask()
    try:
        for threads in (1, 2, 3):
            tell(threads)
            for file, there in zip(files, batch, strict=True):
                here = scorer.score(decode(file))
                assert there is not None
                assert here.value == there.value
                assert np.array_equal(here.map, there.map)
    finally:
        tell(before)
