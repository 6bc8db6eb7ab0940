"""The region is drawn, moved, reshaped and taken back as a person does it, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.view import Region, ShapeKind, View
from deeprx_gui.state.view_draft import ViewDraft
from deeprx_gui.ui.picture.region_canvas import Tool
from deeprx_gui.ui.picture.region_editor import RegionEditor
from deeprx_gui.ui.picture.region_geometry import Role, ShapeRef, bounds, rectangle

PATHS = tuple(Path(f"/parts/{n}.png") for n in range(3))
LEFT = Qt.MouseButton.LeftButton
Show = Callable[[RegionEditor], RegionEditor]


def frame(path: Path) -> Frame:
    return Frame(np.full((300, 400, 3), 120, np.uint8), str(path))


class Hand:
    """An open editor and a hand that draws in it; places are shares of the picture."""

    def __init__(self, show: Show) -> None:
        self.draft = ViewDraft()
        self.editor = RegionEditor(self.draft)
        self.asked: list[Path] = []
        self.editor.picture_requested.connect(self.asked.append)
        show(self.editor)
        self.editor.open_pictures(PATHS)
        self.editor.show_frame(PATHS[0], frame(PATHS[0]))
        self.canvas = self.editor.canvas

    def at(self, x: float, y: float) -> QPoint:
        return self.canvas.mapFromScene(x * 400, y * 300)

    def take(self, tool: Tool) -> None:
        QTest.mouseClick(self.editor.tools.buttons[tool], LEFT)

    def press(self, x: float, y: float) -> None:
        QTest.mouseClick(self.canvas.viewport(), LEFT, pos=self.at(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        port = self.canvas.viewport()
        QTest.mousePress(port, LEFT, pos=self.at(*start))
        QTest.mouseMove(port, self.at((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        QTest.mouseMove(port, self.at(*end))
        QTest.mouseRelease(port, LEFT, pos=self.at(*end))

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.canvas, key, keys)


@pytest.fixture
def hand(show: Show) -> Iterator[Hand]:
    made = Hand(show)
    yield made
    # PySide's garbage collection crashes on an undo stack that is part of a cycle with its steps.
    made.draft.undo_stack.clear()


def box(hand: Hand) -> None:
    hand.take(Tool.RECTANGLE)
    hand.drag((0.2, 0.2), (0.7, 0.8))


def test_the_editor_begins_with_the_rectangle_in_hand(hand: Hand) -> None:
    assert hand.editor.tool is Tool.RECTANGLE
    assert hand.asked == [PATHS[0]]


def test_a_dragged_rectangle_counts_and_is_chosen(hand: Hand) -> None:
    box(hand)
    (shape,) = hand.draft.region.inside
    assert bounds(shape) == pytest.approx((0.2, 0.2, 0.7, 0.8), abs=0.01)
    assert hand.canvas.selected == ShapeRef(Role.INSIDE, 0)
    assert hand.editor.tool is Tool.SELECT
    assert hand.editor.summary.text() == "Region: 1 rectangle"


def test_a_mere_click_draws_nothing(hand: Hand) -> None:
    hand.take(Tool.RECTANGLE)
    hand.press(0.5, 0.5)
    assert hand.draft.region.whole


@pytest.mark.parametrize("close", ["enter", "double click", "first corner"])
def test_a_polygon_is_closed_in_three_ways(hand: Hand, close: str) -> None:
    hand.take(Tool.IGNORE_POLYGON)
    for place in ((0.2, 0.2), (0.8, 0.3), (0.5, 0.9)):
        hand.press(*place)
    assert hand.canvas.drawing == 3
    if close == "enter":
        hand.key(Qt.Key.Key_Return)
    elif close == "double click":
        QTest.mouseDClick(hand.canvas.viewport(), LEFT, pos=hand.at(0.5, 0.9))
    else:
        hand.press(0.205, 0.205)
    (shape,) = hand.draft.region.ignore
    assert shape.kind is ShapeKind.POLYGON
    assert len(shape.points) == 3
    assert not hand.draft.region.inside


def test_escape_drops_the_polygon_and_then_leads_back(hand: Hand, qtbot: QtBot) -> None:
    hand.take(Tool.POLYGON)
    hand.press(0.2, 0.2)
    hand.press(0.5, 0.2)
    hand.key(Qt.Key.Key_Backspace)
    assert hand.canvas.drawing == 1
    hand.key(Qt.Key.Key_Escape)
    assert hand.canvas.drawing == 0
    with qtbot.waitSignal(hand.editor.done):
        hand.key(Qt.Key.Key_Escape)
    assert hand.draft.region.whole


def test_two_corners_are_no_polygon(hand: Hand) -> None:
    hand.take(Tool.POLYGON)
    hand.press(0.2, 0.2)
    hand.press(0.5, 0.2)
    hand.key(Qt.Key.Key_Return)
    assert hand.canvas.drawing == 2
    assert hand.draft.region.whole


def test_a_shape_is_dragged_by_its_middle_and_by_its_corner(hand: Hand) -> None:
    box(hand)
    hand.drag((0.45, 0.5), (0.55, 0.5))
    assert bounds(hand.draft.region.inside[0]) == pytest.approx((0.3, 0.2, 0.8, 0.8), abs=0.01)
    hand.drag((0.8, 0.8), (0.9, 0.95))
    assert bounds(hand.draft.region.inside[0]) == pytest.approx((0.3, 0.2, 0.9, 0.95), abs=0.01)


def test_dragging_beyond_the_border_stops_there(hand: Hand) -> None:
    box(hand)
    hand.drag((0.7, 0.8), (1.4, 1.4))
    assert bounds(hand.draft.region.inside[0])[2:] == (1.0, 1.0)


def test_every_step_can_be_undone_and_redone(hand: Hand) -> None:
    box(hand)
    hand.drag((0.45, 0.5), (0.55, 0.5))
    moved = hand.draft.region
    hand.take(Tool.IGNORE_RECTANGLE)
    hand.drag((0.4, 0.4), (0.5, 0.5))
    for _ in range(3):
        QTest.mouseClick(hand.editor.undo, LEFT)
    assert hand.draft.region.whole
    assert not hand.editor.undo.isEnabled()
    QTest.mouseClick(hand.editor.redo, LEFT)
    QTest.mouseClick(hand.editor.redo, LEFT)
    assert hand.draft.region == moved


def test_delete_takes_the_chosen_shape_and_whole_picture_takes_all(hand: Hand) -> None:
    box(hand)
    hand.take(Tool.IGNORE_RECTANGLE)
    hand.drag((0.4, 0.4), (0.5, 0.5))
    hand.key(Qt.Key.Key_Delete)
    assert len(hand.draft.region.inside) == 1
    assert not hand.draft.region.ignore
    QTest.mouseClick(hand.editor.whole, LEFT)
    assert hand.draft.region.whole
    assert not hand.editor.whole.isEnabled()


def test_everything_can_be_done_with_keys(hand: Hand) -> None:
    hand.canvas.setFocus()
    hand.key(Qt.Key.Key_R)
    hand.key(Qt.Key.Key_Return)
    assert bounds(hand.draft.region.inside[0]) == (0.25, 0.25, 0.75, 0.75)
    for _ in range(4):
        hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    hand.key(Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    left, top, right, _ = bounds(hand.draft.region.inside[0])
    assert (left, top) == pytest.approx((0.26, 0.25 + 10 / 300))
    assert right == pytest.approx(0.7575)
    assert hand.draft.undo_stack.count() == 3  # five steps of the arrows are one movement


def test_a_row_of_the_list_chooses_its_shape(hand: Hand) -> None:
    box(hand)
    hand.take(Tool.IGNORE_RECTANGLE)
    hand.drag((0.4, 0.4), (0.5, 0.5))
    assert [hand.editor.shapes.item(n).text() for n in range(2)] == [
        "1: rectangle",
        "1: ignored rectangle",
    ]
    hand.editor.shapes.setCurrentRow(0)
    assert hand.canvas.selected == ShapeRef(Role.INSIDE, 0)


def test_pictures_are_stepped_through_with_the_region_in_place(hand: Hand) -> None:
    box(hand)
    QTest.mouseClick(hand.editor.forth, LEFT)
    hand.key(Qt.Key.Key_PageDown)
    assert hand.asked == list(PATHS)
    assert not hand.editor.forth.isEnabled()
    hand.editor.show_frame(PATHS[0], frame(PATHS[0]))  # late, no longer wanted
    hand.editor.show_failure(PATHS[2], say("The disk is full."))
    assert hand.editor.sentence.text() == "The disk is full."
    assert len(hand.draft.region.inside) == 1


def test_what_does_not_count_is_greyed_and_the_rest_is_not(hand: Hand) -> None:
    box(hand)
    hand.editor.select(None)
    picture = hand.canvas.viewport().grab().toImage()

    def grey(x: float, y: float) -> int:
        return picture.pixelColor(hand.at(x, y)).red()

    assert grey(0.45, 0.5) == 120
    assert grey(0.1, 0.5) < 100


def test_handles_can_be_hit_by_a_finger(hand: Hand) -> None:
    box(hand)
    corner = hand.at(0.7, 0.8)
    port = hand.canvas.viewport()
    QTest.mousePress(port, LEFT, pos=corner + QPoint(14, 14))
    QTest.mouseMove(port, corner + QPoint(40, 14))
    QTest.mouseRelease(port, LEFT, pos=corner + QPoint(40, 14))
    assert bounds(hand.draft.region.inside[0])[2] > 0.72


def test_a_profile_s_region_is_the_start_and_cannot_be_undone() -> None:
    draft = ViewDraft()
    draft.set_region(Region((rectangle((0, 0), (0.5, 0.5)),)))
    draft.reset(View(Region((), (rectangle((0, 0), (0.1, 0.1)),)), None, 0.05))
    assert draft.view == View(Region((), (rectangle((0, 0), (0.1, 0.1)),)), None, 0.05)
    assert not draft.undo_stack.canUndo()
