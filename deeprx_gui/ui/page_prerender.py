"""Prerender every page once so that it appears without delay later.

The first time a page is drawn, Qt polishes its style, loads its fonts and lays everything out: the
page of results took 120 ms at the moment when learning was done. Here it happens piece by piece in
the pauses after the start, into pictures that nobody sees.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

_PAUSE_MS = 20
_UNSEEN_MS = 1500
"""A window that starts minimised is not painted; what waits for its first paint begins then."""


class AfterFirstPaint(QObject):
    """Calls ``then`` once, in the turn after ``window`` has painted itself for the first time."""

    def __init__(self, window: QWidget, then: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._then = window, then
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._call)
        self._timer.start(_UNSEEN_MS)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            self._timer.start(0)
        return super().eventFilter(watched, event)

    @Slot()
    def _call(self) -> None:
        self._window.removeEventFilter(self)
        self._then()


class PagePrerender(QObject):
    """Draws what the stacks below ``root`` hide, one widget per turn, outer ones first."""

    def __init__(self, root: QWidget) -> None:
        super().__init__(root)
        self._stacks = deque(root.findChildren(QStackedWidget))
        self._waiting: deque[tuple[QStackedWidget, QWidget]] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._step)

    def start(self) -> None:
        """Start after the first paint of the window."""
        self._timer.start()

    @Slot()
    def _step(self) -> None:
        while self._stacks and not self._waiting:
            stack = self._stacks.popleft()
            every = [stack.widget(i) for i in range(stack.count())]
            self._waiting.extend((stack, w) for w in every if w is not stack.currentWidget())
        if not self._waiting:
            self._timer.stop()
            return
        stack, widget = self._waiting.popleft()
        if widget is not stack.currentWidget() and not stack.size().isEmpty():
            widget.resize(stack.size())
            widget.grab()
