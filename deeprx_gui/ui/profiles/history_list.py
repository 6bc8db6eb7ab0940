"""Everything that happened to a profile: what changed, who, when, why, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile_card import HistoryEntry
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Text, bind
from deeprx_gui.ui.kit.dates import moment, revision_label
from deeprx_gui.ui.kit.frames import line, wrapped

_SHOWN = 30
"""Entries shown at first; the rest on request."""


class HistoryList(QWidget):
    """``rollback_requested`` carries the revision to go back to."""

    rollback_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[HistoryEntry, ...] = ()
        self._all = False
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.M)

    def show_history(self, steps: Sequence[HistoryEntry]) -> None:
        """Show these, newest first."""
        self._steps = tuple(steps)
        self._all = False
        self._list()

    def _list(self) -> None:
        for widget in self._rows:
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._rows.clear()
        shown = self._steps if self._all else self._steps[:_SHOWN]
        for number, step in enumerate(shown):
            if number:
                self._add(line())
            self._add(self._entry(step))
        if len(shown) < len(self._steps):
            more = QPushButton()
            bind(more.setText, say("Show all {n}", n=len(self._steps)))
            more.setProperty("kind", "quiet")
            more.clicked.connect(self._show_all)
            self._add(more)

    def _add(self, row: QWidget) -> None:
        self._rows.append(row)
        self._column.addWidget(row)

    def _entry(self, step: HistoryEntry) -> QWidget:
        entry = QWidget()
        column = QVBoxLayout(entry)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        top = QHBoxLayout()
        label = QLabel(revision_label(step.revision))
        label.setProperty("level", "strong")
        top.addWidget(label)
        what = QLabel()
        bind(what.setText, step.what)
        top.addWidget(what, 1)
        if step.is_current:
            now = theme.level(QLabel(), "chip")
            bind(now.setText, say("In use"))
            top.addWidget(now)
        elif step.problem is None:
            back = QPushButton()
            bind(back.setText, say("Roll back"))
            back.setProperty("kind", "quiet")
            bind(back.setAccessibleName, say("Roll back to {revision}", revision=label.text()))
            back.clicked.connect(partial(self._ask, step.revision))
            top.addWidget(back)
        column.addLayout(top)
        for change in step.changes:
            column.addWidget(_text(partial(_bullet, change.text)))
        if step.problem is not None:
            column.addWidget(_text(step.problem, "bad"))
        if step.why:
            column.addWidget(_text(say("Reason: {why}", why=step.why)))
        column.addWidget(_text(partial(_signed, step), "small"))
        return entry

    def _ask(self, revision: int, *_checked: bool) -> None:
        self.rollback_requested.emit(revision)

    def _show_all(self) -> None:
        self._all = True
        self._list()


def _text(words: Text, level: str = "") -> QLabel:
    label = wrapped(level)
    bind(label.setText, words)
    return label


def _bullet(words: Message) -> str:
    return f"• {render(words)}"


def _signed(step: HistoryEntry) -> str:
    return f"{step.who} · {moment(step.when)}"
