"""Learning with the autoencoder: half of the pictures teach it, the other half set the limits."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.errors import BackboneError, FitError, ProfileError
from deeprx_gui.domain.fit import FitOutcome
from deeprx_gui.domain.profile import DetectorChoice, Profile
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.backbones import autoencoder_teaching as teacher
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit, learn
from deeprx_gui.work.golden import check_golden
from deeprx_gui.work.teach_autoencoder import taught_by
from tests.engine.parts import part, with_scratch
from tests.work.conftest import MakeParts
from tests.work.helpers import SETTINGS, drive, request_for, save, save_parts

OWN = replace(SETTINGS, backbone="autoencoder")


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short lesson: what it leads to is the business of the engine's own tests."""
    monkeypatch.setattr(teacher, "MOST_STEPS", 6)
    monkeypatch.setattr(teacher, "_BATCH", 2)


@pytest.fixture(scope="module")
def openvino(tmp_path_factory: pytest.TempPathFactory) -> EnginePool:
    return EnginePool(BackboneLibrary(tmp_path_factory.mktemp("none")), "openvino")


@pytest.fixture(scope="module")
def kept(
    openvino: EnginePool, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FitOutcome, list[Path], ProfileStore]:
    """A profile learnt in OpenVINO from twenty parts; read only."""
    root = tmp_path_factory.mktemp("own")
    files = save_parts(root, 20)
    store = ProfileStore(root / "profiles")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teacher, "MOST_STEPS", 40)
        job = fit(request_for(files, settings=OWN), engines=openvino, store=store, scratch=root)
        return drive(job)[1], files, store


@pytest.mark.parametrize("images", [5, 10, 13, 50, 5000])
def test_half_of_the_pictures_teach_in_runs_of_neighbours(images: int) -> None:
    taught = taught_by(images)
    assert 0.4 * images <= len(taught) <= 0.5 * images
    turns = sum((i in taught) != (i + 1 in taught) for i in range(images - 1))
    assert turns == min(images, 10) - 1


def test_what_taught_the_network_has_no_held_out_score(
    kept: tuple[FitOutcome, list[Path], ProfileStore],
) -> None:
    profile = kept[0].profile
    taught = taught_by(20)
    assert {i for i, n in enumerate(profile.normals) if n.held_out is None} == taught
    assert len(profile.held_out_scores) == 10
    assert profile.statistics.counts["images"] == 20, "the detector learns from all of them"
    assert profile.limits.ng_promise is not None
    assert profile.limits.ng_promise.normals == 10


