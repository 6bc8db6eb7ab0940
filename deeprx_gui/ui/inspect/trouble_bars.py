"""Sentences about the line above the picture; they come and go by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import say, say_n
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.troubles import Topic, Trouble
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.frames import wrapped

_AT_ONCE: Final = 2
_ROLES: Final = {NoticeKind.ERROR: "ng", NoticeKind.WARNING: "review", NoticeKind.INFO: "ok"}
_ICONS: Final = {
    Topic.RUN: "stop",
    Topic.SOURCE: "camera",
    Topic.RECORDS: "save",
    Topic.TRIGGER: "clock",
    Topic.PACE: "clock",
    Topic.PICTURE: "lamp",
    Topic.TREND: "chart",
    Topic.OUTPUT: "output",
}


class TroubleBar(QFrame):
    """One trouble: icon and sentence on a soft ground."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trouble: Trouble | None = None
        self._icon = QLabel()
        self.text = wrapped()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        row.setSpacing(theme.S)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        self.hide()
        follow(self._colour, Change.THEME)

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Show a trouble, or nothing."""
        self._trouble = trouble
        if trouble is not None:
            bind(self.text.setText, trouble.message)
            bind(self.setAccessibleName, trouble.message)
            self._colour()
        self.setVisible(trouble is not None)

    def _colour(self) -> None:
        trouble = self._trouble
        if trouble is None:
            return
        tokens = theme.current_tokens()
        role = _ROLES.get(trouble.kind, "review")
        colour, soft = getattr(tokens, role), getattr(tokens, f"{role}_soft")
        self.setStyleSheet(
            f"TroubleBar {{ background: {soft}; border: 1px solid {colour}; border-radius: 6px; }}"
        )
        name = _ICONS[trouble.topic]
        theme.set_pixmap(self._icon, name, role, 20)


class TroubleBars(QWidget):
    """The gravest two troubles; a button tells how many more there are and shows them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._troubles: tuple[Trouble, ...] = ()
        self._all = False
        self._bars: list[TroubleBar] = []
        self.more = QPushButton()
        self.more.setProperty("kind", "quiet")
        self.more.clicked.connect(self._toggle)
        self.more.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.XS)
        self._column.addWidget(self.more)
        self.hide()

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(bar.text.text() for bar in self._bars if not bar.isHidden())

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """Show these instead of those before."""
        self._troubles = tuple(troubles)
        self._all = self._all and len(troubles) > _AT_ONCE
        self._write()

    @Slot()
    def _toggle(self) -> None:
        self._all = not self._all
        self._write()

    def _write(self) -> None:
        shown = self._troubles if self._all else self._troubles[:_AT_ONCE]
        while len(self._bars) < len(shown):
            bar = TroubleBar()
            self._column.insertWidget(len(self._bars), bar)
            self._bars.append(bar)
        for place, bar in enumerate(self._bars):
            bar.show_trouble(shown[place] if place < len(shown) else None)
        hidden = len(self._troubles) - len(shown)
        self.more.setVisible(len(self._troubles) > _AT_ONCE)
        bind(
            self.more.setText,
            say("Show fewer")
            if self._all
            else say_n("{n} more message", "{n} more messages", n=max(hidden, 0)),
        )
        self.setVisible(bool(shown))
