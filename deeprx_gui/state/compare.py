"""CompareModel: combinations of detector and network, ticked, forecast, measured, as a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from deeprx_gui.domain.compare import Combination, CompareRow
from deeprx_gui.domain.fit import FitForecast
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.words import UNKNOWN, percent_cell
from deeprx_gui.i18n import render, tr

Index = QModelIndex | QPersistentModelIndex
LONG_SECONDS: Final = 180.0
"""What takes longer to learn is compared only when a person asks for it."""
_NO_PARENT: Final = QModelIndex()
_TICK: Final = Qt.ItemDataRole.CheckStateRole
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Candidate:
    """One row: what it is, whether it is to be run, what it will take, and what came of it.

    ``network`` ``None``: the detector looks at colours. ``forecast.problem`` says why it cannot be
    run, ``result`` is there once it was.
    """

    combination: Combination
    detector: Message
    network: Message | None
    needs_positioning: bool
    ticked: bool = False
    forecast: FitForecast | None = None
    result: CompareRow | None = None
    recommended: bool = False

    @property
    def possible(self) -> bool:
        """Whether it can be run on this PC."""
        return self.forecast is None or self.forecast.problem is None

    @property
    def measured(self) -> CompareRow | None:
        """What was measured, if it was."""
        return self.result if self.result is not None and self.result.measured else None

    @property
    def remark(self) -> Message | None:
        """Why there are no figures, if there is a reason."""
        if self.result is not None and self.result.not_started is not None:
            return self.result.not_started
        return None if self.forecast is None else self.forecast.problem


@dataclass(frozen=True)
class CompareColumn:
    """One column: its title, its text, and a sentence about it."""

    title: Message
    hint: Message
    text: Callable[[Candidate], str]
    figures: bool = True


def _measured(write: Callable[[CompareRow], str]) -> Callable[[Candidate], str]:
    def text(candidate: Candidate) -> str:
        row = candidate.measured
        return "" if row is None else write(row)

    return text


def _seconds(candidate: Candidate) -> str:
    if candidate.measured is not None:
        return f"{candidate.measured.seconds:.1f}"
    if not candidate.possible:
        return tr("does not fit")
    known = candidate.forecast
    return "" if known is None else f"≈ {max(1, round(known.seconds))}"


def _memory(candidate: Candidate) -> str:
    if candidate.measured is not None:
        return f"{candidate.measured.peak_mb:,.0f}"
    known = candidate.forecast if candidate.possible else None
    return "" if known is None else f"≈ {round(known.megabytes / 10) * 10:,}"


def _positioning(candidate: Candidate) -> str:
    return tr("needed") if candidate.needs_positioning else tr("not needed")


def _size(candidate: Candidate) -> str:
    if candidate.measured is not None:
        return str(candidate.measured.size)
    return "" if candidate.combination.size is None else str(candidate.combination.size)


def _network(candidate: Candidate) -> str:
    if candidate.network is None:
        return tr("no network")
    return re.split(r"\s*[(（]", render(candidate.network))[0]


COLUMNS: Final = (
    CompareColumn(
        say("Detector"), say("Tick what is to be compared."), lambda c: render(c.detector), False
    ),
    CompareColumn(say("Network"), say("What it looks through (backbone)."), _network, False),
    CompareColumn(
        say("Misses"),
        say("Bad parts judged OK under the suggested limits, as Check counts them."),
        _measured(lambda r: percent_cell(r.missed_rate)),
    ),
    CompareColumn(
        say("False calls"),
        say("Good parts called NG; none of them took part in learning."),
        _measured(lambda r: percent_cell(r.false_call_rate)),
    ),
    CompareColumn(
        say("Told apart"),
        say(
            "How well good and bad are told apart at any limit: 1 is perfect, 0.5 is chance "
            "(AUROC)."
        ),
        _measured(lambda r: UNKNOWN if r.auroc is None else f"{r.auroc:.3f}"),
    ),
    CompareColumn(
        say("ms / picture"),
        say("On this PC."),
        _measured(lambda r: f"{r.ms_per_image:.1f}"),
    ),
    CompareColumn(say("Learning, s"), say("≈ stands before a forecast."), _seconds),
    CompareColumn(say("Memory, MB"), say("≈ stands before a forecast."), _memory),
    CompareColumn(
        say("File, MB"), say("Size of the profile."), _measured(lambda r: f"{r.file_mb:.1f}")
    ),
    CompareColumn(
        say("Positioning"),
        say("Whether parts must lie at the same place in every picture."),
        _positioning,
        False,
    ),
    CompareColumn(say("Size, px"), say("Picture size for the network."), _size),
    CompareColumn(
        say("Planted found"),
        say("Share of planted defects above the limit, where there are no bad parts."),
        _measured(lambda r: percent_cell(r.found)),
    ),
)
"""Adding a column is adding a line."""


class CompareModel(QAbstractTableModel):
    """The candidates in order. ``changed``: a tick, a forecast or a result came or went."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Candidate, ...] = ()
        self._running = False

    @property
    def rows(self) -> tuple[Candidate, ...]:
        return self._rows

    @property
    def ticked(self) -> tuple[Combination, ...]:
        return tuple(c.combination for c in self._rows if c.ticked and c.possible)

    @property
    def seconds(self) -> float:
        """What the ticked ones will take together, as far as it is forecast."""
        chosen = (c.forecast for c in self._rows if c.ticked and c.possible)
        return sum(f.seconds for f in chosen if f is not None)

    def offer(self, candidates: Sequence[Candidate]) -> None:
        """Show these; ticks, forecasts and results of those that were there before stay."""
        before = {c.combination: c for c in self._rows}
        self.beginResetModel()
        self._rows = tuple(
            replace(old, detector=c.detector, network=c.network)
            if (old := before.get(c.combination)) is not None
            else c
            for c in candidates
        )
        self.endResetModel()
        self.changed.emit()

    def forecast(self, found: Mapping[Combination, FitForecast]) -> None:
        """Show what each will take; ``problem`` makes it impossible to tick.

        What takes longer than ``LONG_SECONDS`` is no longer ticked unless a person ticks it.
        """
        rows = []
        for candidate in self._rows:
            new = found.get(candidate.combination, candidate.forecast)
            first = candidate.forecast is None and new is not None
            long = first and new is not None and new.seconds > LONG_SECONDS
            rows.append(replace(candidate, forecast=new, ticked=candidate.ticked and not long))
        self._put(tuple(rows))

    def clear_results(self) -> None:
        """Forget what was measured: it belongs to other pictures or settings."""
        self._put(tuple(replace(c, result=None, recommended=False) for c in self._rows))

    def add_result(self, row: CompareRow) -> None:
        """Show what came of one."""
        self._put(
            tuple(replace(c, result=row) if row.is_of(c.combination) else c for c in self._rows)
        )

    def set_running(self, running: bool) -> None:
        """While it runs nothing can be ticked."""
        self._running = running
        self._tell()

    def tick(self, row: int, ticked: bool) -> None:
        """Tick a row or not; one that cannot be run stays as it is."""
        if self._running or not self._rows[row].possible:
            return
        changed = replace(self._rows[row], ticked=ticked)
        self._put((*self._rows[:row], changed, *self._rows[row + 1 :]))

    def toggle(self, row: int) -> None:
        """Tick a row that was not, and the other way round."""
        self.tick(row, not self._rows[row].ticked)

    def recommend(self, row: CompareRow) -> int | None:
        """Mark what a row came of as the one to take; return where it stands."""
        self._put(tuple(replace(c, recommended=row.is_of(c.combination)) for c in self._rows))
        return next((n for n, c in enumerate(self._rows) if c.recommended), None)

    def _put(self, rows: tuple[Candidate, ...]) -> None:
        self._rows = rows
        self._tell()

    def _tell(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        self.changed.emit()

    def refresh_texts(self) -> None:
        """Show every text in the current language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self._tell()

    # -- what Qt asks -----------------------------------------------------------------------

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return a cell's text, its tick, why it cannot be run."""
        if not index.isValid():
            return None
        candidate, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(candidate)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.figures else _LEFT
        if role == _TICK and index.column() == 0 and candidate.possible:
            return Qt.CheckState.Checked if candidate.ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole and candidate.remark is not None:
            return render(candidate.remark)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401
        """Return a column's title and what it means."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return render(COLUMNS[section].title)
        if role == Qt.ItemDataRole.ToolTipRole:
            return render(COLUMNS[section].hint)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = _RIGHT if COLUMNS[section].figures else _LEFT
            return int(side) | int(Qt.TextFlag.TextWordWrap)
        return None
