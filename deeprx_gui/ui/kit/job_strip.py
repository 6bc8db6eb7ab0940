"""JobStrip: what a running job does, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.words import time_left
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow


class JobStrip(QFrame):
    """Progress bar, a note, the time left and Cancel; hidden while nothing runs."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress: Progress | None = None
        self._stopping = False
        self.setProperty("card", "true")
        self.note = QLabel()
        self.count = theme.level(QLabel(), "hint")
        self.time_left = theme.level(QLabel(), "hint")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.cancel = QPushButton()
        theme.set_icon(self.cancel, "cancel")
        self.cancel.clicked.connect(self._stop)
        words = QHBoxLayout()
        words.setSpacing(theme.L)
        words.addWidget(self.note, 1)
        words.addWidget(self.count)
        words.addWidget(self.time_left)
        column = QVBoxLayout()
        column.setSpacing(theme.S)
        column.addLayout(words)
        column.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, theme.M, theme.M, theme.M)
        row.setSpacing(theme.L)
        row.addLayout(column, 1)
        row.addWidget(self.cancel)
        self.setFocusProxy(self.cancel)
        self.hide()
        bind(self.cancel.setText, say("Cancel"))
        follow(self._write, Change.LANGUAGE)

    @property
    def progress(self) -> Progress | None:
        """What is shown, ``None`` when nothing runs."""
        return self._progress

    def start(self, note: Message) -> None:
        """Show that a job began, before its first progress."""
        self._stopping = False
        self.show_progress(Progress(0, 0, note))

    def show_progress(self, progress: Progress) -> None:
        """Show how far the job is; a total of 0 shows a bar without an end."""
        self._progress = progress
        self._write()
        self.show()

    @Slot()
    def finish(self) -> None:
        """Show nothing: the job ended."""
        self._progress = None
        self._stopping = False
        self.hide()

    def _write(self) -> None:
        self.cancel.setEnabled(not self._stopping)
        progress = self._progress
        if progress is None:
            return
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        self.note.setText(tr("Stopping…") if self._stopping else render(progress.note))
        known = progress.total > 0
        self.count.setText(
            tr("{done} of {total}", done=progress.done, total=progress.total) if known else ""
        )
        left = progress.seconds_left
        self.time_left.setText("" if left is None or self._stopping else render(time_left(left)))

    @Slot()
    def _stop(self) -> None:
        self._stopping = True
        self._write()
        self.cancel_requested.emit()
