"""Which parts are listed: time, product, line, station, verdicts, not yet decided, a text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.history import RecordedProfile, RecordedStation
from deeprx_gui.domain.inspection import RunCounts
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.state.history_filter import HistoryFilter, Period
from deeprx_gui.ui.history.period_box import PeriodBox
from deeprx_gui.ui.history.recorded_filter_box import RecordedFilterBox
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.chip_grid import ChipGrid
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeButton

_TYPING_MS: Final = 250


class HistoryFilterBar(QWidget):
    """``changed`` tells that ``wish`` is another one; typing is waited for."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profiles: tuple[RecordedProfile, ...] = ()
        self._told = HistoryFilter()
        self.period = PeriodBox()
        self._stations: tuple[RecordedStation, ...] = ()
        self.product, self.station = RecordedFilterBox(), RecordedFilterBox()
        self.line = RecordedFilterBox()
        self.station.hide()
        self.line.hide()
        self.chips = {verdict: FixedSizeButton() for verdict in VERDICTS}
        self.search = QLineEdit()
        self.undecided = QToolButton()
        self.typing = QTimer(self)
        self.typing.setSingleShot(True)
        self.typing.setInterval(_TYPING_MS)
        self.typing.timeout.connect(self._tell)
        self._lay_out()
        self._connect()
        self._bind_texts()

    def _lay_out(self) -> None:
        top, bottom = QHBoxLayout(), QHBoxLayout()
        for row in (top, bottom):
            row.setSpacing(theme.XS)
        top.addWidget(self.period, 1)
        top.addWidget(self.product, 1)
        for verdict, chip in self.chips.items():
            chip.setCheckable(True)
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            chip.setIconSize(QSize(16, 16))
            chip.setStyleSheet("padding: 0 4px;")
            theme.set_icon(chip, theme.VERDICT_ICONS[verdict], verdict.value.lower())
        self.search.setClearButtonEnabled(True)
        mark = self.search.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        theme.set_icon(mark, "search", "muted")
        self.undecided.setCheckable(True)
        bottom.addWidget(self.search, 1)
        bottom.addWidget(self.undecided)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        where = QHBoxLayout()
        where.setSpacing(theme.XS)
        where.addWidget(self.line, 1)
        where.addWidget(self.station, 1)
        column.addLayout(top)
        column.addLayout(where)
        column.addWidget(self.period.days)
        column.addWidget(ChipGrid(tuple(self.chips.values()), columns=(4, 2, 1)))
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.period.chosen.connect(self._tell)
        self.product.activated.connect(self._tell)
        self.station.activated.connect(self._tell)
        self.line.activated.connect(self._choose_line)
        for chip in self.chips.values():
            chip.clicked.connect(self._tell)
        self.undecided.clicked.connect(self._tell)
        self.search.textChanged.connect(self._typed)
        self.search.returnPressed.connect(self._tell)

    # -- what it says -----------------------------------------------------------------------

    @property
    def wish(self) -> HistoryFilter:
        return HistoryFilter(
            period=self.period.period,
            first=self.period.first.day,
            last=self.period.last.day,
            profile_id=self.product.chosen,
            station_id=self.station.chosen,
            line=self.line.chosen,
            verdicts=frozenset(v for v, chip in self.chips.items() if chip.isChecked()),
            undecided=self.undecided.isChecked(),
            text=self.search.text().strip(),
        )

    @property
    def only_product(self) -> RecordedProfile | None:
        """The product that is listed, where it is one."""
        chosen = self.product.chosen
        seen = [each for each in self._profiles if chosen in {"", each.profile_id}]
        return seen[0] if len(seen) == 1 else None

    def show_profiles(self, profiles: Sequence[RecordedProfile]) -> None:
        """Offer these products; the chosen one stays chosen."""
        self._profiles = tuple(profiles)
        self.product.offer([(seen.profile_id, seen.profile) for seen in profiles])

    def show_stations(self, stations: Sequence[RecordedStation]) -> None:
        """Offer these stations, and the lines they belong to, where there are several."""
        self._stations = tuple(stations)
        lines = sorted({seen.line for seen in stations} - {""})
        self.line.offer([(line, line) for line in lines])
        self.line.setVisible(len(lines) > 1)
        self._offer_stations()

    def _offer_stations(self) -> None:
        """Offer the stations of the chosen line."""
        line = self.line.chosen
        found = [seen for seen in self._stations if line in {"", seen.line}]
        self.station.offer([(seen.station_id, seen.station) for seen in found])
        self.station.setVisible(len(self._stations) > 1)

    @Slot()
    def _choose_line(self) -> None:
        self._offer_stations()
        self._tell()

    def forget_chosen(self) -> None:
        """Let every product, line and station through, without saying so: others are listed now."""
        for box in (self.product, self.line, self.station):
            box.offer(())
        self.show_stations(())
        self._told = self.wish

    def show_counts(self, counts: RunCounts | None) -> None:
        """Show how many parts of the time and product each verdict has; ``None``: not known."""
        for verdict, chip in self.chips.items():
            parts = "" if counts is None else f"  {getattr(counts, verdict.value.lower()):,}"
            bind(chip.write, partial(_counted, verdict, parts))

    def show_everything(self) -> None:
        """List every part there is."""
        for chip in self.chips.values():
            chip.setChecked(False)
        self.undecided.setChecked(False)
        self.product.setCurrentIndex(0)
        self.line.setCurrentIndex(0)
        self._offer_stations()
        self.station.setCurrentIndex(0)
        self.search.clear()
        self.period.show_period(Period.ALL)

    # -- inside -----------------------------------------------------------------------------

    def _bind_texts(self) -> None:
        self.product.bind_texts(say("All products"), say("Product"))
        self.station.bind_texts(say("All stations"), say("Station"))
        self.line.bind_texts(say("All lines"), say("Line"))
        bind(self.search.setPlaceholderText, say("Serial, file, source or note"))
        bind(self.search.setAccessibleName, say("Search the history"))
        bind(self.undecided.setText, say("Not yet decided"))
        bind(self.undecided.setToolTip, say("Only parts of which nobody has said what they are"))
        for verdict, chip in self.chips.items():
            word = VERDICT_WORDS[verdict]
            bind(chip.setToolTip, say("Only {verdict}; several can be chosen", verdict=word))
        self.show_counts(None)

    @Slot()
    def _typed(self) -> None:
        self.typing.start()

    @Slot()
    def _tell(self) -> None:
        self.typing.stop()
        if self.wish != self._told:
            self._told = self.wish
            self.changed.emit()


def _counted(verdict: Verdict, parts: str) -> str:
    return render(VERDICT_WORDS[verdict]) + parts
