"""What the selected parts really are: three buttons, three keys."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.words import LABEL_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui import theme

_ORDER: Final = tuple(Label)
_LETTERS: Final = {Label.GOOD: "G", Label.BAD: "B", Label.UNKNOWN: "U"}


class LabelBar(QWidget):
    """``chosen`` carries the ``Label`` for the selected rows."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = theme.level(QLabel(), "hint")
        self.buttons = {label: QToolButton() for label in Label}
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self._group.idClicked.connect(self._pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        row.addWidget(self._title)
        row.addSpacing(theme.XS)
        for label, button in self.buttons.items():
            button.setCheckable(True)
            button.setStyleSheet("padding: 0 4px;")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, _ORDER.index(label))
            row.addWidget(button, 1)

    def show_label(self, label: Label | None) -> None:
        """Show the label of the current row; ``None``: there is none."""
        for each, button in self.buttons.items():
            button.setChecked(each is label)
            button.setEnabled(label is not None)

    def retranslate(self) -> None:
        """Set every text in the current language."""
        self._title.setText(tr("The part is"))
        for label, button in self.buttons.items():
            word = render(LABEL_WORDS[label])
            button.setText(f"{word}  {_LETTERS[label]}")
            button.setToolTip(tr("Label the selected rows: {label}", label=word))

    @Slot(int)
    def _pressed(self, number: int) -> None:
        self.chosen.emit(_ORDER[number])
