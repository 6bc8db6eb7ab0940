"""A form made from fields: numbers with less and more, switches, lists, texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from deeprx_gui.domain.field import Field, FieldKind, Value
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Text, bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.number_row import NumberRange, NumberRow
from deeprx_gui.ui.kit.titled_row import TitledRow

_LARGE = 1e9


class SwitchRow(QWidget):
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


class TextRow(TitledRow):
    """Title, a line of text, hint. ``chosen`` carries what was typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        line = QLineEdit()
        super().__init__(line, parent)
        self.line = line
        self.line.editingFinished.connect(self._typed)

    def bind_texts(self, title: Text, hint: Text) -> None:
        """Say what is asked."""
        self.bind_head(title, hint)

    def set_value(self, text: str) -> None:
        """Show a text."""
        self.line.setText(text)

    @Slot()
    def _typed(self) -> None:
        self.chosen.emit(self.line.text().strip())


Row = NumberRow | SwitchRow | ChoiceRow | TextRow


class Form(QWidget):
    """Asks for fields. ``changed`` carries all answers that differ from the default.

    A field that is left as the device has it (default ``None``) is not among them. The rows are
    made when they are first seen or asked for: most forms wait behind an expander.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, spacing: int = theme.M) -> None:
        super().__init__(parent)
        self._fields: tuple[Field, ...] = ()
        self._values: dict[str, Value] = {}
        self._rows: dict[str, Row] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(spacing)

    @property
    def values(self) -> dict[str, Value]:
        """The answers that differ from the default."""
        return dict(self._values)

    @property
    def rows(self) -> Mapping[str, Row]:
        """The row of each field, by its key."""
        self._make_rows()
        return self._rows

    def show_fields(self, fields: Sequence[Field], values: Mapping[str, Value]) -> None:
        """Ask for these, and show what is answered so far."""
        if tuple(fields) != self._fields:
            self._fields = tuple(fields)
            for row in self._rows.values():
                row.hide()
                row.deleteLater()
            self._rows = {}
        self.show_values(values)
        self.setVisible(bool(self._fields))
        if self.isVisible():
            self._make_rows()

    def show_values(self, values: Mapping[str, Value]) -> None:
        """Show other answers to the same fields."""
        usual = {field.key: field.default for field in self._fields}
        self._values = {k: v for k, v in values.items() if v != usual.get(k)}
        if self._rows:
            self._show_answers()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make_rows()

    def reset(self) -> None:
        """Answer everything by its default."""
        self.show_values({})
        self.changed.emit({})

    def _make_rows(self) -> None:
        if self._rows:
            return
        self._rows = {field.key: self._row(field) for field in self._fields}
        for row in self._rows.values():
            self._column.addWidget(row)
            row.show()
        self._show_answers()

    def _show_answers(self) -> None:
        for field in self._fields:
            show_field(self._rows[field.key], field, self._values.get(field.key, field.default))

    def _row(self, field: Field) -> Row:
        make = _MAKERS.get(field.kind)
        row = TextRow() if make is None else make(field)
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


def show_field(row: Row, field: Field, value: Value | None) -> None:
    """Say what a row asks, and show its value."""
    title = partial(_title_of, field) if field.unit else field.title
    hint = field.hint or ""
    match row:
        case NumberRow():
            left = say("as the device has it") if field.default is None else ""
            row.bind_texts(title, hint, left)
            row.set_value(value if isinstance(value, int | float) else None)
        case SwitchRow():
            row.bind_texts(title, hint)
            row.set_value(value is True)
        case ChoiceRow():
            words = [(a.value, field.format(a.value) if a.title is None else a.title)
                     for a in field.choices]  # fmt: skip
            row.bind_texts(title, hint, words)
            row.set_value(value)
        case TextRow():
            row.bind_texts(title, hint)
            row.set_value("" if value is None else str(value))


def _title_of(field: Field) -> str:
    return f"{render(field.title)} ({field.unit})"


def number_row(field: Field) -> NumberRow:
    """Return a row that asks for a number within the field's bounds."""
    span = NumberRange(
        -_LARGE if math.isinf(field.minimum) else field.minimum,
        _LARGE if math.isinf(field.maximum) else field.maximum,
        whole=field.kind is FieldKind.WHOLE,
        open_low=field.above,
        optional=field.default is None,
    )
    return NumberRow(span)


_MAKERS: Mapping[FieldKind, Callable[[Field], Row]] = {
    FieldKind.WHOLE: number_row,
    FieldKind.NUMBER: number_row,
    FieldKind.SWITCH: lambda _field: SwitchRow(),
    FieldKind.CHOICE: lambda _field: ChoiceRow(),
}
"""Which row asks for what; everything else is a line of text."""
