"""The table of outputs: each kind's title, address, options, and how it is built."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.option import Option, OptionValue
from deeprx_gui.domain.output import OutputKind, OutputSpec
from deeprx_gui.outputs.address import checked_url, host_and_port, joined
from deeprx_gui.outputs.base import PAUSES, Output, Receiver, Worker
from deeprx_gui.outputs.commands import Commands

_HERE = "deeprx_gui.outputs"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}

Builder = Callable[[OutputSpec, Commands], Receiver]


@dataclass(frozen=True)
class OutputKindSpec:
    """One kind: ``build`` names the function that makes its receiver, imported when needed.

    ``address``: what the address means, for people; ``example`` one of them.
    """

    title: Message
    address: Message
    example: str
    options: tuple[Option, ...]
    build: str
    check: Callable[[str], str]


def _folder(address: str) -> str:
    if not address.strip() or "\0" in address:
        raise RequestError(say("Choose the folder that result files are written to."))
    return address


def _at(default: int | None) -> Callable[[str], str]:
    return lambda address: joined(*host_and_port(address, port=default))


_TIMEOUT = Option("timeout", say("Longest wait for an answer"), 5.0, "s", 0.1, 60.0)

OUTPUTS: Mapping[OutputKind, OutputKindSpec] = {
    OutputKind.FILES: OutputKindSpec(
        say("Result files in a folder"),
        say("Folder"),
        r"C:\results",
        (Option("write", say("One file for each"), "part", choices=("part", "day")),),
        f"{_HERE}.files:build",
        _folder,
    ),
    OutputKind.TCP: OutputKindSpec(
        say("TCP line server"),
        say("This PC's address and port"),
        "127.0.0.1:9100",
        (
            Option("format", say("Format of a line"), "json", choices=("json", "csv")),
            Option("end", say("End of a line"), "lf", choices=("lf", "crlf")),
        ),
        f"{_HERE}.tcp:build",
        _at(None),
    ),
    OutputKind.MODBUS: OutputKindSpec(
        say("Modbus TCP (PLC)"),
        say("Address and port"),
        "0.0.0.0:502",
        (
            Option("role", say("Role of this PC"), "server", choices=("server", "client")),
            Option("base", say("First register"), 0, "", 0, 65000),
            Option("coil", say("Trigger coil"), 0, "", 0, 65535),
            Option("unit", say("Device number"), 1, "", 0, 255),
            Option("words", say("First word of a 32-bit number"), "high", choices=("high", "low")),
            Option("poll", say("Asks the trigger coil every"), 50, "ms", 10, 5000),
            replace(_TIMEOUT, default=1.0),
        ),
        f"{_HERE}.modbus:build",
        _at(502),
    ),
    OutputKind.MQTT: OutputKindSpec(
        say("MQTT"),
        say("Broker's address and port"),
        "broker:1883",
        (
            Option("topic", say("Topics begin with"), "deeprx"),
            Option("user", say("User name"), ""),
            Option("password_env", say("Environment variable with the password"), ""),
            Option("client_id", say("Client name"), ""),
            Option("tls", say("Encrypted (TLS)"), default=False),
            Option("ca", say("Certificate authority's file"), ""),
            _TIMEOUT,
        ),
        f"{_HERE}.mqtt:build",
        _at(1883),
    ),
    OutputKind.HTTP: OutputKindSpec(
        say("HTTP POST"),
        say("Web address"),
        "https://server/verdicts",
        (
            _TIMEOUT,
            Option("token_env", say("Environment variable with the access token"), ""),
            Option("ca", say("Certificate authority's file"), ""),
            Option("proxy", say("Through this PC's proxy"), default=False),
        ),
        f"{_HERE}.http:build",
        checked_url,
    ),
}


def open_output(
    spec: OutputSpec, *, commands: Commands | None = None, pauses: tuple[float, ...] = PAUSES
) -> Output:
    """Build an output without starting it. Raises RequestError when the spec makes no sense."""
    spec = checked(spec)
    module, _, function = OUTPUTS[spec.kind].build.partition(":")
    build = cast("Builder", getattr(importlib.import_module(module), function))
    return Worker(spec, build(spec, commands or Commands()), pauses=pauses)


def checked(spec: OutputSpec) -> OutputSpec:
    """Return the spec with a sound address and options of the right type. Raises RequestError.

    Only options that differ from their default are kept: that is the form it is stored in.
    """
    kind = OUTPUTS[spec.kind]
    known = {option.key: option for option in kind.options}
    options: dict[str, OptionValue] = {}
    for key, value in spec.options.items():
        if key not in known:
            raise RequestError(
                say(
                    "The output {kind} has no option “{key}”. It knows: {known}.",
                    kind=spec.kind.value,
                    key=key,
                    known=", ".join(known),
                )
            )
        sound = _sound(known[key], value)
        if sound != known[key].default:
            options[key] = sound
    return OutputSpec(spec.kind, kind.check(spec.address), options)


def option(spec: OutputSpec, key: str) -> OptionValue:
    """Return an option of a checked spec, or its default."""
    found = {o.key: o.default for o in OUTPUTS[spec.kind].options}
    return spec.options.get(key, found[key])


def _sound(option: Option, value: OptionValue) -> OptionValue:
    """Return the value in the option's own type and within its bounds."""
    try:
        sound = _typed(option, value)
    except (ValueError, OverflowError):
        sound = None
    if sound is None or not _within(option, sound):
        raise RequestError(
            say(
                "“{value}” is not possible for the option {key}. {allowed}",
                value=value,
                key=option.key,
                allowed=_allowed(option),
            )
        )
    return sound


def _typed(option: Option, value: OptionValue) -> OptionValue | None:
    match option.default:
        case bool():
            word = str(value).lower()
            return True if word in _TRUE else False if word in _FALSE else None
        case int():
            return None if isinstance(value, bool) else int(str(value))
        case float():
            return None if isinstance(value, bool) else float(value)
        case _:
            return value if isinstance(value, str) else None


def _within(option: Option, value: OptionValue) -> bool:
    if option.choices:
        return value in option.choices
    if isinstance(value, str):
        named = option.key.endswith("_env") and value
        return value.isprintable() and (not named or _VARIABLE.fullmatch(value) is not None)
    low = option.minimum if option.minimum is not None else float("-inf")
    high = option.maximum if option.maximum is not None else float("inf")
    return low <= value <= high


def _allowed(option: Option) -> Message:
    if option.choices:
        return say("Choose one of: {choices}.", choices=", ".join(option.choices))
    if isinstance(option.default, bool):
        return say("Write 1 or 0.")
    if option.minimum is not None:
        return say("It is a number from {low} to {high}.", low=option.minimum, high=option.maximum)
    if option.key.endswith("_env"):
        return say("It is the name of an environment variable.")
    return say("It is a short text.")
