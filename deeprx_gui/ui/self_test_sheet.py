"""The self-test on a sheet: every check with what was found, and a zip for support."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.self_test import Check, State
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.sheets import Sheet

_WIDTH: Final = 640
_ICON: Final = 20
_READY: Final = say(
    "Examines this program and this PC: files, networks, reference scores, disk, cameras. It takes "
    "one to two minutes."
)
_ICONS: Final = {
    State.OK: "verdict-ok",
    State.FAILED: "verdict-ng",
    State.SKIPPED: "info",
}
_ROLES: Final = {State.OK: "ok", State.FAILED: "ng", State.SKIPPED: "muted"}

_STATES = {
    State.OK: say("passed"),
    State.FAILED: say("FAILED"),
    State.SKIPPED: say("skipped"),
}


class SelfTestSheet(Sheet):
    """``begin`` is the button that starts it; ``support_requested`` carries the zip's path."""

    support_requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.suggested_name = "DeepRX-support.zip"
        self._findings: list[Check] = []
        self._title = theme.level(QLabel(), "heading")
        self.sentence = wrapped("hint")
        self.strip = JobStrip()
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(theme.M)
        self._rows.setVerticalSpacing(theme.S)
        self._rows.setColumnStretch(1, 1)
        self.labels: list[tuple[QLabel, QLabel]] = []
        self.begin, self.support, self.close_button = QPushButton(), QPushButton(), QPushButton()
        self.begin.setProperty("kind", "primary")
        self.support.clicked.connect(self._ask_file)
        self.close_button.clicked.connect(self.close_sheet)
        self._answers = QWidget()
        buttons = QHBoxLayout(self._answers)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(theme.M)
        for button in (self.begin, self.support, self.close_button):
            buttons.addWidget(button, 1)
        self.put_title(self._title)
        for part in (self.sentence, self.strip):
            self.body.addWidget(part)
        self.body.addLayout(self._rows)
        self.put_foot(self._answers)
        self.support.setEnabled(False)
        bind(self._title.setText, say("Self-test"))
        bind(self.sentence.setText, _READY)
        bind(self.begin.setText, say("Begin the self-test"))
        bind(self.support.setText, say("Save a zip for support…"))
        bind(
            self.support.setToolTip,
            say("The findings and the logs. No pictures, profiles, verdicts or PIN."),
        )
        bind(self.close_button.setText, say("Close"))

    def start(self, note: Message) -> None:
        """Show that the test began."""
        for row in range(self._rows.rowCount()):
            for column in range(2):
                item = self._rows.itemAtPosition(row, column)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        self._findings.clear()
        self.labels.clear()
        self.begin.setEnabled(False)
        self.support.setEnabled(False)
        self.sentence.hide()
        self.strip.start(note)

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self.strip.show_progress(progress)

    def add(self, finding: Check) -> None:
        """Show a finished check below the others."""
        icon = QLabel()
        theme.set_pixmap(icon, _ICONS[finding.state], _ROLES[finding.state], _ICON)
        title, detail = QLabel(), wrapped("hint" if finding.ok else "bad")
        title.setProperty("level", "strong")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(title)
        words.addWidget(detail)
        holder = QWidget()
        holder.setLayout(words)
        words.setContentsMargins(0, 0, 0, 0)
        row = self._rows.rowCount()
        self._rows.addWidget(icon, row, 0, Qt.AlignmentFlag.AlignTop)
        self._rows.addWidget(holder, row, 1)
        self._findings.append(finding)
        self.labels.append((title, detail))
        state = _STATES[finding.state]
        bind(title.setText, say("{check}: {state}", check=finding.title, state=state))
        bind(detail.setText, finding.detail)

    def end(self, sentence: Message, *, complete: bool) -> None:
        """Say how it ended; ``complete``: there is something for support."""
        self.strip.finish()
        bind(self.sentence.setText, sentence)
        self.sentence.show()
        self.begin.setEnabled(True)
        self.support.setEnabled(complete)

    @Slot()
    def _ask_file(self) -> None:
        dialog = QFileDialog(self, tr("Save a zip for support"), "", tr("Zip file (*.zip)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.selectFile(self.suggested_name)
        dialog.finished.connect(dialog.deleteLater)
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    @Slot(str)
    def save_to(self, name: str) -> None:
        self.support_requested.emit(Path(name))
