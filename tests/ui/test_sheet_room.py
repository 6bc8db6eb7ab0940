"""A sheet scrolls while the window is too low for it, and no longer."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.sheets import Sheet

LINES = 10


def test_the_bar_goes_when_the_window_is_high_enough_again(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 260)
    window.show()
    sheet = Sheet(560, window)
    bar = sheet.scroll_area.verticalScrollBar()
    labels = [wrapped() for _ in range(LINES)]
    for label in labels:
        sheet.body.addWidget(label)
    sheet.open()
    room = sheet.scroll_area.maximumViewportSize().width()
    text = "i"
    while labels[0].fontMetrics().horizontalAdvance(text + "i") <= room:
        text += "i" if len(text) % 8 else " i"
    for label in labels:  # as wide as the sheet: with a bar each needs a second line
        label.setText(text)
    qtbot.waitUntil(bar.isVisible)

    window.resize(900, 800)
    qtbot.waitUntil(lambda: not bar.isVisible())
    inside = sheet.scroll_area.widget()
    assert inside is not None
    assert inside.height() == sheet.scroll_area.viewport().height()
    assert sheet.paper.height() < 800 - 2 * LINES, "it takes no more room than its lines need"
