"""Export: what is listed as a table, or as a report with counts, trend and the worst parts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from deeprx_gui.i18n import tr
from deeprx_gui.ui import theme


class HistoryExport(QPushButton):
    """A menu of two exports; each asks for the file. The signals carry a ``Path``."""

    csv_requested = Signal(object)
    report_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = Path.home()
        theme.set_icon(self, "export")
        menu = QMenu(self)
        self.csv, self.report = menu.addAction(""), menu.addAction("")
        theme.set_icon(self.csv, "table")
        theme.set_icon(self.report, "report")
        self.csv.triggered.connect(self._ask_csv)
        self.report.triggered.connect(self._ask_report)
        self.setMenu(menu)

    def retranslate(self) -> None:
        """Set every text in the current language."""
        self.setText(tr("Export"))
        self.setToolTip(tr("Write what is listed into a file"))
        self.csv.setText(tr("Table (CSV)…"))
        self.report.setText(tr("Report to print (HTML)…"))

    @Slot()
    def _ask_csv(self) -> None:
        dialog = self._dialog(tr("Save the table"), tr("Table (*.csv)"), "csv")
        dialog.fileSelected.connect(self._csv_chosen)
        dialog.open()

    @Slot()
    def _ask_report(self) -> None:
        dialog = self._dialog(tr("Save the report"), tr("Report (*.html)"), "html")
        dialog.fileSelected.connect(self._report_chosen)
        dialog.open()

    def _dialog(self, title: str, kind: str, suffix: str) -> QFileDialog:
        dialog = QFileDialog(self, title, str(self.folder), kind)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"history.{suffix}")
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    @Slot(str)
    def _csv_chosen(self, name: str) -> None:
        self.folder = Path(name).parent
        self.csv_requested.emit(Path(name))

    @Slot(str)
    def _report_chosen(self, name: str) -> None:
        self.folder = Path(name).parent
        self.report_requested.emit(Path(name))
