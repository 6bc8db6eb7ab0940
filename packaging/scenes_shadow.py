"""The scenes of shadow mode and limit samples: a trial that has shown something, a line locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from deeprx_gui.controllers.samples_controller import SamplesController
from deeprx_gui.controllers.shadow_controller import ShadowController
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limit_samples import LimitSample, SampleRule
from deeprx_gui.domain.shadow import ShadowPart, TrialState
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.codec import sample_png
from deeprx_gui.results.encode import encode_jpeg
from deeprx_gui.work.sample_changes import kept

if TYPE_CHECKING:
    from deeprx_gui.app import Program

TRIAL: Final = "shadow-trial"
LOCKED: Final = "limit-samples-locked"
_PAIRS: Final = (
    (Verdict.OK, Verdict.NG, 0.94, 1.31),
    (Verdict.NG, Verdict.OK, 1.22, 0.90),
    (Verdict.NG, Verdict.REVIEW, 1.40, 1.05),
)


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def settle(self) -> None:
        """Wait until nothing runs."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""


def shadow_scenes(camera: Camera) -> None:
    """Photograph a trial of the open product and a line that its limit samples lock."""
    frames = [bad.frame for bad in camera.program.inspect_model.bad if bad.frame is not None]
    if frames:
        _trial(camera, frames)
        _locked(camera, frames)


def _trial(camera: Camera, frames: list[Frame]) -> None:
    program = camera.program
    profile = program.session.profile
    assert profile is not None
    (controller,) = program.inspect_controller.findChildren(ShadowController)
    log, who = controller.log, program.job_service.settings.who
    trial = log.begin(profile.id, profile.name, profile.revision + 1, who=who)
    same = (Verdict.OK, Verdict.OK, 0.5, 0.5)
    for number, (live, other, live_times, times) in enumerate((*[same] * 60, *_PAIRS), start=1):
        picture = encode_jpeg(frames[number % len(frames)].pixels)
        part = ShadowPart(
            f"scene {number}", 10**9 + number, datetime.now(UTC), f"LOT7-{number:03d}", "",
            profile.revision, live, live_times, other, times, 41.0, picture,
        )  # fmt: skip
        log.add(trial.number, part)
    controller.open()
    camera.settle()
    camera.shoot(TRIAL)
    if controller.sheet is not None:
        controller.sheet.close_sheet()
    log.end(trial.number, TrialState.DROPPED, who=who)


def _locked(camera: Camera, frames: list[Frame]) -> None:
    """An NG part that was agreed to pass: the line says so and stays locked."""
    program = camera.program
    session, before = program.session, program.session.profile
    assert before is not None
    who, when = program.job_service.settings.who, datetime.now(UTC)
    profile = before
    for number, frame in enumerate(frames[:2]):
        expected = Verdict.NG if number else Verdict.OK
        png = sample_png(frame.pixels)
        profile = kept(profile, LimitSample(f"{number + 1:02d}.png", expected, "", png, who, when))
    station = program.station_controller.station
    program.station_controller.change(replace(station, samples=SampleRule.START))
    session.open_profile(profile)
    camera.settle()
    (controller,) = program.inspect_controller.findChildren(SamplesController)
    program.inspect_controller.start()
    camera.wait(lambda: controller.sheet is not None and not controller.sheet.problem.isHidden())
    camera.settle()
    camera.shoot(LOCKED)
    if controller.sheet is not None:
        controller.sheet.close_sheet()
    program.station_controller.change(replace(station, samples=SampleRule.OFF))
    session.open_profile(before)
    camera.settle()