def test_the_network_never_meets_the_other_half(
    openvino: EnginePool, parts: MakeParts, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = parts(12)
    _, before = drive(learn(files, OWN, engines=openvino, scratch=scratch))
    for i in set(range(12)) - taught_by(12):
        save(files[i], with_scratch(part(i, 64, 64), 8, 8, 30))
    _, after = drive(learn(files, OWN, engines=openvino, scratch=scratch))
    assert before.network is not None
    assert after.network is not None
    assert before.network.sha256 == after.network.sha256


def test_saved_opened_and_scored_the_same_in_both_runtimes(
    kept: tuple[FitOutcome, list[Path], ProfileStore], openvino: EnginePool, engines: EnginePool,
    tmp_path: Path,
) -> None:  # fmt: skip
    outcome, files, store = kept
    profile = store.load("Plate")
    assert (profile.backbone.name, profile.backbone.taps) == ("autoencoder", (8, 16))
    assert profile.backbone.weights_sha256 == outcome.profile.backbone.weights_sha256
    scorers = [room.for_profile(profile) for room in (openvino, engines)]
    for scorer in scorers:
        assert check_golden(profile, scorer) <= 1e-3
    bad = decode(save(tmp_path / "bad.png", with_scratch(part(70, 64, 64), 24, 24, 16)))
    for frame in (decode(files[0]), bad):
        one, other = (scorer.score(frame).value for scorer in scorers)
        assert abs(one - other) <= 1e-3 * profile.limits.review
    assert scorers[0].score(bad).value > profile.limits.ng


def test_exported_and_imported(
    kept: tuple[FitOutcome, list[Path], ProfileStore], openvino: EnginePool, tmp_path: Path
) -> None:
    file = tmp_path / "plate.deeprx"
    kept[2].export("Plate", file)
    elsewhere = ProfileStore(tmp_path / "elsewhere").import_file(file, who="佐藤")
    fresh = EnginePool(BackboneLibrary(tmp_path / "no weights here"), "openvino")
    assert check_golden(elsewhere, fresh.for_profile(elsewhere)) <= 1e-3


@pytest.mark.parametrize("case", ["lost", "hash"])
def test_a_profile_without_its_network_is_refused(
    kept: tuple[FitOutcome, list[Path], ProfileStore], openvino: EnginePool, case: str
) -> None:
    profile: Profile = kept[0].profile
    if case == "lost":
        left = {k: v for k, v in profile.statistics.arrays.items() if "autoencoder" not in k}
        profile = replace(profile, statistics=Statistics(left, profile.statistics.counts))
    else:
        profile = replace(profile, backbone=replace(profile.backbone, weights_sha256="ab" * 32))
    with pytest.raises(ProfileError, match="do not fit together"):
        openvino.for_profile(profile)


def test_it_feeds_every_detector_that_looks_through_a_network(
    openvino: EnginePool, parts: MakeParts, scratch: Path
) -> None:
    files = parts(10)
    for name, spec in DETECTORS.items():
        settings = replace(OWN, detector=DetectorChoice(name))
        _, learnt = drive(learn(files, settings, engines=openvino, scratch=scratch))
        assert (learnt.network is None) == spec.pixels
        scored = sum(n.held_out is not None for n in learnt.normals)
        assert scored == (10 if spec.pixels else 5)


def test_the_reconstruction_error_is_a_map(
    openvino: EnginePool, parts: MakeParts, scratch: Path, store: ProfileStore
) -> None:
    settings = replace(OWN, taps=(4,))
    request = request_for(parts(10), settings=settings)
    _, outcome = drive(fit(request, engines=openvino, store=store, scratch=scratch))
    scorer = openvino.for_profile(store.load("Plate"))
    bad = with_scratch(part(70, 64, 64), 24, 24, 16)
    score = scorer.score_prepared(bad)
    assert score.map.shape == (16, 16)
    assert score.value > outcome.profile.limits.ng


def test_progress_tells_of_reading_teaching_and_learning(
    openvino: EnginePool, parts: MakeParts, scratch: Path
) -> None:
    told, _ = drive(learn(parts(10), OWN, engines=openvino, scratch=scratch))
    assert list(dict.fromkeys(str(p.note) for p in told)) == [
        "Getting ready…",
        "Looking for pictures of the same part",
        "Reading pictures for the autoencoder",
        "Teaching the autoencoder",
        "Reading normal images",
        "Scoring every normal image against the others",
    ]
    teaching = [p for p in told if str(p.note) == "Teaching the autoencoder"]
    assert [(p.done, p.total) for p in teaching] == [(i, 6) for i in range(7)]
    assert teaching[-1].seconds_left == 0


def test_it_can_be_cancelled_between_two_steps_and_nothing_is_saved(
    openvino: EnginePool, parts: MakeParts, scratch: Path, store: ProfileStore
) -> None:
    request = request_for(parts(10), settings=OWN)
    with closing(fit(request, engines=openvino, store=store, scratch=scratch)) as job:
        for progress in job:
            if str(progress.note) == "Teaching the autoencoder" and progress.done == 3:
                break
    assert store.list() == ()


@pytest.mark.parametrize("broken", ["taught", "others"])
def test_half_the_pictures_unreadable(
    openvino: EnginePool, parts: MakeParts, scratch: Path, broken: str
) -> None:
    files, taught = parts(12), taught_by(12)
    for i in taught if broken == "taught" else set(range(12)) - taught:
        files[i].write_bytes(b"x")
    with pytest.raises(FitError):
        drive(learn(files, OWN, engines=openvino, scratch=scratch))


def test_one_unreadable_picture_is_left_out(
    openvino: EnginePool, parts: MakeParts, scratch: Path
) -> None:
    files = parts(12)
    files[min(taught_by(12))].write_bytes(b"x")
    _, learnt = drive(learn(files, OWN, engines=openvino, scratch=scratch))
    assert [s.path for s in learnt.skipped] == [files[min(taught_by(12))]]


def test_five_pictures_are_enough_to_begin(
    openvino: EnginePool, parts: MakeParts, scratch: Path
) -> None:
    _, learnt = drive(learn(parts(5), OWN, engines=openvino, scratch=scratch))
    assert sum(n.held_out is not None for n in learnt.normals) == 3


def test_it_cannot_be_opened_before_it_was_taught(openvino: EnginePool) -> None:
    with pytest.raises(BackboneError, match="every fit teaches it"):
        openvino.for_fit(OWN)


def test_scoring_with_openvino_imports_no_torch(
    kept: tuple[FitOutcome, list[Path], ProfileStore], tmp_path: Path
) -> None:
    kept[2].export("Plate", tmp_path / "plate.deeprx")
    program = f"""
import sys
from pathlib import Path
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.golden import check_golden
root = Path({str(tmp_path)!r})
profile = ProfileStore(root / "p").import_file(root / "plate.deeprx", who="me")
check_golden(profile, EnginePool(BackboneLibrary(root), "openvino").for_profile(profile))
assert "openvino" in sys.modules and "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=200)


@pytest.mark.parametrize("name", ["deep-rx", "padim", "patchcore"])
def test_a_held_out_score_is_that_of_a_part_never_met(
    openvino: EnginePool, parts: MakeParts, scratch: Path, name: str
) -> None:
    """By the network that was taught without it and a detector that learnt the others from it."""
    files, spec = parts(10), DETECTORS[name]
    settings = replace(OWN, detector=DetectorChoice(name))
    _, learnt = drive(learn(files, settings, engines=openvino, scratch=scratch))
    engine = openvino.for_fit(settings, learnt.network)
    pictures = [engine.prepare(decode(file).pixels) for file in files]
    for i in set(range(10)) - taught_by(10):
        first = engine.taps(pictures[0])
        others = spec.accumulator(first.channels, learnt.settings)
        for k in range(10):
            if k != i:
                others.add(engine.taps(pictures[k]))
        scorer = engine.scorer(spec.head(others.statistics(), learnt.settings), settings.scoring)
        found = scorer.score_prepared(pictures[i]).value
        assert found == pytest.approx(
            learnt.normals[i].held_out, rel=0.02 if name == "patchcore" else 1e-3
        )
