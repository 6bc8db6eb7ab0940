"""Which detector, and its own settings, made from the fields it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.state.teach import DetectorEntry, FieldKind, SettingField
from deeprx_gui.ui import theme
from deeprx_gui.ui.binding import Text, bind
from deeprx_gui.ui.widgets.choice_row import ChoiceRow
from deeprx_gui.ui.widgets.frames import Expander, wrapped
from deeprx_gui.ui.widgets.number_row import NumberRange, NumberRow


class FlagRow(QWidget):
    """A switch with a hint. ``chosen`` carries whether it is on."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox()
        self._hint = wrapped("small")
        self.box.clicked.connect(self._clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.box)
        column.addWidget(self._hint)

    def bind_texts(self, title: Text, hint: Text) -> None:
        """Say what is asked."""
        bind(self.box.setText, title)
        bind(self._hint.setText, hint)
        self._hint.setVisible(bool(self._hint.text()))

    def set_value(self, on: bool) -> None:
        """Show whether it is on."""
        self.box.setChecked(on)

    @Slot(bool)
    def _clicked(self, on: bool) -> None:
        self.chosen.emit(on)


SettingRow = FlagRow | ChoiceRow | NumberRow


class DetectorField(QWidget):
    """The detector and its settings. ``changed`` tells that a person chose otherwise."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[DetectorEntry, ...] = ()
        self._choice = DetectorChoice("")
        self._rows_of = ""
        self.rows: dict[str, SettingRow] = {}
        self.row = ChoiceRow()
        self.row.chosen.connect(self._choose)
        self.own = Expander()
        self.reset = QPushButton()
        theme.set_icon(self.reset, "rollback")
        self.reset.clicked.connect(self._reset)
        self._place = QVBoxLayout()
        self._place.setSpacing(theme.L)
        self.own.body.addLayout(self._place)
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
    def entry(self) -> DetectorEntry | None:
        """What is known about the chosen detector."""
        return next((e for e in self._entries if e.name == self._choice.name), None)

    def show_detectors(self, entries: Sequence[DetectorEntry]) -> None:
        """Show which detectors there are."""
        self._entries = tuple(entries)
        self._rows_of = ""
        self._show_settings()

    def show_choice(self, choice: DetectorChoice) -> None:
        """Show what is chosen."""
        if choice != self._choice:
            self._choice = choice
            self._show_settings()

    def _show_settings(self) -> None:
        entry = self.entry
        options = [(e.name, e.title) for e in self._entries]
        self.row.bind_texts(say("Detector"), "" if entry is None else entry.hint, options)
        self.row.set_value(self._choice.name)
        self._build(entry)
        own = entry is not None and bool(entry.fields)
        self.own.setVisible(own)
        changed = bool(self._choice.settings)
        self.own.set_title(
            say("Settings of this detector (changed)")
            if changed
            else say("Settings of this detector")
        )
        self.reset.setEnabled(changed)
        for field in entry.fields if entry is not None else ():
            self._show(field, self.rows[field.key], self._choice.settings)

    def _build(self, entry: DetectorEntry | None) -> None:
        name = "" if entry is None else entry.name
        if name == self._rows_of:
            return
        for row in self.rows.values():
            row.setParent(None)
            row.deleteLater()
        self._rows_of, self.rows = name, {}
        for field in entry.fields if entry is not None else ():
            row = _row(field)
            row.chosen.connect(partial(self._put, field))
            self._place.addWidget(row)
            self.rows[field.key] = row

    def _show(self, field: SettingField, row: SettingRow, settings: Mapping[str, object]) -> None:
        title = field.title
        hint = field.hint or ""
        value = settings.get(field.key, field.default)
        if isinstance(row, ChoiceRow):
            row.bind_texts(title, hint, field.options)
            row.set_value(value)
        elif isinstance(row, FlagRow):
            row.bind_texts(title, hint)
            row.set_value(value is True)
        elif isinstance(value, int | float):
            row.bind_texts(title, hint)
            row.set_value(value)

    def _put(self, field: SettingField, value: object) -> None:
        settings = {k: v for k, v in self._choice.settings.items() if k != field.key}
        if value != field.default:
            settings[field.key] = value
        self._take(DetectorChoice(self._choice.name, settings))

    def _take(self, choice: DetectorChoice) -> None:
        self._choice = choice
        self._show_settings()
        self.changed.emit()

    @Slot(object)
    def _choose(self, name: object) -> None:
        if name != self._choice.name:
            self._take(DetectorChoice(str(name)))

    @Slot()
    def _reset(self) -> None:
        self._take(DetectorChoice(self._choice.name))


def _row(field: SettingField) -> SettingRow:
    match field.kind:
        case FieldKind.FLAG:
            return FlagRow()
        case FieldKind.CHOICE:
            return ChoiceRow()
        case FieldKind.WHOLE:
            return NumberRow(NumberRange(field.low, field.high, whole=True))
        case FieldKind.NUMBER:
            return NumberRow(NumberRange(field.low, field.high, open_low=True))
