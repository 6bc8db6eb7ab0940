"""What a new user sees: what the program does, in three steps, and where to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui import theme
from deeprx_gui.ui.widgets.frames import CardFrame, ScrollColumn, wrapped

_STEPS = ("images", "learn", "check")
_WIDTH = 760


class Welcome(QWidget):
    """``new_requested`` and ``demo_requested`` tell which way a person wants to begin."""

    new_requested = Signal()
    demo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._advice: Message | None = None
        self._headline = theme.level(QLabel(), "title")
        self._headline.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._promise = wrapped("hint")
        self._promise.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._steps = [_Step(icon) for icon in _STEPS]
        self.new = QPushButton()
        self.new.setProperty("kind", "primary")
        self.new.setMinimumHeight(48)
        theme.set_icon(self.new, "add", "on_accent")
        self.new.clicked.connect(self.new_requested)
        self.demo = QPushButton()
        self.demo.setMinimumHeight(48)
        theme.set_icon(self.demo, "sample")
        self.demo.clicked.connect(self.demo_requested)
        self._why_not = wrapped("hint")
        self._why_not.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.retranslate()

    def _lay_out(self) -> None:
        steps = QHBoxLayout()
        steps.setSpacing(theme.L)
        for step in self._steps:
            steps.addWidget(step, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.M)
        buttons.addStretch(1)
        buttons.addWidget(self.new)
        buttons.addWidget(self.demo)
        buttons.addStretch(1)
        inside = QWidget()
        inside.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(inside)
        column.setSpacing(theme.M)
        column.addWidget(self._headline)
        column.addWidget(self._promise)
        column.addSpacing(theme.M)
        column.addLayout(steps)
        column.addSpacing(theme.M)
        column.addLayout(buttons)
        column.addWidget(self._why_not)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(inside, 20)
        row.addStretch(1)
        scroll = ScrollColumn()
        scroll.body.addStretch(2)
        scroll.body.addLayout(row)
        scroll.body.addStretch(3)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scroll)

    def set_demo_advice(self, advice: Message | None) -> None:
        """Say why the sample images cannot be tried and what to do; ``None``: they can."""
        self._advice = advice
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts in the current language."""
        self._headline.setText(tr("Teach it with good parts. It finds the bad ones."))
        self._promise.setText(
            tr(
                "No defect samples, no programming. How many good parts may be stopped by mistake "
                "is promised in advance."
            )
        )
        words = (
            (tr("Show good parts"), tr("10 to 50 pictures from your camera.")),
            (tr("Learn"), tr("It takes seconds and runs on this PC.")),
            (tr("Check"), tr("OK, review or NG for every part, with the place marked.")),
        )
        for number, (step, (title, text)) in enumerate(zip(self._steps, words, strict=True), 1):
            step.set_words(f"{number}. {title}", text)
        self.new.setText(tr("New profile"))
        self.demo.setText(tr("Try with sample images"))
        self.demo.setEnabled(self._advice is None)
        self._why_not.setVisible(self._advice is not None)
        self._why_not.setText("" if self._advice is None else render(self._advice))


class _Step(CardFrame):
    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon = icon
        self._picture = QLabel()
        self._title = QLabel()
        self._title.setProperty("level", "strong")
        self._text = wrapped("hint")
        for part in (self._picture, self._title, self._text):
            self.body.addWidget(part)
        self.body.addStretch(1)

    def set_words(self, title: str, text: str) -> None:
        colour = theme.current_tokens().accent_text
        self._picture.setPixmap(theme.pixmap(self._icon, colour, 32, self.devicePixelRatioF()))
        self._title.setText(title)
        self._text.setText(text)
