"""Teach: region, positioning, and the settings that each detector declares."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.controllers import teach_controller
from deeprx_gui.domain.fit import FitForecast, FitOutcome, FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.view import WHOLE, Region, View
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.form import SwitchRow
from deeprx_gui.ui.kit.number_row import NumberRow
from deeprx_gui.ui.picture.region_geometry import rectangle
from deeprx_gui.ui.teach.page import TeachPage
from deeprx_gui.work.predict import memory_problem
from tests.ui.conftest import MakePictures, MakeProfile, Start
from tests.ui.driving import settle
from tests.ui.fakes import FakeWork

PARTS = [Path(f"/parts/{n}.png") for n in range(12)]
LEFT = Qt.MouseButton.LeftButton
Show = Callable[[TeachPage], TeachPage]


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def page(show: Show, session: Session) -> Iterator[TeachPage]:
    made = TeachPage(session, TrayModel(), ThumbnailCache(), (".png",))
    made.form.show_detectors(tuple(DETECTORS.values()))
    made.tray.add(PARTS)
    made.target.start_new("Bracket")
    made.target.changed.emit()
    made.form.expander.set_open(True)
    yield show(made)
    # PySide's garbage collection crashes on an undo stack that is part of a cycle with its steps.
    for stack in (made.draft.undo_stack, made.tray.undo_stack):
        stack.clear()


def choose(row: ChoiceRow, value: object) -> None:
    row.set_value(value)
    row.box.activated.emit(row.box.currentIndex())


def test_every_detector_and_every_setting_has_words() -> None:
    for spec in DETECTORS.values():
        assert spec.fields
        for field in spec.fields:
            assert str(field.title) != field.key
            assert all(answer.title is not None for answer in field.choices)


def test_the_region_opens_on_the_selected_image(page: TeachPage) -> None:
    asked: list[Path] = []
    page.editor.picture_requested.connect(asked.append)
    select = QItemSelectionModel.SelectionFlag.Select
    page.panel.view.selectionModel().select(page.tray.index(4), select)
    QTest.mouseClick(page.view_field.edit, LEFT)
    assert page.editor.isVisible()
    assert asked == [PARTS[4]]
    QTest.mouseClick(page.editor.finish, LEFT)
    assert not page.editor.isVisible()
    assert page.panel.isVisible()


def test_without_images_there_is_nothing_to_draw_in(page: TeachPage) -> None:
    page.tray.remove(PARTS)
    assert not page.view_field.edit.isEnabled()


def test_the_page_says_what_counts(page: TeachPage) -> None:
    assert page.view_field.summary.text() == "Region: the whole picture"
    page.draft.set_region(Region((rectangle((0, 0), (0.5, 0.5)),)))
    assert page.view_field.summary.text() == "Region: 1 rectangle"


def test_undo_means_the_region_while_it_is_edited(page: TeachPage) -> None:
    assert page.undo_stack() is page.tray.undo_stack
    page.edit_region()
    assert page.undo_stack() is page.draft.undo_stack
    page.show_tray()
    assert page.undo_stack() is page.tray.undo_stack


def test_positioning_says_whether_the_detector_needs_it(page: TeachPage) -> None:
    hint = page.view_field.hint
    assert "does not need it" in hint.text()
    choose(page.form.detector.row, "padim")
    assert "place by place" in hint.text()
    page.view_field.positioning.click()
    assert "found, moved and turned" in hint.text()
    assert page.draft.choice.positioning


def test_how_far_positioning_may_go_is_asked_only_when_it_is_on(page: TeachPage) -> None:
    settings = page.view_settings
    assert not settings.shift.isVisible()
    page.view_field.positioning.click()
    assert settings.shift.isVisible()
    choose(settings.shift, 0.2)
    choose(settings.turn, 0.0)
    choose(settings.quality, 0.7)
    found = page.draft.view.positioning
    assert found is not None
    assert (found.shift, found.turn, found.quality) == (0.2, 0.0, 0.7)


def test_a_scale_in_millimetres_can_be_given(page: TeachPage) -> None:
    row = page.view_settings.scale
    row.field.setText("0.05")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert page.draft.view.mm_per_pixel == 0.05


@pytest.mark.parametrize("name", list(DETECTORS))
def test_each_detector_shows_its_own_settings(page: TeachPage, name: str) -> None:
    field = page.form.detector
    choose(field.row, name)
    field.own.set_open(True)
    assert page.form.settings.detector == DetectorChoice(name)
    assert set(field.form.rows) == {each.key for each in DETECTORS[name].fields}
    assert all(row.isVisible() for row in field.form.rows.values())


def test_a_changed_setting_goes_into_the_fit_and_can_be_reset(page: TeachPage) -> None:
    field = page.form.detector
    choose(field.row, "padim")
    channels, squared, prior = (field.form.rows[k] for k in ("channels", "squared", "prior"))
    assert isinstance(channels, NumberRow)
    assert isinstance(squared, SwitchRow)
    assert isinstance(prior, ChoiceRow)
    channels.field.setText("64")
    QTest.keyClick(channels.field, Qt.Key.Key_Return)
    squared.box.click()
    choose(prior, "pooled")
    wanted = {"channels": 64, "squared": True, "prior": "pooled"}
    assert dict(page.plan.settings.detector.settings) == wanted
    DETECTORS["padim"].check(page.plan.settings.detector.settings)
    assert "changed" in field.own.button.text()
    field.reset.click()
    assert page.plan.settings.detector == DetectorChoice("padim")
    assert channels.field.text() == "0"
    assert not field.reset.isEnabled()


def test_a_value_back_at_its_default_is_no_change(page: TeachPage) -> None:
    field = page.form.detector
    row = field.form.rows["squared"]
    assert isinstance(row, SwitchRow)
    row.box.click()
    row.box.click()
    assert page.form.settings.detector == DetectorChoice("deep-rx")
    assert page.form.cards["balanced"].isChecked()


def test_what_would_not_fit_says_so_and_is_not_learnt(page: TeachPage) -> None:
    problem = memory_problem(64_000, 7_500)
    assert problem is not None
    page.show_forecasts({}, FitForecast(9, 64_000, problem))
    assert not page.learn.isEnabled()
    assert "64,000 MB" in page.note.text()
    page.show_forecasts({}, FitForecast(9, 900))
    assert page.learn.isEnabled()
    assert memory_problem(900, 7_500) is None


def test_a_preset_that_would_not_fit_says_so(page: TeachPage) -> None:
    page.show_forecasts({"accurate": FitForecast(9, 9e5, say("Too large."))}, FitForecast(9, 900))
    assert page.form.cards["accurate"].remark.text() == "does not fit"


def test_ctrl_z_in_the_window_undoes_the_region(
    start: Start, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    program = start()
    program.window.show_page(1)
    program.tray.add(make_pictures(5))
    page = program.teach_page
    page.view_field.edit.click()
    settle(program, qtbot)
    qtbot.waitUntil(page.editor.canvas.isVisible)
    page.draft.set_region(Region((rectangle((0, 0), (0.5, 0.5)),)))
    page.editor.canvas.setFocus()
    QTest.keyClick(page.editor.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.draft.region.whole
    assert len(program.tray.images) == 5


def test_the_view_goes_into_the_fit(page: TeachPage) -> None:
    assert page.plan.settings == FitSettings()
    region = Region((rectangle((0, 0), (0.5, 0.5)),))
    page.draft.set_region(region)
    page.view_field.positioning.click()
    view = page.plan.settings.view
    assert view.region == region
    assert view.positioning is not None


def test_a_profile_s_view_is_where_one_starts(
    page: TeachPage, session: Session, make_profile: MakeProfile
) -> None:
    region = Region((), (rectangle((0, 0), (0.2, 0.2)),))
    session.open_profile(replace(make_profile(), view=View(region, None, 0.05)))
    assert page.draft.view == View(region, None, 0.05)
    assert page.view_field.summary.text() == "Region: the whole picture, 1 ignored"
    page.start_new()
    assert page.plan.settings.view == WHOLE


def test_learning_in_place_takes_its_reference_from_the_images(
    start: Start, work: FakeWork, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    program = start()
    program.window.show_page(1)
    pictures = []
    for number in range(6):
        pixels = np.full((48, 64, 3), 40, np.uint8)
        pixels[12:36, 16 + number : 44 + number] = 200
        pixels[20:24, 20 + number : 30 + number] = 90
        pictures.append(tmp_path / f"{number}.png")
        pictures[-1].write_bytes(encode_png(pixels))
    program.tray.add(pictures)
    page = program.teach_page
    page.target.start_new("Bracket")
    page.target.changed.emit()
    page.view_field.positioning.click()
    asked: list[FitRequest] = []

    def remembered(
        request: FitRequest, *, store: ProfileStore, **services: object
    ) -> Generator[Progress, None, FitOutcome]:
        asked.append(request)
        return work.fit(request, store=store, **services)

    monkeypatch.setattr(teach_controller, "fit", remembered)
    QTest.mouseClick(page.learn, LEFT)
    qtbot.waitUntil(lambda: program.session.profile is not None)
    settle(program, qtbot)
    (request,) = asked
    assert request.settings.view.positioning is not None
    assert request.settings.view.positioning.reference.shape[2] == 3
    assert request.settings.view.positioning.reference.size > 0


def test_the_smallest_spot_is_a_setting(page: TeachPage) -> None:
    spot, size = (page.form.fields.rows[key] for key in ("min_area", "size"))
    assert isinstance(spot, ChoiceRow)
    assert isinstance(size, ChoiceRow)
    choose(spot, 4)
    assert page.plan.settings.scoring.min_area == 4
    choose(size, 4096)
    assert page.plan.settings.preprocessing.size == 4096
