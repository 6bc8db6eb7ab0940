r"""A source or an output in one line of text, for the command line and for people to copy.

``kind:address?option=value&option=value``, for example ``camera:0?width=1920&height=1080``,
``replay:C:\pictures?fps=30`` or ``http:https://server/verdicts#timeout=10``. Where the options
begin is the kind's ``AddressRule``. In values ``%26`` stands for ``&`` and so on.
"""

from __future__ import annotations

from urllib.parse import unquote

from deeprx_gui.domain.connection import AddressRule, ConnectionType, Spec
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Field, Value
from deeprx_gui.domain.message import say
from deeprx_gui.domain.redaction import redact_password

_IN_VALUES = {"%": "%25", "&": "%26", "?": "%3F"}
_IN_ADDRESSES = {"%": "%25", "?": "%3F", "#": "%23"}


def split_kind(text: str) -> tuple[str, bool, str]:
    """Return the word before the colon in lower case, whether there is a colon, and the rest."""
    word, colon, rest = text.strip().partition(":")
    return word.casefold(), bool(colon), rest


def read_spec(kind: ConnectionType, rest: str) -> tuple[str, dict[str, Value]]:
    """Return the address and the options, still as text, of what follows ``kind:``.

    Raises RequestError for options that are none.
    """
    match kind.rule:
        case AddressRule.ESCAPED:
            address, _, tail = rest.partition("?")
            return _unescaped(address), _options(tail)
        case AddressRule.FRAGMENT:
            address, _, tail = rest.partition("#")
            _no_options_before_the_mark(kind, address)
            return address, _options(tail)
        case _:
            address, mark, tail = rest.rpartition("?")
            own = kind.rule is AddressRule.QUERY and not _keys(tail) <= _known(kind)
            return (rest, {}) if own or not mark else (address, _options(tail))


def write_spec(kind: ConnectionType, spec: Spec) -> str:
    """Return a spec in one line that reads back the same, a password in its address and all."""
    pairs = (f"{key}={_escaped(value)}" for key, value in spec.options.items())
    query, address = "&".join(pairs), spec.address
    mark = "#" if kind.rule is AddressRule.FRAGMENT else "?"
    plain = kind.rule in {AddressRule.PLAIN, AddressRule.QUERY}
    if kind.rule is AddressRule.ESCAPED:
        address = "".join(_IN_ADDRESSES.get(letter, letter) for letter in address)
    if not query and not (plain and "?" in address):  # the last ? would be taken for the mark
        mark = ""
    return f"{spec.kind}:{address}{mark}{query}"


def _known(kind: ConnectionType) -> set[str]:
    return {each.key for each in kind.fields}


def _keys(tail: str) -> set[str]:
    return {part.partition("=")[0] for part in tail.split("&") if part}


def _options(tail: str) -> dict[str, Value]:
    options: dict[str, Value] = {}
    for part in tail.split("&"):
        if not part:
            continue
        key, equals, value = part.partition("=")
        if not equals:
            raise RequestError(
                say(
                    "The option {key} has no value. Write each option once, as name=value, with & "
                    "between them.",
                    key=redact_password(key),
                )
            )
        if key in options:
            raise RequestError(
                say(
                    "The option {key} is there twice. Write each option once, as name=value, with "
                    "& between them.",
                    key=key,
                )
            )
        options[key] = unquote(value)
    return options


def _no_options_before_the_mark(kind: ConnectionType, url: str) -> None:
    keys = _keys(url.partition("?")[2])
    if keys and keys <= _known(kind):
        raise RequestError(
            say(
                "What follows the ? belongs to the web address. Write options after a #, for"
                " example {example}.",
                example="http:https://server/verdicts#timeout=10",
            )
        )


def _unescaped(address: str) -> str:
    for letter in "?#%":  # the percent sign last, or it would make new escapes
        address = address.replace(_IN_ADDRESSES[letter], letter)
        address = address.replace(_IN_ADDRESSES[letter].lower(), letter)
    return address


def _escaped(value: Value) -> str:
    return "".join(_IN_VALUES.get(letter, letter) for letter in Field.format(value))
