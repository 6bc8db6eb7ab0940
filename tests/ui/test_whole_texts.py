"""Counts, legends and small pictures are shown whole at every width, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.inspection import RunCounts
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import set_language
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.charts.legend import Legend, LegendEntry
from deeprx_gui.ui.history.filter_bar import HistoryFilterBar
from deeprx_gui.ui.history.source_bar import HistorySourceBar
from deeprx_gui.ui.kit.chip_grid import ChipGrid
from deeprx_gui.ui.kit.confirm_sheet import ConfirmSheet
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeButton, FixedSizeLabel
from deeprx_gui.ui.kit.theme import Theme
from deeprx_gui.ui.picture.tile_strip import Tile, TileStrip
from tests.made_record import START

COUNTS = (0, 13, 1_072, 45_678, 1_234_567)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [240, 338, 352, 600])
def test_a_verdict_chip_shows_its_whole_count(
    look: Theme, qtbot: QtBot, language: str, width: int
) -> None:
    set_language(language)
    try:
        bar = HistoryFilterBar()
        qtbot.addWidget(bar)
        bar.resize(width, 200)
        bar.show()
        for count in COUNTS:
            bar.show_counts(RunCounts(START, ok=count, review=count, ng=count, error=count))
            QApplication.sendPostedEvents()
            layout = bar.layout()
            assert layout is not None
            layout.activate()
            for chip in bar.chips.values():
                assert chip.words().endswith(f"{count:,}")
                assert chip.needed_width() <= chip.width(), (chip.words(), chip.width())
    finally:
        set_language("en")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_switch_to_all_stations_is_read_whole(look: Theme, qtbot: QtBot, language: str) -> None:
    set_language(language)
    try:
        bar = HistorySourceBar()
        qtbot.addWidget(bar)
        bar.resize(302, 44)
        bar.show()
        for button in (bar.here, bar.all, bar.side_by_side):
            assert button.width() >= button.sizeHint().width(), button.text()
        assert bar.minimumSizeHint().width() <= 302
    finally:
        set_language("en")


def test_chips_stand_in_one_row_where_there_is_room(look: Theme, qtbot: QtBot) -> None:
    chips = [FixedSizeButton() for _ in range(4)]
    grid = ChipGrid(chips, columns=(4, 2, 1))
    qtbot.addWidget(grid)
    grid.resize(400, 100)
    grid.show()
    for chip in chips:
        chip.write("OK 1")
    assert grid.across == 4
    chips[2].write("OK 123,456,789,012")
    assert grid.across == 2
    grid.resize(160, 200)
    assert grid.across == 1
    grid.resize(1_000, 100)
    assert grid.across == 4
    assert len({chip.y() for chip in chips}) == 1


def test_a_legend_takes_as_many_lines_as_its_width_asks_for(look: Theme, qtbot: QtBot) -> None:
    keys = [LegendEntry("ok", f"Held-out normal images {n}") for n in range(4)]
    legend = Legend()
    around = QWidget()
    qtbot.addWidget(around)
    column = QVBoxLayout(around)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(legend)
    column.addStretch(1)
    around.resize(1_000, 300)
    around.show()
    legend.show_keys(keys)
    one_line = legend.height()
    around.resize(legend.minimumSizeHint().width(), 300)
    qtbot.waitUntil(lambda: legend.height() == 4 * one_line // 2)
    assert around.minimumSizeHint().width() == legend.minimumSizeHint().width()
    around.resize(1_000, 300)
    qtbot.waitUntil(lambda: legend.height() == one_line)


def test_a_long_question_is_read_to_its_end(look: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1366, 700)
    window.show()
    sheet = ConfirmSheet(window)
    for words in ("Is that right? " * 20, "Is that right?"):
        sheet.ask(say("{words}", words=words), say("Yes"), lambda: None, say("No"))
        window.grab()
        question = sheet.question
        assert question.height() >= question.heightForWidth(question.width())
        assert question.mapTo(window, question.rect().bottomLeft()).y() < sheet.yes.mapTo(
            window, QPoint()
        ).y()  # fmt: skip
    assert sheet.paper.height() < 200, "a short one makes the sheet small again"


def test_a_text_with_too_many_lines_shows_its_beginning(look: Theme, qtbot: QtBot) -> None:
    label = FixedSizeLabel(lines=2)
    qtbot.addWidget(label)
    label.resize(120, label.sizeHint().height())
    label.setText("\u2588\n\n\n\n")  # a full block, then lines that do not fit
    rows = label.grab().toImage()
    dark = [y for y in range(rows.height()) if rows.pixelColor(3, y).lightness() < 128]
    assert dark[0] <= 8
    assert len(dark) >= 8


@pytest.fixture
def strip(look: Theme, qtbot: QtBot) -> TileStrip:
    made = TileStrip(ThumbnailCache(), str)
    qtbot.addWidget(made)
    made.show_tiles([Tile(n, Path(f"{n}.png"), f"{n}.00 ×") for n in range(10)])
    return made


def shown(strip: TileStrip) -> Sequence[int]:
    """Return the tiles of which at least a part lies in the strip."""
    return [n for n in range(10) if strip.box(n).intersects(strip.rect())]


@pytest.mark.parametrize("width", [92, 150, 311, 610, 900, 1_400])
def test_no_small_picture_is_cut_at_the_edge(strip: TileStrip, width: int) -> None:
    strip.resize(width, strip.sizeHint().height())
    strip.show()
    tiles = shown(strip)
    assert tiles == list(range(min(10, max(1, width // 92))))
    assert all(strip.rect().contains(strip.box(n)) for n in tiles)
    for _ in range(20):
        turn(strip, -120)
    assert shown(strip)[-1] == 9
    assert all(strip.rect().contains(strip.box(n)) for n in shown(strip))
    for _ in range(20):
        turn(strip, 120)
    assert shown(strip) == tiles


def test_a_fine_wheel_moves_a_tile_per_notch(strip: TileStrip) -> None:
    strip.resize(300, strip.sizeHint().height())
    strip.show()
    for _ in range(7):
        turn(strip, -15)
    assert shown(strip)[0] == 0
    turn(strip, -15)
    assert shown(strip)[0] == 1


def test_an_arrow_says_that_more_small_pictures_follow(strip: TileStrip) -> None:
    strip.resize(300, strip.sizeHint().height())
    strip.show()
    middle = QSize(8, 14)

    def edge(left: int) -> bool:
        """Whether anything is painted between the edge and the nearest picture."""
        strip.grab()
        image = strip.grab().toImage().copy(left, 20, middle.width(), middle.height())
        seen = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
        return len(seen) > 1

    assert (edge(0), edge(292)) == (False, True)
    turn(strip, -120)
    assert (edge(0), edge(292)) == (True, True)
    strip.show_tiles(strip.tiles[:3])
    assert (edge(0), edge(292)) == (False, False)


def turn(strip: TileStrip, angle: int) -> None:
    event = QWheelEvent(
        QPointF(20, 20), QPointF(20, 20), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(strip, event)


def test_pictures_keep_their_place_while_others_arrive(strip: TileStrip) -> None:
    strip.asking = True
    strip.resize(300, strip.sizeHint().height())
    strip.show()
    strip.thumbnails.put(Path("0.png"), np.full((60, 80, 3), 200, np.uint8))
    before = [strip.box(n) for n in range(10)]
    strip.show_tiles([*strip.tiles, Tile(10, Path("10.png"), "10.00 ×")])
    assert [strip.box(n) for n in range(10)] == before
