"""The tools of the region editor as a table, and the column of buttons made from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.picture.region_canvas import Tool


@dataclass(frozen=True)
class ToolSpec:
    """One tool: its word, its icon, its key, and what to do with it."""

    tool: Tool
    title: Message
    icon: str
    key: str
    hint: Message


_INSPECT: Final = say("Inspect here")
_IGNORE: Final = say("Ignore here")
_BY_DRAGGING: Final = say("Drag from corner to corner. Or press Enter and use the arrow keys.")
_BY_CLICKING: Final = say(
    "Press corner after corner. Double-click or Enter closes the shape, Esc drops it."
)
TOOLS: Final = (
    ToolSpec(
        Tool.SELECT,
        say("Select and move"),
        "select",
        "S",
        say("Press a shape to choose it, drag it or its handles. Drag beside it to move the view."),
    ),
    ToolSpec(Tool.RECTANGLE, say("Rectangle"), "rectangle", "R", _BY_DRAGGING),
    ToolSpec(Tool.POLYGON, say("Polygon"), "polygon", "P", _BY_CLICKING),
    ToolSpec(Tool.IGNORE_RECTANGLE, say("Rectangle"), "ignore-rectangle", "X", _BY_DRAGGING),
    ToolSpec(Tool.IGNORE_POLYGON, say("Polygon"), "ignore-polygon", "C", _BY_CLICKING),
)


class ToolColumn(QWidget):
    """One button per tool under what the shapes do. ``chosen`` carries a ``Tool``."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons: dict[Tool, QPushButton] = {}
        self._inside = theme.level(QLabel(), "strong")
        self._ignore = theme.level(QLabel(), "strong")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        for spec in TOOLS:
            if spec.tool is Tool.RECTANGLE:
                column.addSpacing(theme.S)
                column.addWidget(self._inside)
            elif spec.tool is Tool.IGNORE_RECTANGLE:
                column.addSpacing(theme.S)
                column.addWidget(self._ignore)
            column.addWidget(self._button(spec))
        self.buttons[Tool.SELECT].setChecked(True)
        bind(self._inside.setText, _INSPECT)
        bind(self._ignore.setText, _IGNORE)

    def _button(self, spec: ToolSpec) -> QPushButton:
        button = QPushButton()
        button.setCheckable(True)
        button.setMinimumHeight(44)
        button.setStyleSheet("text-align: left;")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.set_icon(button, spec.icon)
        bind(button.setText, spec.title)
        bind(button.setToolTip, partial(_tip, spec))
        bind(button.setAccessibleName, partial(_name, spec))
        button.clicked.connect(partial(self.chosen.emit, spec.tool))
        self._group.addButton(button)
        self.buttons[spec.tool] = button
        return button

    def show_tool(self, tool: Tool) -> None:
        """Show which tool is in hand."""
        self.buttons[tool].setChecked(True)


def _tip(spec: ToolSpec) -> str:
    return f"{render(spec.hint)} ({spec.key})"


def _name(spec: ToolSpec) -> str:
    if spec.tool is Tool.SELECT:
        return render(spec.title)
    where = _IGNORE if spec.tool.role.value == "ignore" else _INSPECT
    return f"{render(where)}: {render(spec.title)}"
