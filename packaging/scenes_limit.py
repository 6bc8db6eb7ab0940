"""The scenes of the limit: the pictures that set it, and what can be seen above it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from deeprx_gui.app import Program
    from deeprx_gui.domain.limits import Limits
    from deeprx_gui.ui.check.limits_sheet import LimitsSheet

SETTERS: Final = "limit-setters"
SEES: Final = "what-it-sees"
MOVED: Final = "check-limits-moved"
SET: Final = {"target": "check-limits-target", "costs": "check-limits-cheapest"}
"""Ways to set the limits, and the names of their pictures."""


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def settle(self) -> None:
        """Wait until nothing runs."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""


def limit_scene(camera: Camera) -> None:
    """Photograph the question about the open product; nothing is answered."""
    setters = camera.program.teach_controller.setters
    setters.open()
    camera.settle()
    camera.shoot(SETTERS)
    if setters.sheet is not None:
        setters.sheet.close_sheet()


def sees_scene(camera: Camera) -> None:
    """Photograph the smallest defects that the open product finds."""
    sees = camera.program.teach_controller.sees
    sees.open()
    camera.settle()
    camera.shoot(SEES)
    if sees.sheet is not None:
        sees.sheet.close_sheet()


def set_limits_scene(camera: Camera) -> None:
    """Photograph limits by a target and the cheapest ones, from moved ones; nothing is used."""
    from deeprx_gui.ui.check.limits_sheet import LimitsSheet

    session = camera.program.session
    before = session.limits
    if before is None:
        raise SystemExit("no profile is open")
    session.set_limits(_moved(before))
    camera.program.check_page.body.limits.aim.click()
    for sheet in camera.program.window.findChildren(LimitsSheet):
        _each_way(camera, sheet)
    session.set_limits(before)


def _moved(limits: Limits) -> Limits:
    return limits.moved(ng=limits.ng * 1.12).moved(review=limits.review * 0.94)


def _each_way(camera: Camera, sheet: LimitsSheet) -> None:
    for way, name in SET.items():
        sheet.way.set_value(way)
        sheet.way.chosen.emit(way)
        camera.settle()
        camera.shoot(name)
    sheet.close_sheet()


def moved_limits_scene(camera: Camera, why: str) -> None:
    """Photograph what moved limits change, and save them where that was not done before."""
    session = camera.program.session
    before, profile = session.limits, session.profile
    if before is None or profile is None:
        raise SystemExit("no profile is open")
    session.set_limits(_moved(before))
    camera.shoot(MOVED)
    if before != profile.suggested:  # the data were kept, and the gate would ask
        session.set_limits(before)
        return
    camera.program.job_service.save_limits(why)
    camera.wait(lambda: not session.dirty)
