"""One sentence at the foot of the window, and one above a page: never a modal box."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind_tip, follow

_ICONS = {
    "info": ("info", "accent_text"),
    "success": ("success", "ok"),
    "warning": ("warning", "review"),
    "error": ("warning", "ng"),
}


class MessageFrame(QFrame):
    """One sentence with an icon and perhaps a button that acts and takes the sentence away.

    ``kind`` is ``info``, ``success``, ``warning`` or ``error``.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message: Message | None = None
        self._action: Message | None = None
        self._run: Callable[[], None] | None = None
        self._kind = "info"
        self._icon = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setMinimumWidth(60)
        self.button = QPushButton()
        self.button.clicked.connect(self._act)
        follow(self._write)

    @property
    def message(self) -> Message | None:
        """The sentence that is shown, if any."""
        return self._message

    def show_message(
        self,
        message: Message,
        kind: str = "info",
        action: Message | None = None,
        run: Callable[[], None] | None = None,
    ) -> None:
        """Show a sentence; with ``action`` (the button's word) a button that calls ``run``."""
        self._message, self._kind, self._action, self._run = message, kind, action, run
        self._write()

    @Slot()
    def clear(self) -> None:
        """Show nothing."""
        self._message = self._action = self._run = None
        self._write()

    def _write(self) -> None:
        """Write the button's word; those below add the sentence and its colours."""
        self.button.setVisible(self._action is not None)
        if self._action is not None:
            self.button.setText(render(self._action))

    def _put_icon(self, pixels: int) -> tuple[str, str]:
        """Draw the sign of the kind; return its colour and the ground that goes with it."""
        tokens = theme.current_tokens()
        name, role = _ICONS[self._kind]
        colour = getattr(tokens, role)
        soft = {"accent_text": tokens.accent_soft}.get(role) or getattr(tokens, f"{role}_soft")
        self._icon.setPixmap(theme.pixmap(name, colour, pixels, self.devicePixelRatioF()))
        return colour, soft

    @Slot()
    def _act(self) -> None:
        run = self._run
        self.clear()
        if run is not None:
            run()


class Banner(MessageFrame):
    """Above a page, with a cross to close it; hidden until ``show_message``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._close = QToolButton()
        self._close.setProperty("kind", "quiet")
        theme.set_icon(self._close, "close", "muted")
        self._close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, theme.S, theme.S, theme.S)
        row.setSpacing(theme.M)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        row.addWidget(self._close)
        self.hide()
        bind_tip(self._close, say("Close this message"))

    def _write(self) -> None:
        super()._write()
        self.setVisible(self._message is not None)
        if self._message is None:
            return
        colour, soft = self._put_icon(22)
        self.setStyleSheet(
            f"Banner {{ background: {soft}; border: 1px solid {colour}; border-radius: 8px; }}"
        )
        self.text.setText(render(self._message))
        self.setAccessibleName(render(self._message))


class StatusLine(MessageFrame):
    """The foot of the window: the last sentence, perhaps with an undo button.

    Good news leaves after a while; warnings and errors stay until the next sentence, on a ground of
    their colour. A sentence that is too long for one line gets a second and a third.
    """

    STAY_MS = 12_000

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text.setContentsMargins(0, theme.XS, 0, theme.XS)
        self.button.setProperty("kind", "quiet")
        self.button.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, 0, theme.M, 0)
        row.setSpacing(theme.S)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.setMinimumHeight(theme.TOUCH + 2)
        self.setProperty("foot", "true")

    def show_message(
        self,
        message: Message,
        kind: str = "info",
        action: Message | None = None,
        run: Callable[[], None] | None = None,
    ) -> None:
        super().show_message(message, kind, action, run)
        self._timer.stop()
        if kind in ("info", "success"):
            self._timer.start(self.STAY_MS)

    def _write(self) -> None:
        super()._write()
        if self._message is None:
            self._icon.clear()
            self.text.clear()
            self.setStyleSheet("")
            return
        _, soft = self._put_icon(18)
        grave = self._kind in ("warning", "error")
        self.setStyleSheet(f"StatusLine {{ background: {soft}; }}" if grave else "")
        self.text.setText(render(self._message))
        self.text.setToolTip(render(self._message))
