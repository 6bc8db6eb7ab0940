"""What the selected parts really are: three buttons, three keys."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.words import LABEL_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.part_keys import BAD_KEYS, GOOD_KEYS, UNKNOWN_KEYS

_LETTERS: Final = {
    Label.GOOD: GOOD_KEYS[0],
    Label.BAD: BAD_KEYS[0],
    Label.UNKNOWN: UNKNOWN_KEYS[0],
}


class LabelBar(QWidget):
    """``chosen`` carries the ``Label`` for the selected rows."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = theme.level(QLabel(), "hint")
        bind(self._title.setText, say("The part is"))
        self.buttons = {label: QToolButton() for label in Label}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        row.addWidget(self._title)
        row.addSpacing(theme.XS)
        for label, button in self.buttons.items():
            button.setCheckable(True)
            button.setStyleSheet("padding: 0 4px;")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            # No button group: it would take all but the checked one out of the tab order.
            button.clicked.connect(partial(self._pressed, label))
            row.addWidget(button)
            bind(button.setText, partial(_with_letter, label))
            word = LABEL_WORDS[label]
            bind(button.setToolTip, say("Label the selected rows: {label}", label=word))

    def show_label(self, label: Label | None) -> None:
        """Show the label of the current row; ``None``: there is none."""
        for each, button in self.buttons.items():
            button.setChecked(each is label)
            button.setEnabled(label is not None)

    def _pressed(self, label: Label, *_checked: bool) -> None:
        self.chosen.emit(label)


def _with_letter(label: Label) -> str:
    return f"{render(LABEL_WORDS[label])}  {_LETTERS[label]}"
