"""Rows or cards of a column that are made anew each time there is something else to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from PySide6.QtWidgets import QBoxLayout, QWidget

W = TypeVar("W", bound=QWidget)


def refill(column: QBoxLayout, before: Sequence[QWidget], now: Iterable[W]) -> tuple[W, ...]:
    """Take the widgets of before out of a column, put others in, and return these."""
    for widget in before:
        column.removeWidget(widget)
        widget.hide()  # it lives until the next turn of the event loop
        widget.deleteLater()
    made = tuple(now)
    for widget in made:
        column.addWidget(widget)
    return made
