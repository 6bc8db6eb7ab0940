"""Certificates of the OPC UA output: this PC's own, clients that were refused, accepted ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.client_certificates import CertificateList, KnownCertificate
from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.dates import moment
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.sheets import Sheet

_WIDTH: Final = 720
_GROUP: Final = 8
"""Digits of a thumbprint between two blanks, as clients show them."""
FILE_NAME: Final = "deeprx-inspector.der"


class CertificateRow(QFrame):
    """One client's certificate; ``buttons`` by what they do."""

    def __init__(self, known: KnownCertificate, *, is_refused: bool) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._is_refused = is_refused
        self.buttons: dict[str, QPushButton] = {}
        name = wrapped("strong")
        bind(name.setText, known.name)
        self._about_label, self._fault = wrapped("small"), wrapped("bad")
        print_ = wrapped("small")
        bind(print_.setText, partial(_thumbprint, known))
        print_.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (name, self._about_label, print_):  # a stranger wrote it: no markup
            label.setTextFormat(Qt.TextFormat.PlainText)
            words.addWidget(label)
        words.addWidget(self._fault)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        self._row.setSpacing(theme.S)
        self._row.addLayout(words, 1)
        self.show_known(known)

    def show_known(self, known: KnownCertificate) -> None:
        """Show what is known of the same certificate now: when it came last, what is wrong."""
        self.known = known
        bind(self._about_label.setText, self._about)
        fault = known.fault
        bind(
            self._fault.setText,
            "" if fault is None else say("It cannot be used: {why}.", why=fault),
        )
        self._fault.setVisible(fault is not None)
        if "trust" in self.buttons:
            self.buttons["trust"].setEnabled(fault is None)

    def add(self, key: str, words: Message, icon: str) -> QPushButton:
        """Add a button."""
        button = self.buttons[key] = QPushButton()
        theme.set_icon(button, icon)
        bind(button.setText, words)
        bind(button.setAccessibleName, say("{what}: {name}", what=words, name=self.known.name))
        self._row.addWidget(button)
        return button

    def _about(self) -> str:
        until = tr("valid until {day}", day=f"{self.known.until:%Y-%m-%d}")
        parts = [until, self.known.uri]
        if self._is_refused and self.known.came is not None:
            parts.insert(0, tr("refused {when}", when=moment(self.known.came)))
        return " · ".join(part for part in parts if part)


