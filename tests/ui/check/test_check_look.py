"""Nothing on the page is clipped, and everything is large enough to touch."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.page import CheckPage
from deeprx_gui.ui.kit.columns import ScrolledColumns
from deeprx_gui.ui.kit.drop_zone import DropZone
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.kit.theme import TOUCH, Theme
from tests.state.made_results import made_scored, many_scored
from tests.ui.walk import clipped, speak, visible

Fill = Callable[..., None]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_text_is_clipped_in_a_window_of_1280_by_800(
    page: CheckPage, fill: Fill, look: Theme, qtbot: QtBot, language: str
) -> None:
    look.use_language(language)
    fill(*many_scored(300))
    page.body.limits.reset.click()
    page.body.limits.review.field.setValue(0.9)
    page.body.table.selectRow(290)
    speak(language)
    qtbot.waitUntil(lambda: not list(clipped(page)))
    steady = [w for w in visible(page) if isinstance(w, FixedSizeLabel)]
    assert len(steady) > 5
    assert [w.text() for w in steady if not w.fits()] == []
    page.body.picture.why.show()  # as beside a part that a learnt profile stops
    qtbot.waitUntil(lambda: page.body.picture.why.width() > 0 and not list(clipped(page)))
    sideways = [area.horizontalScrollBar().maximum() for area in page.findChildren(ScrolledColumns)]
    assert sideways == [0], "nobody has to scroll to a limit"


def test_a_step_that_finds_nothing_is_not_said_beside_an_offer(page: CheckPage, fill: Fill) -> None:
    fill(*many_scored(300))
    advice = page.body.advice
    page.body.limits.review.field.setValue(0.9)
    assert advice.text.text() == (
        "2 of 30 bad parts pass. REVIEW from 0.68 × finds all 30 bad parts; 241 of 270 good parts "
        "go to review."
    )
    advice.use.click()
    assert "finds 0 more of 30 bad parts" in advice.text.text(), "nothing else is known"


def test_a_text_that_grows_has_the_height_it_needs_in_every_width(
    look: Theme, qtbot: QtBot
) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    column = QVBoxLayout(place)
    label = FixedSizeLabel(lines=2, grows=True)
    column.addWidget(label)
    column.addStretch(1)
    label.setText("Eleven words that are read on one line of any screen.")
    place.resize(900, 400)
    place.show()
    low = label.height()
    for width, text in (
        (300, "Many words. " * 9),
        (200, "Many words. " * 9),
        (200, "よく読む。" * 30),
    ):
        place.resize(width, 400)
        label.setText(text)
        qtbot.waitUntil(label.fits)
        assert label.height() > low
    high = label.height()
    label.setText("Short.")
    QApplication.sendPostedEvents()
    assert label.height() == high, "what is below stays while a limit is dragged"
    place.resize(900, 400)
    qtbot.waitUntil(lambda: label.height() == low)


def test_the_buttons_of_a_drop_zone_are_never_squeezed(look: Theme, qtbot: QtBot) -> None:
    zone = DropZone(say("Drop pictures or folders to check here"), say("Images"))
    qtbot.addWidget(zone)
    zone.resize(600, 500)
    zone.show()
    for width in (338, 600, 338):
        zone.resize(width, 500)
        assert list(clipped(zone)) == [], "at once, without a moment in which they are"
    files, folder = zone.findChildren(QPushButton)
    zone.resize(600, 500)
    assert files.y() == folder.y()
    files.setText("A text as long as the longest language has " * 2)
    qtbot.waitUntil(lambda: files.y() < folder.y())


def test_every_button_can_be_hit_with_a_finger(page: CheckPage, fill: Fill) -> None:
    fill(*many_scored(30))
    small = [
        (type(w).__name__, w.text(), w.size().toTuple())
        for w in visible(page)
        if isinstance(w, QAbstractButton) and w.parent() is not page.body.filter_bar.search
        if w.width() < TOUCH or w.height() < TOUCH
    ]
    assert small == []


def test_light_and_dark_change_while_everything_is_shown(
    page: CheckPage, fill: Fill, look: Theme
) -> None:
    fill(*many_scored(30))
    histogram = page.body.limits.histogram
    light = histogram.grab().toImage().pixelColor(2, 2).lightness()
    look.choose("dark")
    dark = histogram.grab().toImage().pixelColor(2, 2).lightness()
    assert light > 200
    assert dark < 80


@pytest.mark.parametrize("language", ["en", "ja"])
def test_ten_rows_show_in_small_windows(
    page: CheckPage, fill: Fill, look: Theme, qtbot: QtBot, language: str
) -> None:
    """What the page has of windows of 1280 x 800 and 1366 x 768."""
    look.use_language(language)
    fill(*many_scored(40))
    speak(language)
    table = page.body.table
    for size in ((1168, 704), (1254, 672)):
        page.resize(*size)
        qtbot.waitUntil(lambda: table.viewport().height() >= 10 * table.rowHeight(0))
    for told in (page.body.corrections, page.body.keep_sample, page.body.labels):
        assert told.isVisible()
        assert not told.visibleRegion().isEmpty()


def test_a_limit_that_is_dragged_asks_for_no_new_layout(
    page: CheckPage, session: Session, fill: Fill
) -> None:
    """A layout of the whole page costs more than painting all of it, at each step of a drag.

    At its beginning the sentence about changes comes; a count with another digit may break a row
    of chips once.
    """
    made = [made_scored(8 + 0.05 * n, label=Label.BAD if n % 3 else Label.GOOD) for n in range(90)]
    fill(*made)
    asked: list[int] = []
    step = 0

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.LayoutRequest:
                asked.append(step)
            return False

    watch, app = Watch(), QApplication.instance()
    assert app is not None
    session.set_limits(Limits(10.0, 12.5), merge_id=1)
    app.processEvents()
    app.installEventFilter(watch)
    try:
        for step in range(1, 13):
            session.set_limits(Limits(10.0 + 0.05 * step, 12.5), merge_id=1)
            app.processEvents()
    finally:
        app.removeEventFilter(watch)
    assert len({step for step in asked if step > 4}) <= 1, "once the drag has begun"
    assert page.body.evaluation.cells[Label.GOOD, Verdict.OK].words() == "18", "it followed"
