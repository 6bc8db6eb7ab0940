"""Start, stop, trigger, and what the next part is called."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.i18n import tr
from deeprx_gui.state.inspect import Phase, Run
from deeprx_gui.ui import theme
from deeprx_gui.ui.inspect.scan_field import ScanField


class RunBar(QWidget):
    """Signals say what a person asks for; ``show_run`` what is so.

    Its buttons never take the focus from a click: the scanner's keys must not press them.
    """

    start_requested = Signal()
    stop_requested = Signal()
    trigger_requested = Signal()
    empty_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = Run()
        self._serial = ""
        self._triggered = False
        self.toggle, self.trigger, self.empty = QPushButton(), QPushButton(), QPushButton()
        self.field = ScanField()
        self.serial = theme.level(QLabel(), "chip")
        theme.set_icon(self.trigger, "trigger")
        for button in (self.toggle, self.trigger, self.empty):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.toggle.clicked.connect(self._toggle)
        self.trigger.clicked.connect(self.trigger_requested)
        self.empty.clicked.connect(self.empty_requested)
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
        self.retranslate()

    def show_run(self, run: Run) -> None:
        """Offer what can be done now."""
        self._run = run
        self.field.deciding = run.phase is Phase.HOLDING
        self.retranslate()

    def show_serial(self, serial: str) -> None:
        """Show what the next part is called."""
        self._serial = serial
        self.retranslate()

    def show_trigger(self, trigger: Trigger, *, files: bool) -> None:
        """Offer a trigger where one is used; ``files``: every picture is judged anyway."""
        self._triggered = trigger is not Trigger.CONTINUOUS and not files
        self.trigger.setVisible(self._triggered)
        self.empty.setVisible(trigger is Trigger.CHANGE and not files)

    def retranslate(self) -> None:
        """Set every text in the current language."""
        active = self._run.active
        self.toggle.setText(tr("Stop") if active else tr("Start"))
        self.toggle.setToolTip(tr("Start or stop the inspection (F5)"))
        kind = "stop" if active else "primary"
        if self.toggle.property("kind") != kind:
            self.toggle.setProperty("kind", kind)
            self.toggle.style().unpolish(self.toggle)
            self.toggle.style().polish(self.toggle)
        name, role = ("stop", "text") if active else ("play", "on_accent")
        theme.set_icon(self.toggle, name, role)
        self.toggle.setEnabled(self._run.phase not in (Phase.STARTING, Phase.STOPPING))
        self.trigger.setText(tr("Trigger"))
        self.trigger.setToolTip(tr("Judge the part that lies there now (Space)"))
        self.trigger.setEnabled(self._run.phase is Phase.RUNNING)
        self.empty.setText(tr("No part"))
        self.empty.setToolTip(tr("Take the scene as it is for the one without a part"))
        self.empty.setEnabled(self._run.phase is Phase.RUNNING)
        self.serial.setVisible(bool(self._serial))
        self.serial.setText(self._serial)
        self.serial.setToolTip(tr("The next part gets this serial number"))
        self.field.setPlaceholderText(tr("Serial number: scan or type, then Enter"))
        self.field.setAccessibleName(tr("Serial number"))

    @Slot()
    def _toggle(self) -> None:
        (self.stop_requested if self._run.active else self.start_requested).emit()
