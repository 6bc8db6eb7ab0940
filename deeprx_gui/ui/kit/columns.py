"""The two columns of Check and History: a list at the left, a picture over a chart at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from deeprx_gui.ui.kit import theme


def two_columns(
    whole: QSplitter, name: str, *, left: QWidget, picture: QWidget, below: QWidget
) -> QSplitter:
    """Fill ``whole``; return the right splitter. ``name``: under which their places are kept."""
    right = QSplitter(Qt.Orientation.Vertical)
    right.setObjectName(f"{name}.right")
    right.addWidget(picture)
    right.addWidget(below)
    right.setStretchFactor(0, 1)
    right.setStretchFactor(1, 0)
    right.setSizes([10_000, 1])
    whole.setObjectName(f"{name}.columns")
    whole.addWidget(left)
    whole.addWidget(right)
    for splitter in (right, whole):
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(theme.S)
    return right


def list_column(top: QHBoxLayout, passing: Sequence[QWidget]) -> tuple[QWidget, QVBoxLayout]:
    """Return the left column and its layout, begun: its head, then what comes and goes."""
    left = QWidget()
    column = QVBoxLayout(left)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.S)
    column.addLayout(top)
    for widget in passing:  # the column's width does not follow them
        widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column.addWidget(widget)
    return left, column
