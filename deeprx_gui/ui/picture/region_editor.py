"""RegionEditor: a normal image and the tools to say which part of it counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.view import Region, Shape
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.view_draft import ViewDraft
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_tip, follow
from deeprx_gui.ui.kit.escape import take_escape
from deeprx_gui.ui.kit.frames import CardFrame, ScrollColumn, wrapped
from deeprx_gui.ui.picture import region_geometry as geometry
from deeprx_gui.ui.picture.picture_tools import ZoomTools
from deeprx_gui.ui.picture.region_canvas import RegionCanvas, Tool
from deeprx_gui.ui.picture.region_geometry import Role, ShapeRef
from deeprx_gui.ui.picture.region_tools import TOOLS, ToolColumn
from deeprx_gui.ui.picture.region_words import name_of, summary

_SIDE = 232
_OPENING = say("Opening the picture…")


class RegionEditor(QWidget):
    """Edits the region of a ``ViewDraft`` over the pictures it is given.

    ``picture_requested`` carries a ``Path``, to be answered by ``show_frame`` or ``show_failure``.
    ``done``: the person goes back.
    """

    picture_requested = Signal(object)
    done = Signal()

    def __init__(self, draft: ViewDraft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._paths: tuple[Path, ...] = ()
        self._number = 0
        self._refs: tuple[ShapeRef, ...] = ()
        self._tool = Tool.SELECT
        self._title = theme.level(QLabel(), "title")
        self.summary = theme.level(QLabel(), "hint")
        self.finish = QPushButton()
        self.finish.setProperty("kind", "primary")
        theme.set_icon(self.finish, "tick", "on_accent")
        self.undo, self.redo = _square("undo"), _square("redo")
        self.canvas = RegionCanvas()
        self.zoom = ZoomTools()
        self.sentence = wrapped("hint")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._hint = wrapped("hint")
        self.tools = ToolColumn()
        self.shapes = QListWidget()
        self.remove, self.whole = QPushButton(), QPushButton()
        theme.set_icon(self.remove, "delete")
        theme.set_icon(self.whole, "fit")
        self.back, self.forth = _square("chevron-left"), _square("chevron-right")
        self._place = QLabel()
        self._name = theme.level(QLabel(), "hint")
        self._name.setMinimumWidth(40)
        self._lay_out()
        self._connect()
        self._add_keys()
        self._bind_texts()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self._title)
        top.addSpacing(theme.S)
        top.addWidget(self.summary, 1)
        for button in (self.undo, self.redo, self.finish):
            top.addWidget(button)
        picture = CardFrame(margin=theme.S)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        self._stack.addWidget(self.sentence)
        self._stack.addWidget(self.canvas)
        row.addWidget(self._stack, 1)
        row.addWidget(self.zoom)
        picture.body.addLayout(row, 1)
        steps = QHBoxLayout()
        steps.setSpacing(theme.S)
        for widget in (self.back, self._place, self.forth):
            steps.addWidget(widget)
        steps.addWidget(self._name, 1)
        picture.body.addLayout(steps)
        side = ScrollColumn()
        side.setFixedWidth(_SIDE)
        side.body.setSpacing(theme.S)
        self.shapes.setMinimumHeight(2 * theme.TOUCH + theme.S)
        self.shapes.setUniformItemSizes(True)
        self.shapes.setStyleSheet(f"::item {{ min-height: {theme.TOUCH}px; padding: 0 8px; }}")
        side.body.addWidget(self.tools)
        side.body.addWidget(self.shapes, 1)
        side.body.addWidget(self.remove)
        side.body.addWidget(self.whole)
        halves = QHBoxLayout()
        halves.setSpacing(theme.M)
        halves.addWidget(picture, 1)
        halves.addWidget(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(top)
        column.addWidget(self._hint)
        column.addLayout(halves, 1)

    def _connect(self) -> None:
        canvas, stack = self.canvas, self._draft.undo_stack
        canvas.drawn.connect(self._add)
        canvas.reshaped.connect(self._reshape)
        canvas.picked.connect(self.select)
        canvas.remove_requested.connect(self.remove_selected)
        canvas.drawing_changed.connect(self._say)
        self.zoom.connect_to(canvas.fit, canvas.actual_size, canvas.zoom_in, canvas.zoom_out)
        self.tools.chosen.connect(self.select_tool)
        self.shapes.currentRowChanged.connect(self._row_chosen)
        self.remove.clicked.connect(self.remove_selected)
        self.whole.clicked.connect(self.reset)
        self.undo.clicked.connect(stack.undo)
        self.redo.clicked.connect(stack.redo)
        stack.canUndoChanged.connect(self.undo.setEnabled)
        stack.canRedoChanged.connect(self.redo.setEnabled)
        self.back.clicked.connect(partial(self.step, -1))
        self.forth.clicked.connect(partial(self.step, 1))
        self.finish.clicked.connect(self.done)
        self._draft.changed.connect(self._follow)

    def _add_keys(self) -> None:
        canvas = self.canvas
        run: list[tuple[str, Callable[[], object]]] = [
            (spec.key, partial(self.select_tool, spec.tool)) for spec in TOOLS
        ]
        run += [
            ("F", canvas.fit),
            ("1", canvas.actual_size),
            ("+", canvas.zoom_in),
            ("=", canvas.zoom_in),
            ("-", canvas.zoom_out),
            ("PgUp", partial(self.step, -1)),
            ("PgDown", partial(self.step, 1)),
            ("Del", self.remove_selected),
        ]
        for key, call in run:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def path(self) -> Path | None:
        """The picture that is looked at."""
        return self._paths[self._number] if self._paths else None

    @property
    def tool(self) -> Tool:
        return self._tool

    def open_pictures(self, paths: tuple[Path, ...], first: Path | None = None) -> None:
        """Begin, with one of these pictures; with no region yet, by drawing a rectangle."""
        self._paths = paths
        self._number = paths.index(first) if first in paths else 0
        self.canvas.fit()
        self.select(None)
        self.select_tool(Tool.RECTANGLE if self._draft.region.whole else Tool.SELECT)
        self._follow()
        self._ask()

    def show_frame(self, path: Path, frame: Frame) -> None:
        """Answer ``picture_requested``; a picture that is no longer wanted is ignored."""
        if path == self.path:
            self.canvas.show_picture(frame.pixels)
            self._stack.setCurrentWidget(self.canvas)
            self.canvas.setFocus()

    def show_failure(self, path: Path, message: Message) -> None:
        """Say why the picture cannot be shown."""
        if path == self.path:
            bind(self.sentence.setText, message)
            self._stack.setCurrentWidget(self.sentence)

    def _bind_texts(self) -> None:
        bind(self._title.setText, say("Inspection region"))
        bind(self.finish.setText, say("Done"))
        bind(self.remove.setText, say("Delete"))
        bind(self.whole.setText, say("Whole picture"))
        bind(self.whole.setToolTip, say("Delete every shape: the whole picture counts"))
        bind_tip(self.undo, say("Undo"))
        bind_tip(self.redo, say("Redo"))
        bind_tip(self.back, say("Picture before"))
        bind_tip(self.forth, say("Next picture"))
        bind(self.canvas.setAccessibleName, say("Picture to draw the region in"))
        bind(self.shapes.setAccessibleName, say("Shapes of the region"))
        bind(self.sentence.setText, _OPENING)
        follow(self._follow, Change.LANGUAGE)
        follow(self._say_place, Change.LANGUAGE)

    # -- what a person does -----------------------------------------------------------------

    @Slot(object)
    def select_tool(self, tool: Tool) -> None:
        """Select a tool."""
        self._tool = tool
        self.tools.show_tool(tool)
        self.canvas.set_tool(tool)
        if tool is not Tool.SELECT:
            self.select(None)
        self._say()

    @Slot(object)
    def select(self, ref: ShapeRef | None) -> None:
        """Choose a shape, or none."""
        self.canvas.show_region(self._draft.region, ref)
        self._list()

    @Slot()
    def remove_selected(self) -> None:
        """Delete the chosen shape; can be undone."""
        ref = self.canvas.selected
        if ref is not None:
            self._draft.set_region(geometry.removed(self._draft.region, ref))

    @Slot()
    def reset(self) -> None:
        """Reset the region to the whole image (undoable)."""
        self.canvas.drop_drawing()
        self._draft.set_region(Region())

    def step(self, by: int, *_checked: bool) -> None:
        """Look at another picture, to see that the region fits it too."""
        if 0 <= self._number + by < len(self._paths):
            self._number += by
            self._ask()

    # -- inside -----------------------------------------------------------------------------

    @Slot(object, object)
    def _add(self, role: Role, shape: Shape) -> None:
        region, ref = geometry.added(self._draft.region, role, shape)
        self._draft.set_region(region)
        self.select_tool(Tool.SELECT)
        self.select(ref)

    @Slot(object, object, str)
    def _reshape(self, ref: ShapeRef, shape: Shape, merge: str) -> None:
        self._draft.set_region(geometry.replaced(self._draft.region, ref, shape), merge=merge)

    @Slot()
    def _follow(self) -> None:
        region = self._draft.region
        self.canvas.show_region(region, self.canvas.selected)
        self.summary.setText(render(summary(region)))
        self.undo.setEnabled(self._draft.undo_stack.canUndo())
        self.redo.setEnabled(self._draft.undo_stack.canRedo())
        self.whole.setEnabled(not region.whole)
        self._list()
        self._say()

    def _list(self) -> None:
        found = list(geometry.listed(self._draft.region))
        self._refs = tuple(ref for ref, _ in found)
        selected = self.canvas.selected
        with QSignalBlocker(self.shapes):
            self.shapes.clear()
            self.shapes.addItems([render(name_of(ref, shape.kind)) for ref, shape in found])
            self.shapes.setCurrentRow(self._refs.index(selected) if selected in self._refs else -1)
        self.shapes.setVisible(bool(found))
        self.remove.setEnabled(selected is not None)

    @Slot(int)
    def _row_chosen(self, row: int) -> None:
        ref = self._refs[row] if 0 <= row < len(self._refs) else None
        self.canvas.show_region(self._draft.region, ref)
        self.remove.setEnabled(ref is not None)

    @Slot()
    def _say(self) -> None:
        spec = next(s for s in TOOLS if s.tool is self._tool)
        self._hint.setText(render(spec.hint))

    def _ask(self) -> None:
        self._say_place()
        path = self.path
        if path is not None:
            self.picture_requested.emit(path)

    def _say_place(self) -> None:
        many = len(self._paths)
        self.back.setEnabled(self._number > 0)
        self.forth.setEnabled(self._number < many - 1)
        self._place.setText(tr("{done} of {total}", done=self._number + 1, total=many))
        path = self.path
        metrics = QFontMetrics(self._name.font())
        name = "" if path is None else path.name
        middle = Qt.TextElideMode.ElideMiddle
        self._name.setText(metrics.elidedText(name, middle, self._name.width()))
        self._name.setToolTip("" if path is None else str(path))

    def event(self, event: QEvent) -> bool:
        """Have Escape for itself: it leads back, a job that runs goes on."""
        return take_escape(event, self.done.emit) or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide the name to the available width."""
        super().resizeEvent(event)
        self._say_place()


def _square(icon: str) -> QToolButton:
    button = QToolButton()
    button.setFixedWidth(44)
    theme.set_icon(button, icon)
    return button
