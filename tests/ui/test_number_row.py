"""A number changes by pressing or typing, never beyond what it may be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from deeprx_gui.ui.kit.number_row import NumberRange, NumberRow

LEFT = Qt.MouseButton.LeftButton
Show = Callable[[NumberRow], NumberRow]


@pytest.mark.parametrize(
    ("span", "value", "up", "down"),
    [
        (NumberRange(0, 10, whole=True), 3, 4, 2),
        (NumberRange(0, 10, whole=True), 0, 1, 0),
        (NumberRange(100, 100_000, whole=True), 3000, 5000, 2000),
        (NumberRange(100, 100_000, whole=True), 100, 200, 100),
        (NumberRange(0, 2**31, whole=True), 0, 1, 0),
        (NumberRange(0, 2**31, whole=True), 1, 2, 0),
        (NumberRange(0, 1, open_low=True), 0.001, 0.002, 0.0005),
        (NumberRange(0, 1, open_low=True), 0.7, 1, 0.5),
        (NumberRange(0, 1, open_low=True), 1, 1, 0.5),
    ],
)
def test_steps_are_as_coarse_as_the_range(
    span: NumberRange, value: float, up: float, down: float
) -> None:
    assert span.step(value, up=True) == pytest.approx(up)
    assert span.step(value, up=False) == pytest.approx(down)


def test_pressing_and_typing_tell_the_number(show: Show) -> None:
    row = NumberRow(NumberRange(0, 1, open_low=True))
    told: list[object] = []
    row.chosen.connect(told.append)
    row.set_value(0.01)
    show(row)
    QTest.mouseClick(row.more, LEFT)
    row.field.setText("0,25")  # a comma will do
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert told == [0.02, 0.25]


@pytest.mark.parametrize("typed", ["abc", "0", "7", ""])
def test_an_impossible_number_is_taken_back(show: Show, typed: str) -> None:
    row = NumberRow(NumberRange(0, 1, open_low=True))
    told: list[object] = []
    row.chosen.connect(told.append)
    row.set_value(0.5)
    show(row)
    row.field.setText(typed)
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert told == []
    assert row.field.text() == "0.5"


def test_an_optional_number_may_be_left_empty(show: Show) -> None:
    row = NumberRow(NumberRange(0, 1000, open_low=True, optional=True))
    told: list[object] = []
    row.chosen.connect(told.append)
    row.set_value(0.05)
    show(row)
    row.field.clear()
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert told == [None]
    assert row.value is None


def test_at_the_end_of_the_range_the_button_is_off(show: Show) -> None:
    row = NumberRow(NumberRange(0, 5, whole=True))
    row.set_value(5)
    show(row)
    assert not row.more.isEnabled()
    assert row.less.isEnabled()
