"""Scan guard: a key that decides something is not part of what a barcode scanner types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent

GATE_MS: Final = 80
"""A scanner's next key comes within about 30 ms; a person's does not."""
_ENDS: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_KEY_EVENTS: Final = frozenset({QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress})


class ScanGuard(QObject):
    """Holds a guarded command for a moment; a key that follows at once shows that a scanner types.

    Then the command is forgotten, and so is everything up to the next pause.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held: Callable[[], None] | None = None
        self._gate = QTimer(self)
        self._gate.setSingleShot(True)
        self._gate.setInterval(GATE_MS)
        self._gate.timeout.connect(self._quiet)

    @property
    def holds(self) -> bool:
        """Whether a command waits, or what a scanner types is being swallowed."""
        return self._gate.isActive()

    def guarded(self, command: Callable[[], None]) -> Callable[[], None]:
        """Return what runs ``command`` unless the next key comes at a scanner's speed."""

        def hold() -> None:
            self._held = command
            application = QCoreApplication.instance()
            if application is not None and not self._gate.isActive():
                application.installEventFilter(self)
            self._gate.start()

        return hold

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow keys that follow at once; only asked while a command is held."""
        if event.type() in _KEY_EVENTS and isinstance(event, QKeyEvent):
            types = (event.text() and event.text().isprintable()) or event.key() in _ENDS
            if types and not event.isAutoRepeat():
                self._held = None
                self._gate.start()
                event.accept()
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _quiet(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        held, self._held = self._held, None
        if held is not None:
            held()
