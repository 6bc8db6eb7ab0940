"""The parts of the Inspect page and how they share the room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from deeprx_gui.state.troubles import Trouble
from deeprx_gui.ui.inspect.bad_strip import BadStrip
from deeprx_gui.ui.inspect.counters import CountersCard
from deeprx_gui.ui.inspect.decision_bar import HoldDecisionBar
from deeprx_gui.ui.inspect.picture_area import PictureArea
from deeprx_gui.ui.inspect.run_bar import RunBar
from deeprx_gui.ui.inspect.trouble_bars import TroubleBars
from deeprx_gui.ui.inspect.verdict_panel import VerdictPanel
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.picture.picture_view import LEAST_RESULT

_SHARE: Final = 0.36
_NARROW, _WIDE = 300, 640
_LOW: Final = 440


class InspectBody(QWidget):
    """Left: the picture and the last NGs. Right: the verdict, counts and what can be done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.troubles = TroubleBars()
        self.picture = PictureArea()
        self.bad = BadStrip()
        self.verdict = VerdictPanel()
        self.decision = HoldDecisionBar()
        self.counters = CountersCard()
        self.run = RunBar()
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme.S)
        below.addWidget(self.picture.inset)
        below.addWidget(self.bad, 1)
        left = QVBoxLayout()
        left.setSpacing(theme.S)
        left.addWidget(self.troubles)
        left.addWidget(self.picture, 1)
        left.addWidget(self._below)
        self._right = QWidget()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(theme.S)
        right.addWidget(self.verdict, 1)
        right.addWidget(self.decision)
        right.addWidget(self.counters)
        right.addWidget(self.run)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addLayout(left, 1)
        row.addWidget(self._right)
        self._holding, self._room = False, 10 * _LOW
        self.decision.hide()

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """Show what is not as it should be."""
        self.troubles.show_troubles(troubles)
        self.follow_room(self._room)

    def set_holding(self, holding: bool) -> None:
        """Show or hide the decision buttons."""
        self._holding = holding
        self.decision.setVisible(holding)
        self.follow_room(self._room)

    def set_operator(self, operator: bool) -> None:
        """Make what is touched large enough for an operator's finger."""
        side = theme.TOUCH_LARGE if operator else theme.TOUCH
        for button in (self.picture.swap, self.picture.heat, self.picture.below):
            button.setFixedWidth(side)
        self.picture.corrections.list.setVisible(not operator)  # to apply is the engineer's work
        self.counters.set_large(operator)

    def follow_room(self, height: int) -> None:
        """In a low window the verdict, the buttons and the counts come first."""
        self._room = height
        low = height < _LOW
        self.counters.set_compact(low)
        self.decision.question.setVisible(not low)
        self.counters.setVisible(not (low and self._holding))
        self._set_compact(False)
        cramped = self._picture_height() < LEAST_RESULT
        self._set_compact(cramped)
        still = cramped and self._picture_height() < LEAST_RESULT
        needs_room = self._holding or bool(self.troubles.sentences)
        self._below.setVisible(not ((low or still) and needs_room))

    def _set_compact(self, compact: bool) -> None:
        for part in (self.bad, self.picture):
            part.set_compact(compact)

    def _picture_height(self) -> int:
        """Return the height the view has while the last NG parts stand below it."""
        card = self.picture.minimumSizeHint().height() - self.picture.result.minimumHeight()
        above = self.troubles.sizeHint().height() + theme.S if self.troubles.sentences else 0
        return self._room - above - card - self.bad.sizeHint().height() - theme.S

    def heightForWidth(self, width: int) -> int:
        """Return the least height: what is shown shrinks before anything scrolls."""
        layout = self.layout()
        return -1 if layout is None else layout.minimumHeightForWidth(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the verdict about a third of the width."""
        super().resizeEvent(event)
        self._right.setFixedWidth(min(_WIDE, max(_NARROW, round(_SHARE * self.width()))))


class Scrolled(QScrollArea):
    """Scrolls downwards where the window is too small for what it holds, rather than clip it."""

    def __init__(self, inside: InspectBody, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = inside
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inside)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pass the available size to the content."""
        self._inside.follow_room(event.size().height())
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)
