"""The scenes of shadow mode and limit samples: a trial that has shown something, a line locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from deeprx_gui.controllers.samples_controller import SamplesController
from deeprx_gui.controllers.shadow_controller import ShadowController
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Decision, Trigger
from deeprx_gui.domain.limit_samples import LimitSample, SampleRule
from deeprx_gui.domain.shadow import ShadowTrial, TrialState
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.codec import sample_png
from deeprx_gui.work.sample_changes import kept

if TYPE_CHECKING:
    from deeprx_gui.app import Program
    from deeprx_gui.domain.profile import Profile

TRIAL: Final = "shadow-trial"
LOCKED: Final = "limit-samples-locked"
_FPS: Final = 3.0
_FEWEST, _MOST, _DECIDED = 60, 150, 2
"""Parts judged by both before the picture is taken, and how many of the differing are decided."""


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def settle(self) -> None:
        """Wait until nothing runs."""

    def wanted(self, name: str) -> bool:
        """Whether a picture of this name is to be taken."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""


def shadow_scenes(camera: Camera, bad_parts: frozenset[str]) -> None:
    """Photograph a trial of the open product and a line that its limit samples lock.

    ``bad_parts``: names of the files of the line that show a bad part.
    """
    frames = [bad.frame for bad in camera.program.inspect_model.bad if bad.frame is not None]
    if camera.wanted(TRIAL):
        _trial(camera, bad_parts)
    if frames:
        _locked(camera, frames)


def _trial(camera: Camera, bad_parts: frozenset[str]) -> None:
    """Let a revision with other limits judge the line beside the one that is in use."""
    program = camera.program
    profile, stations = program.session.profile, program.station_controller
    (controller,) = program.inspect_controller.findChildren(ShadowController)
    assert profile is not None
    left = controller.log.running(profile.id)
    if left is not None:  # kept data of a run that was broken off
        controller.log.end(left.number, TrialState.STOPPED, who="")
    controller.open()
    camera.wait(lambda: controller.sheet is not None and controller.sheet.begin.isVisible())
    sheet, station = controller.sheet, stations.station
    assert sheet is not None
    assert station.source is not None
    sheet.choice.set_value(_with_other_limits(program, profile))
    sheet.begin.click()
    camera.wait(lambda: controller.log.running(profile.id) is not None)
    sheet.close_sheet()
    slow = replace(station.source, options={**station.source.options, "fps": _FPS})
    alone = replace(station, source=slow, trigger=Trigger.CONTINUOUS)
    stations.change(replace(alone, confirm_ng=False, confirm_review=False))
    program.inspect_page.run_main()
    camera.wait(lambda: _shows_enough(controller.log.running(profile.id)))
    program.inspect_controller.halt()
    camera.wait(lambda: not program.inspect_model.run.active)
    stations.change(station)
    controller.open()
    camera.wait(lambda: sheet.isVisible() and bool(sheet.rows))
    for place in range(min(_DECIDED, len(sheet.rows))):
        name = Path(sheet.rows[place].part.source).name
        sheet.rows[place].buttons[Decision.NG if name in bad_parts else Decision.OK].click()
        camera.settle()
    camera.settle()
    camera.shoot(TRIAL)
    sheet.drop.click()
    camera.wait(lambda: not sheet.isVisible())


def _with_other_limits(program: Program, profile: Profile) -> int:
    """Return the newest revision that does not judge as the one in use."""
    store = program.job_service.services.store
    for number in range(profile.revision - 1, 0, -1):
        if store.load(profile.id, number).limits != profile.limits:
            return number
    raise SystemExit("no revision has other limits")


def _shows_enough(trial: ShadowTrial | None) -> bool:
    if trial is None:
        return False
    return trial.compared >= _MOST or (
        trial.compared >= _FEWEST and trial.differing >= _DECIDED + 1
    )


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
