"""One line to type a name into, where the name stands: no dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind


class NameEditor(QWidget):
    """Hidden until ``ask``. ``given`` carries the new name; Escape or Cancel gives nothing."""

    given = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit()
        self.name.setMaxLength(80)
        self.name.returnPressed.connect(self._accept)
        self.name.textChanged.connect(self._check)
        self._cancel = QPushButton()
        self._cancel.clicked.connect(self._close)
        self.accept = QPushButton()
        self.accept.setProperty("kind", "primary")
        self.accept.clicked.connect(self._accept)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.name, 1)
        row.addWidget(self._cancel)
        row.addWidget(self.accept)
        self.hide()
        bind(self._cancel.setText, say("Cancel"))
        bind(self.name.setAccessibleName, say("Name of the product"))

    def ask(self, name: str, button: str) -> None:
        """Ask for a name, starting from ``name``; ``button`` is the word on the button."""
        self.accept.setText(button)
        self.name.setText(name)
        self.name.selectAll()
        self.show()
        self.name.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
            return
        super().keyPressEvent(event)

    @Slot()
    def _check(self) -> None:
        self.accept.setEnabled(bool(self.name.text().strip()))

    @Slot()
    def _accept(self) -> None:
        name = self.name.text().strip()
        if name:
            self._close()
            self.given.emit(name)

    @Slot()
    def _close(self) -> None:
        self.hide()
        self.closed.emit()
