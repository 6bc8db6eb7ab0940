"""One question with two answers; going on as before is the easy one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.sheets import Sheet

_NARROW: Final = 420
_GO_ON: Final = say("Go on inspecting")


class ConfirmSheet(Sheet):
    """``yes`` does what is asked about, ``no`` has the focus and changes nothing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_NARROW, parent)
        self._run: Callable[[], None] | None = None
        self.question = wrapped("heading")
        self.question.setTextFormat(Qt.TextFormat.PlainText)  # names in it are no markup
        self.yes, self.no = QPushButton(), QPushButton()
        self.yes.setProperty("kind", "danger")
        self.no.setProperty("kind", "primary")
        self.yes.clicked.connect(self._agree)
        self.no.clicked.connect(self.close_sheet)
        answers = QWidget()
        row = QHBoxLayout(answers)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.yes, 1)
        row.addWidget(self.no, 1)
        self.put_title(self.question)
        self.put_foot(answers)

    def ask(
        self,
        question: Message,
        action: Message,
        run: Callable[[], None],
        stay: Message = _GO_ON,
    ) -> None:
        """Ask; ``run`` when the answer is ``action``, nothing when it is ``stay``."""
        self._run = run
        bind(self.question.setText, question)
        bind(self.yes.setText, action)
        bind(self.no.setText, stay)
        self.open()
        self.no.setFocus()

    @Slot()
    def _agree(self) -> None:
        run, self._run = self._run, None
        self.close_sheet()
        if run is not None:
            run()
