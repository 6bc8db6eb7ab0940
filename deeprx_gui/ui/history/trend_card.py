"""What the listed time adds up to: counts over time, the score's trend, the worst parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from deeprx_gui.domain.history import HistorySummary
from deeprx_gui.domain.message import say
from deeprx_gui.domain.product_drift import ProductDrift
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.history_columns import product_text
from deeprx_gui.state.history_trend import bars_of, smoothed
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.charts.hour_plot import PATTERNS, HourPlot
from deeprx_gui.ui.charts.legend import Legend, LegendEntry
from deeprx_gui.ui.charts.measure_trends import MeasureTrends
from deeprx_gui.ui.charts.score_plot import ScorePlot
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.kit.frames import CardFrame, wrapped
from deeprx_gui.ui.picture.tile_strip import Tile, TileStrip

_REST_MS = 30
"""Drawing both plots in one turn of the event loop would be felt."""
_IN_LEGEND = (Verdict.OK, Verdict.REVIEW, Verdict.NG, Verdict.ERROR)


class TrendCard(CardFrame):
    """``chosen`` carries the ``Record`` of a worst part.

    ``request_folder`` finds a kept picture.
    """

    chosen = Signal(object)

    def __init__(
        self,
        thumbnails: ThumbnailCache,
        place_of: Callable[[str], Path],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, margin=theme.M)
        self._place_of = place_of
        self._summary: HistorySummary | None = None
        self._bars = bars_of(())
        self._counts_title = theme.level(QLabel(), "strong")
        self._trend_title = theme.level(QLabel(), "strong")
        self._worst_title = theme.level(QLabel(), "strong")
        self.legend = Legend()
        self.hours, self.scores = HourPlot(), ScorePlot()
        self.sentence = FixedSizeLabel(colour="muted", pixels=12, lines=2)
        self.drift = wrapped()
        self.measures = MeasureTrends()
        self.drift.hide()
        self.measures.hide()
        self.worst = TileStrip(thumbnails, self._tip)
        self.worst.asking = True
        self.worst.chosen.connect(self._choose)
        self._empty = wrapped("hint")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self.rest = QTimer(self)
        self.rest.setSingleShot(True)
        self.rest.setInterval(_REST_MS)
        self.rest.timeout.connect(self._show_rest)
        self._lay_out()
        bind(
            self._empty.setText,
            say("Counts and trend appear here once parts were judged on Inspect."),
        )
        bind(self._trend_title.setText, say("Score of the OK parts"))
        bind(self._worst_title.setText, say("Worst NG parts"))
        bind(self.worst.setAccessibleName, say("Worst NG parts"))
        bind(self.scores.name_limit, say("suggested limit"))
        follow(self._show_figures, Change.LANGUAGE)

    def _lay_out(self) -> None:
        inside = QWidget()
        self._grid = grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.L)
        grid.setVerticalSpacing(theme.XS)
        self._columns: tuple[tuple[QWidget, ...], ...] = (
            (self._counts_title, self.hours, self.legend),
            (self._trend_title, self.scores, self.sentence),
        )
        self.set_narrow(False)
        whole = QWidget()
        column_layout = QVBoxLayout(whole)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(theme.XS)
        column_layout.addWidget(inside, 1)
        column_layout.addWidget(self.drift)
        column_layout.addWidget(self.measures)
        column_layout.addWidget(self._worst_title)
        column_layout.addWidget(self.worst)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(whole)
        self.body.addWidget(self._stack)

    def set_narrow(self, narrow: bool) -> None:
        """Put both charts below each other, for a place beside the picture, or side by side."""
        for column, below_each_other in enumerate(self._columns):
            self._grid.setColumnStretch(column, 0 if narrow and column else 1)
            for row, part in enumerate(below_each_other):
                self._grid.removeWidget(part)
                if narrow:
                    self._grid.addWidget(part, row + column * len(below_each_other), 0)
                else:
                    self._grid.addWidget(part, row, column)
        self._grid.setRowStretch(1, 1)
        self._grid.setRowStretch(4, 1 if narrow else 0)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def summary(self) -> HistorySummary | None:
        return self._summary

    def show_summary(self, summary: HistorySummary | None) -> None:
        """Show other figures; ``None``: there are none yet."""
        self._summary = summary
        if summary is not None and summary.counts.total:
            self._bars = bars_of(summary.per_hour)
            self.hours.show_bars(self._bars)
            self.rest.start()
        self._show_figures()

    def show_drift(self, found: ProductDrift | None) -> None:
        """Say what has drifted of the product that is listed; ``None``: it is not known."""
        self.drift.setVisible(found is not None)
        self.sentence.setVisible(found is None or found.drift.trend is None)  # which says less
        self.measures.setVisible(found is not None and found.drift.trend is not None)
        self.measures.show_drift(None if found is None else found.drift)
        if found is None:
            return
        words = found.sentence
        for more in found.more:
            words = say("{first} {second}", first=words, second=more)
        bind(self.drift.setText, words)

    @Slot()
    def _show_rest(self) -> None:
        summary = self._summary
        if summary is None:
            return
        when = np.array([point.when.timestamp() for point in summary.trend])
        median = np.array([point.median for point in summary.trend])
        self.scores.show_trend(when, median, smoothed(summary.trend))
        self.worst.show_tiles(
            [
                Tile(n, self._place_of(record.picture), f"{times_limit_text(record.times)} ×")
                for n, record in enumerate(summary.top_ng)
            ]
        )
        worst = bool(summary.top_ng)
        self.worst.setVisible(worst)
        self._worst_title.setVisible(worst)

    def _show_figures(self) -> None:
        summary = self._summary
        shown = summary is not None and summary.counts.total > 0
        self._stack.setCurrentIndex(1 if shown else 0)
        if summary is not None and shown:
            self._counts_title.setText(_step(self._bars.hours))
            counts = summary.counts
            self.legend.show_keys(
                tuple(
                    LegendEntry(
                        v.value.lower(),
                        f"{render(VERDICT_WORDS[v])} {n:,}",
                        pattern=PATTERNS.get(v),
                    )
                    for v in _IN_LEGEND
                    if (n := int(getattr(counts, v.value.lower()))) or v is not Verdict.ERROR
                )
            )
            self.sentence.setText(_sentence(summary))

    # -- inside -----------------------------------------------------------------------------

    def _tip(self, place: int) -> str:
        record = self._summary.top_ng[place] if self._summary is not None else None
        if record is None:
            return ""
        when = f"{record.when.astimezone():%Y-%m-%d %H:%M:%S}"
        parts = (when, product_text(record), one_line(record.serial))
        return "\n".join(part for part in parts if part)

    def _choose(self, place: int) -> None:
        if self._summary is not None:
            self.chosen.emit(self._summary.top_ng[place])


def _step(hours: int) -> str:
    if hours == 1:
        return tr("Parts per hour")
    if hours == 24:
        return tr("Parts per day")
    if hours % 24 == 0:
        return tr("Parts per {n} days", n=hours // 24)
    return tr("Parts per {n} hours", n=hours)


def _sentence(summary: HistorySummary) -> str:
    """Say in words where the good parts lie."""
    if not summary.trend:
        return tr("There are no OK parts in this time.")
    average = smoothed(summary.trend)
    now, before = float(average[-1]), summary.trend[0].median
    if len(summary.trend) > 1 and now > before + 0.05:
        return tr(
            "Rising from {before} × to {now} ×. Look at lamp, lens and position.",
            now=times_limit_text(now),
            before=times_limit_text(before),
        )
    return tr(
        "Moving average of the medians: {now} ×. 1.00 × is the suggested review limit.",
        now=times_limit_text(now),
    )
