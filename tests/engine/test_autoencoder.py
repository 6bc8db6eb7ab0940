"""The autoencoder: it learns, stops, can be stopped, and is the same network in every runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import BackboneError, ProfileError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.backbones import autoencoder_teaching, plan_file
from deeprx_gui.engine.backbones.autoencoder import PREFIX, AutoencoderNetwork, untaught
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.teaching_progress import TeachingStep
from deeprx_gui.engine.runtimes import openvino_runtime, torch_runtime
from tests.engine.parts import part, with_scratch

PICTURES = [part(i, 64, 64) for i in range(6)]
TAPS = (4, 8, 16)


def taught(
    steps: int, seed: int = 0, pictures: Sequence[ByteImage] | None = None
) -> tuple[list[TeachingStep], AutoencoderNetwork]:
    told = []
    shown = PICTURES if pictures is None else pictures
    job = autoencoder_teaching.teach(shown[1:], shown[:1], seed=seed, most_steps=steps)
    while True:
        try:
            told.append(next(job))
        except StopIteration as end:
            network: AutoencoderNetwork = end.value
            return told, network


@pytest.fixture(scope="module")
def lesson() -> tuple[list[TeachingStep], AutoencoderNetwork]:
    return taught(60)


@pytest.fixture(scope="module")
def network(lesson: tuple[list[TeachingStep], AutoencoderNetwork]) -> AutoencoderNetwork:
    return lesson[1]


@pytest.fixture(scope="module")
def start() -> AutoencoderNetwork:
    half = np.full(3, 128, np.float32)
    return AutoencoderNetwork.of(untaught(half, half / 4, 0))


def test_the_error_on_pictures_it_does_not_learn_from_falls(
    lesson: tuple[list[TeachingStep], AutoencoderNetwork],
) -> None:
    told, _ = lesson
    assert [step.done for step in told] == list(range(61))
    assert {step.most for step in told} == {60}
    assert told[-1].error < 0.9 * told[0].error


def test_the_same_seed_gives_the_same_network() -> None:
    one, same, other = (taught(3, seed)[1].sha256 for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_it_stops_when_there_is_nothing_more_to_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoencoder_teaching, "_LOOK_EVERY", 2)
    flat = [np.full((32, 32, 3), 90, np.uint8)] * 3
    told, network = taught(400, pictures=flat)
    assert told[-1].done < 100
    assert all(np.isfinite(array).all() for array in network.arrays.values())


def test_a_network_that_runs_away_is_left_where_it_was_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(autoencoder_teaching, "_LOOK_EVERY", 1)
    errors: Iterator[float] = iter([1.0, 0.5, float("nan")])
    monkeypatch.setattr(
        autoencoder_teaching._TrainingState, "look", lambda self, pictures: next(errors)
    )
    told, network = taught(50)
    assert told[-1].done == 2
    errors = iter([1.0, 0.5])
    monkeypatch.setattr(
        autoencoder_teaching._TrainingState, "look", lambda self, pictures: next(errors, 0.6)
    )
    assert network.sha256 == taught(50)[1].sha256, "both were best after the first step"


def test_it_can_be_given_up_at_every_step() -> None:
    job = autoencoder_teaching.teach(PICTURES[1:], PICTURES[:1])
    assert next(job).done == 0
    assert next(job).done == 1
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (96, 48), (32, 128), (16, 32)])
def test_both_runtimes_see_the_same(network: AutoencoderNetwork, height: int, width: int) -> None:
    pixels = with_scratch(part(9, height, width), 4, 4)
    torch = torch_runtime.open_cpu(network, TAPS).taps(pixels)
    openvino = openvino_runtime.open_cpu(network, TAPS, None).taps(pixels)
    assert [m.shape for m in torch.maps] == [
        (128, height // 16, width // 16),
        (96, height // 8, width // 8),
        (3, height // 4, width // 4),
    ]
    for one, other in zip(torch.maps, openvino.maps, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_tap_4_is_the_reconstruction_error(start: AutoencoderNetwork) -> None:
    silent = {
        name: np.zeros_like(a) if name.startswith("decoder") else a
        for name, a in start.arrays.items()
    }
    pixels = part(1, 64, 64)
    found = (
        openvino_runtime.open_cpu(AutoencoderNetwork.of(silent), (4,), None).taps(pixels).maps[0]
    )
    rest = np.abs((pixels.astype(np.float64) - 128) / 32)
    wanted = rest.reshape(16, 4, 16, 4, 3).mean(axis=(1, 3)).transpose(2, 0, 1)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_what_it_has_not_seen_it_reconstructs_badly(network: AutoencoderNetwork) -> None:
    good = part(20, 64, 64)
    extractor = torch_runtime.open_cpu(network, (4,))
    errors = extractor.taps(with_scratch(good, 24, 24)).maps[0].sum(axis=0)
    row, column = np.unravel_index(int(errors.argmax()), errors.shape)
    assert 5 <= row <= 9
    assert 5 <= column <= 9
    assert errors.max() > 1.5 * extractor.taps(good).maps[0].sum(axis=0).max()


def test_statistics_carry_it(start: AutoencoderNetwork) -> None:
    detector = Statistics({"mean": np.zeros(3)}, {"images": 5})
    both = start.within(detector)
    assert both.counts == {"images": 5}
    assert set(both.arrays) == {"mean", *(PREFIX + name for name in start.arrays)}
    assert AutoencoderNetwork.in_profile(both, start.sha256).sha256 == start.sha256


@pytest.mark.parametrize("case", ["missing", "surplus", "shape", "type", "nan", "std", "hash"])
def test_a_profile_that_does_not_carry_it_whole_is_refused(
    start: AutoencoderNetwork, case: str
) -> None:
    arrays = dict(start.within(Statistics({})).arrays)
    name, sha256 = f"{PREFIX}encoder.0.weight", start.sha256
    if case == "missing":
        del arrays[name]
    elif case == "surplus":
        arrays[f"{PREFIX}more"] = np.zeros(1, np.float32)
    elif case == "shape":
        arrays[name] = arrays[name][:-1]
    elif case == "type":
        arrays[name] = arrays[name].astype(np.float64)
    elif case == "nan":
        arrays[name] = np.full_like(arrays[name], np.nan)
    elif case == "std":
        arrays[f"{PREFIX}std"] = np.zeros(3, np.float32)
    else:
        arrays[name] = arrays[name] + np.float32(1e-3)
    with pytest.raises(ProfileError, match="do not fit together"):
        AutoencoderNetwork.in_profile(Statistics(arrays), sha256)


def test_its_plan_can_be_kept_as_a_file(start: AutoencoderNetwork, tmp_path: Path) -> None:
    file = tmp_path / "own.plan"
    file.write_bytes(plan_file.to_bytes(start.plan, {}))
    again = plan_file.read(file, {})
    assert again.taps == start.plan.taps
    assert [type(step) for step in again.steps] == [type(step) for step in start.plan.steps]


def test_the_list_says_what_it_is_and_there_is_nothing_to_fetch(tmp_path: Path) -> None:
    library = BackboneLibrary(tmp_path)
    status = library.status("autoencoder")
    assert status.installed
    assert status.own
    assert (status.sha256, status.taps) == (None, TAPS)
    with pytest.raises(BackboneError, match="nothing to download"):
        library.fetch("autoencoder")
    with pytest.raises(BackboneError, match="every fit teaches it"):
        library.find("autoencoder")
    assert FitSettings(backbone="autoencoder").taps == status.default_taps
