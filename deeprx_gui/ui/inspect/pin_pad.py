"""Keypad for the engineer's PIN; also accepts keyboard input."""

from __future__ import annotations

import math
from enum import Enum, auto
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, follow
from deeprx_gui.ui.kit.digit_pad import DigitPad
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.sheets import Sheet

MOST: Final = 12
_WIDTH: Final = 340
_SECOND_MS: Final = 1000


class PinPrompt(Enum):
    """What the pad asks for."""

    PIN = auto()
    NEW = auto()
    AGAIN = auto()


class PinPad(Sheet):
    """``entered`` carries a PIN to be checked; ``new_chosen`` one that was typed twice the same.

    A wrong one is answered by ``show_wrong`` or ``show_locked``, the right one by ``close_sheet``.
    """

    entered = Signal(str)
    new_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._asking = PinPrompt.PIN
        self._typed, self._first = "", ""
        self._message: Message | None = None
        self._left = 0
        self._busy = False
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND_MS)
        self._clock.timeout.connect(self.count_down)
        self.title = wrapped("heading")
        self.dots = theme.level(QLabel(), "figure")
        self.dots.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.dots.setMinimumHeight(44)
        self.message = wrapped("bad")
        self._keys = DigitPad()
        self.digits, self.back, self.enter = self._keys.digits, self._keys.back, self._keys.enter
        self._lay_out()
        follow(self._write, Change.LANGUAGE)

    def _lay_out(self) -> None:
        for digit, button in self.digits.items():
            button.clicked.connect(partial(self._type, digit))
        self.back.clicked.connect(self._erase)
        self.enter.clicked.connect(self._enter)
        self.put_title(self.title)
        for widget in (self.dots, self.message):
            self.body.addWidget(widget)
        self.body.addWidget(self._keys)
        self.body.setSpacing(theme.S)

    # -- what it is asked to do -------------------------------------------------------------

    def ask(self) -> None:
        """Ask for the PIN."""
        self._begin(PinPrompt.PIN)

    def ask_new(self) -> None:
        """Ask for a new PIN, twice."""
        self._begin(PinPrompt.NEW)

    def show_wrong(self, message: Message) -> None:
        """Show that the PIN was wrong."""
        self._again(message)

    def show_locked(self, seconds: float) -> None:
        """Show the lockout with a countdown."""
        self._left = max(1, math.ceil(seconds))
        self._again(None)
        self._clock.start()
        self._write()

    def show_problem(self, problem: Message) -> None:
        """Show why the PIN was rejected."""
        if self._asking is PinPrompt.AGAIN:
            self._asking, self._first = PinPrompt.NEW, ""
        self._again(problem)

    @property
    def locked(self) -> bool:
        return self._left > 0

    def forget_scan(self) -> None:
        """Take back what a scanner typed: it is no try of a PIN."""
        self._typed = ""
        self._write()

    # -- inside -----------------------------------------------------------------------------

    def _begin(self, asking: PinPrompt) -> None:
        self._asking, self._typed, self._first = asking, "", ""
        self._message, self._busy = None, False
        self._write()
        self.open()

    def _again(self, message: Message | None) -> None:
        self._typed, self._message, self._busy = "", message, False
        self._write()

    @Slot()
    def count_down(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._left = 0
            self._clock.stop()
        self._write()

    def _type(self, digit: str, *_checked: bool) -> None:
        if not self.locked and not self._busy and len(self._typed) < MOST:
            self._typed += digit
            self._message = None
            self._write()

    @Slot()
    def _erase(self) -> None:
        self._typed = self._typed[:-1]
        self._write()

    @Slot()
    def _enter(self) -> None:
        typed = self._typed
        if not typed or self.locked or self._busy:
            return
        if self._asking is PinPrompt.PIN:
            self._busy = True
            self._write()
            self.entered.emit(typed)
        elif self._asking is PinPrompt.NEW:
            self._asking, self._first, self._typed = PinPrompt.AGAIN, typed, ""
            self._write()
        elif typed == self._first:
            self._busy = True
            self._write()
            self.new_chosen.emit(typed)
        else:
            self._asking, self._first = PinPrompt.NEW, ""
            self._again(say("The two were not the same. Type the new PIN once more."))

    def _write(self) -> None:
        titles = {
            PinPrompt.PIN: tr("Engineer's PIN"),
            PinPrompt.NEW: tr("New PIN, 4 to {most} digits", most=MOST),
            PinPrompt.AGAIN: tr("The same PIN again"),
        }
        self.title.setText(titles[self._asking])
        self.dots.setText("●" * len(self._typed) or "–")
        self.dots.setAccessibleName(tr("{n} digits typed", n=len(self._typed)))
        message = self._message
        if self.locked:
            message = say(
                "Too many wrong tries. Wait {seconds} s, then try again.", seconds=self._left
            )
        self.message.setText("" if message is None else render(message))
        self.message.setVisible(message is not None)
        for button in (*self.digits.values(), self.back):
            button.setEnabled(not self.locked and not self._busy)
        self.enter.setEnabled(bool(self._typed) and not self.locked and not self._busy)
        if self.isVisible():
            self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isdigit() and event.text().isascii():
            self._type(event.text())
        elif event.key() == Qt.Key.Key_Backspace:
            self._erase()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._enter()
        else:
            super().keyPressEvent(event)
