"""Where a source or an output is: a folder, a file, a device that was found, or a typed address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.connection import ConnectionType
from deeprx_gui.domain.field import FieldKind
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.source import Device
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import NoWheelComboBox
from deeprx_gui.ui.kit.frames import wrapped


class AddressField(QWidget):
    """``changed`` carries the address; ``search_requested`` is answered by ``show_devices``."""

    changed = Signal(object)
    search_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: ConnectionType | None = None
        self._devices: tuple[Device, ...] = ()
        self._searched = self._searching = False
        self._title = theme.level(QLabel(), "strong")
        self.line = QLineEdit()
        self._title.setBuddy(self.line)
        self.browse, self.search = QPushButton(), QPushButton()
        theme.set_icon(self.browse, "folder")
        theme.set_icon(self.search, "search")
        self.found = NoWheelComboBox()
        self.note = wrapped("small")
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)
        row.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addLayout(row)
        column.addWidget(self.found)
        column.addWidget(self.note)
        self.line.editingFinished.connect(self._typed)
        self.browse.clicked.connect(self._browse)
        self.search.clicked.connect(self._search)
        self.found.activated.connect(self._picked)
        bind(self.browse.setText, say("Browse…"))
        bind(self.search.setText, say("Search"))
        bind(self.found.setAccessibleName, say("Cameras that were found"))
        self._show_form()

    @property
    def kind(self) -> ConnectionType | None:
        """The kind whose address is asked for."""
        return self._kind

    @property
    def address(self) -> str:
        return self.line.text().strip()

    def show_kind(self, kind: ConnectionType | None, address: str) -> None:
        """Switch the field to another kind of source or output."""
        self._kind = kind
        self.line.setText(address)
        self._show_form()

    def show_devices(self, devices: Sequence[Device]) -> None:
        """List the devices found."""
        self._devices = tuple(devices)
        self._searched, self._searching = True, False
        self._show_form()

    def _show_form(self) -> None:
        kind = self._kind
        asked = FieldKind.TEXT if kind is None else kind.address.kind
        title = "" if kind is None else kind.address.title
        bind(self._title.setText, title)
        bind(self.line.setAccessibleName, title)
        self.line.setPlaceholderText("" if kind is None else kind.example)
        self.browse.setVisible(asked in (FieldKind.FOLDER, FieldKind.FILE))
        self.search.setVisible(asked is FieldKind.DEVICE)
        self.search.setEnabled(not self._searching)
        mine = [d for d in self._devices if kind is not None and d.kind == kind.key]
        self.found.setVisible(asked is FieldKind.DEVICE and bool(mine))
        self.found.clear()
        for device in mine:
            self.found.addItem(device.name, device.address)
        self.found.setCurrentIndex(self.found.findData(self.address))
        self.note.setVisible(asked is FieldKind.DEVICE and (self._searching or self._searched))
        bind(self.note.setText, self._state(len(mine)))

    def _state(self, found: int) -> Message:
        if self._searching:
            return say("Searching for cameras…")
        if not found:
            return say("No camera was found. Check its cable and that no other program uses it.")
        return say("Choose one of the cameras that were found.")

    @Slot()
    def _typed(self) -> None:
        self.changed.emit(self.address)

    @Slot()
    def _search(self) -> None:
        self._searching = True
        self._show_form()
        self.search_requested.emit()

    @Slot(int)
    def _picked(self, index: int) -> None:
        self.line.setText(str(self.found.itemData(index)))
        self._typed()

    @Slot()
    def _browse(self) -> None:
        start = self.address or str(Path.home())
        if self._kind is not None and self._kind.address.kind is FieldKind.FILE:
            name, _ = QFileDialog.getOpenFileName(self, tr("Choose a file"), start)
        else:
            name = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), start)
        if name:
            self.line.setText(name)
            self._typed()
