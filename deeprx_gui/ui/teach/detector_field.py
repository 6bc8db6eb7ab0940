"""Which detector, and its own settings, made from the fields it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.detector import DetectorInfo
from deeprx_gui.domain.field import Value
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.form import Form
from deeprx_gui.ui.kit.frames import Expander


class DetectorField(QWidget):
    """The detector and its settings. ``changed`` tells that a person chose otherwise."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detectors: tuple[DetectorInfo, ...] = ()
        self._choice = DetectorChoice("")
        self.row = ChoiceRow()
        self.row.chosen.connect(self._choose)
        self.own = Expander()
        self.form = Form(spacing=theme.L)
        self.form.changed.connect(self._put)
        self.reset = QPushButton()
        theme.set_icon(self.reset, "rollback")
        self.reset.clicked.connect(self.form.reset)
        self.own.body.addWidget(self.form)
        self.own.body.addWidget(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.row)
        column.addWidget(self.own)
        bind(self.reset.setText, say("Reset to defaults"))
        self._show_settings()

    @property
    def choice(self) -> DetectorChoice:
        """The chosen detector; of its settings, those that differ from the default."""
        return self._choice

    @property
    def info(self) -> DetectorInfo | None:
        """What is known about the chosen detector."""
        return next((d for d in self._detectors if d.name == self._choice.name), None)

    def show_detectors(self, detectors: Sequence[DetectorInfo]) -> None:
        """Show which detectors there are."""
        self._detectors = tuple(detectors)
        self._show_settings()

    def show_choice(self, choice: DetectorChoice) -> None:
        """Show what is chosen."""
        if choice != self._choice:
            self._choice = choice
            self._show_settings()

    def _show_settings(self) -> None:
        found = self.info
        options = [(d.name, d.title) for d in self._detectors]
        self.row.bind_texts(say("Detector"), "" if found is None else found.hint, options)
        self.row.set_value(self._choice.name)
        fields = () if found is None else found.fields
        self.form.show_fields(fields, _values(self._choice.settings))
        self.own.setVisible(bool(fields))
        changed = bool(self._choice.settings)
        self.own.set_title(
            say("Settings of this detector (changed)")
            if changed
            else say("Settings of this detector")
        )
        self.reset.setEnabled(changed)

    def _take(self, choice: DetectorChoice) -> None:
        self._choice = choice
        self._show_settings()
        self.changed.emit()

    @Slot(object)
    def _put(self, settings: Mapping[str, Value]) -> None:
        self._take(DetectorChoice(self._choice.name, dict(settings)))

    @Slot(object)
    def _choose(self, name: object) -> None:
        if name != self._choice.name:
            self._take(DetectorChoice(str(name)))


def _values(settings: Mapping[str, object]) -> dict[str, Value]:
    return {k: v for k, v in settings.items() if isinstance(v, str | int | float | bool)}
