"""Who is it? Pick, type or scan a name, then enter the PIN or password; sized for gloves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.people import LONGEST_NAME, LONGEST_SECRET, ROLE_TITLES, Person, name_key
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.digit_pad import DigitPad
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.kit.touch import TOUCH

_WIDTH: Final = 460
_COLUMNS: Final = 2
_MOST: Final = 12
"""Names that are offered at once; more are found by typing."""
_SECOND_MS: Final = 1000
_CROSS: Final = 66
"""The cross is large here, too: nothing may lie below it."""


class SignInSheet(Sheet):
    """``entered`` carries name and PIN or password; ``sign_out`` is a button.

    An answer comes by ``show_problem``, ``show_locked`` or ``close_sheet``.
    """

    entered = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._people: tuple[Person, ...] = ()
        self._engineer = False
        self._left, self._hidden = 0, 0
        self._busy, self._nobody = False, False
        self._problem: Message | None = None
        self.person: Person | None = None
        self.buttons: list[QPushButton] = []
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND_MS)
        self._clock.timeout.connect(self.count_down)
        self.title = wrapped("heading")
        self.title.setMinimumHeight(_CROSS - theme.S)
        self.line, self.secret = QLineEdit(), QLineEdit()
        self.line.setMaxLength(LONGEST_NAME)
        self.secret.setMaxLength(LONGEST_SECRET)
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.more = wrapped("small")
        self.message = wrapped("bad")
        self.keys = DigitPad()
        self.another, self.sign_out = QPushButton(), QPushButton()
        for button, icon in ((self.another, "chevron-left"), (self.sign_out, "lock")):
            button.setProperty("kind", "quiet")
            theme.set_icon(button, icon, "accent_text")
        self._lay_out()
        self._connect()
        bind(self.another.setText, say("Another name"))
        bind(self.sign_out.setText, say("Sign out"))
        for told in (self.line.setPlaceholderText, self.line.setAccessibleName):
            bind(told, say("Name, typed or scanned from a badge"))
        for told in (self.secret.setPlaceholderText, self.secret.setAccessibleName):
            bind(told, say("PIN or password"))
        follow(self._write, Change.LANGUAGE)

    def _lay_out(self) -> None:
        self.setStyleSheet(TOUCH)
        names = QWidget()
        self._grid = QGridLayout(names)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.S)
        self.choose, self.prove = QWidget(), QWidget()
        for part, widgets in (
            (self.choose, (self.line, names, self.more)),
            (self.prove, (self.secret, self.keys, self.another)),
        ):
            column = QVBoxLayout(part)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(theme.S)
            for widget in widgets:
                column.addWidget(widget)
        self.put_title(self.title)
        for widget in (self.message, self.choose, self.prove):
            self.body.addWidget(widget)
        self.body.setSpacing(theme.S)
        self.put_foot(self.sign_out)

    def _connect(self) -> None:
        self.line.textChanged.connect(self._filter)
        self.line.returnPressed.connect(self._take_only)
        self.secret.textChanged.connect(self._changed)
        self.secret.returnPressed.connect(self._enter)
        for digit, button in self.keys.digits.items():
            button.clicked.connect(partial(self._type, digit))
        self.keys.back.clicked.connect(self.secret.backspace)
        self.keys.enter.clicked.connect(self._enter)
        self.another.clicked.connect(self._choose_again)

    # -- what it is asked to do -------------------------------------------------------------

    def ask(self, people: Sequence[Person], *, engineer: bool, signed_in: bool) -> None:
        """Ask who it is; ``engineer``: for an engineer's rights. ``signed_in``: somebody is."""
        self._people = tuple(
            person for person in people if not engineer or person.role.changes_products
        )
        self._engineer, self._busy, self._problem = engineer, False, None
        self.sign_out.setVisible(signed_in and not engineer)
        self.line.clear()
        self._choose_again()
        self.open()
        self.line.setFocus()

    def show_problem(self, problem: Message) -> None:
        """Show why nobody was signed in; the name stays."""
        self._busy = False
        self.secret.clear()  # which takes the last problem away
        self._problem = problem
        self._write()
        self.secret.setFocus()

    def show_locked(self, seconds: float) -> None:
        """Show the lock-out of this person with a countdown."""
        self._left = max(1, math.ceil(seconds))
        self._busy, self._problem = False, None
        self.secret.clear()
        self._clock.start()
        self._write()

    @property
    def locked(self) -> bool:
        return self._left > 0

    # -- inside -----------------------------------------------------------------------------

    @Slot()
    def count_down(self) -> None:
        self._left = max(0, self._left - 1)
        if not self._left:
            self._clock.stop()
        self._write()

    @Slot()
    def _choose_again(self) -> None:
        self.person, self._left = None, 0
        self._clock.stop()
        self.secret.clear()
        self.line.clear()
        self._problem = None
        self._filter()
        self.line.setFocus()

    @Slot()
    def _filter(self) -> None:
        """Offer the names that fit what is typed; a whole name that is no other's beginning is it.

        A scanner's Enter does not arrive in a line of text, so a badge needs none.
        """
        key = name_key(self.line.text())
        found = [p for p in self._people if key in name_key(p.name)]
        found.sort(key=lambda p: (not name_key(p.name).startswith(key), p.name))
        if key and len(found) == 1 and name_key(found[0].name) == key:
            self._take(found[0])
            return
        self._show_names(found)
        self._write()

    def _show_names(self, found: Sequence[Person]) -> None:
        for button in self.buttons:
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for number, person in enumerate(found[:_MOST]):
            button = QPushButton(person.name.replace("&", "&&"))
            button.setToolTip(render(ROLE_TITLES[person.role]))
            button.clicked.connect(partial(self._take, person))
            self._grid.addWidget(button, number // _COLUMNS, number % _COLUMNS)
            self.buttons.append(button)
        self._hidden = max(0, len(found) - _MOST)
        self._nobody = not found

    @Slot()
    def _take_only(self) -> None:
        if len(self.buttons) == 1:
            self.buttons[0].click()

    def _take(self, person: Person, *_checked: bool) -> None:
        self.person, self._problem = person, None
        self._write()
        self.secret.setFocus()

    def _type(self, digit: str, *_checked: bool) -> None:
        if self.secret.isEnabled():
            self.secret.insert(digit)

    @Slot()
    def _changed(self) -> None:
        self._problem = None
        self._write()

    @Slot()
    def _enter(self) -> None:
        if self.person is None or not self.secret.text() or self.locked or self._busy:
            return
        self._busy = True
        self._write()
        self.entered.emit(self.person.name, self.secret.text())

    def _write(self) -> None:
        person = self.person
        if person is not None:
            self.title.setText(person.name)
        else:
            self.title.setText(tr("Which engineer?") if self._engineer else tr("Who is it?"))
        self.choose.setVisible(person is None)
        self.prove.setVisible(person is not None)
        message = self._problem
        if self.locked:
            message = say(
                "Too many wrong tries. Wait {seconds} s, then try again.", seconds=self._left
            )
        self.message.setText("" if message is None else render(message))
        self.message.setVisible(message is not None)
        if person is None:
            self._write_more()
        free = not self.locked and not self._busy
        self.secret.setEnabled(free)
        for button in (*self.keys.digits.values(), self.keys.back):
            button.setEnabled(free)
        self.keys.enter.setEnabled(free and bool(self.secret.text()))
        if self.isVisible():
            self._place()

    def _write_more(self) -> None:
        more = ""
        if self._nobody:
            more = tr("Nobody here has such a name. Ask an administrator.")
        elif self._hidden:
            more = tr("{n} more: type the beginning of the name.", n=self._hidden)
        self.more.setText(more)
        self.more.setVisible(bool(more))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let what is typed go into the line, wherever the focus is."""
        field = self.secret if self.person is not None else self.line
        if event.text().isprintable() and event.text() and field.isEnabled():
            field.setFocus()
            field.insert(event.text())
        else:
            super().keyPressEvent(event)
