"""Ticks are round and few; values and pixels map to each other; colours follow the theme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMargins
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import Label
from deeprx_gui.ui.charts.chart import Chart, Window, round_ticks, step_outline
from deeprx_gui.ui.charts.histogram import Histogram
from deeprx_gui.ui.kit import theme


@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
    st.integers(1, 12),
)
def test_ticks_are_inside_evenly_spaced_and_not_too_many(
    low: float, span: float, most: int
) -> None:
    ticks = [value for value, _text in round_ticks(low, low + span, most)]
    assert len(ticks) <= most + 1
    slack = 1e-6 * max(abs(low) + span, 1.0)
    assert all(low - slack <= value <= low + span + slack for value in ticks)
    assert np.allclose(np.diff(ticks), np.diff(ticks)[:1], rtol=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "most", "texts"),
    [
        (0.0, 10.0, 5, ["0", "2", "4", "6", "8", "10"]),
        (0.5, 1.12, 4, ["0.6", "0.8", "1.0"]),
        (0.0, 1.0, 4, ["0.0", "0.5", "1.0"]),
        (0.0, 620.0, 4, ["0", "200", "400", "600"]),
        (1.0, 1.0, 4, []),
    ],
)
def test_ticks_read_as_a_person_would_write_them(
    low: float, high: float, most: int, texts: list[str]
) -> None:
    assert [text for _value, text in round_ticks(low, high, most)] == texts


def test_an_axis_has_two_ticks_at_least(qtbot: QtBot) -> None:
    chart = Chart(QMargins(30, 5, 10, 20), Window(0.0, 1.0, 0.0, 49.8))
    qtbot.addWidget(chart)
    chart.resize(300, 118)
    assert [text for _value, text in chart.left_ticks()] == ["0", "20", "40"]


def test_values_and_pixels_map_to_each_other(qtbot: QtBot) -> None:
    chart = Chart(QMargins(30, 5, 10, 20), Window(2.0, 6.0, 0.0, 8.0))
    qtbot.addWidget(chart)
    chart.resize(440, 225)
    corner = chart.place(2.0, 0.0)
    assert (corner.x(), corner.y()) == (30.0, 205.0)
    middle = chart.place(4.0, 4.0)
    assert (middle.x(), middle.y()) == (230.0, 105.0)
    assert chart.value_at(middle.x()) == pytest.approx(4.0)
    boxes = chart.bars(
        np.array([2.0, 3.0]), np.array([3.0, 4.0]), np.zeros(2), np.array([0.0, 4.0])
    )
    assert [(b.left(), b.top(), b.right(), b.bottom()) for b in boxes] == [
        (130.0, 105.0, 230.0, 205.0)
    ]


def test_the_stepped_line_stands_over_each_bin() -> None:
    x, y = step_outline(np.array([0.0, 1.0, 2.0]), np.array([3.0, 5.0]))
    assert x.tolist() == [0.0, 1.0, 1.0, 2.0]
    assert y.tolist() == [3.0, 3.0, 5.0, 5.0]


def test_bars_stand_where_the_scores_are(qtbot: QtBot) -> None:
    chart = Histogram()
    qtbot.addWidget(chart)
    chart.resize(500, 240)
    good = np.full(20, 5.0)
    limits = Limits(10.0, 12.0)
    chart.show_scores({Label.GOOD: good}, np.empty(0), limits, limits)
    picture = chart.grab().toImage()
    area = chart.area()
    x, y = round(chart.x_of(5.0)), round(area.bottom() - 6)
    assert _near(picture.pixelColor(x, y), QColor(theme.current_tokens().ok))
    empty = round(chart.x_of(7.5))
    assert not _near(picture.pixelColor(empty, y), QColor(theme.current_tokens().ok))


def _near(one: QColor, other: QColor) -> bool:
    return all(
        abs(a - b) < 40
        for a, b in (
            (one.red(), other.red()),
            (one.green(), other.green()),
            (one.blue(), other.blue()),
        )
    )
