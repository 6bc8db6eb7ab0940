"""Export: the results as a table, as pictures, as a page to print."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind


class ExportButton(QPushButton):
    """A menu of three exports; each asks for the place, starting where the last one went.

    The signals carry a ``Path``: a file, or a folder for the pictures.
    """

    csv_requested = Signal(object)
    overlays_requested = Signal(object)
    report_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start_folder = Path.home()
        self.base_name = "results"
        theme.set_icon(self, "export")
        menu = QMenu(self)
        bind(self.setText, say("Export"))
        self.csv, self.overlays, self.report = (menu.addAction("") for _ in range(3))
        for action, icon, text in (
            (self.csv, "table", say("Table (Excel, CSV)…")),
            (self.overlays, "images", say("Pictures with heat map…")),
            (self.report, "report", say("Report to print (HTML)…")),
        ):
            theme.set_icon(action, icon)
            bind(action.setText, text)
        self.csv.triggered.connect(self._ask_csv)
        self.overlays.triggered.connect(self._ask_overlays)
        self.report.triggered.connect(self._ask_report)
        self.setMenu(menu)

    @Slot()
    def _ask_csv(self) -> None:
        kinds = {tr("Excel (*.xlsx)"): "xlsx", tr("Table for other programs (*.csv)"): "csv"}
        dialog = self._dialog(tr("Save the table"), ";;".join(kinds), "xlsx")

        def chosen(kind: str) -> None:
            dialog.setDefaultSuffix(kinds[kind])
            dialog.selectFile(f"{self.base_name}.{kinds[kind]}")

        dialog.filterSelected.connect(chosen)
        dialog.fileSelected.connect(self._csv_chosen)
        dialog.open()

    @Slot()
    def _ask_overlays(self) -> None:
        dialog = QFileDialog(self, tr("Folder for the pictures"), str(self.start_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.finished.connect(dialog.deleteLater)
        dialog.fileSelected.connect(self._folder_chosen)
        dialog.open()

    @Slot()
    def _ask_report(self) -> None:
        dialog = self._dialog(tr("Save the report"), tr("Report (*.html)"), "html")
        dialog.fileSelected.connect(self._report_chosen)
        dialog.open()

    def _dialog(self, title: str, kind: str, suffix: str) -> QFileDialog:
        dialog = QFileDialog(self, title, str(self.start_folder), kind)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{self.base_name}.{suffix}")
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    @Slot(str)
    def _csv_chosen(self, name: str) -> None:
        self.start_folder = Path(name).parent
        self.csv_requested.emit(Path(name))

    @Slot(str)
    def _folder_chosen(self, name: str) -> None:
        self.start_folder = Path(name)
        self.overlays_requested.emit(Path(name))

    @Slot(str)
    def _report_chosen(self, name: str) -> None:
        self.start_folder = Path(name).parent
        self.report_requested.emit(Path(name))
