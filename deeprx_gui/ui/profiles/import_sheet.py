"""The question what a file becomes whose product is on this PC already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.dates import moment, revision_label
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.sheets import Sheet

_WIDTH: Final = 560
_MOST_CHANGES: Final = 30


@dataclass(frozen=True)
class ComparedRevision:
    """One of the two revisions that are compared; ``when``: it was saved."""

    revision: int
    who: str
    when: datetime
    normals: int
    must_find: int = 0


@dataclass(frozen=True)
class ImportQuestion:
    """What is asked about one file.

    ``sentence`` says how it stands to what is ``here`` (``None``: no revision can be read).
    ``recommended``: taking it over is what one usually wants.
    """

    file: str
    name: str
    sentence: Message
    here: ComparedRevision | None
    there: ComparedRevision
    changes: tuple[Message, ...]
    recommended: bool


class ImportSheet(Sheet):
    """``answered`` carries ``"revision"``, ``"new"``, or nothing when the file is left alone."""

    answered = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.heading, self.sentence = wrapped("heading"), wrapped()
        self.table = QGridLayout()
        self.table.setHorizontalSpacing(theme.L)
        self.table.setVerticalSpacing(theme.XS)
        self.table.setColumnStretch(1, 1)
        self.table.setColumnStretch(2, 1)
        self.changes = QVBoxLayout()
        self.changes.setSpacing(theme.XS)
        self.revision, self.new, self.cancel = QPushButton(), QPushButton(), QPushButton()
        for button, answer in ((self.revision, "revision"), (self.new, "new"), (self.cancel, "")):
            button.setAutoDefault(True)  # Enter presses the button that has the focus
            button.clicked.connect(partial(self._answer, answer))
        self._cells: list[QWidget] = []
        self.put_title(self.heading)
        self.body.addWidget(self.sentence)
        self.body.addLayout(self.table)
        self.body.addWidget(line())
        self.body.addLayout(self.changes)
        self.put_foot(self.revision, self.new, self.cancel)

    def ask(self, question: ImportQuestion) -> None:
        """Show the question; the recommended answer is the one Enter gives."""
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()
        self._cells.clear()
        self.heading.setText(tr("“{name}” is on this PC already", name=question.name))
        self.sentence.setText(render(question.sentence))
        self._show_sides(question)
        self._show_changes(question.changes)
        take = tr("Take over as the new revision (recommended)")
        leave = tr("Do not import (recommended)")
        best = question.recommended
        self.revision.setText(take if best else tr("Take over all the same"))
        self.new.setText(tr("Import as another product"))
        self.cancel.setText(tr("Do not import") if best else leave)
        for button, primary in ((self.revision, best), (self.cancel, not best)):
            button.setProperty("kind", "primary" if primary else "")
            button.style().unpolish(button)
            button.style().polish(button)
        self.open()
        (self.revision if best else self.cancel).setFocus()

    def close_sheet(self) -> None:
        """Leave the file alone."""
        self._answer("")

    def _answer(self, answer: str, *_checked: bool) -> None:
        if self.isVisible():
            super().close_sheet()
            self.answered.emit(answer)

    def _show_sides(self, question: ImportQuestion) -> None:
        here, there = question.here, question.there
        rows = [
            ("", tr("In use here"), tr("In “{file}”", file=question.file)),
            (tr("Revision"), _revision(here), _revision(there)),
            (tr("Saved by"), "–" if here is None else here.who or "–", there.who or "–"),
            (tr("Saved"), "–" if here is None else moment(here.when), moment(there.when)),
            (tr("Normal images"), "–" if here is None else str(here.normals), str(there.normals)),
        ]
        kept = 0 if here is None else here.must_find
        if kept or there.must_find:
            rows.append((tr("Must-find pictures"), str(kept), str(there.must_find)))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                # What a row is called is never wrapped: its column would shrink to a word.
                cell = wrapped("" if row else "strong") if column else theme.level(QLabel(), "hint")
                cell.setText(text)
                self.table.addWidget(cell, row, column)
                self._cells.append(cell)

    def _show_changes(self, changes: tuple[Message, ...]) -> None:
        title = QLabel(tr("What would change here"))
        title.setProperty("level", "strong")
        texts = ["• " + render(change) for change in changes[:_MOST_CHANGES]]
        labels: list[QLabel] = [title]
        for text in texts or [tr("Nothing that is judged with.")]:
            label = wrapped()
            label.setText(text)
            labels.append(label)
        for label in labels:
            self.changes.addWidget(label)
            self._cells.append(label)


def _revision(side: ComparedRevision | None) -> str:
    return "–" if side is None else revision_label(side.revision)
