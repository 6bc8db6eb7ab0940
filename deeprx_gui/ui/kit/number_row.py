"""A number with a button for less and one for more: nothing that runs away under a finger."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit.binding import Text, bind, text_of
from deeprx_gui.ui.kit.scan_filter import NUMBER
from deeprx_gui.ui.kit.titled_row import TitledRow

_SHORT_RANGE = 100


@dataclass(frozen=True)
class NumberRange:
    """What a number may be: from ``low`` (above it, where ``open_low``) to ``high``.

    ``optional``: it may also be left empty (``None``).
    """

    low: float
    high: float
    whole: bool = False
    open_low: bool = False
    optional: bool = False

    def allows(self, value: float) -> bool:
        """Return whether the number may be this."""
        above = value > self.low if self.open_low else value >= self.low
        return above and value <= self.high and (not self.whole or value == int(value))

    def read(self, text: str) -> float | int | None:
        """Return the number that a person typed; raises ValueError when it is none or too much."""
        bare = text.strip().replace(",", ".")
        if not bare and self.optional:
            return None
        value = float(bare)
        if not self.allows(value):
            raise ValueError(text)
        return int(value) if self.whole else value

    def step(self, value: float | None, *, up: bool) -> float | int:
        """Return the next number: by one in a short range of whole ones, else as 1, 2, 5, 10."""
        if value is None:
            value = self.low
        if self.whole and self.high - self.low <= _SHORT_RANGE:
            found = value + (1 if up else -1)
        else:
            found = _ladder(value, up=up, least=1.0 if self.whole else 1e-6)
        found = min(max(found, self.low), self.high)
        if not self.allows(found):
            found = value
        return int(found) if self.whole else found


def _ladder(value: float, *, up: bool, least: float) -> float:
    if value < least or (value == least and not up):
        return least if up else 0.0
    tens = math.floor(math.log10(value) + 1e-9)
    rungs = [round(m * 10.0**e, 12) for e in (tens - 1, tens, tens + 1) for m in (1, 2, 5)]
    if up:
        return next(r for r in rungs if r > value * (1 + 1e-9))
    return next(r for r in reversed(rungs) if r < value * (1 - 1e-9))


def _joined(title: Text, words: Message) -> str:
    return f"{text_of(title)}: {render(words)}"


class NumberRow(TitledRow):
    """Title, less, the number, more, hint. ``chosen`` carries the number a person gave."""

    def __init__(self, span: NumberRange, parent: QWidget | None = None) -> None:
        less, field, more = QPushButton("−"), QLineEdit(), QPushButton("+")
        super().__init__(field, parent, around=(less, more))
        self.less, self.field, self.more = less, field, more
        self._span = span
        self._value: float | int | None = None
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field.setProperty(NUMBER, True)
        self.field.editingFinished.connect(self._typed)
        for button in (self.less, self.more):
            button.setFixedWidth(44)
            button.setStyleSheet("padding: 0;")
        self.less.clicked.connect(self._less)
        self.more.clicked.connect(self._more)

    def bind_texts(self, title: Text, hint: Text, placeholder: Text = "") -> None:
        """Say what is asked."""
        self.bind_head(title, hint)
        bind(self.field.setPlaceholderText, placeholder)
        for button, words in ((self.less, say("less")), (self.more, say("more"))):
            bind(button.setAccessibleName, partial(_joined, title, words))

    @property
    def value(self) -> float | int | None:
        """The number, ``None`` when it is left empty."""
        return self._value

    def set_value(self, value: float | None) -> None:
        """Show a number."""
        self._value = value
        self.field.setText("" if value is None else f"{value:.12g}")
        self.less.setEnabled(value is not None and self._span.step(value, up=False) != value)
        self.more.setEnabled(value is None or self._span.step(value, up=True) != value)

    def _give(self, value: float | None) -> None:
        if value != self._value:
            self.set_value(value)
            self.chosen.emit(value)

    @Slot()
    def _typed(self) -> None:
        try:
            value = self._span.read(self.field.text())
        except ValueError:
            self.set_value(self._value)  # impossible: the number stays what it was
            return
        self.set_value(self._value)
        self._give(value)

    @Slot()
    def _less(self) -> None:
        self._give(self._span.step(self._value, up=False))

    @Slot()
    def _more(self) -> None:
        self._give(self._span.step(self._value, up=True))
