"""The database that several stations share: where it is, whether it answers, what is sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.central import CentralPlace, PictureRule, Tls
from deeprx_gui.domain.forwarding import ForwardPhase, ForwardState
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.i18n import tr
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.form import TextRow
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.kit.status_line import Banner
from deeprx_gui.ui.kit.titled_row import TitledRow, beside

_WIDTH: Final = 640
_PORT: Final = 5432
_CERTIFICATES: Final = "*.pem *.crt *.cer (*.pem *.crt *.cer);;* (*)"
_PHASES: Final = {
    ForwardPhase.CONNECTING: say("Connecting…"),
    ForwardPhase.SENDING: say("Sending"),
    ForwardPhase.UP_TO_DATE: say("Everything is sent"),
    ForwardPhase.WAITING: say("Waiting for the server"),
    ForwardPhase.STOPPED: say("Needs attention"),
}
_PICTURES: Final = (
    (PictureRule.NONE, say("Do not send any")),
    (PictureRule.BAD, say("NG and review")),
    (PictureRule.ALL, say("All")),
)


@dataclass(frozen=True)
class CentralEntry:
    """What was entered; ``password`` is empty where it was left as it is."""

    place: CentralPlace
    password: str


class CentralSheet(Sheet):
    """``test_requested`` and ``save_requested`` carry a ``CentralEntry``."""

    test_requested = Signal(object)
    save_requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._title = theme.level(QLabel(), "heading")
        self._hint = wrapped("hint")
        self.state, self.remarks = theme.level(QLabel(), "strong"), wrapped("small")
        self.problem = wrapped()
        self.retry = QPushButton()
        self.host, self.port, self.database = TextRow(), TextRow(), TextRow()
        self.user, self.line_name = TextRow(), TextRow()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._password_row = TitledRow(self.password)
        self.authority, self.folder = TextRow(), TextRow()
        self.choose_authority, self.choose_folder = QPushButton(), QPushButton()
        self.pictures = ChoiceRow()
        self.result = Banner()
        self.test, self.save, self.alone = QPushButton(), QPushButton(), QPushButton()
        self._tls = Tls.VERIFY
        self._rule = PictureRule.NONE
        self._lay_out()
        self._connect()
        self._bind_texts()
        self.show_place(None)

    def _lay_out(self) -> None:
        self.put_title(self._title)
        self._live = QWidget()
        live = QVBoxLayout(self._live)
        live.setContentsMargins(0, 0, 0, 0)
        live.setSpacing(theme.XS)
        shown: tuple[QWidget, ...] = (
            self.state, self.problem, self.remarks, self.retry, line(),
        )  # fmt: skip
        for each in shown:
            live.addWidget(each)
        server = beside(self.host, self.port, shares=(3, 1))
        self._folder_row = beside(self.folder, self.choose_folder, low=True)
        parts: tuple[QWidget, ...] = (
            self._hint, self._live, server, beside(self.database, self.user),
            beside(self._password_row, self.line_name),
            beside(self.authority, self.choose_authority, low=True), line(),
            beside(self.pictures, self._folder_row),
        )  # fmt: skip
        for part in parts:
            self.body.addWidget(part)
        answers = QWidget()
        buttons = QHBoxLayout(answers)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(theme.M)
        for button in (self.save, self.test, self.alone):
            buttons.addWidget(button, 1)
        self.save.setProperty("kind", "primary")
        self.put_foot(self.result, answers)
        for unasked in (self.result, self.retry, self.remarks, self.problem):
            unasked.hide()
        self.body.setSpacing(theme.M)

    def _connect(self) -> None:
        self.test.clicked.connect(self._ask_test)
        self.save.clicked.connect(self._ask_save)
        self.choose_authority.clicked.connect(self._find_authority)
        self.choose_folder.clicked.connect(self._find_folder)
        self.pictures.chosen.connect(self._choose_pictures)

    def _bind_texts(self) -> None:
        bind(self._title.setText, say("Central database"))
        bind(
            self._hint.setText,
            say(
                "All stations can send their verdicts to one database (PostgreSQL). Ask the IT"
                " department what to fill in. This PC records first and sends afterwards:"
                " inspecting never waits for the server."
            ),
        )
        self.host.bind_texts(say("Server"), "")
        self.port.bind_texts(say("Port"), "")
        self.database.bind_texts(say("Database"), "")
        self.user.bind_texts(say("User name"), "")
        self._password_row.bind_head(
            say("Password"), say("Kept in the credential store of this PC, in no file.")
        )
        self.authority.bind_texts(
            say("Certificate authority (file)"), say("Empty: those this PC trusts.")
        )
        self.line_name.bind_texts(say("Line"), say("Written alike at all its stations."))
        self.folder.bind_texts(say("Folder for the pictures"), say("Empty: into the database."))
        for button in (self.choose_authority, self.choose_folder):
            bind(button.setText, say("Browse…"))
        bind(self.test.setText, say("Test connection"))
        bind(self.save.setText, say("Connect"))
        bind(self.alone.setText, say("Stand alone"))
        bind(self.retry.setText, say("Send the refused rows again"))

    # Showing --------------------------------------------------------------------------------

    def show_place(self, place: CentralPlace | None) -> None:
        """Show where the database is; ``None``: this PC stands alone."""
        shown = place or CentralPlace("", "")
        self.host.set_value(shown.host)
        self.port.set_value("" if shown.port == _PORT else str(shown.port))
        self.port.line.setPlaceholderText(str(_PORT))
        self.database.set_value(shown.database)
        self.user.set_value(shown.user)
        self.authority.set_value(shown.authority)
        self.line_name.set_value(shown.line)
        self.folder.set_value(shown.picture_folder)
        self.password.clear()
        bind(
            self.password.setPlaceholderText,
            say("unchanged") if place is not None else "",
        )
        self._tls = shown.tls
        self._choose_pictures(shown.pictures)
        self.alone.setVisible(place is not None)
        self._live.setVisible(place is not None)
        self.result.hide()

    def show_state(self, state: ForwardState) -> None:
        """Show how far the sending is."""
        bind(self.state.setText, _state_words(state))
        bind(self.problem.setText, state.problem or "")
        self.problem.setVisible(state.problem is not None)
        bind(self.remarks.setText, state.remarks[0] if state.remarks else "")
        self.remarks.setVisible(bool(state.remarks))
        self.retry.setVisible(bool(state.put_aside))

    def show_result(self, words: Message, kind: NoticeKind) -> None:
        """Say what came of a test."""
        self.result.show_message(words, kind)
        self.result.show()
        self.set_busy(False)

    def set_busy(self, busy: bool) -> None:
        """While the server is asked nothing else is."""
        for button in (self.test, self.save, self.alone):
            button.setEnabled(not busy)

    # Asking ---------------------------------------------------------------------------------

    @property
    def entry(self) -> CentralEntry:
        """What is entered; a port that is none becomes 0, which is refused."""
        port = self.port.line.text().strip() or str(_PORT)
        place = CentralPlace(
            host=self.host.line.text().strip(),
            user=self.user.line.text().strip(),
            database=self.database.line.text().strip(),
            port=int(port) if port.isascii() and port.isdigit() else 0,
            tls=self._tls,
            authority=self.authority.line.text().strip(),
            line=self.line_name.line.text().strip(),
            pictures=self._rule,
            picture_folder=self.folder.line.text().strip(),
        )
        return CentralEntry(place, self.password.text())

    @Slot()
    def _ask_test(self) -> None:
        self.test_requested.emit(self.entry)

    @Slot()
    def _ask_save(self) -> None:
        self.save_requested.emit(self.entry)

    @Slot(object)
    def _choose_pictures(self, rule: PictureRule) -> None:
        self._rule = PictureRule(rule)
        self.pictures.bind_texts(say("Kept pictures to send as well"), "", _PICTURES)
        self.pictures.set_value(self._rule)
        self._folder_row.setVisible(self._rule is not PictureRule.NONE)

    @Slot()
    def _find_authority(self) -> None:
        start = self.authority.line.text() or str(Path.home())
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Choose the certificate authority"), start, _CERTIFICATES
        )
        if name:
            self.authority.set_value(name)

    @Slot()
    def _find_folder(self) -> None:
        start = self.folder.line.text() or str(Path.home())
        name = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), start)
        if name:
            self.folder.set_value(name)


def _state_words(state: ForwardState) -> Message:
    if state.waiting:
        return say(
            "{phase}: {sent} of {n} verdicts",
            phase=_PHASES[state.phase],
            sent=state.sent,
            n=state.recorded,
        )
    if state.phase in {ForwardPhase.WAITING, ForwardPhase.STOPPED}:
        return say("{phase}: {n} verdicts are sent", phase=_PHASES[state.phase], n=state.sent)
    return say_n(
        "{phase} ({n} verdict)", "{phase} ({n} verdicts)", n=state.sent, phase=_PHASES[state.phase]
    )
