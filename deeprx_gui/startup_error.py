"""Tells why the program cannot start: on the console, or in a box where nobody sees one."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from contextlib import suppress

from deeprx_gui.domain.message import Message
from deeprx_gui.domain.visible_text import visible

_log = logging.getLogger(__name__)


def show_startup_error(message: Message, words: Sequence[str], *, has_console: bool) -> None:
    """Say a sentence where somebody sees it: on the console, else in a message box."""
    text = _in_their_language(message, words)
    _log.error("%s", message)
    if has_console:
        with suppress(OSError, ValueError):
            sys.stderr.write(visible(text) + "\n")
            sys.stderr.flush()
    elif sys.platform == "win32":
        _windows_box(text)
    else:
        _qt_box(text)


def _in_their_language(message: Message, words: Sequence[str]) -> str:
    try:
        from deeprx_gui.cli.common import paths_of, speak_as_asked
        from deeprx_gui.i18n import render

        speak_as_asked(words, paths_of(words))
        return render(message)
    except Exception:  # noqa: BLE001 - a sentence in English beats none
        return str(message)


def _windows_box(text: str) -> None:
    import ctypes

    error_icon, in_front = 0x10, 0x10000
    box = ctypes.WinDLL("user32").MessageBoxW  # type: ignore[attr-defined,unused-ignore]
    box(None, text, "Deep RX Inspector", error_icon | in_front)


def _qt_box(text: str) -> None:
    """Show a box where there is a window system; Qt itself may be what is missing."""
    try:
        from PySide6.QtWidgets import QApplication, QMessageBox

        _application = QApplication.instance() or QApplication(sys.argv[:1])
        QMessageBox.critical(None, "Deep RX Inspector", text)
    except ImportError as error:
        _log.warning("no message box: %s", error)
