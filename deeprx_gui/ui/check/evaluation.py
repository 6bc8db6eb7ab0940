"""How good the inspection is where labels are known: in words, as a matrix, as a curve."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLabel, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.message import say
from deeprx_gui.domain.metrics import Confusion, auroc
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import LABEL_WORDS, VERDICT_WORDS
from deeprx_gui.i18n import tr
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.charts.roc_plot import RocPlot, share_above
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeButton, FixedSizeLabel

_KNOWN: Final = (Label.GOOD, Label.BAD)
_CELL: Final = QSize(50, 22)
_ROC, _ROC_NARROW = 132, 240
_WRONG: Final = {(Label.GOOD, Verdict.NG): "ng_soft", (Label.BAD, Verdict.OK): "ng_soft"}


class Evaluation(QWidget):
    """Confusion matrix, ROC curve, false calls and misses; hidden while no label is known.

    ``opened`` carries the ``Label`` and the ``Verdict`` of the number that was pressed.
    """

    opened = Signal(object, object)

    def __init__(
        self, session: Session, results: ResultsModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._results = session, results
        self._good: Float64 = np.empty(0)
        self._bad: Float64 = np.empty(0)
        self.false_calls, self.misses = FixedSizeLabel(bold=True), FixedSizeLabel(bold=True)
        self.roc = RocPlot()
        self._heads = {verdict: _centred() for verdict in VERDICTS}
        self._sides = {label: theme.level(QLabel(), "small") for label in _KNOWN}
        self.cells = {(label, verdict): _cell() for label in _KNOWN for verdict in VERDICTS}
        self._lay_out()
        for (label, verdict), cell in self.cells.items():
            cell.clicked.connect(partial(self._open, label, verdict))
            bind(cell.setToolTip, say("Show these pictures"))
        for verdict, head in self._heads.items():
            bind(head.setText, VERDICT_WORDS[verdict])
        for label, side in self._sides.items():
            bind(side.setText, LABEL_WORDS[label])
        bind(self.roc.setAccessibleName, say("ROC curve"))
        follow(self._say_area, Change.LANGUAGE)
        follow(self.follow_limits, Change.LANGUAGE)
        follow(self._colour_cells, Change.THEME)

    def _lay_out(self) -> None:
        matrix = QGridLayout()
        matrix.setSpacing(2)
        for column, verdict in enumerate(VERDICTS, start=1):
            matrix.addWidget(theme.level(self._heads[verdict], "small"), 0, column)
            for row, label in enumerate(_KNOWN, start=1):
                matrix.addWidget(self.cells[label, verdict], row, column)
        for row, label in enumerate(_KNOWN, start=1):
            matrix.addWidget(self._sides[label], row, 0)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.false_calls)
        words.addWidget(self.misses)
        words.addLayout(matrix)
        words.addStretch(1)
        self._whole = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(theme.M)
        self._whole.addLayout(words)
        self._whole.addWidget(self.roc)
        self.set_narrow(False)

    def set_narrow(self, narrow: bool) -> None:
        """Put the curve below the matrix where there is no room beside it."""
        direction = QBoxLayout.Direction
        self._whole.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        self.roc.setFixedWidth(_ROC_NARROW if narrow else _ROC)
        self.roc.setMinimumHeight(_ROC_NARROW * 2 // 3 if narrow else 0)

    def _open(self, label: Label, verdict: Verdict, *_checked: bool) -> None:
        self.opened.emit(label, verdict)

    def follow_contents(self) -> None:
        """Take other scores or labels."""
        rows = self._results.rows
        self._good, self._bad = rows.scores_of(Label.GOOD), rows.scores_of(Label.BAD)
        both = self._good.size > 0 and self._bad.size > 0
        self.roc.setVisible(both)
        if both:
            self.roc.show_curve(self._good, self._bad)
        known = int(np.count_nonzero(rows.labels < len(_KNOWN)))
        self.setVisible(known > 0)
        self._say_area()
        self.follow_limits()

    def follow_limits(self) -> None:
        """Count again."""
        limits = self._session.limits
        if limits is None or self.isHidden():
            return
        counted = self._results.rows.confusion()
        self._show_counts(counted)
        if not self.roc.isHidden():
            self.roc.show_points(
                {
                    verdict: (share_above(self._good, limit), share_above(self._bad, limit))
                    for verdict, limit in (
                        (Verdict.REVIEW, limits.review),
                        (Verdict.NG, limits.ng),
                    )
                    if verdict is Verdict.NG or limits.has_review_band
                }
            )

    def _colour_cells(self) -> None:
        tokens = theme.current_tokens()
        for key, cell in self.cells.items():
            colour = getattr(tokens, _WRONG.get(key, "sunken"))
            cell.setStyleSheet(
                f"QToolButton {{ background: {colour}; border: 1px solid {colour};"
                " border-radius: 4px; padding: 0; min-width: 0;"
                f" min-height: {theme.TOUCH - 2}px; }}"
                f"QToolButton:hover, QToolButton:focus {{ border-color: {tokens.accent}; }}"
            )

    def _show_counts(self, counted: Confusion) -> None:
        for (label, verdict), cell in self.cells.items():
            cell.write(str(counted.table[label][verdict]))
        good, bad = counted.count(Label.GOOD), counted.count(Label.BAD)
        false_calls = tr("False calls: {n} of {total} good", n=counted.false_calls, total=good)
        self.false_calls.setText(false_calls)
        self.misses.setText(tr("Misses: {n} of {total} bad", n=counted.misses, total=bad))

    def _say_area(self) -> None:
        area = auroc(self._good, self._bad)
        if area is None:
            return
        self.roc.name(tr("{share} % told apart", share=f"{100 * area:.1f}"))
        self.roc.setToolTip(
            tr(
                "Bad parts found (upwards) against good parts called (to the right) for every "
                "limit. Told apart: the chance that a bad part scores higher than a good one "
                "(AUROC {area}).",
                area=f"{area:.3f}",
            )
        )


def _centred() -> QLabel:
    label = QLabel()
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setFixedSize(_CELL)  # a label of fixed size asks for no new layout
    return label


def _cell() -> FixedSizeButton:
    button = FixedSizeButton()
    button.setFixedSize(_CELL.width(), theme.TOUCH)
    return button
