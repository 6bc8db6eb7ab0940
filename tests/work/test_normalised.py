"""A profile whose maps are normalised by position: one scoring everywhere, on every runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limits import PromiseKind, suggest_limits
from deeprx_gui.domain.profile import DetectorChoice, Profile, Scoring
from deeprx_gui.domain.view import Region, Shape, ShapeKind, View
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.normalise import normaliser_of
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit, learn
from tests.work.helpers import SETTINGS, drive, request_for, save_parts
from tests.work.test_runtimes_agree import assert_agree

LEFT_OUT = Shape(ShapeKind.RECTANGLE, ((0.0, 0.0), (0.2, 1.0)))


@pytest.fixture(scope="module")
def openvino(tmp_path_factory: pytest.TempPathFactory) -> EnginePool:
    folder = tmp_path_factory.mktemp("openvino")
    return EnginePool(BackboneLibrary(folder / "none"), "openvino", folder / "cache")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Ten good parts, two of them of another shape."""
    folder = tmp_path_factory.mktemp("normals")
    return save_parts(folder, 8) + save_parts(folder, 2, first=20, height=96, width=64)


def settings_for(name: str, normalise: str = "position") -> FitSettings:
    return replace(
        SETTINGS,
        detector=DetectorChoice(name),
        scoring=Scoring(normalise=normalise),
        view=View(Region(ignore=(LEFT_OUT,))),
        limit="tail",
    )


@pytest.mark.parametrize("name", ["deep-rx", "patchcore", "rx"])
def test_stills_golden_images_and_both_runtimes_agree(
    *,
    name: str,
    files: Sequence[Path],
    openvino: EnginePool,
    engines: EnginePool,
    store: ProfileStore,
    scratch: Path,
) -> None:
    request = request_for(files, settings=settings_for(name))
    told, outcome = drive(fit(request, engines=openvino, store=store, scratch=scratch))
    profile: Profile = store.load(outcome.profile.id)
    assert profile.scoring.normalise == "position"
    assert "Measuring every place by what is usual there" in {str(p.note) for p in told}
    assert not list(scratch.iterdir())
    assert profile.suggested == suggest_limits(profile.held_out_scores, kind="tail")
    for promise in profile.limits.promises:
        assert promise is not None
        assert promise.kind is PromiseKind.TAIL
    opened = openvino.for_profile(profile)
    for golden in profile.golden:
        assert opened.score_prepared(golden.pixels).value == golden.score
    assert_agree(profile, files[:3], openvino, engines)


def test_the_map_is_that_of_the_head_normalised_and_then_smoothed(
    files: Sequence[Path], openvino: EnginePool, scratch: Path
) -> None:
    settings = replace(settings_for("patchcore"), view=SETTINGS.view)
    _, found = drive(learn(files, settings, engines=openvino, scratch=scratch))
    engine = openvino.for_fit(settings)
    head = detector("patchcore").head(found.statistics, found.settings)
    normalise = normaliser_of(found.statistics, found.scoring)
    assert normalise is not None
    bare = replace(found.scoring, sigma=0.0)
    learnt = decode(files[0])  # as its negative: of itself the distance is all but 0, a rounding
    frame = replace(learnt, pixels=np.invert(learnt.pixels))
    score = engine.scorer(head, bare, normalise).score(frame)
    wanted = normalise(head.score_map(engine.look(frame.pixels)))
    np.testing.assert_allclose(score.map, wanted, rtol=2e-4, atol=2e-4)
    assert score.value == pytest.approx(float(wanted.max()), rel=2e-4)


def test_auto_is_settled_and_leaves_nothing_behind_when_it_says_no(
    files: Sequence[Path], openvino: EnginePool, scratch: Path
) -> None:
    automatic = settings_for("deep-rx", "auto")
    _, found = drive(learn(files, automatic, engines=openvino, scratch=scratch))
    assert found.scoring.normalise in {"none", "position"}
    assert ("normalise.gain" in found.statistics.arrays) == (found.scoring.normalise == "position")
    plain = settings_for("deep-rx", "none")
    _, without = drive(learn(files, plain, engines=openvino, scratch=scratch))
    if found.scoring.normalise == "none":
        assert found.normals == without.normals
