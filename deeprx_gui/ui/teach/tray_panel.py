"""The left side of Teach: the tray, what can be done to it, and how much it is good for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelection, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from deeprx_gui.domain.learning_curve import curve_words, learning_curve
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.part_words import too_alike
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.drop_zone import DropZone
from deeprx_gui.ui.kit.folder_key import FOLDER_KEY
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.wrapping_row import WrappingRow
from deeprx_gui.ui.teach.tray_view import TrayView
from deeprx_gui.ui.teach.words import tray_count, tray_hint

_WORDS = theme.TOUCH + theme.S
"""The tray stays put when Remove comes and goes."""
_NARROWEST = 372
"""What a window of 960 px leaves; count and buttons of a selection still stand side by side."""


class TrayPanel(QWidget):
    """``paths_chosen`` carries files and folders a person wants in the tray, unchecked.

    ``removed`` carries how many images a person took out.
    """

    paths_chosen = Signal(object)
    removed = Signal(int)

    def __init__(
        self,
        model: TrayModel,
        cache: ThumbnailCache,
        suffixes: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._rate = 0.01
        self.title = theme.level(QLabel(), "title")
        self._count = theme.level(QLabel(), "heading")
        self.hint = wrapped("hint")
        self.remove = QPushButton()
        theme.set_icon(self.remove, "delete")
        self.remove.clicked.connect(self.remove_selected)
        self.use_again = QPushButton()
        theme.set_icon(self.use_again, "undo")
        self.use_again.clicked.connect(self._use_selected_again)
        self.same = QPushButton()
        self.same.clicked.connect(self._say_same)
        self.different = QPushButton()
        self.different.clicked.connect(self._say_different)
        self.empty = DropZone(
            say("Drop pictures of good parts here"),
            say("Only good parts, as the camera sees them on the line. 10 to 50 are a good start."),
            suffixes=suffixes,
        )
        self.empty.setProperty(FOLDER_KEY, "teach.pictures")
        self.empty.paths_chosen.connect(self.paths_chosen)
        self.add_files = QPushButton()
        theme.set_icon(self.add_files, "image")
        self.add_files.clicked.connect(self.empty.choose_files)
        self.add_folder = QPushButton()
        theme.set_icon(self.add_folder, "folder")
        self.add_folder.clicked.connect(self.empty.choose_folder)
        self.doctor = QPushButton()
        theme.set_icon(self.doctor, "search")
        self.view = TrayView(model, cache)
        self.view.paths_chosen.connect(self.paths_chosen)
        self.view.remove_requested.connect(self.remove_selected)
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        self._words = QWidget()
        self._buttons = (self.doctor, self.add_files, self.add_folder)
        self._lay_out()
        model.changed.connect(self.refresh)
        model.parts_changed.connect(self.refresh)
        bind(self.same.setText, say("Same part"))
        bind(self.same.setToolTip, say("The selected pictures show one and the same part"))
        bind(self.different.setText, say("Different parts"))
        bind(self.different.setToolTip, say("Each selected picture shows another part"))
        bind(self.use_again.setText, say("Use again"))
        bind(self.doctor.setText, say("Look through…"))
        bind(
            self.doctor.setToolTip,
            say(
                "Find pictures that should not be learnt from: copied, blurred, defective and so on"
            ),
        )
        bind(self.add_files.setText, say("Add files…"))
        bind(self.add_folder.setText, say("Add a folder…"))
        bind(self.view.setAccessibleName, say("Normal images"))
        self.refresh()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self.title, 1)
        row = WrappingRow(theme.S)
        for button in self._buttons:
            row.addWidget(button)
        top.addLayout(row)
        words = QHBoxLayout(self._words)
        self._words.setMinimumHeight(_WORDS)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(theme.M)
        words.addWidget(self._count)
        words.addWidget(self.hint, 1)
        words.addStretch()
        for button in (self.same, self.different, self.use_again, self.remove):
            words.addWidget(button)
        self.setMinimumWidth(_NARROWEST)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addLayout(top)
        column.addWidget(self._words)
        column.addWidget(self._stack, 1)

    def set_rate(self, false_call_rate: float) -> None:
        """Say from now on what the images are worth for this promised rate."""
        self._rate = false_call_rate
        self.refresh()

    def set_folder(self, folder: Path) -> None:
        """Open file dialogs there."""
        self.empty.start_folder = folder

    @Slot()
    def remove_selected(self) -> None:
        """Take the selected images out of the tray; can be undone."""
        taken = self._model.remove(self.view.selected)
        if taken:
            self.removed.emit(taken)

    @Slot()
    def _use_selected_again(self) -> None:
        self._model.leave_out(self.view.selected, out=False)

    @Slot()
    def _say_same(self) -> None:
        self._model.say_same(self.view.selected)

    @Slot()
    def _say_different(self) -> None:
        self._model.say_different(self.view.selected)

    @Slot()
    def refresh(self) -> None:
        """Show the tray as it is."""
        images = len(self._model.images)
        normals = len(self._model.normals)
        for part in (self._words, *self._buttons):
            part.setVisible(images > 0)
        self._stack.setCurrentWidget(self.view if images else self.empty)
        parts = self._model.parts
        bind(self._count.setText, tray_count(normals, parts.count, self._model.rule.by))
        bind(self.hint.setText, too_alike(parts) or tray_hint(normals, self._rate, parts.count))
        aimed = parts.count > 0 and 0 < self._rate < 1
        curve = curve_words(learning_curve(self._rate, parts=parts.count)) if aimed else ""
        bind(self.hint.setToolTip, curve)
        self._selection_changed()

    @Slot(QItemSelection, QItemSelection)
    def _selection_changed(self, *_changed: QItemSelection) -> None:
        selected = len(self.view.selectedIndexes())
        if not selected:
            self._words.setMinimumHeight(_WORDS)
        elif self.remove.isHidden():
            # Where the hint has several lines the tray would move under the second of two clicks.
            self._words.setMinimumHeight(max(_WORDS, self._words.height()))
        gone = frozenset(self._model.left_out)
        chosen = [i for i in self._model.images if i.path in set(self.view.selected)]
        shared = {i.part for i in chosen if i.part}
        one = len(shared) == 1 and all(image.part for image in chosen)
        shown: dict[QWidget, bool] = {
            self.use_again: bool(gone) and not gone.isdisjoint(self.view.selected),
            self.remove: selected > 0,
            self.same: len(chosen) > 1 and not one,
            self.different: bool(shared),
            self.hint: selected == 0,
        }
        for part, wanted in sorted(shown.items(), key=lambda each: each[1]):
            part.setVisible(wanted)  # what goes makes room first
        bind(self.remove.setText, say_n("Remove {n}", "Remove {n}", n=selected))
