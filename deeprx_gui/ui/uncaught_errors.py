"""Report uncaught errors of any thread in the window.

``log`` writes them to the diary with ``CRITICAL``; this handler carries the news to the main thread
as a signal. It must not touch a widget itself: it is called in the thread that failed.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QtMsgType, Signal, qInstallMessageHandler

from deeprx_gui.domain.message import Message, say

_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("qt")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class UncaughtErrors(QObject):
    """``raised`` carries a ``Message`` for every error nobody caught; connect bound slots only."""

    raised = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handler = _Handler(self)
        logging.getLogger("deeprx_gui").addHandler(self._handler)

    def silence(self) -> None:
        """Remove the handlers."""
        logging.getLogger("deeprx_gui").removeHandler(self._handler)


class _Handler(logging.Handler):
    def __init__(self, alarm: UncaughtErrors) -> None:
        super().__init__(logging.CRITICAL)
        self._alarm = alarm

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        problem = record.getMessage() if error is None else f"{type(error).__name__}: {error}"
        self._alarm.raised.emit(sorry(problem))


def sorry(problem: str) -> Message:
    """Say that the program itself failed."""
    return say(
        "Something went wrong that should not have ({problem}). Nothing that was saved is lost. "
        "Please try again; if it comes back, send us the log file.",
        problem=problem,
    )


def log_qt_messages() -> None:
    """Write what Qt complains about into the diary."""

    def handle(kind: QtMsgType, _context: object, text: str) -> None:
        _qt_log.log(_LEVELS.get(kind, logging.WARNING), "%s", text)

    qInstallMessageHandler(handle)
