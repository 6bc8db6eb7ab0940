"""One grammar of specs, whatever the rule of an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.connection import AddressRule, ConnectionType, Registry, Spec
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Field, FieldKind
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.spec_text import read_spec, split_kind, write_spec


def kind(rule: AddressRule) -> ConnectionType:
    title = say("Title")
    fields = (
        Field("text", title, FieldKind.FILE),
        Field("timeout", title, FieldKind.NUMBER),
    )
    where = Field("address", title, FieldKind.TEXT)
    return ConnectionType(key="x", title=title, address=where, fields=fields, rule=rule)


@pytest.mark.parametrize(
    ("rule", "rest", "address", "options"),
    [
        (AddressRule.PLAIN, "a?b?timeout=1", "a?b", {"timeout": "1"}),
        (AddressRule.PLAIN, "a%3Fb", "a%3Fb", {}),
        (AddressRule.PLAIN, "a?", "a", {}),
        (AddressRule.QUERY, "h/v?q=5", "h/v?q=5", {}),
        (AddressRule.QUERY, "h/v?timeout=5&q=5", "h/v?timeout=5&q=5", {}),
        (AddressRule.QUERY, "h/v?q=5?timeout=3", "h/v?q=5", {"timeout": "3"}),
        (AddressRule.QUERY, "h/v?timeout=3?", "h/v?timeout=3", {}),
        (AddressRule.ESCAPED, "a%3Fb?text=c?d", "a?b", {"text": "c?d"}),
        (AddressRule.ESCAPED, "100%25%23", "100%#", {}),
        (AddressRule.FRAGMENT, "h/v?q=5#timeout=3", "h/v?q=5", {"timeout": "3"}),
        (AddressRule.FRAGMENT, "h/v?q=5", "h/v?q=5", {}),
        (AddressRule.PLAIN, "a?text=1%26%3F%25+2&", "a", {"text": "1&?%+2"}),
    ],
)
def test_address_and_options_are_told_apart(
    rule: AddressRule, rest: str, address: str, options: dict[str, str]
) -> None:
    assert read_spec(kind(rule), rest) == (address, options)


@given(
    rule=st.sampled_from(AddressRule),
    address=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    text=st.text(st.characters(exclude_categories=["Cs"])),
    with_text=st.booleans(),
)
def test_whatever_is_written_reads_back(
    rule: AddressRule, address: str, text: str, with_text: bool
) -> None:
    if rule is AddressRule.FRAGMENT and set("#?") & set(address):
        return  # a # cannot stand in a web address, and its ? must not ask for options
    made = kind(rule)
    written = write_spec(made, Spec("x", address, {"text": text} if with_text else {}))
    word, colon, rest = written.partition(":")
    assert (word, colon) == ("x", ":")
    assert read_spec(made, rest) == (address, {"text": text} if with_text else {})


@pytest.mark.parametrize("rule", AddressRule)
def test_options_that_are_none_are_refused(rule: AddressRule) -> None:
    mark = "#" if rule is AddressRule.FRAGMENT else "?"
    for tail, says in (("timeout", "has no value"), ("timeout=1&timeout=2", "there twice")):
        with pytest.raises(RequestError, match=says) as caught:
            read_spec(kind(rule), f"a{mark}{tail}")
        assert "as name=value" in str(caught.value)


def test_the_kind_is_read_in_any_case() -> None:
    assert split_kind(" CAMERA:C:\\x ") == ("camera", True, "C:\\x")
    assert split_kind("tcp") == ("tcp", False, "")


def test_a_key_is_a_word() -> None:
    made = kind(AddressRule.PLAIN)

    def unknown(key: str, known: str) -> Message:
        return Message("No {key}, but {known}.", {"key": key, "known": known})

    registry = Registry(unknown, made)
    assert registry.find("x") is made
    with pytest.raises(RequestError, match="No y, but x"):
        registry.find("y")
    assert registry["x"] is made
    with pytest.raises(ValueError, match="registered already"):
        registry.register(made)
    with pytest.raises(ValueError, match="no key"):
        registry.register(ConnectionType(key="Two words", title=made.title, address=made.address))
    registry.unregister("x")
    assert not registry
