"""The people of the centre, for administrators: list, add, another role, new PIN, retire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.people import (
    LONGEST_NAME,
    LONGEST_SECRET,
    ROLE_TITLES,
    PeopleList,
    Person,
    Role,
)
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.kit.titled_row import TitledRow

_WIDTH: Final = 560
_ROWS: Final = 5
_ROW_HEIGHT: Final = 32


class PeopleAction(Enum):
    """What an administrator wants done."""

    ADD = auto()
    ROLE = auto()
    SECRET = auto()
    RETIRE = auto()


@dataclass(frozen=True, repr=False)
class PeopleRequest:
    """One change; ``login`` and ``password`` are those of an administrator of the database."""

    action: PeopleAction
    name: str
    role: Role
    secret: str
    login: str
    password: str


class PeopleSheet(Sheet):
    """``requested`` carries a ``PeopleRequest``; the answer comes by ``show_people``."""

    requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._known: tuple[Person, ...] = ()
        self._busy = False
        title = theme.level(QLabel(), "heading")
        self.put_title(title)
        self.hint, self.message = wrapped("hint"), wrapped("bad")
        self.list = QListWidget()
        self.list.setFixedHeight(_ROWS * _ROW_HEIGHT + 2)
        self.name, self.secret, self.again = QLineEdit(), QLineEdit(), QLineEdit()
        self.login, self.password = QLineEdit(), QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        for field in (self.secret, self.again, self.password):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        for field in (self.secret, self.again):
            field.setMaxLength(LONGEST_SECRET)
        self.role = ChoiceRow()
        self.nobody, self.lacking = wrapped(), wrapped("small")
        self._titled = {
            field: TitledRow(field)
            for field in (self.name, self.secret, self.again, self.login, self.password)
        }
        self.buttons = {action: QPushButton() for action in PeopleAction}
        for action, icon in (
            (PeopleAction.ADD, "add"),
            (PeopleAction.ROLE, "operator"),
            (PeopleAction.SECRET, "lock"),
            (PeopleAction.RETIRE, "cancel"),
        ):
            theme.set_icon(self.buttons[action], icon)
            self.buttons[action].clicked.connect(partial(self._ask, action))
        self._lay_out()
        self.list.currentRowChanged.connect(self._picked)
        for field in (self.name, self.secret, self.again, self.login, self.password):
            field.textChanged.connect(self._follow)
        self.role.chosen.connect(self._follow)
        bind(title.setText, say("People"))
        bind(
            self.hint.setText,
            say(
                "Who may sign in at the stations. Changing it needs the login of an administrator"
                " of the database: a station's own login may only read."
            ),
        )
        self._bind_fields()
        follow(self._show_list, Change.LANGUAGE)

    def _lay_out(self) -> None:
        for widget in (self.hint, self.nobody, self.list, self.message):
            self.body.addWidget(widget)
        row = self._titled
        for first, second in (
            (row[self.name], self.role),
            (row[self.secret], row[self.again]),
            (row[self.login], row[self.password]),
        ):
            pair = QHBoxLayout()
            pair.setSpacing(theme.M)
            pair.addWidget(first, 1)
            pair.addWidget(second, 1)
            if first is row[self.login]:
                self.body.addWidget(line())
            self.body.addLayout(pair)
        answers = QWidget()
        grid = QGridLayout(answers)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.S)
        for number, button in enumerate(self.buttons.values()):
            grid.addWidget(button, number // 2, number % 2)
        self.put_foot(self.lacking, answers)
        self.body.setSpacing(theme.S)

    def _bind_fields(self) -> None:
        for field, words in (
            (self.name, say("Name")),
            (self.secret, say("New PIN or password")),
            (self.again, say("The same again")),
            (self.login, say("Administrator of the database")),
            (self.password, say("Password of the database")),
        ):
            self._titled[field].bind_head(words, "")
        bind(self.list.setAccessibleName, say("People"))
        bind(
            self.nobody.setText,
            say(
                "There is nobody yet. Let the IT department add the first administrator:"
                " “deeprx central people add NAME administrator”."
            ),
        )
        self.nobody.hide()
        self.role.bind_texts(say("Role"), "", [(role, ROLE_TITLES[role]) for role in Role])
        self.role.set_value(Role.OPERATOR)
        for action, words in (
            (PeopleAction.ADD, say("Add")),
            (PeopleAction.ROLE, say("Change the role")),
            (PeopleAction.SECRET, say("New PIN or password")),
            (PeopleAction.RETIRE, say("Retire…")),
        ):
            bind(self.buttons[action].setText, words)

    # -- what it is asked to do -------------------------------------------------------------

    def begin(self, login: str) -> None:
        """Open it with the login that is usual here."""
        self.login.setText(login)
        self.password.clear()
        self.show_message(None)
        self._clear()
        self.open()

    def close_sheet(self) -> None:
        """Close it, and forget the passwords that were typed."""
        self._clear()
        self.password.clear()
        super().close_sheet()

    def show_people(self, people: PeopleList, said: Message | None = None) -> None:
        """Show who there is, who is retired last; ``said``: what was done."""
        self._known = tuple(sorted(people.people, key=lambda p: (p.retired, p.name)))
        self.nobody.setVisible(not self._known)
        self.list.setVisible(bool(self._known))
        self._show_list()
        self._clear()
        self.show_message(said, bad=False)

    def show_message(self, message: Message | None, *, bad: bool = True) -> None:
        """Show what went wrong, or what was done."""
        self.set_busy(busy=False)
        theme.level(self.message, "bad" if bad else "hint")
        bind(self.message.setText, "" if message is None else message)
        self.message.setVisible(message is not None)

    def set_busy(self, *, busy: bool) -> None:
        """Take no further request meanwhile."""
        self._busy = busy
        self._follow()

    # -- inside -----------------------------------------------------------------------------

    def _clear(self) -> None:
        self.list.setCurrentRow(-1)
        for field in (self.name, self.secret, self.again):
            field.clear()

    @Slot()
    def _show_list(self) -> None:
        self.list.clear()
        for person in self._known:
            role = render(ROLE_TITLES[person.role])
            text = f"{person.name} · {role}"
            if person.retired:
                text = tr("{person} · retired", person=text)
            item = QListWidgetItem(text)
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
            if person.retired:
                item.setForeground(self.palette().placeholderText())
            self.list.addItem(item)
        if (known := self.chosen) is not None:
            self.list.setCurrentRow(self._known.index(known))
        self._follow()

    @property
    def chosen(self) -> Person | None:
        """The person whose name stands in the line."""
        return PeopleList(self._known).named(self.name.text())

    @Slot(int)
    def _picked(self, row: int) -> None:
        if 0 <= row < len(self._known):
            self.name.setText(self._known[row].name)
            self.role.set_value(self._known[row].role)

    @Slot()
    def _follow(self) -> None:
        known = self.chosen
        can = bool(self.login.text()) and bool(self.name.text().strip()) and not self._busy
        working = can and known is not None and not known.retired
        secret = bool(self.secret.text()) and self.secret.text() == self.again.text()
        other_role = known is not None and known.role is not self.role.value
        for action, allowed in (
            (PeopleAction.ADD, can and known is None and secret),
            (PeopleAction.ROLE, working and other_role),
            (PeopleAction.SECRET, working and secret),
            (PeopleAction.RETIRE, working),
        ):
            self.buttons[action].setEnabled(allowed)
        lacking = None if self._busy else self._lacking()
        bind(self.lacking.setText, "" if lacking is None else lacking)
        self.lacking.setVisible(lacking is not None)
        if self.isVisible():
            self._place()

    def _lacking(self) -> Message | None:
        """Say what is to be filled in next, ``None`` when nothing is."""
        known, name = self.chosen, self.name.text().strip()
        if not name:
            return say("Choose somebody in the list, or type a new name.")
        if known is not None and known.retired:
            return say("{name} is retired: choose somebody else.", name=known.name)
        if self.secret.text() != self.again.text():
            return say("The new PIN or password has to be the same in both fields.")
        if known is None and not self.secret.text():
            return say("Enter a new PIN or password for {name}, twice.", name=name)
        if not self.login.text():
            return say("Enter the administrator of the database and the password.")
        return None

    def _ask(self, action: PeopleAction, *_checked: bool) -> None:
        role = self.role.value
        request = PeopleRequest(
            action, self.name.text(), role if isinstance(role, Role) else Role.OPERATOR,
            self.secret.text(), self.login.text().strip(), self.password.text(),
        )  # fmt: skip
        self.set_busy(busy=True)
        self.requested.emit(request)
