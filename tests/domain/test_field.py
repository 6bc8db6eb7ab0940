"""A field reads what may be answered and says what else to write."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import (
    Answer,
    Field,
    FieldKind,
    Value,
    checked,
    complete_options,
    plain_choices,
)
from deeprx_gui.domain.message import say
from deeprx_gui.domain.station import FIELDS, KEEP_FIELDS, Station
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.ui.teach.choices import CHOICES

T = say("Title")
WHOLE = Field("n", T, FieldKind.WHOLE, 3, minimum=1, maximum=1_000_000)
NUMBER = Field("x", T, FieldKind.NUMBER, 0.5, minimum=0, maximum=1, above=True)
LEAST = Field("y", T, FieldKind.NUMBER, 5.0, minimum=2)
FREE = Field("gain", T, FieldKind.NUMBER)
SWITCH = Field("on", T, FieldKind.SWITCH, default=False)
CHOICE = Field("format", T, FieldKind.CHOICE, "json", choices=plain_choices("json", "csv"))
SIZE = Field("size", T, FieldKind.CHOICE, 256, choices=(Answer(128), Answer(256)))
TEXT = Field("topic", T, FieldKind.TEXT, "")
FOLDER = Field("to", T, FieldKind.FOLDER)
SECRET = Field("token_env", T, FieldKind.TEXT, "", secret=True)


@pytest.mark.parametrize(
    ("field", "given", "value"),
    [
        (WHOLE, "12", 12),
        (WHOLE, 12.0, 12),
        (NUMBER, "1e-3", 0.001),
        (NUMBER, 1, 1.0),
        (FREE, "-7.5", -7.5),
        (SWITCH, "Yes", True),
        (SWITCH, "off", False),
        (SWITCH, 1, True),
        (CHOICE, "csv", "csv"),
        (SIZE, "128", 128),
        (TEXT, "line 1", "line 1"),
        (TEXT, 5, "5"),
        (FOLDER, "D:\\検査\u3000画像", "D:\\検査\u3000画像"),
        (SECRET, "LINE1_TOKEN", "LINE1_TOKEN"),
        (SECRET, "", ""),
    ],
)
def test_text_and_stored_values_are_read(field: Field, given: object, value: Value) -> None:
    found = field.read(given)
    assert (found, type(found)) == (value, type(value))
    assert field.allows(found)


@pytest.mark.parametrize(
    ("field", "given", "says"),
    [
        (WHOLE, "0", "n=0 is not possible. Write a whole number from 1 to 1000000."),
        (WHOLE, "1.5", "a whole number from 1 to 1000000"),
        (WHOLE, True, "a whole number"),
        (NUMBER, 0, "a number above 0 and at most 1"),
        (NUMBER, "nan", "a number above 0 and at most 1"),
        (LEAST, "1", "a number of 2 or more"),
        (FREE, "much", "gain=much is not possible. Write a number."),
        (FREE, "inf", "Write a number."),
        (SWITCH, "perhaps", "Write 1 or 0."),
        (CHOICE, "xml", "Write one of json, csv."),
        (SIZE, "129", "one of 128, 256"),
        (TEXT, "a\nb", "a short text"),
        (TEXT, True, "a short text"),
        (FOLDER, False, "a path"),
    ],
)
def test_what_is_impossible_is_answered_with_what_to_write(
    field: Field, given: object, says: str
) -> None:
    with pytest.raises(RequestError) as caught:
        field.read(given)
    assert says in str(caught.value)


@pytest.mark.parametrize("given", ["p@ssw0rd!", "two words", "1st"])
def test_a_password_where_a_variable_belongs_is_refused_and_never_repeated(given: str) -> None:
    with pytest.raises(RequestError) as caught:
        SECRET.read(given)
    assert given not in str(caught.value)
    assert "the name of an environment variable" in str(caught.value)


def test_a_stored_value_keeps_its_type() -> None:
    """What was stored is no text: a number in quotes or a switch that is 1 is damage."""
    assert not WHOLE.allows("3")
    assert not WHOLE.allows(3.0)
    assert not WHOLE.allows(True)
    assert not SWITCH.allows(1)
    assert not SIZE.allows(True)
    assert not NUMBER.allows(math.nan)
    assert NUMBER.allows(1)


@given(value=st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()))
def test_whatever_is_formatted_reads_back(value: Value) -> None:
    kinds = {bool: FieldKind.SWITCH, int: FieldKind.WHOLE, float: FieldKind.NUMBER}
    field = Field("key", T, kinds.get(type(value), FieldKind.FILE))
    if field.allows(value) and not (isinstance(value, int) and abs(value) > 2**53):
        assert field.read(Field.format(value)) == value


def test_options_are_completed_with_their_defaults() -> None:
    options = complete_options((WHOLE, FREE, SWITCH, CHOICE), {"on": "1", "n": "9"})
    assert options.whole("n") == 9
    assert options.maybe("gain") is None
    assert options.switch("on")
    assert options.text("format") == "json"
    assert checked((WHOLE,), {}) == {}
    with pytest.raises(RequestError, match="no option size here"):
        complete_options((WHOLE, FREE), {"size": 1})


def _every_field() -> list[Field]:
    return [
        *(field for source in SOURCES.values() for field in source.fields),
        *(field for output in OUTPUTS.values() for field in output.fields),
        *(field for detector in DETECTORS.values() for field in detector.fields),
        *FIELDS.values(),
        *KEEP_FIELDS.values(),
        *(choice.field for choice in CHOICES),
    ]


@pytest.mark.parametrize("field", _every_field(), ids=lambda field: field.key)
def test_every_field_of_the_program_takes_its_own_default(field: Field) -> None:
    assert field.default is None or field.allows(field.default)
    assert field.default is None or field.read(field.default) == field.default
    assert bool(field.choices) is (field.kind is FieldKind.CHOICE)
    assert field.secret is ("_env" in field.key or field.key == "password_from")


def test_a_new_station_is_made_of_the_defaults_of_its_fields() -> None:
    station = Station()
    assert {key: getattr(station, key) for key in FIELDS} == {
        key: field.default for key, field in FIELDS.items()
    }
    assert {key: getattr(station.keep, key) for key in KEEP_FIELDS} == {
        key: field.default for key, field in KEEP_FIELDS.items()
    }
