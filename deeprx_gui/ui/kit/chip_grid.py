"""Chips in rows of equal width, as many rows as it takes to show every text whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeButton

_COUNT: Final = "0123456789,. "
_SPARE: Final = "000"


class ChipGrid(QWidget):
    """Lays its chips in the first number of ``columns`` that cuts no text, else in the last one.

    A count that grows by a digit must never be shortened to dots: the row breaks instead. While
    only counts change it joins again no sooner than there is room to spare: rows that break and
    join under a limit that is dragged would make the table below jump.
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
        self._wording: tuple[str, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.XS)
        for chip in self._chips:  # the width is the grid's, whatever the texts are
            chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            chip.rewritten.connect(self._rewritten)
        self._arrange(0)

    @property
    def across(self) -> int:
        """How many chips stand side by side."""
        return self._across

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break or join the rows where the width asks for it."""
        super().resizeEvent(event)
        self._arrange(0)

    @Slot()
    def _rewritten(self) -> None:
        wording = tuple(chip.words().strip(_COUNT) for chip in self._chips)
        counted = wording == self._wording
        self._wording = wording
        self._arrange(self.fontMetrics().horizontalAdvance(_SPARE) if counted else 0)

    def _arrange(self, spare: int) -> None:
        """Choose the columns; ``spare``: pixels that each chip must have left to join rows."""
        needed = max((chip.needed_width() for chip in self._chips), default=0)
        across = self._fitting(needed)
        if across > self._across:
            across = max(self._across, self._fitting(needed + spare))
        if across == self._across:
            return
        self._across = across
        for number, chip in enumerate(self._chips):
            self._grid.addWidget(chip, number // across, number % across)
        for column in range(max(self._columns)):
            self._grid.setColumnStretch(column, 1 if column < across else 0)

    def _fitting(self, needed: int) -> int:
        gap = self._grid.spacing()
        fitting = [n for n in self._columns if n * (needed + gap) - gap <= self.width()]
        return fitting[0] if fitting else self._columns[-1]
