"""Ten digits, erase and enter, large enough for a glove."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind

_DIGITS: Final = "123456789"
_KEY_STYLE: Final = "font-size: 22px; min-height: 62px; padding: 0; icon-size: 26px;"


class DigitPad(QWidget):
    """``digits`` by what stands on them, ``back`` and ``enter``; none of them takes the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.digits = {digit: QPushButton(digit) for digit in "0" + _DIGITS}
        self.back, self.enter = QPushButton(), QPushButton()
        theme.set_icon(self.back, "backspace")
        theme.set_icon(self.enter, "tick", "on_accent")
        self.enter.setProperty("kind", "primary")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.S)
        for place, digit in enumerate(_DIGITS):
            grid.addWidget(self.digits[digit], place // 3, place % 3)
        grid.addWidget(self.back, 3, 0)
        grid.addWidget(self.digits["0"], 3, 1)
        grid.addWidget(self.enter, 3, 2)
        for button in (*self.digits.values(), self.back, self.enter):
            button.setStyleSheet(_KEY_STYLE)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bind(self.back.setAccessibleName, say("Erase the last digit"))
        bind(self.enter.setAccessibleName, say("Enter"))
