"""Export: what is listed as a table, or as a report with counts, trend and the worst parts."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.export_button import ExportButton


class HistoryExport(ExportButton):
    """The exports of a list of verdicts: a table and a report, no folder of pictures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.base_name = "history"
        self.overlays.setVisible(False)
        bind(self.setToolTip, say("Write what is listed into a file"))
