"""Escape for the part that is shown, before the window's shortcut takes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent


def take_escape(event: QEvent, act: Callable[[], object]) -> bool:
    """Call ``act`` when Escape is pressed; return whether the event was about Escape."""
    if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
        return False
    if event.type() == QEvent.Type.ShortcutOverride:
        event.accept()
        return True
    if event.type() == QEvent.Type.KeyPress:
        act()
        return True
    return False
