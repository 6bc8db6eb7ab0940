"""A card that asks of one picture whether it shows a good part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import CardFrame, wrapped
from deeprx_gui.ui.picture.small_picture import SmallPicture


class GoodPartCard(CardFrame):
    """``keep`` says that it is a good part, ``leave`` takes it out, ``state`` what was decided."""

    def __init__(self, path: Path, side: int) -> None:
        """``side``: of the picture, in logical pixels."""
        super().__init__(margin=theme.M)
        self.picture = SmallPicture(side, empty="–")
        self.name = QLabel(path.name)
        self.name.setProperty("level", "strong")
        self.state = wrapped("small")
        self.keep, self.leave = QPushButton(), QPushButton()
        self._title = say("Picture {name}", name=path.name)
        for button in (self.keep, self.leave):
            button.setCheckable(True)
            button.setAutoDefault(True)
        theme.set_icon(self.keep, "tick")
        theme.set_icon(self.leave, "delete")
        bind(self.keep.setText, say("It is a good part"))
        bind(self.leave.setText, say("Leave it out"))
        bind(self.picture.setAccessibleName, self._title)

    def lay_out(self, texts: Sequence[QWidget], *, spacing: int) -> None:
        """Put ``texts`` between the name and what was decided, beside the picture."""
        answers = QHBoxLayout()
        answers.setSpacing(theme.S)
        answers.addWidget(self.keep)
        answers.addWidget(self.leave)
        answers.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(spacing)
        for widget in (self.name, *texts, self.state):
            words.addWidget(widget)
        words.addStretch(1)
        words.addLayout(answers)
        both = QHBoxLayout()
        both.setSpacing(theme.L)
        both.addWidget(self.picture)
        both.addLayout(words, 1)
        self.body.addLayout(both)

    def describe(self, facts: Sequence[Message]) -> None:
        """Tell a screen reader what the answers are about."""
        for button in (self.keep, self.leave):
            bind(button.setAccessibleDescription, partial(in_lines, (self._title, *facts)))

    def show_state(self, words: Message | str) -> None:
        """Say what was decided; nothing hides the line."""
        self.state.setVisible(words != "")
        bind(self.state.setText, words)


def in_lines(messages: Sequence[Message]) -> str:
    """Return sentences, each on a line of its own."""
    return "\n".join(map(render, messages))
