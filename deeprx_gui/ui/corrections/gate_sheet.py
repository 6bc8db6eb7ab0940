"""Why a revision is not put in use; an engineer may overrule with a reason."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.gate import GateReport, Outcome, ReplayedPart, Truth
from deeprx_gui.domain.message import say
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Text, bind
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.sheets import Sheet

_WIDTH = 600
_MOST_ROWS = 12
_LONGEST = 400
_TRUTHS = {Truth.GOOD: say("good"), Truth.BAD: say("bad"), Truth.UNKNOWN: say("unknown")}


class GateSheet(Sheet):
    """Leaving everything as it is has the focus; overruling needs a reason."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._run: Callable[[str], None] | None = None
        self._left: Callable[[], None] | None = None
        self.texts: list[QLabel] = []
        title = wrapped("heading")
        self._reasons, self._parts = QVBoxLayout(), QVBoxLayout()
        self._reasons.setSpacing(theme.S)
        self._parts.setSpacing(theme.XS)
        self._list_title = theme.level(QLabel(), "strong")
        self.reason = QLineEdit()
        self.reason.setMaxLength(_LONGEST)
        self.reason.textChanged.connect(self._typed)
        self.overrule, self.leave = QPushButton(), QPushButton()
        self.overrule.setProperty("kind", "danger")
        self.leave.setProperty("kind", "primary")
        self.overrule.clicked.connect(self._agree)
        self.leave.clicked.connect(self.close_sheet)
        answers = QWidget()
        row = QHBoxLayout(answers)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.overrule, 1)
        row.addWidget(self.leave, 1)
        self.put_title(title)
        self.body.addLayout(self._reasons)
        self.body.addWidget(line())
        self.body.addWidget(self._list_title)
        self.body.addLayout(self._parts)
        self.put_foot(self.reason, answers)
        bind(title.setText, say("The new revision was not put in use"))
        bind(self._list_title.setText, say("Parts judged differently"))
        bind(self.reason.setPlaceholderText, say("Reason, if it is to be used all the same"))
        bind(self.reason.setAccessibleName, say("Reason, if it is to be used all the same"))
        bind(self.overrule.setText, say("Overrule"))
        bind(self.leave.setText, say("Leave as it is"))

    def ask(
        self, report: GateReport, overrule: Callable[[str], None], left: Callable[[], None]
    ) -> None:
        """Show why; ``overrule`` gets an engineer's reason, ``left``: it stays as it is.

        A question that is still open is left first.
        """
        former, self._left = self._left, None
        if former is not None:
            former()
        self._run, self._left = overrule, left
        for label in self.texts:
            label.hide()
            label.deleteLater()
        self.texts.clear()
        for refusal in report.refusals:
            self._add(self._reasons, "strong", refusal.text)
        for remark in report.remarks:
            self._add(self._reasons, "hint", remark)
        different = sorted(report.replay.different, key=lambda part: not part.lost)
        for part in different[:_MOST_ROWS]:
            self._add(self._parts, "small", partial(_words, part))
        more = len(different) - _MOST_ROWS
        if more > 0:
            self._add(self._parts, "small", say("and {n} more", n=more))
        self._list_title.setVisible(bool(different))
        self.reason.clear()
        self._typed("")
        self.open()
        self.leave.setFocus()

    def _add(self, column: QVBoxLayout, level: str, text: Text) -> None:
        label = wrapped(level)
        bind(label.setText, text)
        column.addWidget(label)
        self.texts.append(label)

    @Slot(str)
    def _typed(self, text: str) -> None:
        self.overrule.setEnabled(bool(text.strip()))

    @Slot()
    def _agree(self) -> None:
        run, reason = self._run, self.reason.text().strip()
        self._left = None
        self.close_sheet()
        if run is not None and reason:
            run(reason)

    def close_sheet(self) -> None:
        """Hide it; everything stays as it is."""
        super().close_sheet()
        left, self._run, self._left = self._left, None, None
        if left is not None:
            left()


def _words(part: ReplayedPart) -> str:
    return tr(
        "{name} ({truth}): {before} → {after}",
        name=one_line(part.name),
        truth=render(_TRUTHS[part.truth]),
        before=_said(part.before),
        after=_said(part.after),
    )


def _said(outcome: Outcome) -> str:
    word = render(VERDICT_WORDS[outcome.verdict])
    return f"{word} {times_limit_text(outcome.times)} ×" if isfinite(outcome.times) else word
