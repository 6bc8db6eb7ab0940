"""Time left and cost beforehand: figures a person can plan with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.fit_settings import PRESETS, FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.predict import Speed, predict

NOTE = say("Reading normal images")


class Clock:
    """Time as the test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def steady(clock: Clock, pace: EtaEstimator, steps: int, seconds: float) -> float | None:
    left = None
    for _ in range(steps):
        clock.now += seconds
        left = pace.step(NOTE).seconds_left
    return left


def test_time_left_is_unknown_first_and_exact_for_a_steady_job() -> None:
    clock = Clock()
    pace = EtaEstimator(20, clock)
    assert steady(clock, pace, 2, 0.5) is None
    assert steady(clock, pace, 1, 0.5) == pytest.approx(17 * 0.5)
    assert steady(clock, pace, 17, 0.5) == pytest.approx(0.0)
    assert pace.seconds == pytest.approx(10.0)


def test_one_slow_file_does_not_throw_the_estimate_about() -> None:
    clock = Clock()
    pace = EtaEstimator(100, clock)
    before = steady(clock, pace, 50, 0.1)
    after = steady(clock, pace, 1, 3.0)
    assert before is not None
    assert after is not None
    assert before < after < 4 * before


def test_a_job_that_becomes_slower_is_believed() -> None:
    clock = Clock()
    pace = EtaEstimator(1000, clock)
    steady(clock, pace, 100, 0.1)
    left = steady(clock, pace, 60, 1.0)
    assert left is not None
    assert left > 0.6 * 840 * 1.0


def test_reporting_without_a_step_counts_nothing() -> None:
    clock = Clock()
    pace = EtaEstimator(10, clock)
    steady(clock, pace, 4, 1.0)
    told = pace.report(NOTE, "item")
    assert (told.done, told.total, told.item) == (4, 10, "item")


def test_every_backbone_and_preset_can_be_predicted() -> None:
    for name in BACKBONES:
        found = predict(FitSettings(backbone=name), 50)
        assert 1 < found.seconds < 3600
        assert 100 < found.megabytes < 10_000
        assert not found.measured
    seconds = [
        predict(PRESETS[key].settings, 50).seconds for key in ("fast", "balanced", "accurate")
    ]
    assert seconds == sorted(seconds)


def test_more_work_is_predicted_to_take_longer() -> None:
    base = FitSettings()
    larger = replace(base, preprocessing=Preprocessing(512))
    assert predict(base, 100).seconds > predict(base, 50).seconds
    assert predict(larger, 50).seconds > predict(base, 50).seconds
    assert predict(larger, 50).megabytes > predict(base, 50).megabytes
    assert predict(base, 5000).megabytes == predict(base, 50).megabytes  # it is streamed


def test_an_unknown_backbone_is_a_sentence() -> None:
    with pytest.raises(RequestError, match="resnet1800"):
        predict(FitSettings(backbone="resnet1800"), 50)


def test_a_finished_fit_teaches_this_pcs_speed(tmp_path: Path) -> None:
    speed = Speed(tmp_path / "cache" / "speed.json")
    assert speed.factor() is None
    table = predict(FitSettings(), 100)
    speed.learn(FitSettings(), 100, 2 * table.seconds)
    measured = predict(FitSettings(), 100, speed)
    assert measured.measured
    assert measured.seconds == pytest.approx(2 * table.seconds, rel=0.01)
    before = speed.factor()
    speed.learn(FitSettings(), 3, 9999)  # too few images to tell anything
    assert speed.factor() == before


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"factor": "fast"}', '{"factor": 0}', "\udcff"]
)
def test_a_damaged_speed_file_is_as_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "speed.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert Speed(file).factor() is None
    assert not predict(FitSettings(), 10, Speed(file)).measured


def test_a_speed_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    speed = Speed(tmp_path / "taken" / "speed.json")
    speed.learn(FitSettings(), 100, 60.0)
    assert speed.factor() is None
