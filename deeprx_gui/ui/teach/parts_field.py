"""How it is known which pictures show the same part: part of all settings."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import PartsFrom, compiled
from deeprx_gui.i18n import render
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.frames import wrapped

SERIAL = r"^(.*)_"
"""To start with: what stands before the last underscore."""


class PartsField(QWidget):
    """Asks, and tells the tray; a pattern that is none is said below and not used."""

    def __init__(self, tray: TrayModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tray = tray
        self.by = ChoiceRow()
        self.pattern = QLineEdit()
        self.problem: QLabel = wrapped("hint")
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        for part in (self.by, self.pattern, self.problem):
            column.addWidget(part)
        self.by.chosen.connect(self._choose)
        self.pattern.editingFinished.connect(self._typed)
        tray.changed.connect(self._follow)
        self.by.bind_texts(
            say("Pictures of the same part"),
            say("Several pictures of one part count once in the promise."),
            [
                (PartsFrom.AUTO, say("found by looking")),
                (PartsFrom.FOLDER, say("one folder for each part")),
                (PartsFrom.NAME, say("named in the file name")),
                (PartsFrom.NONE, say("none: every picture shows another part")),
            ],
        )
        bind(self.pattern.setAccessibleName, say("Pattern of the part's name"))
        bind(
            self.pattern.setToolTip,
            say("A regular expression; what stands in its brackets names the part"),
        )
        self._follow()

    @Slot()
    def _follow(self) -> None:
        rule = self._tray.rule
        self.by.set_value(rule.by)
        self.pattern.setVisible(rule.by is PartsFrom.NAME)
        if rule.by is PartsFrom.NAME:
            self.pattern.setText(rule.pattern)
        self.problem.hide()

    @Slot(object)
    def _choose(self, by: PartsFrom) -> None:
        pattern = self.pattern.text() or SERIAL
        self._tray.tell_apart(by, pattern if by is PartsFrom.NAME else "")

    @Slot()
    def _typed(self) -> None:
        pattern = self.pattern.text()
        try:
            compiled(pattern)
        except RequestError as error:
            self.problem.setText(render(error.message))
            self.problem.show()
            return
        self._tray.tell_apart(PartsFrom.NAME, pattern)
