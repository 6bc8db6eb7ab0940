"""What a new user sees: what the program does, in three steps, and where to begin."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import CardFrame, ScrollColumn, wrapped

_STEPS = (
    ("images", say("Show good parts"), say("10 to 50 pictures from your camera.")),
    ("learn", say("Learn"), say("It takes seconds and runs on this PC.")),
    ("check", say("Check"), say("OK, review or NG for every part, with the place marked.")),
)
_WIDTH = 760


class Welcome(QWidget):
    """The buttons ``new`` and ``demo`` are the two ways to begin."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._headline = theme.level(QLabel(), "title")
        self._headline.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._promise = wrapped("hint")
        self._promise.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._steps = [_Step(number, *step) for number, step in enumerate(_STEPS, 1)]
        self.new = QPushButton()
        self.new.setProperty("kind", "primary")
        self.new.setMinimumHeight(48)
        theme.set_icon(self.new, "add", "on_accent")
        self.demo = QPushButton()
        self.demo.setMinimumHeight(48)
        theme.set_icon(self.demo, "sample")
        self._why_not = wrapped("hint")
        self._why_not.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        bind(self._headline.setText, say("Teach it with good parts. It finds the bad ones."))
        bind(
            self._promise.setText,
            say(
                "No defect samples, no programming. How many good parts may be stopped by mistake "
                "is promised in advance."
            ),
        )
        bind(self.new.setText, say("New profile"))
        bind(self.demo.setText, say("Try with sample images"))
        self.set_demo_advice(None)

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
        self.demo.setEnabled(advice is None)
        self._why_not.setVisible(advice is not None)
        bind(self._why_not.setText, advice or "")


class _Step(CardFrame):
    def __init__(self, number: int, icon: str, title: Message, text: Message) -> None:
        super().__init__()
        picture, heading, below = QLabel(), QLabel(), wrapped("hint")
        heading.setProperty("level", "strong")
        theme.set_pixmap(picture, icon, "accent_text", 32)
        bind(heading.setText, partial(_numbered, number, title))
        bind(below.setText, text)
        for part in (picture, heading, below):
            self.body.addWidget(part)
        self.body.addStretch(1)


def _numbered(number: int, title: Message) -> str:
    return f"{number}. {render(title)}"
