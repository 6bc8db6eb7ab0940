"""Scenes of Teach: a normal image seen large, and positioning that is to be looked at."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from deeprx_gui.capture.decode import decode
from deeprx_gui.capture.samples import elpv_dataset
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.view import Positioning, Shape, ShapeKind
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work.doctor import diagnose
from deeprx_gui.work.placements import PlacedPicture, placements
from deeprx_gui.work.reference import reduced

if TYPE_CHECKING:
    from deeprx_gui.app import Program

BROKEN = "cell0434.png"
"""A cell that is broken in several places."""


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def wanted(self, name: str) -> bool:
        """Whether a picture of this name is to be taken."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""


def large_scene(camera: Camera) -> None:
    """Photograph a normal image as a double click shows it."""
    controller = camera.program.teach_controller
    controller.show_large(camera.program.tray.paths[0])
    camera.wait(lambda: controller.large is not None and controller.large.shown)
    camera.shoot("teach-large", themes=("light",))
    if controller.large is not None:
        controller.large.close_sheet()


def placement_scene(camera: Camera) -> None:
    """Photograph the outlines of the cells' middle, looked for by a strict rule."""
    if not camera.wanted("teach-placement"):
        return
    from deeprx_gui.ui.teach.placement_sheet import PlacementSheet

    program = camera.program
    paths = program.tray.paths[:12]
    window = Shape(ShapeKind.RECTANGLE, ((0.15, 0.15), (0.85, 0.85)))
    reference = reduced(decode(paths[0]).pixels)
    positioning = Positioning(reference, window, 0.1, 2.0, 0.5)
    found = [p.item for p in placements(paths, positioning) if isinstance(p.item, PlacedPicture)]
    strict = float(np.quantile([item.match for item in found], 0.35))
    judged = [replace(item, found=item.match > strict) for item in found]
    sheet = PlacementSheet(program.window)
    sheet.ask(sum(not item.found for item in judged), len(judged))
    for item in judged:
        sheet.add_picture(item.path, item.pixels, item.outline, item.match, found=item.found)
    camera.shoot("teach-placement")
    sheet.close_sheet()
    sheet.deleteLater()


def doctor_scene(camera: Camera) -> None:
    """Photograph what the doctor finds among cells of which some do not belong."""
    if not camera.wanted("teach-doctor"):
        return
    program, tray = camera.program, camera.program.tray
    good = tray.paths
    frame = decode(good[3]).pixels
    made = {
        f"copy-of-{good[0].name}": good[0].read_bytes(),
        "lamp-off.png": encode_png((frame * 0.15).round().astype(np.uint8)),
    }
    with tempfile.TemporaryDirectory() as name:
        for file, data in made.items():
            (Path(name) / file).write_bytes(data)
        defects = (one.path for one in elpv_dataset().test_bad if one.path.name == BROKEN)
        tray.fill((*good, *defects, *(Path(name) / file for file in made)))
        services = program.job_service.services
        settings = FitSettings()
        found = diagnose(
            tray.paths, settings, engines=services.engines, scratch=services.paths.scratch
        )
        doctor = program.teach_controller.doctor
        doctor.show(drive(found))
        sheet = doctor.sheet
        assert sheet is not None
        camera.wait(lambda: all(not c.picture.pixmap().isNull() for c in sheet.cards.values()))
        camera.shoot("teach-doctor")
        sheet.close_sheet()
        tray.fill(good)
