"""The scenes of several stations: one database, History of all of them, the library, people.

They start a PostgreSQL of their own, as the tests do; without one they are left out.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView

from deeprx_gui import library_settings
from deeprx_gui.app import HISTORY, PROFILES
from deeprx_gui.capture.samples import sample_dataset
from deeprx_gui.central.password import VARIABLE
from deeprx_gui.domain.forwarding import ForwardPhase
from deeprx_gui.domain.library import Following, FollowMode
from deeprx_gui.domain.people import Role
from deeprx_gui.domain.scored import Label, PendingImage, ScoredImage
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.paths import Paths
from deeprx_gui.state.history_filter import Period
from deeprx_gui.ui.kit.sheets import Sheet
from scene_plant import SECRETS, Plant, running
from tests.central import postgres_server

if TYPE_CHECKING:
    from deeprx_gui.app import Program
    from deeprx_gui.ui.people.sign_in_sheet import SignInSheet

SEVERAL: Final = "several"
"""The names of all these pictures begin so."""
LIGHT: Final = ("light",)
_MOST: Final = 120


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ..., *, told: bool = ...) -> None:
        """Write one picture per theme; ``told``: with what the foot of the window says."""

    def settle(self) -> None:
        """Wait until nothing runs."""

    def calm(self) -> None:
        """Let everything be painted."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""

    def wants_of(self, group: str) -> bool:
        """Whether any picture whose name begins with ``group`` is to be taken."""

    def restart(self, paths: Paths) -> None:
        """End the program and start another one over a data folder."""


def several_scenes(camera: Camera, language: str) -> None:
    """Photograph what several stations share; the program is another one afterwards."""
    if not camera.wants_of(SEVERAL):
        return
    if postgres_server.binaries() is None:
        print(f"{SEVERAL}-…: left out. {postgres_server.MISSING}")
        return
    program = camera.program
    profile = program.session.profile
    if profile is None:
        raise SystemExit("nothing was learnt")
    scored = _scored(camera)
    with tempfile.TemporaryDirectory() as name, running(Path(name), language) as plant:
        shutil.copytree(
            program.job_service.services.paths.profiles / profile.id,
            plant.here.profiles / profile.id,
        )
        others = plant.a_week(profile, scored)
        os.environ[VARIABLE] = plant.password
        try:
            _database(camera, plant)
            plant.library(profile, others)
            library_settings.save(Following(FollowMode.ASK), plant.here.library_file)
            _open(camera, plant)
            _waits(camera)
            _library(camera)
            _history(camera, plant)
            _away(camera, plant)
            _people(camera, plant)
        finally:
            del os.environ[VARIABLE]
            camera.restart(Paths(Path(name) / "nobody"))


def _open(camera: Camera, plant: Plant) -> None:
    camera.restart(plant.here)
    program = camera.program
    program.profiles_controller.open_profile(program.profiles.cards[0].id)
    camera.wait(lambda: program.session.profile is not None)
    camera.settle()


def _scored(camera: Camera) -> Sequence[ScoredImage]:
    """Score parts that nobody learnt, unless the Check page did."""
    program = camera.program
    if not program.results.rowCount():
        test = sample_dataset(normals=50, unseen_good=60, unseen_bad=20).test
        items = tuple(PendingImage(t.path, Label.BAD if t.bad else Label.GOOD) for t in test)
        program.check_controller.score(items)
        camera.wait(lambda: program.results.rowCount() == len(items))
        camera.settle()
    return program.results.rows.items[:_MOST]


# -- the database ------------------------------------------------------------------------------


def _database(camera: Camera, plant: Plant) -> None:
    """Connect this PC as a person does: fill in, test, connect."""
    camera.restart(plant.here)
    program, controller = camera.program, camera.program.central_controller
    sheet, place = controller.sheet, plant.place
    program.window.settings_sheet.open(program.window.header.settings)
    camera.shoot("several-settings", themes=LIGHT)
    program.window.settings_sheet.central.click()
    camera.calm()
    camera.shoot("several-database-empty", themes=LIGHT)
    for row, text in (
        (sheet.host, place.host),
        (sheet.port, str(place.port)),
        (sheet.database, place.database),
        (sheet.user, place.user),
        (sheet.line_name, place.line),
        (sheet.authority, place.authority),
    ):
        row.line.setText(text)
    sheet.pictures.chosen.emit(place.pictures)
    sheet.test.click()
    camera.wait(sheet.test.isEnabled)
    camera.shoot("several-database-tested", themes=LIGHT)
    sheet.save.click()
    camera.wait(lambda: controller.forwarder is not None)
    camera.wait(lambda: _phase(program) is ForwardPhase.UP_TO_DATE)
    camera.calm()
    camera.shoot("several-database")
    sheet.close_sheet()


def _phase(program: Program) -> ForwardPhase | None:
    forwarder = program.central_controller.forwarder
    return None if forwarder is None else forwarder.state.phase


def _away(camera: Camera, plant: Plant) -> None:
    """The server is stopped: what the header, the sheets and History say."""
    program = camera.program
    plant.server.stop()
    forwarder = program.central_controller.forwarder
    if forwarder is not None:
        forwarder.try_now()
    camera.wait(lambda: _phase(program) is ForwardPhase.WAITING)
    page = program.history_page
    program.window.show_page(HISTORY)
    page.body.source.all.click()
    page.list_again()
    _settle(camera)
    camera.shoot("several-history-away", themes=LIGHT)
    page.body.source.here.click()
    _settle(camera)
    program.central_controller.open()
    camera.calm()
    camera.shoot("several-database-away", themes=LIGHT)
    program.central_controller.sheet.close_sheet()
    program.window.show_page(PROFILES)
    library = program.library.controller
    if library is not None:
        library.open()
        camera.wait(library.sheet.problem.isVisible)
        camera.shoot("several-library-away", themes=LIGHT)
        library.sheet.close_sheet()
    plant.server.start()


