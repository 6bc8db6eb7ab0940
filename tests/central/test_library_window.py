"""The window of a station follows the library, changes over the open product, proposes limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from deeprx_gui import central_settings, library_settings
from deeprx_gui.app import Program
from deeprx_gui.central import password
from deeprx_gui.central.library import Stage
from deeprx_gui.controllers.inspect_controller import InspectController
from deeprx_gui.controllers.library_controller import LibraryController
from deeprx_gui.controllers.shared_services import make_services
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.library import Following, FollowMode, RevisionState
from deeprx_gui.paths import Paths
from deeprx_gui.results.encode import encode_png
from deeprx_gui.settings import Settings
from deeprx_gui.station_identity import identity
from deeprx_gui.work import publish_revision
from tests.central.plant import NAME, Engineer, Station, open_store

PATIENCE = 120_000
Login = Callable[[str], tuple[CentralPlace, str]]


@pytest.fixture
def program(
    qapp: QApplication, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """Return the window of a station that follows, on an empty data folder."""
    place, secret = login("deeprx_station")
    monkeypatch.setattr(password, "read", lambda _place: secret)
    monkeypatch.setattr("deeprx_gui.central.signing.recall", lambda: None)
    paths = Paths(tmp_path / "station")
    central_settings.save(place, paths.central_file)
    library_settings.save(Following(FollowMode.AUTO, every=5.0), paths.library_file)
    made = Program(qapp, make_services(paths), Settings(language="en", theme="light"))
    made.start()
    made.finish()
    yield made
    made.window.let_close()
    assert made.stop()
    made.window.deleteLater()
    made.deleteLater()


def follower(program: Program) -> LibraryController:
    assert program.library.controller is not None
    return program.library.controller


def test_the_open_product_changes_over_and_limits_are_proposed(
    qtbot: QtBot, program: Program, engineer: Engineer, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, session = follower(program), program.session
    monkeypatch.setattr(InspectController, "running", True)  # a line, without a camera
    engineer.release(engineer.publish(1.1))
    library.look()
    qtbot.waitUntil(lambda: program.profiles.rowCount() == 1, timeout=PATIENCE)
    program.profiles_controller.open_profile(program.profiles.cards[0].id)
    qtbot.waitUntil(lambda: session.profile is not None, timeout=PATIENCE)
    engineer.release(engineer.publish(1.2))
    library.look()

    def review() -> float:
        assert session.limits is not None
        return session.limits.review_times

    qtbot.waitUntil(lambda: review() == pytest.approx(1.2), timeout=PATIENCE)
    limits = session.limits
    assert limits is not None
    session.set_limits(limits.moved(ng=2 * limits.ng))
    engineer.release(engineer.publish(1.3))
    library.look()
    key = program.profiles.cards[0].id
    store = program.job_service.services.store
    qtbot.waitUntil(
        lambda: store.load(key).limits.review_times == pytest.approx(1.3), timeout=PATIENCE
    )
    assert session.dirty  # what somebody is moving is not thrown away
    runs = "SELECT v.revision, s.state, s.trouble FROM deeprx.station_runs s JOIN"
    runs += " deeprx.library_revisions v ON v.number = s.revision"

    def told() -> object:
        return engineer.do(lambda c: c.run(runs))

    qtbot.waitUntil(lambda: "not saved yet" in str(told()), timeout=PATIENCE)
    assert str(told()).startswith("[[2, 'trouble', ")  # the line does not judge with 3
    program.job_service.save_limits("too strict")
    qtbot.waitUntil(lambda: review() == pytest.approx(1.3), timeout=PATIENCE)
    qtbot.waitUntil(lambda: not session.dirty, timeout=PATIENCE)
    proposed = "SELECT why, ng / before_ng FROM deeprx.limit_proposals"
    qtbot.waitUntil(lambda: bool(engineer.do(lambda c: c.run(proposed))), timeout=PATIENCE)
    assert engineer.do(lambda c: c.run(proposed)) == [["too strict", pytest.approx(2.0)]]
    assert len(store.history(key)) == 3  # nothing of the station's own
    library.look()
    qtbot.waitUntil(lambda: told() == [[3, "current", ""]], timeout=PATIENCE)


def test_what_another_program_took_over_is_put_on_the_line_here_too(
    qtbot: QtBot, program: Program, engineer: Engineer
) -> None:
    library, session = follower(program), program.session
    engineer.release(engineer.publish(1.1))
    library.look()
    qtbot.waitUntil(lambda: program.profiles.rowCount() == 1, timeout=PATIENCE)
    program.profiles_controller.open_profile(program.profiles.cards[0].id)
    qtbot.waitUntil(lambda: session.profile is not None, timeout=PATIENCE)
    library.sheet.mode.chosen.emit(FollowMode.OFF)
    paths = program.job_service.services.paths
    here = identity(paths.station_id_file, "")
    place = central_settings.load(paths.central_file)
    assert place is not None
    other = Station(place, password.read(place), paths.data, here.id, here.name)
    engineer.release(engineer.publish(1.2))
    assert other.look().changed
    library.sheet.mode.chosen.emit(FollowMode.AUTO)
    qtbot.waitUntil(
        lambda: session.limits is not None and session.limits.review_times == pytest.approx(1.2),
        timeout=PATIENCE,
    )


def test_the_sheet_shows_and_releases(
    qtbot: QtBot, program: Program, engineer: Engineer, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = follower(program)
    engineer.publish(1.1)
    assert not program.profiles_page.library_button.isHidden()
    monkeypatch.setattr(library, "_place", engineer.place)  # an engineer sits here
    monkeypatch.setattr(password, "read", lambda _place: engineer.password)
    library.open()
    qtbot.waitUntil(lambda: "release" in library.sheet.buttons, timeout=PATIENCE)
    library.sheet.buttons["withdraw"][0].click()
    assert "needs a reason" in library.sheet.problem.text()
    library.sheet.buttons["release"][0].click()
    qtbot.waitUntil(library.confirm.isVisible, timeout=PATIENCE)  # it came from another PC
    assert "“Bracket” was not published from this PC" in library.confirm.question.text()
    assert [one.state for one in engineer.known()] == [RevisionState.DRAFT]
    library.confirm.yes.click()
    qtbot.waitUntil(lambda: "rollout" in library.sheet.buttons, timeout=PATIENCE)
    assert [one.state for one in engineer.known()] == [RevisionState.RELEASED]


def test_what_waits_for_a_confirmation_stays_in_sight_until_somebody_agrees(
    qtbot: QtBot, program: Program, engineer: Engineer
) -> None:
    library, page = follower(program), program.profiles_page
    library.sheet.mode.chosen.emit(FollowMode.ASK)
    engineer.release(engineer.publish(1.1), Stage(), Stage(hours=24.0))
    library.look()
    qtbot.waitUntil(lambda: bool(library.sheet.take_over), timeout=PATIENCE)
    program.window.status.clear()  # as opening a product does
    assert page.library_button.text() == "Library… (1 waits)"
    library.open()
    qtbot.waitUntil(lambda: "withdraw" in library.sheet.buttons, timeout=PATIENCE)

    def is_said(words: str) -> bool:
        labels = library.sheet.findChildren(QLabel)
        return any(words in label.text() for label in labels if label.isVisible())

    qtbot.waitUntil(lambda: is_said("waits for a confirmation here"), timeout=PATIENCE)
    qtbot.waitUntil(lambda: is_said("goes to all stations at"), timeout=PATIENCE)  # second stage
    assert program.profiles.rowCount() == 0
    library.sheet.take_over[0].click()
    qtbot.waitUntil(lambda: program.profiles.rowCount() == 1, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.library_button.text() == "Library…", timeout=PATIENCE)
    assert not library.sheet.take_over


def test_a_must_find_set_that_the_library_does_not_take_may_be_left_out(
    qtbot: QtBot, program: Program, engineer: Engineer, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, store = follower(program), program.job_service.services.store
    library.sheet.mode.chosen.emit(FollowMode.OFF)
    monkeypatch.setattr(library, "_place", engineer.place)  # an engineer sits here
    monkeypatch.setattr(password, "read", lambda _place: engineer.password)
    made = open_store(engineer.folder)
    file = made.export(made.find_id(NAME) or "", program.job_service.services.paths.data)
    profile = store.import_file(file, who="Sato")
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), np.uint8)  # 3 MB as PNG
    missed = store.corrections.add(
        profile.id, CorrectionKind.MISSED, encode_png(noise), name="dent.png", who="Sato"
    )
    store.corrections.applied(profile.id, [missed.id], 1)
    monkeypatch.setattr(publish_revision, "MOST_BYTES", file.stat().st_size + 1_000_000)
    program.profiles_controller.refresh()
    qtbot.waitUntil(lambda: program.profiles.rowCount() == 1, timeout=PATIENCE)
    program.profiles_page.view.select(profile.id)
    library.open()
    library.sheet.publish.click()
    qtbot.waitUntil(library.confirm.isVisible, timeout=PATIENCE)
    assert "3 MB of them must-find pictures" in library.confirm.question.text()
    assert engineer.known() == []
    library.confirm.yes.click()
    qtbot.waitUntil(lambda: len(engineer.known()) == 1, timeout=PATIENCE)
    assert engineer.known()[0].state is RevisionState.DRAFT
    assert len(store.corrections.book(profile.id).must_find) == 1


def test_a_pc_that_stands_alone_shows_nothing_of_it(qapp: QApplication, tmp_path: Path) -> None:
    alone = Program(qapp, make_services(Paths(tmp_path)), Settings(language="en", theme="light"))
    assert alone.library.controller is None
    assert alone.profiles_page.library_button.isHidden()
    alone.window.let_close()
    assert alone.stop()
    alone.window.deleteLater()
    alone.deleteLater()
