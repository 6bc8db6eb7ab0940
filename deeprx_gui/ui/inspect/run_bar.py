"""Start, stop, trigger, and what the next part is called."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.message import say
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.i18n import tr
from deeprx_gui.state.inspect import Phase, RunState
from deeprx_gui.ui.inspect.scan_field import ScanField
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow


class RunBar(QWidget):
    """Signals and buttons say what a person asks for; ``show_run`` what is so.

    Its buttons never take the focus from a click: the scanner's keys must not press them.
    """

    start_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = RunState()
        self._triggered = False
        self.toggle, self.trigger, self.empty = QPushButton(), QPushButton(), QPushButton()
        self.field = ScanField()
        self.serial = theme.level(QLabel(), "chip")
        theme.set_icon(self.trigger, "trigger")
        for button in (self.toggle, self.trigger, self.empty):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.toggle.clicked.connect(self._toggle)
        scan = QHBoxLayout()
        scan.setSpacing(theme.S)
        scan.addWidget(self.serial)
        scan.addWidget(self.field, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        for button in (self.toggle, self.trigger, self.empty):
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(scan)
        column.addLayout(buttons)
        self.show_trigger(Trigger.CONTINUOUS, files=False)
        self.show_serial("")
        bind(self.toggle.setToolTip, say("Start or stop the inspection (F5)"))
        bind(self.trigger.setText, say("Trigger"))
        bind(self.trigger.setToolTip, say("Judge the part that lies there now (Space)"))
        bind(self.empty.setText, say("No part"))
        bind(self.empty.setToolTip, say("Take the scene as it is for the one without a part"))
        bind(self.serial.setToolTip, say("The next part gets this serial number"))
        bind(self.field.setPlaceholderText, say("Serial number: scan or type, then Enter"))
        bind(self.field.setAccessibleName, say("Serial number"))
        follow(self._show_commands, Change.LANGUAGE)

    def show_run(self, run: RunState) -> None:
        """Offer what can be done now."""
        self._run = run
        self.field.deciding = run.phase is Phase.HOLDING
        self._show_commands()

    def show_serial(self, serial: str) -> None:
        """Show what the next part is called."""
        self.serial.setVisible(bool(serial))
        self.serial.setText(one_line(serial))

    def show_trigger(self, trigger: Trigger, *, files: bool) -> None:
        """Offer a trigger where one is used; ``files``: every picture is judged anyway."""
        self._triggered = trigger is not Trigger.CONTINUOUS and not files
        self.trigger.setVisible(self._triggered)
        self.empty.setVisible(trigger is Trigger.CHANGE and not files)

    def _show_commands(self) -> None:
        active = self._run.active
        self.toggle.setText(tr("Stop") if active else tr("Start"))
        kind = "stop" if active else "primary"
        if self.toggle.property("kind") != kind:
            self.toggle.setProperty("kind", kind)
            self.toggle.style().unpolish(self.toggle)
            self.toggle.style().polish(self.toggle)
        name, role = ("stop", "text") if active else ("play", "on_accent")
        theme.set_icon(self.toggle, name, role)
        self.toggle.setEnabled(self._run.phase not in (Phase.STARTING, Phase.STOPPING))
        self.trigger.setEnabled(self._run.phase is Phase.RUNNING)
        self.empty.setEnabled(self._run.phase is Phase.RUNNING)

    @Slot()
    def _toggle(self) -> None:
        if self._run.active:
            self.stop_requested.emit()
        else:
            self.start_requested.emit()
