"""One limit: name, slider, number field that ignores the wheel, and its promise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind, bind_tip
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.kit.no_wheel import NoWheelSlider

_STEPS: Final = 1000
_OCTAVES_DOWN: Final = 2.0
_OCTAVES_UP: Final = 3.0
_SNAP: Final = 0.008
"""Nearer than this share to the suggested limit, the slider means the suggested limit."""
_FIELD: Final = (0.01, 99.99)
"""Multiples of the suggested review limit."""
_STEP: Final = 0.01


def slider_to_share(step: int) -> float:
    """Return the share of the suggested limit, 0.25..8 in even ratios, at a step of 0..1000."""
    octave = step / _STEPS * (_OCTAVES_UP + _OCTAVES_DOWN) - _OCTAVES_DOWN
    share = 2.0**octave
    return 1.0 if abs(share - 1.0) < _SNAP else share


def share_to_slider(share: float) -> int:
    """Return the slider's step for a share of the suggested limit, at an end when out of reach."""
    octave = math.log2(max(share, 1e-9)) + _OCTAVES_DOWN
    return min(max(round(octave / (_OCTAVES_UP + _OCTAVES_DOWN) * _STEPS), 0), _STEPS)


_SUFFIX: Final = " ×"


@dataclass(frozen=True)
class LimitPromise:
    """What a limit promises in full, what of it is read at once, and what would make it better."""

    whole: str
    short: str
    hint: str = ""


class NoWheelSpinBox(QDoubleSpinBox):
    """A number field that changes by typing and by the arrow keys only.

    Its own small arrow buttons repeat while a finger rests on them and run away on touch panels.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._instead = ""

    def show_instead(self, word: str) -> None:
        """Show a word in place of the number, which stays what steps begin at; "": the number."""
        if word != self._instead:
            self._instead = word
            self.setSuffix("" if word else _SUFFIX)
            with QSignalBlocker(self):  # writes its text anew
                value = self.value()
                self.setValue(value + self.singleStep())
                self.setValue(value)

    def textFromValue(self, value: float) -> str:
        """Return the number, or the word that stands for it."""
        return self._instead or super().textFromValue(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel so that the page scrolls."""
        event.ignore()


class LimitRow(QWidget):
    """Shows and moves one limit as a multiple of the suggested review limit.

    The slider stands in its middle where the fit suggested this limit. ``moved`` carries the
    multiple a person asked for.
    """

    moved = Signal(float)

    def __init__(self, verdict: Verdict, title: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._title = QLabel(), QLabel()
        self._title.setProperty("level", "strong")
        top_left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        self._said = ""
        self._suggested = 1.0
        self._promise = FixedSizeLabel(colour="muted", pixels=12, lines=2, align=top_left)
        self.slider = NoWheelSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setSingleStep(4)
        self.slider.setPageStep(30)
        self.slider.setMinimumWidth(90)
        self.field = NoWheelSpinBox()
        self.field.setRange(*_FIELD)
        self.field.setDecimals(2)
        self.field.setSingleStep(_STEP)
        self.field.setSuffix(_SUFFIX)
        self.field.setFixedWidth(92)
        self.less, self.more = QToolButton(), QToolButton()
        for button, text, step in ((self.less, "−", -_STEP), (self.more, "+", _STEP)):
            button.setText(text)
            button.setFixedWidth(theme.TOUCH)
            button.clicked.connect(self._lower if step < 0 else self._raise)
        self.slider.valueChanged.connect(self._slid)
        self.field.valueChanged.connect(self._typed)
        self._lay_out()
        theme.set_pixmap(self._icon, theme.VERDICT_ICONS[verdict], verdict.value.lower(), 18)
        bind(self._title.setText, title)
        hint = say("{limit}, in multiples of the suggested review limit", limit=title)
        bind_tip(self.slider, hint)
        bind_tip(self.field, hint)
        for button, tip in ((self.less, say("0.01 lower")), (self.more, say("0.01 higher"))):
            bind(button.setToolTip, tip)
            bind(button.setAccessibleName, partial(_named, title, tip))

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(6)
        title.addWidget(self._icon)
        title.addWidget(self._title, 1)
        number = QHBoxLayout()
        number.setSpacing(theme.XS)
        for widget in (self.less, self.field, self.more):
            number.addWidget(widget)
        self._grid = grid = QGridLayout(self)
        self._number = number
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(2)
        grid.addLayout(title, 0, 0)
        grid.addWidget(self._promise, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.set_narrow(False)

    def set_narrow(self, narrow: bool) -> None:
        """Give the slider a line of its own where there is no room beside it."""
        for item in (self.slider, self._number):
            if isinstance(item, QWidget):
                self._grid.removeWidget(item)
            else:
                self._grid.removeItem(item)
        self._grid.addWidget(self.slider, 1, 0, 1, 2 if narrow else 1)
        rows = 1 if narrow else 2
        self._grid.addLayout(self._number, 0, 1, rows, 1, Qt.AlignmentFlag.AlignVCenter)

    @property
    def promise(self) -> str:
        """What the limit promises, with what that rests on."""
        return self._said

    def show_limit(
        self, times: float, suggested: float, promise: LimitPromise, *, instead: str = ""
    ) -> None:
        """Show where the limit is and what it promises, without asking for a move.

        ``times`` and ``suggested``, where the fit put it, are multiples of the suggested review
        limit. ``instead``: a word in place of the number.
        """
        self._suggested = suggested
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            if not self.slider.isSliderDown():
                self.slider.setValue(share_to_slider(times / suggested))
            if round(times, 2) != self.field.value():
                self.field.setValue(times)
            self.field.show_instead(instead)
        self._said = promise.whole
        self._promise.setText(promise.short)
        self._promise.setAccessibleDescription(promise.whole)
        self._promise.setToolTip("\n".join(filter(None, (promise.whole, promise.hint))))

    @Slot(int)
    def _slid(self, step: int) -> None:
        self.moved.emit(slider_to_share(step) * self._suggested)

    @Slot(float)
    def _typed(self, value: float) -> None:
        """What reads like the suggested limit is the suggested limit, with all its digits."""
        same = math.isclose(value, round(self._suggested, 2), abs_tol=_STEP / 4)
        self.moved.emit(self._suggested if same else value)

    @Slot()
    def _lower(self) -> None:
        self.field.setValue(self.field.value() - _STEP)

    @Slot()
    def _raise(self) -> None:
        self.field.setValue(self.field.value() + _STEP)


def _named(title: Message, text: Message) -> str:
    return f"{render(title)}: {render(text)}"
