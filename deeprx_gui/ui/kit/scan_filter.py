"""ScanFilter: what a barcode scanner types is a serial number or nothing, wherever the focus is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol, runtime_checkable

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShortcutEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit.key_gate import COMMAND_MS, TEXT_MS, KeyGate

NOT_USED: Final = say(
    "What was scanned was not used. Serial numbers are read on the page Inspect, with no sheet "
    "open."
)
NUMBER: Final = "number"
"""Property of a line edit that holds a number: a scan leaves it as it was."""
SURELY: Final = 4
"""So many keys in a row, each at a scanner's pace, are not typed by a person."""
_SURELY_ENDLESS: Final = 6
"""... where no Enter or Tab shows their end."""
_KINDS: Final = frozenset(
    {
        QEvent.Type.ShortcutOverride,
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.Shortcut,
        QEvent.Type.MouseButtonPress,
    }
)
_SHOWN: Final = frozenset({QEvent.Type.Show, QEvent.Type.Hide})
_CLASSES: Final = frozenset({QKeyEvent, QShortcutEvent, QMouseEvent, QShowEvent, QHideEvent})
"""Those of these kinds: asking an event for its class costs less than asking for its kind."""
_ENDS: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_MODIFIERS: Final = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
    }
)
_COMMANDS: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_SPECIAL: Final = 0x01000000
"""Qt's keys from here on stand for no character."""


@runtime_checkable
class ForgetsScans(Protocol):
    """A widget that takes keys and can take back what a scanner typed into it."""

    def forget_scan(self) -> None:
        """Take back all that was typed."""


@runtime_checkable
class TakesScans(Protocol):
    """A page that may take serial numbers."""

    @property
    def takes_scans(self) -> bool:
        """Whether it does now; then it sees to its own keys."""


