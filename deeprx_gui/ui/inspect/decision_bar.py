"""Decision buttons shown while the line waits for a person's decision."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_value
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.part_keys import BAD_KEYS, GOOD_KEYS

_HIGH = 64


class HoldDecisionBar(QWidget):
    """Two large buttons; ``decided`` carries a ``Decision``."""

    decided = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question: QLabel = wrapped("strong")
        self.ok, self.ng = QPushButton(), QPushButton()
        self.ok.clicked.connect(lambda: self.decided.emit(Decision.OK))
        self.ng.clicked.connect(lambda: self.decided.emit(Decision.NG))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.S)
        grid.addWidget(self.question, 0, 0, 1, 2)
        for place, button in enumerate((self.ok, self.ng)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setIconSize(QSize(28, 28))
            grid.addWidget(button, 1, place)
        bind(self.question.setText, say("The line waits. Look at the part: is it good?"))
        for button, text, verdict in (
            (self.ok, say("OK ({key})", key=GOOD_KEYS[0]), Verdict.OK),
            (self.ng, say("NG ({key})", key=BAD_KEYS[0]), Verdict.NG),
        ):
            bind(button.setText, text)
            theme.set_icon(button, theme.VERDICT_ICONS[verdict], verdict.value.lower())
            bind_value(button.setStyleSheet, partial(_style, verdict), Change.THEME)


def _style(verdict: Verdict) -> str:
    colour = theme.verdict_colour(verdict).name()
    soft = theme.verdict_background(verdict).name()
    return (
        f"QPushButton {{ color: {colour}; background: {soft}; font-size: 24px; "
        f"font-weight: 700; border: 2px solid {colour}; padding: 0; "
        f"min-height: {_HIGH}px; }}"
        f"QPushButton:focus, QPushButton:pressed {{ border-width: 4px; }}"
    )
