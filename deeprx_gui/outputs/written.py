"""Outputs as one line of text: ``tcp:127.0.0.1:9100?format=csv``."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.option import Value
from deeprx_gui.domain.output import OutputKind, OutputSpec
from deeprx_gui.outputs.address import checked_url
from deeprx_gui.outputs.table import OUTPUTS, checked

_ESCAPED = {"%": "%25", "?": "%3F", "#": "%23"}


def parse_output(text: str) -> OutputSpec:
    """Read ``kind:address?option=value&…``; raises RequestError with what to write instead.

    A ``?`` or ``#`` inside a folder's name is written ``%3F`` and ``%23``. The options of a web
    address follow a ``#``, because its ``?`` belongs to the address itself.
    """
    word, colon, rest = text.strip().partition(":")
    try:
        kind = OutputKind(word.lower())
    except ValueError:
        kind = None
    if kind is None or not colon:
        raise RequestError(
            say(
                "“{text}” is not an output. It begins with one of {known}, for example {example}.",
                text=text,
                known=", ".join(f"{k.value}:" for k in OutputKind),
                example="tcp:127.0.0.1:9100",
            )
        )
    address, _, query = rest.partition(_mark(kind))
    if kind is OutputKind.HTTP:
        _no_options_before_the_mark(checked_url(address))
    else:
        address = _unescaped(address)
    return checked(OutputSpec(kind, address, _options(query)))


def write_output(spec: OutputSpec) -> str:
    """Write an output so that ``parse_output`` reads the same one again."""
    address = spec.address
    if spec.kind is not OutputKind.HTTP:
        address = "".join(_ESCAPED.get(letter, letter) for letter in address)
    query = urlencode({k: _word(v) for k, v in spec.options.items()}, quote_via=quote)
    return f"{spec.kind.value}:{address}{_mark(spec.kind) if query else ''}{query}"


def _mark(kind: OutputKind) -> str:
    return "#" if kind is OutputKind.HTTP else "?"


def _options(query: str) -> dict[str, Value]:
    options: dict[str, Value] = {}
    if not query:
        return options
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        pairs = []
    for key, value in pairs:
        if key in options:
            pairs = []
        options[key] = value
    if not pairs:
        raise RequestError(
            say(
                "“{query}” is not a list of options. Write each once, as name=value, with &"
                " between them.",
                query=query,
            )
        )
    return options


def _no_options_before_the_mark(url: str) -> None:
    keys = {key for key, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    known = {option.key for option in OUTPUTS[OutputKind.HTTP].options}
    if keys and keys <= known:
        raise RequestError(
            say(
                "What follows the ? belongs to the web address. Write options after a #, for"
                " example {example}.",
                example="http:https://server/verdicts#timeout=10",
            )
        )


def _unescaped(address: str) -> str:
    for letter in "?#%":  # the percent sign last, or it would make new escapes
        address = address.replace(_ESCAPED[letter], letter)
        address = address.replace(_ESCAPED[letter].lower(), letter)
    return address


def _word(value: Value) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
