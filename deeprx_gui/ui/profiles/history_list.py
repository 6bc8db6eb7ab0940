"""Everything that happened to a profile: what changed, who, when, why, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.profile_card import HistoryEntry
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui import theme
from deeprx_gui.ui.dates import moment, revision_label
from deeprx_gui.ui.widgets.frames import line, wrapped

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
        self.retranslate()

    def retranslate(self) -> None:
        """Write everything anew in the current language."""
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
            more = QPushButton(tr("Show all {n}", n=len(self._steps)))
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
        top.addWidget(QLabel(render(step.what)), 1)
        if step.is_current:
            now = theme.level(QLabel(tr("In use")), "chip")
            top.addWidget(now)
        elif step.problem is None:
            back = QPushButton(tr("Roll back"))
            back.setProperty("kind", "quiet")
            back.setAccessibleName(tr("Roll back to {revision}", revision=label.text()))
            back.clicked.connect(partial(self._ask, step.revision))
            top.addWidget(back)
        column.addLayout(top)
        for change in step.changes:
            column.addWidget(_text("• " + render(change.text)))
        if step.problem is not None:
            column.addWidget(_text(render(step.problem), "bad"))
        if step.why:
            column.addWidget(_text(tr("Reason: {why}", why=step.why)))
        column.addWidget(_text(f"{step.who} · {moment(step.when)}", "small"))
        return entry

    def _ask(self, revision: int, *_checked: bool) -> None:
        self.rollback_requested.emit(revision)

    def _show_all(self) -> None:
        self._all = True
        self.retranslate()


def _text(words: str, level: str = "") -> QLabel:
    label = wrapped(level)
    label.setText(words)
    return label
