"""Which days are listed: a drop-down list, and two dates where a person wants others."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from PySide6.QtCore import QDate, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QLabel, QWidget

from deeprx_gui.domain.message import Message, say, say_p
from deeprx_gui.state.history_filter import Period
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind, bind_items
from deeprx_gui.ui.kit.choice_row import NoWheelComboBox

_WORDS: Final[dict[Period, Message]] = {
    Period.TODAY: say("Today"),
    Period.YESTERDAY: say("Yesterday"),
    Period.WEEK: say("Last 7 days"),
    Period.ALL: say("Any time"),
    Period.DAYS: say("From – to…"),
}


class DayEdit(QDateEdit):
    """A date with a calendar; the mouse wheel does not change it while one scrolls past."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCalendarPopup(True)
        self.setDisplayFormat("yyyy-MM-dd")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(theme.TOUCH)

    @property
    def day(self) -> date:
        chosen = self.date()
        return date(chosen.year(), chosen.month(), chosen.day())

    def show_day(self, day: date) -> None:
        """Show a day."""
        self.setDate(QDate(day.year, day.month, day.day))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel so that the page scrolls."""
        event.ignore()


class PeriodBox(NoWheelComboBox):
    """The drop-down list. ``days`` is a row of two dates, shown only where it is needed.

    ``chosen`` tells that a person chose otherwise.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.last = DayEdit(), DayEdit()
        self._to = theme.level(QLabel("–"), "hint")
        self.days = QWidget()
        row = QHBoxLayout(self.days)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.first, 1)
        row.addWidget(self._to)
        row.addWidget(self.last, 1)
        self.days.hide()
        self.activated.connect(self._choose)
        for edit in (self.first, self.last):
            edit.show_day(datetime.now().astimezone().date())
            edit.dateChanged.connect(self.chosen)
        bind_items(self, [_WORDS[period] for period in Period])
        bind(self.setAccessibleName, say_p("a span of days", "Time"))
        bind(self.first.setAccessibleName, say("First day"))
        bind(self.last.setAccessibleName, say("Last day"))

    @property
    def period(self) -> Period:
        return tuple(Period)[max(self.currentIndex(), 0)]

    def show_period(self, period: Period) -> None:
        """Choose a period as if a person had."""
        self.setCurrentIndex(tuple(Period).index(period))
        self._choose()

    @Slot()
    def _choose(self) -> None:
        self.days.setVisible(self.period is Period.DAYS)
        self.chosen.emit()
