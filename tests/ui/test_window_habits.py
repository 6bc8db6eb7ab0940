"""What people expect of any window: Enter, sizes, a question before work is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, PROFILES, Program
from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.domain.field import FieldKind
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.settings import Settings
from deeprx_gui.ui.check import results_table
from deeprx_gui.ui.check.keys import CHECK_KEYS
from deeprx_gui.ui.history.keys import HISTORY_KEYS
from deeprx_gui.ui.inspect import scan_field
from deeprx_gui.ui.inspect.outputs_section import OutputsSection
from deeprx_gui.ui.inspect.source_section import SourceSection
from deeprx_gui.ui.kit.sheets import SettingsSheet
from deeprx_gui.ui.window_state import WindowState
from tests.ui.conftest import MakePictures, Start
from tests.ui.driving import LEFT, learned, settle, teach
from tests.ui.fakes import FakeWork


def test_enter_presses_the_focused_button(start: Start, qtbot: QtBot) -> None:
    program = start()
    program.window.show_page(PROFILES)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        program.profiles_page.bin_button.setFocus()
        QTest.keyClick(program.profiles_page.bin_button, key)
        settle(program, qtbot)
        assert program.profiles_page.bin.isVisible()
        program.profiles_page.bin.close_sheet()


def test_closing_while_learning_asks(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, work: FakeWork
) -> None:
    program = start()
    work.hold.clear()
    teach(program, qtbot, make_pictures(8))
    qtbot.waitUntil(lambda: program.job_service.engine.busy)
    program.window.close()
    confirm = program.operator_controller.sheets.confirm
    assert confirm.isVisible()
    assert "learning" in confirm.question.text()
    assert confirm.no.hasFocus()
    confirm.no.click()
    assert program.window.isVisible()
    work.hold.set()
    settle(program, qtbot)
    assert program.session.profile is not None, "it learnt to the end"
    program.window.close()
    assert not program.window.isVisible(), "nothing to ask about"


def test_the_first_window_fits_the_screen(start: Start) -> None:
    window = start().window
    room = window.screen().availableSize()
    assert window.height() + 40 <= room.height()
    assert window.width() <= room.width()
    assert window.minimumSize() == QSize(900, 520).boundedTo(room - QSize(0, 40))


def test_maximised_is_remembered_and_full_screen_is_not(qtbot: QtBot, tmp_path: Path) -> None:
    state = WindowState(tmp_path / "window.ini")
    for full in (False, True):
        window = QMainWindow()
        qtbot.addWidget(window)
        window.showMaximized()
        if full:  # operator mode
            window.setWindowState(window.windowState() | Qt.WindowState.WindowFullScreen)
        window.close()
        state.keep(window, 0)
        again = QMainWindow()
        qtbot.addWidget(again)
        state.restore(again)
        again.show()
        assert again.isMaximized()
        assert not again.isFullScreen()


def test_numbers_of_the_confusion_matrix_open_their_pictures(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.window.show_page(CHECK)
    pictures = make_pictures(4, "unseen")
    labels = (Label.GOOD, Label.BAD, Label.BAD, Label.UNKNOWN)
    items = tuple(PendingImage(p, label) for p, label in zip(pictures, labels, strict=True))
    program.check_controller.score(items)
    settle(program, qtbot)
    body = program.check_page.body
    qtbot.waitUntil(body.evaluation.isVisible)
    counted = {key: int(cell.words()) for key, cell in body.evaluation.cells.items()}
    assert sum(counted.values()) == 3
    for (label, verdict), cell in body.evaluation.cells.items():
        cell.click()
        assert program.results.rowCount() == counted[label, verdict]
        shown = [int(number) for number in program.results.shown]
        assert all(program.results.rows.label_of(n) is label for n in shown)
        assert all(program.results.rows.verdict_of(n) is verdict for n in shown)
        assert body.filter_bar.label.currentIndex() == 1 + tuple(Label).index(label)
    assert Verdict.ERROR in {verdict for _label, verdict in counted}


@pytest.mark.usefixtures("look")
def test_the_first_kind_has_its_label_and_its_button() -> None:
    outputs, source = OutputsSection(), SourceSection()
    outputs.use(tuple(OUTPUTS.values()))
    source.use(tuple(SOURCES.values()))
    source.show_source(None)
    for section, kinds in ((outputs, OUTPUTS), (source, SOURCES)):
        kind = kinds[str(section.kind.value)]
        assert section.address.kind is kind
        asks = kind.address.kind
        assert section.address.browse.isHidden() is (asks not in (FieldKind.FOLDER, FieldKind.FILE))


@pytest.mark.usefixtures("look")
def test_the_title_and_the_cross_of_the_settings_stay(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 300)
    window.show()
    sheet = SettingsSheet(Settings(), window)
    sheet.open()
    bar = sheet.scroll_area.verticalScrollBar()
    assert bar.maximum() > 0, "there is something to scroll"
    bar.setValue(bar.maximum())
    title = next(label for label in sheet.findChildren(QLabel) if label.text() == "Settings")
    top = title.mapTo(sheet.paper, QPoint(0, 0)).y()
    assert 0 <= top < 60
    assert not title.visibleRegion().isEmpty()


def test_limits_moved_by_hand_are_asked_about_after_learning_again(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    pictures = make_pictures(8)
    learned(program, qtbot, pictures)
    profile = program.session.profile
    assert profile is not None
    banner = program.teach_page.banner
    assert banner.message is None
    program.session.set_limits(profile.limits.moved(ng=profile.suggested.ng * 1.5))
    program.job_service.save_limits()
    settle(program, qtbot)
    QTest.mouseClick(program.teach_page.learn, LEFT)
    settle(program, qtbot)
    again = program.session.profile
    assert again is not None
    assert again.revision == 3
    assert "by hand" in banner.text.text()
    banner.button.click()
    limits = program.session.limits
    assert limits is not None
    assert limits.ng == pytest.approx(again.suggested.ng * 1.5)
    assert limits.review == again.limits.review
    assert program.session.dirty, "it is undone or saved like any move"


@pytest.mark.parametrize(
    ("key", "label"),
    [("G", Label.GOOD), ("O", Label.GOOD), ("B", Label.BAD), ("N", Label.BAD)],
)
def test_the_keys_for_good_and_bad_are_those_of_every_page(key: str, label: Label) -> None:
    decision = Decision.OK if label is Label.GOOD else Decision.NG
    assert results_table.LABEL_KEYS[key] is label
    assert scan_field._DECISIONS[key.lower()] is decision
    spec = next(spec for spec in HISTORY_KEYS if spec.key == decision.value)
    assert key in spec.keys
    assert all(key not in spec.keys for spec in CHECK_KEYS)


def test_dialogs_remember_their_folder_for_each_purpose(start: Start, tmp_path: Path) -> None:
    program = start()
    widgets: dict[str, Callable[[Program], Any]] = {
        "teach": lambda p: p.teach_page.panel.empty,
        "check": lambda p: p.check_page.body.drop_zone,
        "check export": lambda p: p.check_page.body.export,
        "history export": lambda p: p.history_page.body.export,
        "import": lambda p: p.profiles_page,
        "profile export": lambda p: p.profiles_page.details,
        "backbone": lambda p: p.teach_page.form.backbone,
    }
    for name, find in widgets.items():
        folder = tmp_path / name
        folder.mkdir()
        find(program).start_folder = folder
    program.state.keep(program.window, 0)
    (tmp_path / "import").rmdir()
    again = start()
    for name, find in widgets.items():
        gone = name == "import"
        assert find(again).start_folder == (Path.home() if gone else tmp_path / name), name
