"""One tap says that a verdict was wrong; beside it, how many corrections wait."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from deeprx_gui.domain.corrections import TITLES, CorrectionKind
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind

_TIPS = {
    CorrectionKind.WAS_OK: say(
        "The part is good though it was stopped: its picture waits to be learnt."
    ),
    CorrectionKind.MISSED: say(
        "The part is bad though it passed: its picture waits to join the must-find set."
    ),
}
_ICONS = {CorrectionKind.WAS_OK: ("verdict-ok", "ok"), CorrectionKind.MISSED: ("search", "ng")}


class CorrectionBar(QWidget):
    """``said`` carries a ``CorrectionKind``; ``opened``: a person wants to see what waits."""

    said = Signal(object)
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.waiting = 0
        self.buttons = {kind: QPushButton() for kind in CorrectionKind}
        self.list = QPushButton()
        self.list.setProperty("kind", "quiet")
        self.list.clicked.connect(lambda _checked: self.opened.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        for kind, button in self.buttons.items():
            theme.set_icon(button, *_ICONS[kind])
            button.setStyleSheet("padding: 0 4px;")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self._tap, kind))
            row.addWidget(button)
            bind(button.setText, TITLES[kind])
            bind(button.setToolTip, _TIPS[kind])
        row.addWidget(self.list)
        self.show_verdict(None)
        self.show_waiting(0)

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Offer what can be wrong about a verdict; ``None``: no part is shown."""
        known = verdict is not None and verdict is not Verdict.ERROR
        self.buttons[CorrectionKind.WAS_OK].setEnabled(known and verdict is not Verdict.OK)
        self.buttons[CorrectionKind.MISSED].setEnabled(known and verdict is Verdict.OK)

    def show_waiting(self, count: int) -> None:
        """Say how many corrections of the product wait."""
        self.waiting = count
        text = say_n("{n} waits…", "{n} wait…", n=count) if count else say("Corrections…")
        bind(self.list.setText, text)

    def _tap(self, kind: CorrectionKind, *_checked: bool) -> None:
        self.said.emit(kind)
