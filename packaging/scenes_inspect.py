"""The scenes of the Inspect page and of operator mode: a line played from a folder, live."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt

from deeprx_gui.capture.samples import sample_dataset
from deeprx_gui.capture.sources.image_files import folder_gone
from deeprx_gui.domain.health import CAUSE_ADVICE
from deeprx_gui.domain.inspection import Cause, Trigger
from deeprx_gui.domain.live_items import HealthWarning
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.source import SourceConnection, SourceSpec, SourceState
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.inspect import Phase
from scenes_corrections import corrections_scenes
from scenes_shadow import shadow_scenes

if TYPE_CHECKING:
    from deeprx_gui.app import Program

PAGE = 3
FPS = 8.0
LIGHT = ("light",)
TRIES = 150
SERIAL = "LOT-2026-0412"


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def settle(self) -> None:
        """Wait until nothing runs."""

    def calm(self) -> None:
        """Let everything be painted."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""

    def wanted(self, name: str) -> bool:
        """Whether a picture of this name is to be taken."""


def inspect_scenes(camera: Camera) -> None:
    """Photograph the page from its first day to a shift in operator mode; corrections first."""
    program = camera.program
    corrections_scenes(camera)
    program.window.show_page(PAGE)
    camera.shoot("inspect-empty", themes=LIGHT)
    with _line() as (folder, bad_parts):
        _set_up(camera, folder)
        camera.shoot("inspect-stopped", themes=LIGHT)
        _run(camera)
        _triggered(camera, Verdict.OK)
        camera.shoot("inspect-ok")
        for _ in range(6):
            _triggered(camera, Verdict.NG)
        camera.shoot("inspect-ng")
        _looked_at(camera)
        _troubled(camera)
        _stop(camera)
        _sheets(camera)
        shadow_scenes(camera, bad_parts)
        _operator(camera)


def _operator(camera: Camera) -> None:
    """The same line in the hands of an operator, who decides about NG parts."""
    program = camera.program
    controller, size = program.station_controller, program.window.size()
    controller.change(replace(controller.station, confirm_ng=True, confirm_review=True))
    program.operator_controller.enter()
    # Without a screen "full" has a size of its own.
    program.window.setWindowState(Qt.WindowState.WindowNoState)
    program.window.resize(size)
    _run(camera)
    program.inspect_controller.name_next(SERIAL)
    _triggered(camera, Verdict.NG)
    camera.wait(lambda: program.inspect_model.run.phase is Phase.HOLDING)
    camera.shoot("operator-decide")
    _stop(camera)
    sheets = program.inspect_page.sheets
    program.inspect_page.product_requested.emit()
    camera.shoot("operator-product", themes=LIGHT)
    sheets.product.close_sheet()
    sheets.pin.ask()
    for digit in "471":
        sheets.pin.digits[digit].click()
    camera.shoot("operator-pin", themes=LIGHT)
    sheets.pin.close_sheet()
    program.operator_controller.ask_to_leave()
    camera.settle()


def _set_up(camera: Camera, folder: Path) -> None:
    controller = camera.program.station_controller
    source = SourceSpec("replay", str(folder), {"fps": FPS})
    controller.change(replace(controller.station, source=source, trigger=Trigger.KEY, takt=0.5))
    camera.settle()


def _run(camera: Camera) -> None:
    program = camera.program
    program.inspect_page.run_main()
    camera.wait(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    camera.wait(lambda: program.inspect_controller.newest() is not None)


def _stop(camera: Camera) -> None:
    program = camera.program
    program.inspect_controller.halt()
    camera.wait(lambda: not program.inspect_model.run.active)
    camera.settle()


def _triggered(camera: Camera, wanted: Verdict) -> None:
    """Trigger until a part has the verdict that is to be photographed."""
    program, model = camera.program, camera.program.inspect_model
    for _ in range(TRIES):
        before, holding = model.counts.total, model.run.phase is Phase.HOLDING
        if holding:
            program.inspect_page.body.decision.ok.click()
            camera.wait(lambda: model.run.phase is not Phase.HOLDING)
        program.inspect_page.trigger_requested.emit()
        camera.wait(lambda seen=before: model.counts.total > seen)  # type: ignore[misc]
        camera.calm()
        if model.current is not None and model.current.record.verdict is wanted:
            return
    raise SystemExit(f"no part of {TRIES} was {wanted}")


def _looked_at(camera: Camera) -> None:
    program = camera.program
    program.inspect_page.body.bad.chosen.emit(program.inspect_model.bad[2])
    camera.settle()
    camera.shoot("inspect-ng-again", themes=LIGHT)
    program.inspect_page.picture.look_back()


def _troubled(camera: Camera) -> None:
    """What the page says when the camera is gone and the lamp grows dark."""
    model = camera.program.inspect_model
    advice = CAUSE_ADVICE[Cause.DARK]
    lost = folder_gone(Path("//line-3/parts")).message
    model.take(
        [SourceState(SourceConnection.LOST, lost, 5.0), HealthWarning((Cause.DARK,), (advice,))],
    )
    camera.shoot("inspect-troubles", themes=LIGHT)
    model.take([SourceState(SourceConnection.LIVE), HealthWarning()])


def _sheets(camera: Camera) -> None:
    program = camera.program
    sheets, controller = program.inspect_page.sheets, program.station_controller
    with tempfile.TemporaryDirectory() as folder:
        output = OutputSpec("files", str(Path(folder) / "results"))
        controller.change(replace(controller.station, outputs=(output,)))
        camera.settle()
        controller.open_setup()
        camera.shoot("inspect-setup")
        sheets.setup.close_sheet()
        controller.change(replace(controller.station, outputs=()))
    sheets.reset.open()
    camera.shoot("inspect-reset", themes=LIGHT)
    sheets.reset.close_sheet()


@contextmanager
def _line() -> Iterator[tuple[Path, frozenset[str]]]:
    """Lay good and bad cells that nobody learnt into a folder, mixed; names the bad ones.

    Their number is prime: however many pass between two triggers, every one has its turn.
    """
    parts = sample_dataset(normals=50, unseen_good=41, unseen_bad=30).test
    names = [f"{number * 37 % len(parts):03d}.png" for number in range(len(parts))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "line"
        folder.mkdir()
        for file, part in zip(names, parts, strict=True):
            shutil.copy(part.path, folder / file)
        yield folder, frozenset(f for f, part in zip(names, parts, strict=True) if part.bad)
