"""Options of a source or an output as rows: numbers with less and more, switches, lists, texts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.option import Field, Form, Value
from deeprx_gui.i18n import render
from deeprx_gui.ui import theme
from deeprx_gui.ui.binding import Text, bind
from deeprx_gui.ui.widgets.choice_row import ChoiceRow
from deeprx_gui.ui.widgets.number_row import NumberRange, NumberRow

_LARGE = 1e9
_CHOICES: Mapping[str, Message] = {
    "": say("as the device has it"),
    "auto": say("automatic"),
    "part": say("each part"),
    "day": say("each day"),
    "lf": say("LF (line feed)"),
    "crlf": say("CR+LF (as on Windows)"),
    "server": say("server: others connect to this PC"),
    "client": say("client: this PC connects to another"),
    "high": say("the high one"),
    "low": say("the low one"),
}
"""What options may be set to; names of formats and drivers are shown as they are."""


def _in_words(choice: str) -> Message | str:
    return _CHOICES.get(choice, choice)


def _with_unit(field: Field) -> str:
    return f"{render(field.title)} ({field.unit})" if field.unit else render(field.title)


class TextRow(QWidget):
    """Title and a line of text; ``chosen`` carries what was typed."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = theme.level(QLabel(), "strong")
        self.line = QLineEdit()
        self._title.setBuddy(self.line)
        self.line.editingFinished.connect(lambda: self.chosen.emit(self.line.text().strip()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self.line)

    def bind_texts(self, title: Text, placeholder: Text = "") -> None:
        """Say what is asked."""
        bind(self._title.setText, title)
        bind(self.line.setAccessibleName, title)
        bind(self.line.setPlaceholderText, placeholder)

    def set_value(self, text: str) -> None:
        """Show a text."""
        self.line.setText(text)


Row = NumberRow | QCheckBox | ChoiceRow | TextRow


class OptionFields(QWidget):
    """Rows made from a table of fields; ``changed`` carries all options that are not the default.

    An option that is left as the device has it is not among them.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: tuple[Field, ...] = ()
        self._values: dict[str, Value] = {}
        self.rows: dict[str, Row] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.M)

    @property
    def values(self) -> dict[str, Value]:
        """The options that differ from the default."""
        return dict(self._values)

    def show_fields(self, fields: Sequence[Field], values: Mapping[str, Value]) -> None:
        """Ask for other options."""
        self._values = dict(values)
        if tuple(fields) != self._fields:
            self._fields = tuple(fields)
            for row in self.rows.values():
                row.hide()
                row.deleteLater()
            self.rows = {field.key: self._row(field) for field in self._fields}
            for row in self.rows.values():
                self._column.addWidget(row)
        self.setVisible(bool(self.rows))
        self._show_values()

    def _show_values(self) -> None:
        for field in self._fields:
            row = self.rows[field.key]
            value = self._values.get(field.key, field.default)
            title = partial(_with_unit, field)
            match row:
                case NumberRow():
                    row.bind_texts(title, "", _in_words(""))
                    row.set_value(float(value) if isinstance(value, int | float) else None)
                case QCheckBox():
                    bind(row.setText, title)
                    row.blockSignals(True)
                    row.setChecked(bool(value))
                    row.blockSignals(False)
                case ChoiceRow():
                    row.bind_texts(title, "", [(word, _in_words(word)) for word in field.choices])
                    row.set_value(value)
                case TextRow():
                    row.bind_texts(title)
                    row.set_value("" if value is None else str(value))

    def _row(self, field: Field) -> Row:
        if field.form in (Form.WHOLE, Form.NUMBER):
            low = -_LARGE if math.isinf(field.minimum) else field.minimum
            high = _LARGE if math.isinf(field.maximum) else field.maximum
            optional = field.default is None
            number = NumberRow(
                NumberRange(low, high, whole=field.form is Form.WHOLE, optional=optional)
            )
            number.chosen.connect(partial(self._put, field))
            return number
        if field.form is Form.SWITCH:
            switch = QCheckBox()
            switch.toggled.connect(partial(self._put, field))
            return switch
        row = ChoiceRow() if field.form is Form.CHOICE else TextRow()
        row.chosen.connect(partial(self._put, field))
        return row

    def _put(self, field: Field, value: Value | None) -> None:
        before = dict(self._values)
        if value is None or value == field.default or (value == "" and field.default is None):
            self._values.pop(field.key, None)
        else:
            self._values[field.key] = value
        if before != self._values:
            self.changed.emit(self.values)
