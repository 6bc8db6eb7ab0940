"""Stations side by side: what differs, their figures, and files to hand on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.plant_columns import PLANT_COLUMNS
from deeprx_gui.domain.plant_report import PlantReport
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.export_button import ExportButton
from deeprx_gui.ui.kit.folder_key import FOLDER_KEY
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.sheets import Sheet

_WIDTH = 1180
_MOST_ROWS_SEEN = 10


class PlantSheet(Sheet):
    """Exports are asked for by ``export``; ``closed``: nobody waits any more."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._report: PlantReport | None = None
        self.heading = theme.level(QLabel(), "heading")
        self.put_title(self.heading)
        self.about = wrapped("hint")
        self.strip, self.trouble = JobStrip(), wrapped()
        self.differences = wrapped("strong")
        self.table = QTableWidget(0, len(PLANT_COLUMNS))
        self.hint = wrapped("hint")
        self.export = ExportButton()
        self.export.base_name = "stations"
        self.export.overlays.setVisible(False)
        self.export.setProperty(FOLDER_KEY, "history.export")
        self._foot_row = QWidget()
        row = QHBoxLayout(self._foot_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.export)
        self.put_foot(self._foot_row)
        for widget in (
            self.about, self.strip, self.trouble, self.differences, self.table, self.hint,
        ):  # fmt: skip
            self.body.addWidget(widget)
        self._prepare_table()
        self.strip.cancel_requested.connect(self.close_sheet)
        bind(self.heading.setText, say("Stations side by side"))
        bind(
            self.hint.setText,
            say(
                "OK score: the median of the OK parts, in × suggested limit. Most NG at: middle of"
                " the tenth of the picture, from the left and from the top, and how many parts."
            ),
        )
        follow(self._write, Change.LANGUAGE)

    def _prepare_table(self) -> None:
        table = self.table
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(False)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setStyleSheet("QTableView::item { padding: 0 5px; }")  # as the titles: Qt adds 3
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(True)

    # -- what the controller tells it -------------------------------------------------------

    def show_run(self, about: Message) -> None:
        """Show that figures are added up, and of what."""
        self._report = None
        bind(self.about.setText, about)
        self._show_parts(report=False, trouble=False)
        self.strip.start(say("Adding up the verdicts of all stations"))

    def show_trouble(self, why: Message) -> None:
        """Say why there is nothing to show."""
        self.strip.finish()
        bind(self.trouble.setText, why)
        self._show_parts(report=False, trouble=True)

    def show_report(self, report: PlantReport) -> None:
        """Show the figures, or that there are none."""
        self.strip.finish()
        self._report = report
        if not report.rows:
            self.show_trouble(say("No part was judged in this time."))
            return
        self._show_parts(report=True, trouble=False)
        self._write()

    def _show_parts(self, *, report: bool, trouble: bool) -> None:
        for widget in (self.differences, self.table, self.hint, self._foot_row):
            widget.setVisible(report)
        self.trouble.setVisible(trouble)

    def _write(self) -> None:
        report, table = self._report, self.table
        table.setHorizontalHeaderLabels([render(column.title) for column in PLANT_COLUMNS])
        if report is None:
            return
        told = [render(sentence) for sentence in report.differences]
        nothing = tr("No station reads clearly otherwise than the others of its product.")
        self.differences.setText("\n".join(told) if told else nothing)
        table.setRowCount(len(report.rows))
        for number, row in enumerate(report.rows):
            for at, column in enumerate(PLANT_COLUMNS):
                item = QTableWidgetItem(column.text(row))
                side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                table.setItem(number, at, item)
        for at, column in enumerate(PLANT_COLUMNS):
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            head = table.horizontalHeaderItem(at)
            if head is not None:
                head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        seen = min(len(report.rows), _MOST_ROWS_SEEN)
        height = table.horizontalHeader().sizeHint().height() + seen * table.rowHeight(0)
        table.setFixedHeight(height + table.horizontalScrollBar().sizeHint().height() + 4)

    # -- inside -----------------------------------------------------------------------------

    def close_sheet(self) -> None:
        """Hide it; nobody waits for figures any more."""
        super().close_sheet()
        self.closed.emit()