# -- History ------------------------------------------------------------------------------------


def _settle(camera: Camera) -> None:
    jobs = camera.program.job_service
    camera.settle()
    camera.wait(lambda: not any(lane.busy for lane in (jobs.history, jobs.figures, jobs.looks)))
    camera.wait(lambda: not any(lane.busy for lane in jobs._others.values()))  # noqa: SLF001
    camera.settle()


def _history(camera: Camera, plant: Plant) -> None:
    """All stations, one line of them, and the stations side by side."""
    program = camera.program
    page, bar = program.history_page, program.history_page.body.filter_bar
    program.window.show_page(HISTORY)
    bar.period.show_period(Period.WEEK)
    page.body.source.all.click()
    _settle(camera)
    _choose_elsewhere(camera, plant)
    camera.shoot("several-history")
    bar.line.setCurrentIndex(bar.line.findText(plant.names.lines[3]))
    bar.line.activated.emit(bar.line.currentIndex())
    bar.chips[Verdict.NG].click()
    _settle(camera)
    page.body.table.selectRow(1)
    _settle(camera)
    camera.shoot("several-history-line")
    bar.show_everything()
    bar.period.show_period(Period.WEEK)
    page.list_again()
    _settle(camera)
    page.body.source.side_by_side.click()
    _settle(camera)
    camera.shoot("several-side-by-side")
    for sheet in _sheets(program):
        sheet.close_sheet()


def _choose_elsewhere(camera: Camera, plant: Plant) -> None:
    """Select a stopped part of another station, whose picture came along."""
    table = camera.program.history_page.body.table
    history = table.model()
    for row in range(200):
        record = history.record(row)  # type: ignore[attr-defined]
        if record is not None and record.picture and record.station != plant.names.stations[0]:
            table.selectRow(row)
            _settle(camera)
            table.scrollTo(history.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
            return
    table.selectRow(2)
    _settle(camera)


def _sheets(program: Program) -> list[Sheet]:
    return [s for s in program.window.findChildren(Sheet) if s.isVisible()]


# -- the library --------------------------------------------------------------------------------


def _waits(camera: Camera) -> None:
    """A revision that was released for this line waits for somebody to agree."""
    program = camera.program
    library = program.library.controller
    if library is None:
        raise SystemExit("the library is not followed")
    camera.wait(lambda: bool(library.sheet.take_over))
    program.window.show_page(PROFILES)
    camera.shoot("several-waits", themes=LIGHT, told=True)


def _library(camera: Camera) -> None:
    program = camera.program
    library = program.library.controller
    if library is None:
        raise SystemExit("the library is not followed")
    program.window.show_page(PROFILES)
    program.profiles_page.view.select(program.profiles.cards[0].id)
    library.open()
    camera.wait(lambda: "release" in library.sheet.buttons)
    camera.settle()
    camera.shoot("several-library")
    library.sheet.buttons["release"][0].click()
    camera.wait(library.confirm.isVisible)
    camera.calm()
    camera.shoot("several-library-release", themes=LIGHT)
    library.confirm.close_sheet()
    library.sheet.close_sheet()


# -- people -------------------------------------------------------------------------------------


def _people(camera: Camera, plant: Plant) -> None:
    """An operator and an engineer sign in; an administrator looks after everybody."""
    plant.people()
    size = camera.program.window.size()
    _open(camera, plant)
    program = camera.program
    signing = program.operator_controller.sign_in
    if signing is None:
        raise SystemExit("nobody signs in by name")
    camera.wait(lambda: signing.active)
    camera.wait(lambda: not signing.people.lane.busy)
    program.operator_controller.enter()
    program.window.setWindowState(Qt.WindowState.WindowNoState)
    program.window.resize(size)
    program.inspect_page.top.person.click()
    camera.wait(signing.sheet.isVisible)
    camera.calm()
    camera.shoot("several-sign-in")
    _enter(camera, signing.sheet, plant.names.people[2][0], "1111")
    camera.calm()
    camera.shoot("several-sign-in-wrong", themes=LIGHT)
    _enter(camera, signing.sheet, "", SECRETS[Role.OPERATOR])
    camera.wait(lambda: not signing.sheet.isVisible())
    camera.calm()
    camera.shoot("several-signed-in", themes=LIGHT)
    program.operator_controller.ask_to_leave()
    camera.wait(signing.sheet.isVisible)
    camera.shoot("several-sign-in-engineer", themes=LIGHT)
    _enter(camera, signing.sheet, plant.names.people[0][0], SECRETS[Role.ENGINEER])
    camera.wait(lambda: not program.inspect_page.operator)
    program.window.resize(size)
    program.window.show_page(PROFILES)
    program.window.settings_sheet.open(program.window.header.settings)
    camera.shoot("several-settings-people", themes=LIGHT)
    signing.admin.button.click()
    camera.wait(lambda: signing.admin.sheet is not None and signing.admin.sheet.list.count() > 0)
    if signing.admin.sheet is not None:
        signing.admin.sheet.list.setCurrentRow(1)
        camera.calm()
        camera.shoot("several-people")
        signing.admin.sheet.close_sheet()


def _enter(camera: Camera, sheet: SignInSheet, name: str, secret: str) -> None:
    if name:
        next(b for b in sheet.buttons if b.text() == name).click()
        camera.calm()
        camera.shoot("several-sign-in-pin", themes=LIGHT)
    for digit in secret:
        sheet.keys.digits[digit].click()
    sheet.keys.enter.click()
    camera.wait(lambda: sheet.isHidden() or sheet.secret.isEnabled())
