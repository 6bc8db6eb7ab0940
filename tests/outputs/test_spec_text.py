"""An output is one line of text, and nonsense is answered with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import FieldKind, complete_options
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.table import (
    OUTPUTS,
    checked,
    open_output,
    parse_output,
    write_output,
)

WRITTEN = [
    ("tcp:127.0.0.1:9100?format=csv", "tcp", "127.0.0.1:9100", {"format": "csv"}),
    ("tcp:9100", "tcp", "127.0.0.1:9100", {}),
    ("TCP:[::1]:9100", "tcp", "[::1]:9100", {}),
    ("modbus:0.0.0.0:5020?role=server", "modbus", "0.0.0.0:5020", {}),
    (
        "modbus:plc.local?role=client&base=100&poll=20",
        "modbus",
        "plc.local:502",
        {"role": "client", "base": 100, "poll": 20},
    ),
    ("mqtt:broker:1883?topic=line1&tls=yes", "mqtt", "broker:1883",
     {"topic": "line1", "tls": True}),
    ("mqtt:broker", "mqtt", "broker:1883", {}),
    ("http:https://s.example/v?line=1", "http", "https://s.example/v?line=1", {}),
    ("http:http://s:8080/v#timeout=2.5", "http", "http://s:8080/v", {"timeout": 2.5}),
    ("files:C:\\results", "files", "C:\\results", {}),
    ("files:/srv/結果 1?write=day", "files", "/srv/結果 1", {"write": "day"}),
    ("files:/srv/100%/why%3F", "files", "/srv/100%/why?", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "address", "options"), WRITTEN)
def test_a_written_output_is_read(
    text: str, kind: str, address: str, options: dict[str, object]
) -> None:
    spec = parse_output(text)
    assert (spec.kind, spec.address, dict(spec.options)) == (kind, address, options)
    assert parse_output(write_output(spec)) == spec


WRONG = [
    ("", "not an output"),
    ("fax:123", "tcp:"),
    ("tcp", "not an output"),
    ("tcp:", "host:port"),
    ("tcp:somewhere", "host:port"),
    ("tcp:a:0", "host:port"),
    ("tcp:a:65536", "host:port"),
    ("tcp:a b:80", "host:port"),
    ("tcp:9100?colour=red", "no option “colour”. It knows: format, end"),
    ("tcp:9100?format=xml", "json, csv"),
    ("tcp:9100?format", "name=value"),
    ("tcp:9100?format=csv&format=json", "name=value"),
    ("modbus:a?unit=256", "from 0 to 255"),
    ("modbus:a?unit=1.5", "from 0 to 255"),
    ("mqtt:a?tls=maybe", "1 or 0"),
    ("mqtt:a?timeout=nan", "from 0.1 to 60"),
    ("mqtt:a?password=secret", "no option “password”"),
    ("mqtt:a?password_env=not a name", "environment variable"),
    ("http:ftp://a/b", "web address"),
    ("http:file:///etc/passwd", "web address"),
    ("http:https://", "web address"),
    ("http:https://[::1", "web address"),
    ("http:https://me:secret@host/", "password"),
    ("http:https://host/?timeout=3", "after a #"),
    ("files:", "folder"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_nonsense_is_answered_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(RequestError, match=r"\w") as caught:
        parse_output(text)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value) or "no option" in str(caught.value)


@given(st.text(min_size=1).filter(lambda t: t.strip() and "\0" not in t and t == t.strip()))
def test_any_folder_survives_writing_and_reading(folder: str) -> None:
    spec = OutputSpec("files", folder, {"write": "day"})
    assert parse_output(write_output(spec)) == spec


def test_stored_options_are_checked_too() -> None:
    with pytest.raises(RequestError, match="role"):
        checked(OutputSpec("modbus", "plc", {"role": True}))
    with pytest.raises(RequestError, match="poll"):
        open_output(OutputSpec("modbus", "plc", {"poll": True}))
    assert checked(OutputSpec("modbus", "plc", {"poll": 50})).options == {}


def test_the_table_is_complete_and_its_examples_are_sound() -> None:
    assert set(OUTPUTS) == {"files", "tcp", "modbus", "opcua", "mqtt", "http"}
    for kind, entry in OUTPUTS.items():
        spec = checked(OutputSpec(kind, entry.example))
        options = complete_options(entry.fields, spec.options)
        for each in entry.fields:
            assert options.values[each.key] == each.default
            assert each.read(each.default) == each.default
            assert bool(each.choices) is (each.kind is FieldKind.CHOICE)
        output = open_output(spec)
        assert output.state().problem is None
        output.close()


def test_states_carry_the_output_as_it_was_given() -> None:
    given = OutputSpec("modbus", "plc", {"role": "server", "poll": 50})
    assert open_output(given).state().spec is given
