"""The sentence at the foot of the window."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit.status_line import StatusLine
from deeprx_gui.ui.kit.theme import Theme

LONG = say("Nothing is saved. " * 14 + "Ask whoever looks after this PC.")
SHORT = say("The limits are saved.")


def foot(qtbot: QtBot, width: int = 900) -> tuple[QWidget, StatusLine]:
    window = QWidget()
    rows = QVBoxLayout(window)
    rows.addWidget(QLabel("page"), 1)
    line = StatusLine()
    rows.addWidget(line)
    window.resize(width, 500)
    qtbot.addWidget(window)
    window.show()
    return window, line


def test_what_to_do_at_the_end_of_a_long_sentence_is_not_cut_off(look: Theme, qtbot: QtBot) -> None:
    _window, line = foot(qtbot)
    line.show_message(LONG, "warning")
    text = line.text
    qtbot.waitUntil(lambda: text.height() >= text.heightForWidth(text.width()))
    assert text.heightForWidth(text.width()) > 2 * text.fontMetrics().height()


def test_a_short_sentence_moves_nothing(look: Theme, qtbot: QtBot) -> None:
    _window, line = foot(qtbot)
    empty = line.height()
    for kind in ("success", "warning", "error"):
        line.show_message(SHORT, kind)
        qtbot.waitUntil(lambda: line.text.text() != "")
        assert line.heightForWidth(line.width()) <= empty
