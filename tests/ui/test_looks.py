"""What the engineer is shown before, during and after a decision is what it says it is."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, PROFILES, TEACH, Program
from deeprx_gui.controllers import teach_controller
from deeprx_gui.domain.fit import FitOutcome, FitRequest, SkippedImage, too_many_misplaced
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.marked_places import MOST_PLACES
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.view import Positioning, Shape, ShapeKind, View
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.state.compare import COLUMNS
from deeprx_gui.ui.kit.sheets import Sheet
from tests.state.made_results import made_profile as with_results
from tests.state.made_results import made_scored
from tests.ui.conftest import MakePictures, MakeProfile, Start
from tests.ui.driving import LEFT, learned, settle, teach
from tests.ui.test_picture_size import use_language
from tests.ui.walk import lay_out

WHOLE = Shape(ShapeKind.RECTANGLE, ((0.2, 0.2), (0.8, 0.8)))


class MisplacingFit:
    """A fit whose positioning does not find the part in the first ``misplaced`` images."""

    def __init__(self, misplaced: int, profile: Profile) -> None:
        self.misplaced, self._profile = misplaced, profile

    def __call__(
        self, request: FitRequest, *, store: ProfileStore, **_services: object
    ) -> Generator[Progress, None, FitOutcome]:
        yield Progress(1, 1, say("Reading normal images"))
        reason = say("The part is not in place.")
        skipped = tuple(
            SkippedImage(path, reason, misplaced=True) for path in request.images[: self.misplaced]
        )
        reference = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
        view = View(positioning=Positioning(reference, WHOLE))
        profile = replace(self._profile, id="", revision=0, view=view, name=request.name)
        assert request.hold_misplaced, "the window never saves unseen"
        held = too_many_misplaced(self.misplaced, len(request.images))
        if not held:
            profile = store.save(profile)
        return FitOutcome(profile, skipped, 0.1, "torch-cpu", held=held)


@pytest.fixture
def misplacing(monkeypatch: pytest.MonkeyPatch, make_profile: MakeProfile) -> MisplacingFit:
    made = MisplacingFit(4, make_profile(normals=8))
    monkeypatch.setattr(teach_controller, "fit", made)
    return made


def cards(program: Program) -> int:
    return len(program.job_service.services.store.list())


def test_a_revision_is_not_in_use_before_the_outlines_were_seen(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, misplacing: MisplacingFit
) -> None:
    program = start()
    teach(program, qtbot, make_pictures(12))
    placements = program.teach_controller.placements
    qtbot.waitUntil(lambda: placements.sheet is not None and placements.sheet.isVisible())
    sheet = placements.sheet
    assert sheet is not None
    assert program.session.profile is None
    assert cards(program) == 0
    assert "4 of 12" in sheet.heading.text()
    qtbot.waitUntil(lambda: sheet.list.count() == 12)
    found = [sheet.list.item(n).data(Qt.ItemDataRole.UserRole) for n in range(12)]
    assert found == sorted(found), "those that were not found stand first"
    assert sheet.change.hasFocus(), "the easy answer puts nothing in use"
    first = sheet.list.item(0).icon().pixmap(176, 176).toImage()
    colours = {first.pixelColor(x, y).rgb() for x in range(0, 176, 2) for y in range(0, 176, 2)}
    assert any(c & 0xFF < 80 and (c >> 16) & 0xFF > 200 for c in colours), "an outline is drawn"

    sheet.close_sheet()
    assert cards(program) == 0
    banner = program.teach_page.banner
    assert banner.message is not None
    assert "not in use" in banner.text.text()
    banner.button.click()
    assert sheet.isVisible(), "it can be looked at again"
    sheet.change.click()
    assert program.teach_page.form.expander.open
    assert cards(program) == 0

    banner.button.click()
    sheet.use.click()
    settle(program, qtbot)
    qtbot.waitUntil(lambda: program.session.profile is not None)
    assert cards(program) == 1
    assert "In 4 pictures the part is not in place" in program.teach_page.lesson.unread.text()


def test_not_in_place_is_not_called_unreadable(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, misplacing: MisplacingFit
) -> None:
    misplacing.misplaced = 1
    program = start()
    pictures = make_pictures(8)
    learned(program, qtbot, pictures)
    said = program.teach_page.lesson.unread.text()
    assert said.startswith("In 1 picture the part is not in place")
    assert "read" not in said
    tile = program.tray.images[0]
    assert (tile.path, tile.misplaced) == (pictures[0], True)
    spoken = program.tray.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith("the part is not in place")


@pytest.mark.parametrize("places", [0, 1, 7, MOST_PLACES + 5])
def test_as_many_circles_as_places_are_told(start: Start, qtbot: QtBot, places: int) -> None:
    program = start()
    program.session.open_profile(with_results())
    program.window.show_page(CHECK)
    heat = np.full((24, 24), 1, np.float32)
    for n in range(places):
        heat[2 * (n // 10) + 1, 2 * (n % 10) + 1] = 30 - n / 10
    page = program.check_page
    page.picture_requested.disconnect()
    made = made_scored(30.0)
    page.add_results([replace(made, score=Score(30.0, heat, 1.0))])
    page.show_picture(made.path, Frame(np.full((48, 64, 3), 90, np.uint8), str(made.path)))
    told, circles = page.picture.strip.text(), page.picture.view.spots
    assert len(circles) == len(page.picture.strip.found) == min(places, MOST_PLACES)
    if places > MOST_PLACES:
        assert told.startswith(f"{places} places, the {MOST_PLACES} highest:")
    elif places:
        assert told.startswith(f"{places} place")
    else:
        assert told == "Nothing lies above the review limit."
    limits = program.session.limits
    assert limits is not None
    program.session.set_limits(limits.moved(ng=60.0).moved(review=29.75))
    left = min(places, 3)  # of 30, 29.9, 29.8, 29.7 …
    qtbot.waitUntil(lambda: len(page.picture.view.spots) == left)
    assert len(page.picture.strip.found) == left


@pytest.mark.parametrize("width", [960, 1093, 1280])
def test_the_tray_stays_under_the_pointer_when_a_picture_is_selected(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, width: int
) -> None:
    program = start()
    program.window.resize(width, 700)
    program.window.show_page(TEACH)
    program.teach_controller.add(tuple(make_pictures(12, side=64)))
    qtbot.waitUntil(lambda: len(program.tray.images) == 12)
    view = program.teach_page.panel.view
    lay_out(program.window)
    before = view.mapTo(program.window, QPoint(0, 0))
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(program.tray.index(0)).center())
    lay_out(program.window)
    assert view.mapTo(program.window, QPoint(0, 0)) == before
    view.selectAll()
    lay_out(program.window)
    assert view.mapTo(program.window, QPoint(0, 0)) == before
    view.clearSelection()
    lay_out(program.window)
    assert view.mapTo(program.window, QPoint(0, 0)) == before


def test_a_double_click_shows_a_normal_image_large_with_zoom(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    program.window.show_page(TEACH)
    pictures = make_pictures(6, side=64)
    program.teach_controller.add(tuple(pictures))
    qtbot.waitUntil(lambda: len(program.tray.images) == 6)
    view = program.teach_page.panel.view
    lay_out(program.window)
    at = view.visualRect(program.tray.index(2)).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=at)
    QTest.mouseDClick(view.viewport(), LEFT, pos=at)
    sheet = program.teach_controller.large
    assert sheet is not None
    qtbot.waitUntil(lambda: sheet.shown)
    assert sheet.title.text() == program.tray.images[2].path.name
    lay_out(program.window)
    assert 64 * sheet.view.zoom >= 300
    before = sheet.view.zoom
    sheet.zoom.nearer.click()
    assert sheet.view.zoom > before
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    view.setFocus()
    view.setCurrentIndex(program.tray.index(4))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert sheet.title.text() == program.tray.images[4].path.name


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", [(1366, 768), (1280, 650)])
def test_the_columns_of_compare_fit(
    start: Start, make_profile: MakeProfile, size: tuple[int, int], language: str
) -> None:
    program = start()
    program.session.open_profile(make_profile())
    program.window.resize(*size)
    use_language(program, language)
    program.window.show_page(TEACH)
    page = program.teach_page
    page.open_compare()
    lay_out(program.window)
    table = page.compare.table
    head = table.horizontalHeader()
    assert head.length() <= table.viewport().width()
    metrics = head.fontMetrics()
    for column in range(len(COLUMNS)):
        title = str(table.model().headerData(column, Qt.Orientation.Horizontal))
        longest = max(map(metrics.horizontalAdvance, title.split() or [""]))
        lines = 2 * (head.sectionSize(column) - 12)
        assert metrics.horizontalAdvance(title) <= lines, title
        assert language == "ja" or longest <= head.sectionSize(column) - 6, title
    for part in (page.compare.back, page.compare._title):
        assert not part.visibleRegion().isEmpty()


def test_labelled_pictures_of_compare_stay_with_their_product(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, make_profile: MakeProfile
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    bracket = program.session.profile
    assert bracket is not None
    sheet = program.teach_page.compare
    bad = make_pictures(3, "bad")
    sheet.add_bad_parts(bad)
    program.session.open_profile(replace(make_profile("Cover"), id="cover-1"))
    assert list(sheet.labelled) == []
    sheet.add_bad_parts(make_pictures(2, "dents"))
    program.session.open_profile(bracket)
    assert [item.path for item in sheet.labelled] == bad
    assert {item.label for item in sheet.labelled} == {Label.BAD}
    program.session.open_profile(replace(make_profile("Cover"), id="cover-1"))
    assert [item.path.parent.name for item in sheet.labelled] == ["dents", "dents"]


def test_a_new_product_keeps_its_bad_parts_when_it_was_learnt(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    bad = make_pictures(3, "bad")
    program.window.show_page(TEACH)
    program.teach_page.compare.add_bad_parts(bad)
    learned(program, qtbot, make_pictures(8))
    assert [item.path for item in program.teach_page.compare.labelled] == bad


def test_pictures_checked_for_one_product_are_not_offered_to_a_new_one(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.check_controller.score(
        tuple(PendingImage(p, Label.BAD) for p in make_pictures(3, "bad"))
    )
    settle(program, qtbot)
    page = program.teach_page
    page.open_compare()
    settle(program, qtbot)
    assert len(page.compare.labelled) == 3
    program.teach_controller.start_new()
    page.open_compare()
    settle(program, qtbot)
    assert list(page.compare.labelled) == []


def every_sheet(program: Program) -> Iterator[Sheet]:
    yield from program.window.findChildren(Sheet)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_title_and_cross_of_every_sheet_stay_in_sight(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, language: str
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.teach_controller.setters.open()
    settle(program, qtbot)
    use_language(program, language)
    program.window.show_page(PROFILES)  # the bin's sheets lie over that page alone
    program.window.setMinimumSize(0, 0)
    program.window.resize(900, 320)
    names = set()
    sheets = list(every_sheet(program))
    for sheet in sheets:
        if sheet.isVisible():
            sheet.close_sheet()
    for sheet in sheets:
        sheet.open()
        assert sheet.kept, type(sheet).__name__
        title = sheet.kept[0]
        assert isinstance(title, QLabel)
        title.setText(title.text() or "Not asked yet")
        filler = QWidget()
        filler.setFixedHeight(700)
        sheet.body.addWidget(filler)
        lay_out(program.window)
        bar = sheet.scroll_area.verticalScrollBar()
        assert bar.maximum() > 0, "there is something to scroll"
        bar.setValue(bar.maximum())
        for part in (*sheet.kept, sheet._cross):
            if not part.isHidden():
                where = type(sheet).__name__
                assert not part.visibleRegion().isEmpty(), where
                foot = part.mapTo(sheet.paper, QPoint(0, part.height())).y()
                assert foot <= sheet.paper.height(), type(sheet).__name__
        room = sheet._cross.mapTo(sheet.paper, QPoint(0, 0)).x()
        assert title.mapTo(sheet.paper, QPoint(title.width(), 0)).x() <= room + 1
        names.add(type(sheet).__name__)
        sheet.body.removeWidget(filler)
        filler.deleteLater()
        sheet.hide()
    assert {"SettingsSheet", "KeysSheet", "SelfTestSheet", "ConfirmSheet", "ResetSheet",
            "ProductSheet", "PinPad", "SetupSheet", "BinSheet", "ImportSheet",
            "LimitSheet"} <= names  # fmt: skip


def test_empty_places_say_what_to_do_after_a_restart(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, tmp_path: Path
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    product = program.session.profile
    assert product is not None
    again = start()
    again.window.show_page(CHECK)
    assert again.session.profile is None
    again.check_page.no_profile.button.click()
    assert again.window.page == 0, "a button leads to the products"
    again.session.open_profile(product)
    again.window.show_page(CHECK)
    assert "at the left" in again.check_page.picture.said
    trend = again.history_page.body.trend
    assert "Inspect" in trend._empty.text()