class OpcUaSheet(Sheet):
    """``accepted``, ``forgotten`` and ``refused`` carry a ``KnownCertificate``.

    ``added`` and ``copied`` carry a file's ``Path``; ``renew`` asks for a new certificate.

    While it is open, rows keep their order and newcomers come last: nothing changes places with
    what somebody is about to press. Opened again, it has the newest first.
    """

    accepted = Signal(object)
    forgotten = Signal(object)
    refused = Signal(object)
    added = Signal(object)
    copied = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        title = theme.level(QLabel(), "heading")
        self.put_title(title)
        self.message = wrapped("bad")
        self.message.setTextFormat(Qt.TextFormat.PlainText)  # a stranger's name may be in it
        self.own, self.own_print = wrapped(), wrapped("small")
        self.own_print.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.ends = wrapped("bad")
        self.copy, self.renew, self.add = QPushButton(), QPushButton(), QPushButton()
        for button, icon in ((self.copy, "save"), (self.renew, "redo"), (self.add, "add")):
            theme.set_icon(button, icon)
        self._lists: dict[str, QVBoxLayout] = {}
        self._empty: dict[str, QLabel] = {}
        self.rows: dict[str, list[CertificateRow]] = {"refused": [], "accepted": []}
        self._shown: CertificateList | None = None
        self._lay_out()
        self.copy.clicked.connect(self._save)
        self.add.clicked.connect(self._open)
        bind(title.setText, say("OPC UA certificates"))
        bind(self.copy.setText, say("Save a copy…"))
        bind(self.renew.setText, say("Renew…"))
        bind(self.add.setText, say("Add from a file…"))
        self.show_message(None)
        self.show_list(None)

    def _lay_out(self) -> None:
        self.body.setSpacing(theme.S)
        self.body.addWidget(self.message)
        self.body.addWidget(_heading(say("This PC's certificate")))
        for part in (self.own, self.own_print, self.ends):
            self.body.addWidget(part)
        self.body.addLayout(_beside(self.copy, self.renew))
        self._add_list(
            "refused",
            say("Refused clients"),
            say(
                "Nobody was refused. Let the client connect once with the address of this output:"
                " it is refused, stands here, and can be trusted."
            ),
        )
        self._add_list(
            "accepted",
            say("Trusted clients"),
            say(
                "No client may connect yet. Trust one that was refused, or add its certificate"
                " from a file."
            ),
        )
        self.body.addLayout(_beside(self.add))

    def _add_list(self, key: str, title: Message, nothing: Message) -> None:
        self.body.addWidget(line())
        self.body.addWidget(_heading(title))
        self._empty[key] = wrapped("hint")
        bind(self._empty[key].setText, nothing)
        self.body.addWidget(self._empty[key])
        self._lists[key] = QVBoxLayout()
        self._lists[key].setSpacing(theme.S)
        self.body.addLayout(self._lists[key])

    def open(self, anchor: QWidget | None = None) -> None:
        """Show it; the list is looked for anew."""
        self.show_list(None)
        super().open(anchor)

    # -- what it shows ------------------------------------------------------------------------

    def show_message(self, message: Message | None, *, bad: bool = True) -> None:
        """Show what went wrong, or what was done."""
        theme.level(self.message, "bad" if bad else "hint")
        bind(self.message.setText, message or "")
        self.message.setVisible(message is not None)

    def show_list(self, found: CertificateList | None) -> None:
        """Show what there is; ``None`` while it is looked for."""
        for button in (self.copy, self.renew, self.add):
            button.setEnabled(found is not None)
        if found is not None and found == self._shown:
            return
        self._shown = found
        own = found.own if found is not None else None
        bind(
            self.own.setText,
            say("Being looked for…")
            if own is None
            else say("{name}, valid until {day}", name=own.name, day=f"{own.until:%Y-%m-%d}"),
        )
        bind(self.own_print.setText, "" if own is None else partial(_thumbprint, own))
        self.ends.setVisible(found is not None and found.ends_soon)
        bind(
            self.ends.setText,
            say("It ends soon, or has ended. Renew it; clients have to accept it again."),
        )
        self._fill("refused", () if found is None else found.refused)
        self._fill("accepted", () if found is None else found.accepted)

    # -- inside -------------------------------------------------------------------------------

    def _fill(self, key: str, certificates: Sequence[KnownCertificate]) -> None:
        """Bring the rows up to date, each by its fingerprint; see the class for their order."""
        found = {each.fingerprint: each for each in certificates}
        rows, gone = list[CertificateRow](), list[CertificateRow]()
        for row in self.rows[key]:
            (rows if row.known.fingerprint in found else gone).append(row)
        for row in gone:
            row.hide()
            row.deleteLater()
        for row in rows:
            row.show_known(found.pop(row.known.fingerprint))
        for known in found.values():
            rows.append(self._row(key, known))
            self._lists[key].addWidget(rows[-1])
        self.rows[key] = rows
        self._empty[key].setVisible(not certificates and self._shown is not None)

    def _row(self, key: str, known: KnownCertificate) -> CertificateRow:
        row = CertificateRow(known, is_refused=key == "refused")
        if key == "accepted":
            row.add("refuse", say("Trust no longer"), "cancel").clicked.connect(
                partial(self._give, self.refused, known)
            )
            return row
        trust = row.add("trust", say("Trust…"), "tick")
        trust.setEnabled(known.fault is None)
        trust.clicked.connect(partial(self._give, self.accepted, known))
        row.add("remove", say("Remove"), "delete").clicked.connect(
            partial(self._give, self.forgotten, known)
        )
        return row

    def _give(self, signal: SignalInstance, known: KnownCertificate, *_checked: bool) -> None:
        signal.emit(known)

    @Slot()
    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self,
            tr("Save this PC's certificate"),
            str(Path.home() / FILE_NAME),
            f"{tr('Certificate')} (*.der)",
        )
        if name:
            self.copied.emit(Path(name).with_suffix(".der"))

    @Slot()
    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            tr("Certificate of a client"),
            str(Path.home()),
            f"{tr('Certificate')} (*.der *.cer *.crt *.pem)",
        )
        if name:
            self.added.emit(Path(name))


def _heading(words: Message) -> QLabel:
    label = theme.level(QLabel(), "strong")
    bind(label.setText, words)
    return label


def _beside(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.S)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def grouped(known: KnownCertificate) -> str:
    """Return a certificate's thumbprint in groups of digits, as clients show it."""
    digits = known.thumbprint.upper()
    return " ".join(digits[n : n + _GROUP] for n in range(0, len(digits), _GROUP))


def _thumbprint(known: KnownCertificate) -> str:
    return render(say("Thumbprint (SHA-1): {fingerprint}", fingerprint=grouped(known)))
