"""Teach, driven as a person drives it: drop, name, press Learn, read what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.fit import FitForecast, FitOutcome, FitRequest, SkippedImage
from deeprx_gui.domain.fit_settings import PRESETS, FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.teach.page import TeachPage
from tests.ui.conftest import MakeProfile, drop

PARTS = [Path(f"/parts/{n}.png") for n in range(12)]
Show = Callable[[TeachPage], TeachPage]


class Desk:
    """The page with its models, and a record of what it asks for."""

    def __init__(self, show: Show) -> None:
        self.session = Session()
        self.tray = TrayModel()
        self.cache = ThumbnailCache()
        self.page = TeachPage(self.session, self.tray, self.cache, (".png", ".jpg"))
        self.asked: list[tuple[str, object]] = []
        self.page.panel.paths_chosen.connect(lambda p: self.asked.append(("add", p)))
        self.page.learn_requested.connect(lambda p: self.asked.append(("learn", p)))
        self.page.lesson.go.clicked.connect(lambda: self.asked.append(("check", None)))
        self.page.strip.cancel_requested.connect(lambda: self.asked.append(("cancel", None)))
        self.page.form.backbone.fetch_requested.connect(lambda n: self.asked.append(("fetch", n)))
        show(self.page)

    def ready(self, n: int = 12) -> None:
        self.tray.add(PARTS[:n])
        self.page.target.start_new("Bracket")
        self.page.target.changed.emit()


@pytest.fixture
def controller(show: Show) -> Desk:
    return Desk(show)


def test_an_empty_tray_says_what_to_do(controller: Desk) -> None:
    assert controller.page.panel.empty.isVisible()
    assert not controller.page.learn.isEnabled()
    assert "5 more normal images are needed." in controller.page.note.text()


def test_dropped_files_and_folders_are_asked_for(controller: Desk, tmp_path: Path) -> None:
    assert drop(controller.page.panel.empty, [tmp_path])
    assert controller.asked == [("add", (tmp_path,))]


def test_a_filled_tray_takes_drops_too(controller: Desk, tmp_path: Path) -> None:
    controller.ready()
    assert controller.page.panel.view.isVisible()
    assert drop(controller.page.panel.view.viewport(), [tmp_path])
    assert controller.asked == [("add", (tmp_path,))]


def test_learn_needs_a_name(controller: Desk, qtbot: QtBot) -> None:
    controller.tray.add(PARTS)
    assert not controller.page.learn.isEnabled()
    assert "Give the new profile a name." in controller.page.note.text()
    QTest.keyClicks(controller.page.target.name, "Bracket")
    assert controller.page.learn.isEnabled()
    QTest.mouseClick(controller.page.learn, Qt.MouseButton.LeftButton)
    assert controller.asked == [("learn", FitRequest("Bracket", tuple(PARTS), FitSettings()))]


def test_the_hint_says_what_the_images_are_good_for(controller: Desk) -> None:
    controller.tray.add([Path(f"/parts/{n}.png") for n in range(50)])
    assert "about 2.5 % false calls" in controller.page.panel.hint.text()
    assert "67 more for 1 %" in controller.page.panel.hint.text()


def test_a_preset_sets_everything_and_shows_what_it_takes(controller: Desk, qtbot: QtBot) -> None:
    controller.ready()
    controller.page.show_forecasts(
        {"fast": FitForecast(4.2, 300), "accurate": FitForecast(130, 712)},
        FitForecast(8, 400),
    )
    cards = controller.page.form.cards
    assert cards["fast"].remark.text() == "about 4 s, 300 MB memory"
    assert cards["accurate"].remark.text() == "about 2 min, 710 MB memory"
    assert controller.page.note.text() == "about 8 s, 400 MB memory"
    QTest.mouseClick(cards["accurate"], Qt.MouseButton.LeftButton)
    assert controller.page.form.settings == PRESETS["accurate"].settings


@pytest.mark.parametrize("key", PRESETS)
def test_one_preset_is_chosen_and_no_other(controller: Desk, key: str) -> None:
    controller.ready()
    controller.page.set_settings(PRESETS[key].settings)
    cards = controller.page.form.cards
    assert [name for name, card in cards.items() if card.isChecked()] == [key]


def test_a_setting_of_ones_own_leaves_the_presets(controller: Desk) -> None:
    form = controller.page.form
    form.expander.set_open(True)
    row = form.fields.rows["size"]
    assert isinstance(row, ChoiceRow)
    row.box.setCurrentIndex(row.box.findText("384 pixels"))
    row.box.activated.emit(row.box.currentIndex())
    assert form.settings.preprocessing.size == 384
    assert not any(card.isChecked() for card in form.cards.values())
    assert "changed" in form.expander.button.text()


def test_a_stricter_promise_changes_the_hint(controller: Desk) -> None:
    controller.tray.add([Path(f"/parts/{n}.png") for n in range(50)])
    row = controller.page.form.fields.rows["false_call_rate"]
    assert isinstance(row, ChoiceRow)
    row.box.activated.emit(row.box.findText("0.1 %"))  # as Qt does after a choice
    row.box.setCurrentIndex(row.box.findText("0.1 %"))
    row.box.activated.emit(row.box.currentIndex())
    assert "995 more for 0.1 %" in controller.page.panel.hint.text()


def _resnet(*, installed: bool) -> BackboneStatus:
    return BackboneStatus(
        "resnet18",
        say("ResNet-18"),
        (4, 8, 16, 32),
        (8, 16),
        installed,
        None,
        "BSD-3-Clause",
        None if installed else say("ResNet-18 is not installed. Import its file."),
        fetchable=True,
    )


def test_an_absent_network_says_what_to_do_and_blocks_learning(
    controller: Desk, qtbot: QtBot
) -> None:
    controller.ready()
    controller.page.form.expander.set_open(True)
    controller.page.show_backbones([_resnet(installed=False)])
    controller.page.set_settings(FitSettings(backbone="resnet18"))
    field = controller.page.form.backbone
    assert "not installed" in field.row.box.currentText()
    assert field.advice.isVisible()
    assert not controller.page.learn.isEnabled()
    QTest.mouseClick(field.fetch, Qt.MouseButton.LeftButton)
    assert controller.asked == [("fetch", "resnet18")]
    controller.page.show_backbones([_resnet(installed=True)])
    assert not field.fetch.isVisible()
    assert controller.page.learn.isEnabled()


def test_without_any_level_of_detail_there_is_nothing_to_learn_from(controller: Desk) -> None:
    controller.ready()
    for box in controller.page.form.backbone.findChildren(QCheckBox):
        if box.isChecked():
            box.click()
    assert controller.page.form.settings.taps == ()
    assert not controller.page.learn.isEnabled()


def test_progress_is_shown_and_can_be_cancelled(controller: Desk, qtbot: QtBot) -> None:
    controller.ready()
    controller.page.job_started(say("Starting to learn"))
    assert not controller.page.learn.isEnabled()
    controller.page.job_progress(Progress(3, 12, say("Reading normal images"), 12.2))
    strip = controller.page.strip
    assert strip.note.text() == "Reading normal images"
    assert strip.count.text() == "3 of 12"
    assert strip.time_left.text() == "about 10 s left"
    QTest.mouseClick(strip.cancel, Qt.MouseButton.LeftButton)
    assert controller.asked == [("cancel", None)]
    assert strip.note.text() == "Stopping…"
    controller.page.job_ended(Notice(say("Learning was stopped. Nothing was changed.")))
    assert not strip.isVisible()
    assert controller.page.banner.isVisible()
    assert controller.page.learn.isEnabled()


def test_a_failure_is_a_sentence_on_the_page(controller: Desk) -> None:
    controller.page.job_started(say("Starting to learn"))
    controller.page.job_ended(Notice(say("The disk is full."), NoticeKind.ERROR))
    assert controller.page.banner.text.text() == "The disk is full."


def _lesson(controller: Desk, make_profile: MakeProfile, *, suspect: bool) -> None:
    profile = make_profile(normals=12)
    controller.session.open_profile(profile)
    times = {p: 0.5 + i / 20 for i, p in enumerate(PARTS)}
    controller.tray.mark(times, PARTS[7:8] if suspect else (), {PARTS[3]: say("It is damaged.")})
    unread = (SkippedImage(PARTS[3], say("It is damaged.")),)
    controller.page.show_lesson(FitOutcome(profile, unread, 8.3, "torch · CPU"))


def test_what_was_learnt_is_said_with_its_promise(
    controller: Desk, make_profile: MakeProfile, qtbot: QtBot
) -> None:
    controller.ready()
    _lesson(controller, make_profile, suspect=False)
    lesson = controller.page.lesson
    assert lesson.isVisible()
    assert "12 images in 8.3 s (torch · CPU). Saved." in lesson.summary.text()
    assert "About 7.7 % of good parts will be called NG" in lesson.promise.text()
    assert "1 picture could not be read" in lesson.unread.text()
    assert not lesson.again.isVisible()
    QTest.mouseClick(lesson.go, Qt.MouseButton.LeftButton)
    assert controller.asked == [("check", None)]


def test_suspects_stand_first_and_can_be_removed_in_one_press(
    controller: Desk, make_profile: MakeProfile, qtbot: QtBot
) -> None:
    controller.ready()
    _lesson(controller, make_profile, suspect=True)
    assert controller.tray.paths[:2] == (PARTS[3], PARTS[7])
    assert "1 image looks different" in controller.page.lesson.doubt.text()
    QTest.mouseClick(controller.page.lesson.again, Qt.MouseButton.LeftButton)
    ((what, plan),) = controller.asked
    assert what == "learn"
    assert isinstance(plan, FitRequest)
    assert plan.profile_id == "bracket-1"
    assert PARTS[7] not in plan.images
    assert controller.tray.undo_stack.canUndo()


def test_after_opening_a_profile_a_new_revision_is_offered(
    controller: Desk, make_profile: MakeProfile
) -> None:
    controller.session.open_profile(make_profile())
    assert controller.page.plan.profile_id == "bracket-1"
    assert not controller.page.target.name.isVisible()
    assert controller.page.learn.text() == "Learn a new revision"


def test_a_new_profile_asks_for_its_name(controller: Desk, make_profile: MakeProfile) -> None:
    controller.session.open_profile(make_profile())
    controller.page.start_new()
    assert controller.page.plan.profile_id is None
    assert controller.page.target.name.isVisible()


def test_delete_removes_the_selected_images_and_undo_brings_them_back(
    controller: Desk, qtbot: QtBot
) -> None:
    controller.ready()
    view = controller.page.panel.view
    select = QItemSelectionModel.SelectionFlag.Select
    for row in (1, 3):
        view.selectionModel().select(controller.tray.index(row), select)
    assert controller.page.panel.remove.text() == "Remove 2"
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert len(controller.tray.images) == 10
    stack = controller.page.undo_stack()
    assert stack is not None
    stack.undo()
    assert controller.tray.paths == tuple(PARTS)


def test_ten_thousand_images_stay_usable(controller: Desk, qtbot: QtBot) -> None:
    asked: list[tuple[Path, ...]] = []
    controller.cache.wanted.connect(asked.append)
    many = [Path(f"/parts/{n:05}.png") for n in range(10_000)]
    began = time.thread_time()  # what the machine does beside it does not count
    controller.tray.add(many)
    controller.page.grab()
    assert time.thread_time() - began < 2
    qtbot.waitUntil(lambda: bool(asked))
    assert len(asked) == 1
    assert set(asked[0]) <= set(many[:60])
    controller.page.panel.view.scrollToBottom()
    controller.page.grab()
    controller.cache.chunk_done()
    assert len(asked) == 2
    assert set(asked[1]) <= set(many[-60:])


def test_a_thumbnail_appears_as_soon_as_it_is_made(controller: Desk, qtbot: QtBot) -> None:
    controller.ready()
    with qtbot.waitSignal(controller.cache.wanted):
        controller.page.grab()
    red = np.zeros((160, 160, 3), np.uint8)
    red[..., 0] = 255
    controller.cache.put(PARTS[0], red)
    QApplication.sendPostedEvents()
    picture = controller.page.panel.view.viewport().grab().toImage()
    assert picture.pixelColor(60, 60) == QColor("red")