class ScanFilter(QObject):
    """Sees every key of the program first while ``window`` is shown.

    A key that commands something is held until no other has followed for ``COMMAND_MS``; then it
    goes where it was going. If one follows, a scanner types: none of it arrives, nor does the Enter
    or Tab at its end, and ``dropped`` tells of it. In a field of text what is
    scanned stands there, and its end commits nothing; numbers and PINs are left as they were.
    On a page that takes scans they are left alone.
    """

    dropped = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)
        self._held: list[tuple[QObject, QEvent]] = []
        self._swallowed = 0
        self._typed = 0
        self._before: tuple[QWidget, str] | None = None
        self._last: tuple[QEvent.Type, int] | None = None
        self._replayed = 0
        self._repeats = False
        self._looks = False
        self._commands = KeyGate(COMMAND_MS, self)
        self._commands.closed.connect(self._settle)
        self._texts = KeyGate(TEXT_MS, self)
        self._texts.closed.connect(self._text_ends)

    @property
    def holds(self) -> bool:
        """Whether a key waits, or belongs to what a scanner types, if another follows at once."""
        return self._commands.is_open or self._texts.is_open

    def install(self) -> None:
        """Begin to look at every key."""
        self._looks = True
        application = QCoreApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def remove(self) -> None:
        """Look at no key any more; one that waits is forgotten."""
        self._looks = False
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self._commands.shut()
        self._texts.shut()
        self._held.clear()

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Look at nothing while many widgets are made or changed at once.

        Keys come from the event loop only, which waits meanwhile; but thousands of other events
        are sent from widget to widget, and each would be handed to Python to be let pass.
        """
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        try:
            yield
            QCoreApplication.sendPostedEvents(None, QEvent.Type.PolishRequest.value)
        finally:
            if self._looks and application is not None:
                application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold or swallow a key; everything else passes."""
        if type(event) not in _CLASSES:
            return False
        kind = event.type()
        if kind in _SHOWN and watched is self._window:
            (self.install if kind == QEvent.Type.Show else self.remove)()
        if kind not in _KINDS or self._replayed == _address(event):
            return False
        if kind == QEvent.Type.MouseButtonPress:
            self._settle()
            return False
        if kind == QEvent.Type.Shortcut:
            return isinstance(event, QShortcutEvent) and self._shortcut(watched, event)
        if not (isinstance(event, QKeyEvent) and isinstance(watched, QWidget)):
            return False
        if kind == QEvent.Type.KeyRelease:
            return self._release(event)
        self._repeats = event.isAutoRepeat()
        if self._seen(watched, kind) or self._repeats or event.key() in _MODIFIERS:
            return False
        if kind == QEvent.Type.ShortcutOverride:
            return self._override(event)
        return self._press(watched, event)

    def _seen(self, watched: QWidget, kind: QEvent.Type) -> bool:
        """Whether this is the event of before, on its way up from a widget that left it alone."""
        again = self._last == (kind, _address(watched))
        self._last = (kind, _address(watched.parentWidget()))
        return again

    # -- one key ----------------------------------------------------------------------------

    def _override(self, event: QKeyEvent) -> bool:
        """Keep Qt from looking for a shortcut in the middle of a scan."""
        if self._commands.is_open:
            if _belongs(event):
                event.accept()
                return True
            self._settle()  # a key of a person: what was pressed before it comes first
        elif self._is_commanding_in_text(event):
            event.accept()
            return True
        return False

    def _press(self, watched: QWidget, event: QKeyEvent) -> bool:
        if self._commands.is_open:
            if not _belongs(event):
                self._settle()
                return False
            self._swallowed += 1 + sum(e.type() != QEvent.Type.KeyRelease for _, e in self._held)
            self._held.clear()
            self._commands.open()
            return True
        if _takes_scans(watched):
            return self._press_in_text(None, event)
        if _takes_text(watched):
            return self._press_in_text(watched, event)
        if not _is_character(event):
            return False
        return self._hold(watched, _copy(event))

    def _shortcut(self, watched: QObject, event: QShortcutEvent) -> bool:
        keys = event.key()
        if keys.count() != 1 or self._repeats:  # a key that is held down is a person's
            return False
        key = keys[0]  # type: ignore[index] # it is, but PySide does not say so
        if key.keyboardModifiers() & _COMMANDS or key.key().value >= _SPECIAL:
            return False
        return self._hold(watched, QShortcutEvent(keys, event.shortcutId(), event.isAmbiguous()))

    def _hold(self, watched: QObject, event: QEvent) -> bool:
        if not self._commands.open():
            return False
        self._held = [(watched, event)]
        self._swallowed = 0
        return True

    def _release(self, event: QKeyEvent) -> bool:
        """Let a key go up after it went down."""
        held = self._held[0][1] if self._held else None
        if isinstance(held, QKeyEvent) and held.key() == event.key() and len(self._held) == 1:
            self._held.append((self._held[0][0], _copy(event)))
            return True
        return False

    @Slot()
    def _settle(self) -> None:
        """Let what is held go where it was going; tell of a scan that is over."""
        self._commands.shut()
        held, self._held = self._held, []
        swallowed, self._swallowed = self._swallowed, 0
        for watched, event in held:
            if shiboken6.isValid(watched):
                self._replayed = _address(event)
                QCoreApplication.sendEvent(watched, event)
        self._replayed = 0
        if swallowed >= SURELY:
            self.dropped.emit()

    # -- fields -----------------------------------------------------------------------------

    def _is_commanding_in_text(self, event: QKeyEvent) -> bool:
        """Whether a scanner that types into a field sends what would be a command."""
        plain = _is_character(event) or event.key() in _ENDS
        return self._texts.is_open and self._typed > 1 and not plain and _belongs(event)

    def _press_in_text(self, field: QWidget | None, event: QKeyEvent) -> bool:
        """Watch what is typed into ``field``; ``None``: where serial numbers belong."""
        if not self._texts.is_open:
            self._typed = 0
            self._before = None if field is None else (field, _number_in(field))
        if self._is_commanding_in_text(event):
            self._texts.open()
            return True
        end = event.key() in _ENDS
        if not end and not _is_character(event):
            self._texts.shut()
            return False
        if not self._texts.open():
            return False
        self._typed += not end
        if field is None:
            return False
        sure = self._typed >= (SURELY if end else _SURELY_ENDLESS)
        numbers = sure and self._take_back()
        return numbers or (end and sure)

    def _take_back(self) -> bool:
        """Put a number back as it was before the scan; return whether it is a number."""
        if self._before is None:
            return False
        field, text = self._before
        if isinstance(field, ForgetsScans):
            field.forget_scan()
            return True
        edit = _line_of(field)
        if edit is None or not _is_number(field):
            return False
        edit.setText(text)
        return True

    @Slot()
    def _text_ends(self) -> None:
        self._before = None


def _address(thing: QObject | QEvent | None) -> int:
    return 0 if thing is None else int(shiboken6.getCppPointer(thing)[0])


def _copy(event: QKeyEvent) -> QKeyEvent:
    return QKeyEvent(event.type(), event.key(), event.modifiers(), event.text())


def _is_character(event: QKeyEvent) -> bool:
    text = event.text()
    commands = event.modifiers() & _COMMANDS
    # AltGr is Ctrl and Alt on Windows: what it makes is a character like others.
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(text) and text.isprintable() and (not commands or commands == both)


def _belongs(event: QKeyEvent) -> bool:
    """Whether a scanner may send this key within or after a text.

    Control characters of a code come as Ctrl and a letter, or as function keys.
    """
    function = Qt.Key.Key_F1.value <= event.key() <= Qt.Key.Key_F35.value
    commands = bool(event.modifiers() & _COMMANDS)
    return _is_character(event) or event.key() in _ENDS or function or commands


def _takes_scans(widget: QWidget | None) -> bool:
    while widget is not None and not widget.isWindow():
        if isinstance(widget, TakesScans):
            return widget.takes_scans
        widget = widget.parentWidget()
    return False


def _takes_text(widget: QWidget) -> bool:
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox | ForgetsScans)


def _line_of(field: QWidget) -> QLineEdit | None:
    if isinstance(field, QLineEdit):
        return field
    return field.findChild(QLineEdit) if isinstance(field, QAbstractSpinBox) else None


def _is_number(field: QWidget) -> bool:
    return isinstance(field, QAbstractSpinBox) or bool(field.property(NUMBER))


def _number_in(field: QWidget) -> str:
    edit = _line_of(field)
    return "" if edit is None else edit.text()
