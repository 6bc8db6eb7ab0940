"""Input field for a barcode scanner: it types like a fast keyboard and ends with Enter or Tab."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from deeprx_gui.domain.inspection import Decision
from deeprx_gui.ui.kit.key_gate import COMMAND_MS, KeyGate
from deeprx_gui.ui.kit.part_keys import BAD_KEYS, GOOD_KEYS

MOST: Final = 80
"""Characters of a serial number; a longer one is refused, never cut."""
_ROOM: Final = 4096
_DECISIONS: Final = {
    **{key.lower(): Decision.OK for key in GOOD_KEYS},
    **{key.lower(): Decision.NG for key in BAD_KEYS},
}


class ScanField(QLineEdit):
    """``scanned`` carries what was typed or scanned, after Enter or Tab; ``refused``: too long.

    While it is empty, single keys mean something else: Space asks for a trigger
    (``trigger_pressed``), G and B (or O and N) decide about a part (``decided``, a ``Decision``)
    as long as ``deciding``. A scanner's text that begins with one of them is told apart by the key
    that follows at once.
    """

    scanned = Signal(str)
    refused = Signal(str)
    trigger_pressed = Signal()
    decided = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.deciding = False
        self._held = ""
        self._gate = KeyGate(COMMAND_MS, self)
        self._gate.closed.connect(self._let_through)
        self.setMaxLength(_ROOM)
        self.setClearButtonEnabled(True)
        # An input method would swallow the scanner's keys and wait for a person to convert them.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.returnPressed.connect(self._entered)

    def event(self, event: QEvent) -> bool:
        """Take Tab behind a text for its end, as many scanners are set up."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Tab
            and self.finish()
        ):
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Distinguish single keys (shortcuts) from scanned text."""
        if not self._single(event):
            super().keyPressEvent(event)

    def take(self, event: QKeyEvent) -> bool:
        """Take a key that came to another widget; False: it is nothing for this field."""
        return self._single(event) or self._take_afar(event)

    def finish(self) -> bool:
        """Give what was typed; False: nothing was."""
        if self._held:
            self._release()
        if not self.text():
            return False
        self._entered()
        return True

    def _single(self, event: QKeyEvent) -> bool:
        """Take a key that means something by itself."""
        text = event.text()
        key = event.key()
        if key == Qt.Key.Key_Space and not self.text() and not self._held:
            if not event.isAutoRepeat():
                self.trigger_pressed.emit()
            return True
        if self._held and (key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} or text.isprintable()):
            self._release()
        if self.deciding and not self.text() and text.lower() in _DECISIONS:
            if not event.isAutoRepeat():
                self._held = text
                if not self._gate.open():
                    self._let_through()
            return True
        return False

    def _take_afar(self, event: QKeyEvent) -> bool:
        """Write a key that was pressed while another widget had the focus."""
        text = event.text()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.text():
            self._entered()
            return True
        commanded = event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        )
        if commanded or not text or not text.isprintable():
            return False
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setCursorPosition(len(self.text()))
        self.insert(text)
        return True

    def _release(self) -> None:
        """The held key was the first of a text after all."""
        held, self._held = self._held, ""
        self._gate.shut()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.insert(held)

    @Slot()
    def _let_through(self) -> None:
        held, self._held = self._held, ""
        if held and self.deciding:
            self.decided.emit(_DECISIONS[held.lower()])

    @Slot()
    def _entered(self) -> None:
        text = self.text().strip()
        self.clear()
        if len(text) > MOST:
            self.refused.emit(text)
        elif text:
            self.scanned.emit(text)
