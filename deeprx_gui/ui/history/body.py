"""The parts of the History page, how they are laid out and what they mean to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.state.history import HistoryModel
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.corrections.correction_bar import CorrectionBar
from deeprx_gui.ui.history.decision_bar import HistoryDecisionBar
from deeprx_gui.ui.history.export_button import HistoryExport
from deeprx_gui.ui.history.filter_bar import HistoryFilterBar
from deeprx_gui.ui.history.keys import HISTORY_KEYS
from deeprx_gui.ui.history.picture_panel import RecordPanel
from deeprx_gui.ui.history.source_bar import HistorySourceBar
from deeprx_gui.ui.history.table import HistoryTable
from deeprx_gui.ui.history.trend_card import TrendCard
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.columns import PictureColumns, list_column
from deeprx_gui.ui.kit.empty_state import EmptyReason, EmptyState
from deeprx_gui.ui.kit.folder_key import FOLDER_KEY
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.status_line import Banner

_LEFT, _RIGHT = 352, 776
TABLE, NEVER, NOTHING_FITS, AWAY = range(4)

_NOTHING_YET: Final = EmptyReason(
    "history",
    say("No part has been judged yet"),
    say("Start an inspection on the page Inspect: every verdict is remembered here."),
)
_NOTHING_FITS: Final = EmptyReason(
    "search",
    say("No part fits"),
    say("Choose another time, or let every part through again."),
    say("Show everything"),
)
_BACK: Final = say("Back to this PC")
_AWAY: Final = say("All stations cannot be shown now")


class HistoryBody(PictureColumns):
    """Left: what is listed. Right: one part of it, and what the listed time adds up to."""

    def __init__(
        self,
        history: HistoryModel,
        thumbnails: ThumbnailCache,
        place_of: Callable[[str], Path],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._history = history
        self.banner, self.notice, self.strip = Banner(), Banner(), JobStrip()
        self.title = theme.level(QLabel(), "title")
        self.parts = theme.level(QLabel(), "hint")
        self.source = HistorySourceBar()
        self._central, self._is_away = False, False
        self.newer = QPushButton()
        self.newer.hide()
        self.export = HistoryExport()
        self.export.setProperty(FOLDER_KEY, "history.export")
        self.filter_bar = HistoryFilterBar()
        self.table = HistoryTable(history)
        self.never = EmptyState(_NOTHING_YET)
        self.nothing = EmptyState(_NOTHING_FITS)
        self.away = EmptyState(_NOTHING_FITS)
        self.elsewhere = wrapped("hint")
        self.elsewhere.hide()
        self.decisions = HistoryDecisionBar()
        self.corrections = CorrectionBar()
        self.normals = QPushButton()
        self.normals.hide()
        self.gather = QPushButton()
        self.gather.hide()
        self.panel = RecordPanel()
        self.trend = TrendCard(thumbnails, place_of)
        self.left = QStackedWidget()
        self._lay_out()
        self._connect()
        bind(self.title.setText, say("History"))
        bind(
            self.normals.setToolTip,
            say("Takes the kept pictures to the page Teach, for the next revision of the product."),
        )
        bind(self.gather.setText, say("Where false calls gather…"))
        bind(
            self.gather.setToolTip,
            say("Shows on the product's picture where they lie, and what ignoring it would change"),
        )
        bind(
            self.elsewhere.setText,
            say("What a part really was is decided at the station that judged it."),
        )
        follow(self._follow_language, Change.LANGUAGE)

    def _lay_out(self) -> None:
        theme.set_icon(self.newer, "chevron-up", "accent_text")
        theme.set_icon(self.normals, "teach", "accent_text")
        theme.set_icon(self.gather, "search", "accent_text")
        for button in (self.newer, self.normals, self.gather):
            button.setProperty("kind", "quiet")
        left = self._left_column()
        self.fill("history", left=left, picture=self.panel, companion=self.trend)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 1)
        self.setSizes([_LEFT, _RIGHT])

    def turn(self, beside: bool, *, narrow: bool) -> None:  # noqa: ARG002
        """Put the charts below each other and the decision under the picture, or in the list."""
        self.trend.set_narrow(beside)
        self.decisions.set_narrow(beside)
        if beside:
            self.panel.body.addWidget(self.decisions)
        else:
            self._column.insertWidget(self._column.indexOf(self.left) + 1, self.decisions)

    def _left_column(self) -> QWidget:
        top = QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self.title)
        top.addWidget(self.parts)
        top.addStretch(1)
        top.addWidget(self.newer)
        top.addWidget(self.export)
        self.left.addWidget(self.table)
        self.left.addWidget(self.never)
        self.left.addWidget(self.nothing)
        self.left.addWidget(self.away)
        left, column = list_column(top, (self.notice, self.banner, self.strip))
        column.addWidget(self.source)
        column.addWidget(self.filter_bar)
        column.addWidget(self.left, 1)
        column.addWidget(self.elsewhere)
        column.addWidget(self.decisions)
        column.addWidget(self.corrections)
        column.addWidget(self.normals)
        column.addWidget(self.gather)
        self._column = column
        return left

    def _connect(self) -> None:
        self.table.waiting_changed.connect(self._show_newer)
        self.newer.clicked.connect(self.table.go_to_newest)
        self.table.opened.connect(self.panel.large.toggle)
        self.panel.large.toggled.connect(self.show_large)
        self.panel.previous.clicked.connect(self._up)
        self.panel.next.clicked.connect(self._down)
        self.away.button.clicked.connect(self.source.here.click)
        self.nothing.button.clicked.connect(self.filter_bar.show_everything)

    def add_keys(self, page: QWidget) -> None:
        """Give the page keys; letters typed into a field stay letters."""
        view, panel = self.panel.view, self.panel
        run: Mapping[str, Callable[[], None]] = {
            "ok": self._ok,
            "ng": self._ng,
            "open": panel.large.toggle,
            "heat": panel.heat.toggle,
            "below": panel.below.toggle,
            "fit": view.fit,
            "actual": view.actual_size,
            "nearer": view.zoom_in,
            "farther": view.zoom_out,
            "search": self._search,
            "newest": self.table.go_to_newest,
        }
        for spec in HISTORY_KEYS:
            for key in spec.keys if spec.key in run else ():
                shortcut = QShortcut(QKeySequence(key), page)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(run[spec.key])

    # -- following --------------------------------------------------------------------------

    def follow_contents(self, *, ever: bool) -> None:
        """Show how many there are; ``ever``: whether any part was judged at all."""
        history = self._history
        rows = history.rowCount()
        empty = rows == 0 and not history.loading
        if rows or history.loading:
            self._is_away = False
        nothing = AWAY if self._is_away else NOTHING_FITS if ever else NEVER
        self.left.setCurrentIndex(nothing if empty else TABLE)
        if empty and self._is_away:
            self.banner.clear()  # the same stands in place of the list
        for widget in (
            self.filter_bar,
            self.export,
            self.decisions,
            self.corrections,
            self.parts,
            self.right,
        ):
            widget.setVisible((ever or rows > 0) and not self._is_away)
        for widget in (self.decisions, self.corrections):
            widget.setVisible((ever or rows > 0) and not self._central)
        self.elsewhere.setVisible(self._central and rows > 0)
        self.export.setEnabled(rows > 0)
        number = f"{rows:,}"
        if history.loading and not rows:
            bind(self.parts.setText, "…")
        elif history.open_ended:
            bind(self.parts.setText, say("more than {count} parts", count=number))
        else:
            parts = say_n("{count} part", "{count} parts", n=rows, count=number)
            bind(self.parts.setText, parts)

    @property
    def all_stations(self) -> bool:
        """Whether all stations are listed, not this PC."""
        return self._central

    def show_source(self, *, central: bool) -> None:
        """Show whose verdicts are listed: those of all stations, or this PC's."""
        self._central, self._is_away = central, False
        self.source.show_source(central=central)
        self.table.bring_station_forward(central)
        self.filter_bar.forget_chosen()

    def show_away(self, why: Message) -> None:
        """Say in place of the list why all stations cannot be shown, and offer this PC."""
        self._is_away = True
        self.away.show_reason(EmptyReason("warning", _AWAY, why, _BACK, primary=True))

    def show_false_calls(self, parts: int) -> None:
        """Offer to teach the next revision with what was OK after all."""
        parts = 0 if self._central else parts  # the pictures lie at the stations
        self.normals.setVisible(parts > 0)
        self.gather.setVisible(parts > 1)
        bind(
            self.normals.setText,
            say_n(
                "Use {n} false call as a normal image…",
                "Use {n} false calls as normal images…",
                n=parts,
            ),
        )

    def _follow_language(self) -> None:
        self._history.refresh_texts()
        self.table.fit_columns()

    @Slot(int)
    def _show_newer(self, parts: int) -> None:
        self.newer.setVisible(parts > 0)
        bind(self.newer.setText, say_n("{n} new part", "{n} new parts", n=parts))

    @Slot()
    def _ok(self) -> None:
        self.decisions.chosen.emit(Decision.OK)

    @Slot()
    def _ng(self) -> None:
        self.decisions.chosen.emit(Decision.NG)

    @Slot()
    def _up(self) -> None:
        self.table.step(-1)

    @Slot()
    def _down(self) -> None:
        self.table.step(1)

    @Slot()
    def _search(self) -> None:
        self.filter_bar.search.setFocus()
        self.filter_bar.search.selectAll()
