"""Whose verdicts History lists: this PC's, or those of all stations."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from deeprx_gui.domain.message import say, say_p
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind


class HistorySourceBar(QWidget):
    """``chosen``: whether all stations are to be listed; ``compare``: the stations side by side."""

    chosen = Signal(bool)
    compare = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.here, self.all, self.side_by_side = QToolButton(), QToolButton(), QToolButton()
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        for button in (self.here, self.all):
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button)
            row.addWidget(button)
        theme.set_icon(self.side_by_side, "compare", "accent_text")
        self.side_by_side.setProperty("kind", "quiet")
        self.side_by_side.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        row.addWidget(self.side_by_side)
        for button in (self.here, self.all, self.side_by_side):
            button.setStyleSheet("padding: 0 4px;")  # whole words in a narrow column
        self.here.setChecked(True)
        self.here.clicked.connect(self._here)
        self.all.clicked.connect(self._all)
        self.side_by_side.clicked.connect(self._compare)
        bind(self.here.setText, say("This PC"))
        bind(self.here.setToolTip, say("List what was judged here"))
        bind(self.all.setText, say_p("a switch", "All stations"))
        bind(self.all.setToolTip, say("List what all stations sent to the central database"))
        bind(self.side_by_side.setText, say("Compare…"))
        bind(
            self.side_by_side.setToolTip,
            say("Yield, false calls, worst places and drift of all stations side by side"),
        )
        self.hide()

    def show_source(self, *, central: bool) -> None:
        """Show which one is listed."""
        (self.all if central else self.here).setChecked(True)

    @Slot()
    def _here(self) -> None:
        self.chosen.emit(False)

    @Slot()
    def _all(self) -> None:
        self.chosen.emit(True)

    @Slot()
    def _compare(self) -> None:
        self.compare.emit()
