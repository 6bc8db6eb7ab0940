r"""A source in one line of text, for the command line and for people to copy.

``kind:address?option=value&option=value``, for example ``camera:0?width=1920&height=1080``,
``replay:C:\pictures?fps=30`` or ``stream:rtsp://host/line1``.

The options begin at the last question mark. A stream's address may hold one itself: what follows
the last one is read as options only when every part is an option of streams. ``write_source`` ends
such an address with a question mark of its own. In values ``%26`` stands for ``&`` and so on.
"""

from __future__ import annotations

from urllib.parse import unquote

from deeprx_gui.capture.sources.hidden import hide_password
from deeprx_gui.capture.sources.options import checked
from deeprx_gui.capture.sources.table import SOURCES, complete_address
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.option import Value
from deeprx_gui.domain.source import SourceKind, SourceSpec

_ESCAPED = {"%": "%25", "&": "%26", "?": "%3F"}


def parse_source(text: str) -> SourceSpec:
    """Read a source from one line. Raises RequestError with what to write instead."""
    name, colon, rest = text.strip().partition(":")
    try:
        kind = SourceKind(name.casefold())
    except ValueError as error:
        raise RequestError(
            say(
                "“{text}” does not say what kind of source it is. Write one of these in front: "
                "{kinds}. For example folder:PATH or camera:0.",
                text=hide_password(text),
                kinds=", ".join(f"{kind}:" for kind in SourceKind) if colon else "folder:",
            )
        ) from error
    address, options = _split(kind, rest)
    return SourceSpec(
        kind, complete_address(kind, address), checked(SOURCES[kind].options, options)
    )


def write_source(spec: SourceSpec) -> str:
    """Return a source in one line that ``parse_source`` reads back, password and all."""
    parts = [f"{key}={_written(value)}" for key, value in spec.options.items()]
    mark = "?" if parts or "?" in spec.address else ""
    return f"{spec.kind}:{spec.address}{mark}{'&'.join(parts)}"


def show_source(spec: SourceSpec) -> str:
    """Return a source in one line for screens and logs: a password in its address is hidden."""
    return hide_password(write_source(spec))


def _split(kind: SourceKind, rest: str) -> tuple[str, dict[str, Value]]:
    address, mark, tail = rest.rpartition("?")
    if not mark:
        return rest, {}
    pairs = [part.partition("=") for part in tail.split("&") if part]
    known = {option.key for option in SOURCES[kind].options}
    if kind is SourceKind.STREAM and any(key not in known for key, _, _ in pairs):
        return rest, {}
    for key, equals, _ in pairs:
        if not equals:
            raise RequestError(say("The option {key} has no value. Write {key}=VALUE.", key=key))
    return address, {key: unquote(value) for key, _, value in pairs}


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(int(value))
    text = repr(value) if isinstance(value, float) else str(value)
    return "".join(_ESCAPED.get(letter, letter) for letter in text)
