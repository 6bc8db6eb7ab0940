"""Buttons that wrap: whole words at any width, no more lines than needed, hidden ones take none."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.ui.kit.wrapping_row import WrappingRow

_SPACE = 8


@pytest.fixture
def row(qtbot: QtBot) -> QWidget:
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = WrappingRow(_SPACE)
    for _ in range(3):
        button = QPushButton()
        button.setFixedSize(100, 40)
        layout.addWidget(button)
    holder.setLayout(layout)
    return holder


def places(holder: QWidget, width: int) -> list[tuple[int, int]]:
    holder.resize(width, holder.heightForWidth(width))
    holder.grab()
    buttons = holder.findChildren(QPushButton)
    return [(b.x(), b.y()) for b in buttons if not b.isHidden()]


def test_all_stand_side_by_side_at_the_right_where_there_is_room(row: QWidget) -> None:
    assert (row.sizeHint().width(), row.sizeHint().height()) == (316, 40)
    assert places(row, 400) == [(84, 0), (192, 0), (300, 0)]


@pytest.mark.parametrize(
    ("width", "expected", "height"),
    [
        (316, [(0, 0), (108, 0), (216, 0)], 40),
        (315, [(107, 0), (215, 0), (215, 48)], 88),
        (207, [(107, 0), (107, 48), (107, 96)], 136),
        (100, [(0, 0), (0, 48), (0, 96)], 136),
    ],
)
def test_what_has_no_room_goes_into_a_further_line(
    row: QWidget, width: int, expected: list[tuple[int, int]], height: int
) -> None:
    assert row.heightForWidth(width) == height
    assert places(row, width) == expected
    assert row.minimumSizeHint().width() == 100


def test_a_hidden_button_takes_no_room(row: QWidget) -> None:
    row.findChildren(QPushButton)[1].hide()
    assert row.sizeHint().width() == 208
    assert places(row, 208) == [(0, 0), (108, 0)]


def test_buttons_can_be_taken_out(row: QWidget) -> None:
    layout = row.layout()
    assert layout is not None
    assert layout.count() == 3
    assert layout.takeAt(5) is None
    assert layout.takeAt(0) is not None
    assert (layout.count(), row.sizeHint().width()) == (2, 208)
