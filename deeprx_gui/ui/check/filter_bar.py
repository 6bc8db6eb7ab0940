"""Which rows to show: a chip per verdict with its live count, a label, a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.message import say
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import LABEL_WORDS, VERDICT_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.result_rows import RowFilter
from deeprx_gui.state.results import ResultCounts, ResultsModel
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_items, follow
from deeprx_gui.ui.kit.chip_grid import ChipGrid
from deeprx_gui.ui.kit.choice_row import NoWheelComboBox
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeButton

_TYPING_MS: Final = 150


@dataclass(frozen=True)
class VerdictChip:
    """One chip: the rows it shows."""

    verdict: Verdict | None = None
    changed: bool = False


CHIPS: Final = (
    VerdictChip(),
    VerdictChip(Verdict.OK),
    VerdictChip(Verdict.REVIEW),
    VerdictChip(Verdict.NG),
    VerdictChip(Verdict.ERROR),
    VerdictChip(changed=True),
)


class ResultFilterBar(QWidget):
    """Filters the results model."""

    def __init__(self, results: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._results = results
        self._chips = [FixedSizeButton() for _ in CHIPS]
        self._group = QButtonGroup(self)
        for number, chip in enumerate(self._chips):
            chip.setCheckable(True)
            self._group.addButton(chip, number)
        self._chips[0].setChecked(True)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        mark = self.search.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        theme.set_icon(mark, "search", "muted")
        self.label: QComboBox = NoWheelComboBox()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._group.idClicked.connect(self._chosen)
        self.search.textChanged.connect(self._typed)
        self._typing.timeout.connect(self._search)
        self.label.activated.connect(self._labelled)
        self._lay_out()
        for told in (self.search.setPlaceholderText, self.search.setAccessibleName):
            bind(told, say("Search file or folder"))
        bind_items(self.label, [say("All labels"), *(LABEL_WORDS[label] for label in Label)])
        bind(self.label.setAccessibleName, say("Show only this label"))
        hint = say("Pictures judged otherwise than by the saved limits")
        bind(self.chip(VerdictChip(changed=True)).setToolTip, hint)
        follow(self.show_counts, Change.LANGUAGE)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.XS)
        row.addWidget(self.search, 3)
        row.addWidget(self.label, 2)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(theme.XS)
        column_layout.addWidget(ChipGrid(self._chips, columns=(3, 2, 1)))
        column_layout.addLayout(row)

    def chip(self, chip: VerdictChip) -> FixedSizeButton:
        """Return the button of a chip."""
        return self._chips[CHIPS.index(chip)]

    def show_counts(self) -> None:
        """Show how many rows each chip holds."""
        counts = self._results.counts()
        for chip, button in zip(CHIPS, self._chips, strict=True):
            button.write(f"{_word(chip)}  {_count(chip, counts)}")

    def show_everything(self) -> None:
        """Let every row through again."""
        self._chips[0].setChecked(True)
        self.search.clear()
        self._typing.stop()
        self.label.setCurrentIndex(0)
        self._results.set_filter(RowFilter())

    def show_only(self, label: Label, verdict: Verdict) -> None:
        """Let through what a number of the confusion matrix counts, and nothing else."""
        self.show_everything()
        self.chip(VerdictChip(verdict)).setChecked(True)
        self.label.setCurrentIndex(1 + tuple(Label).index(label))
        self._results.set_filter(RowFilter(verdict=verdict, label=label))

    @Slot(int)
    def _chosen(self, number: int) -> None:
        chip = CHIPS[number]
        shown = replace(self._results.filter, verdict=chip.verdict, changed=chip.changed)
        self._results.set_filter(shown)

    @Slot()
    def _typed(self) -> None:
        self._typing.start()

    @Slot()
    def _search(self) -> None:
        self._results.set_filter(replace(self._results.filter, text=self.search.text().strip()))

    @Slot(int)
    def _labelled(self, index: int) -> None:
        label = None if index == 0 else tuple(Label)[index - 1]
        self._results.set_filter(replace(self._results.filter, label=label))


def _word(chip: VerdictChip) -> str:
    if chip.changed:
        return tr("Changed")
    return tr("All") if chip.verdict is None else render(VERDICT_WORDS[chip.verdict])


def _count(chip: VerdictChip, counts: ResultCounts) -> int:
    if chip.changed:
        return counts.changed
    verdicts: Mapping[Verdict, int] = counts.verdicts
    return counts.total if chip.verdict is None else verdicts[chip.verdict]
