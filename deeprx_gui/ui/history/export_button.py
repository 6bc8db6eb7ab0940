"""Export: what is listed as a table, a report, or a sheet on the agreement of the verdicts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.export_button import ExportButton


class HistoryExport(ExportButton):
    """The exports of a list of verdicts: table, report and agreement; no folder of pictures."""

    agreement_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.base_name = "history"
        self.overlays.setVisible(False)
        bind(self.setToolTip, say("Write what is listed into a file"))
        self.agreement = self.menu().addAction("")
        theme.set_icon(self.agreement, "report")
        bind(self.agreement.setText, say("Agreement of repeated verdicts (MSA, HTML)…"))
        bind(
            self.agreement.setToolTip,
            say(
                "For parts that were judged several times with their serial numbers: whether the"
                " verdicts are alike, and right by the decisions of people."
            ),
        )
        self.menu().setToolTipsVisible(True)
        self.agreement.triggered.connect(self._ask_agreement)

    @Slot()
    def _ask_agreement(self) -> None:
        dialog = self._dialog(tr("Save the sheet"), tr("Report (*.html)"), "html")
        dialog.fileSelected.connect(self._agreement_chosen)
        dialog.open()

    @Slot(str)
    def _agreement_chosen(self, name: str) -> None:
        self.start_folder = Path(name).parent
        self.agreement_requested.emit(Path(name))
