"""Chips in rows of equal width, as many rows as it takes to show every text whole."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeButton


class ChipGrid(QWidget):
    """Lays its chips in the first number of ``columns`` that cuts no text, else in the last one.

    A count that grows by a digit must never be shortened to dots: the row breaks instead.
    """

    def __init__(
        self,
        chips: Sequence[FixedSizeButton],
        columns: Sequence[int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._chips, self._columns = tuple(chips), tuple(columns)
        self._across = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.XS)
        for chip in self._chips:  # the width is the grid's, whatever the texts are
            chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            chip.rewritten.connect(self._arrange)
        self._arrange()

    @property
    def across(self) -> int:
        """How many chips stand side by side."""
        return self._across

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break or join the rows where the width asks for it."""
        super().resizeEvent(event)
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        needed = max((chip.needed_width() for chip in self._chips), default=0)
        gap = self._grid.spacing()
        fitting = [n for n in self._columns if n * (needed + gap) - gap <= self.width()]
        across = fitting[0] if fitting else self._columns[-1]
        if across == self._across:
            return
        self._across = across
        for number, chip in enumerate(self._chips):
            self._grid.addWidget(chip, number // across, number % across)
        for column in range(max(self._columns)):
            self._grid.setColumnStretch(column, 1 if column < across else 0)
