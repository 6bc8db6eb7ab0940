"""One form for all fields: what is asked, what is answered, what goes back to the default."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from deeprx_gui import i18n
from deeprx_gui.domain.field import Answer, Field, FieldKind, Value
from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit.binding import Change, refresh
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.form import Form, SwitchRow, TextRow
from deeprx_gui.ui.kit.frames import Expander
from deeprx_gui.ui.kit.number_row import NumberRow

FIELDS = (
    Field("n", say("Whole"), FieldKind.WHOLE, 3, "px", 1, 9, hint=say("A hint.")),
    Field("gain", say("Gain"), FieldKind.NUMBER),
    Field("on", say("Switch"), FieldKind.SWITCH, default=True),
    Field(
        "end", say("End"), FieldKind.CHOICE, "lf",
        choices=(Answer("lf"), Answer("crlf", say("CR+LF (as on Windows)"))),
    ),
    Field("topic", say("Topic"), FieldKind.TEXT, "deeprx"),
    Field("note", say("Note"), FieldKind.TEXT),
)  # fmt: skip
Show = Callable[[Form], Form]
ShowAny = Callable[[QWidget], QWidget]


@pytest.fixture
def form(show: Show) -> Form:
    made = show(Form())
    made.show_fields(FIELDS, {})
    return made


def test_each_kind_has_its_row_with_words_and_default(form: Form) -> None:
    rows = form.rows
    assert isinstance(rows["n"], NumberRow)
    assert rows["n"].field.accessibleName() == "Whole (px)"
    assert rows["n"].field.text() == "3"
    assert isinstance(rows["gain"], NumberRow)
    assert rows["gain"].field.placeholderText() == "as the device has it"
    assert rows["gain"].value is None
    assert isinstance(rows["on"], SwitchRow)
    assert rows["on"].box.isChecked()
    assert isinstance(rows["end"], ChoiceRow)
    assert [rows["end"].box.itemText(n) for n in range(2)] == ["lf", "CR+LF (as on Windows)"]
    assert isinstance(rows["topic"], TextRow)
    assert rows["topic"].line.text() == "deeprx"
    assert form.values == {}


def test_behind_a_closed_expander_rows_are_made_when_it_opens(show: ShowAny) -> None:
    expander, form = Expander(), Form()
    expander.body.addWidget(form)
    show(expander)
    form.show_fields(FIELDS, {"n": 5})
    form.show_values({"n": 7, "topic": "line 3"})
    assert form.values == {"n": 7, "topic": "line 3"}
    assert not form.findChildren(NumberRow)
    expander.set_open(True)
    whole, gain = form.findChildren(NumberRow)
    assert whole.isVisible()
    assert (whole.value, gain.value) == (7, None)
    form.show_fields(FIELDS[1:], {"gain": 2.0})
    shown = [row for row in form.findChildren(NumberRow) if row.isVisible()]
    assert [row.value for row in shown] == [2.0]


def test_only_what_differs_from_the_default_is_told(form: Form) -> None:
    told: list[dict[str, Value]] = []
    form.changed.connect(told.append)
    n, on, topic, note = (form.rows[key] for key in ("n", "on", "topic", "note"))
    assert isinstance(n, NumberRow)
    assert isinstance(on, SwitchRow)
    assert isinstance(topic, TextRow)
    assert isinstance(note, TextRow)
    n.field.setText("7")
    QTest.keyClick(n.field, Qt.Key.Key_Return)
    on.box.click()
    assert told[-1] == {"n": 7, "on": False}
    n.field.setText("12")  # more than 9
    QTest.keyClick(n.field, Qt.Key.Key_Return)
    assert n.field.text() == "7"
    topic.line.setText("")
    topic.line.editingFinished.emit()
    assert told[-1] == {"n": 7, "on": False, "topic": ""}
    note.line.setText(" ")
    note.line.editingFinished.emit()
    on.box.click()
    assert told[-1] == {"n": 7, "topic": ""}


def test_everything_goes_back_to_its_default(form: Form) -> None:
    told: list[dict[str, Value]] = []
    form.changed.connect(told.append)
    form.show_values({"n": 8, "end": "crlf", "gain": 2.5})
    assert form.values == {"n": 8, "end": "crlf", "gain": 2.5}
    assert told == []
    form.reset()
    assert told == [{}]
    row = form.rows["end"]
    assert isinstance(row, ChoiceRow)
    assert row.value == "lf"


def test_the_same_form_asks_for_something_else(form: Form) -> None:
    form.show_fields(FIELDS[:1], {"n": 4})
    assert list(form.rows) == ["n"]
    form.show_fields((), {})
    assert not form.isVisible()


def test_words_follow_the_language(form: Form, qapp: QApplication) -> None:
    i18n.set_language("ja")
    try:
        refresh(qapp, Change.LANGUAGE)
        row = form.rows["end"]
        assert isinstance(row, ChoiceRow)
        assert "Windows" in row.box.itemText(1)
        assert row.box.itemText(1) != "CR+LF (as on Windows)"
    finally:
        i18n.set_language("en")
