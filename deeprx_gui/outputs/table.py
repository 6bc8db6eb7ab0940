"""The table of outputs: each kind's title, address, options, and how it is built."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.option import Form, Value
from deeprx_gui.domain.output import OutputKind, OutputSpec
from deeprx_gui.outputs.address import checked_url, host_and_port, joined
from deeprx_gui.outputs.base import PAUSES, Output, Receiver, Worker
from deeprx_gui.outputs.commands import Commands
from deeprx_gui.outputs.options import Option

_HERE = "deeprx_gui.outputs"

Builder = Callable[[OutputSpec, Commands], Receiver]


@dataclass(frozen=True)
class OutputKindSpec:
    """One kind: ``build`` names the function that makes its receiver, imported when needed.

    ``address``: what the address means, for people, ``form`` how it is asked for, ``example`` one.
    """

    title: Message
    address: Message
    form: Form
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


_TIMEOUT = Option("timeout", say("Longest wait for an answer"), Form.NUMBER, 5.0, "s", 0.1, 60.0)

OUTPUTS: Mapping[OutputKind, OutputKindSpec] = {
    OutputKind.FILES: OutputKindSpec(
        say("Result files in a folder"),
        say("Folder"),
        Form.FOLDER,
        r"C:\results",
        (Option("write", say("One file for each"), Form.CHOICE, "part", choices=("part", "day")),),
        f"{_HERE}.files:build",
        _folder,
    ),
    OutputKind.TCP: OutputKindSpec(
        say("TCP line server"),
        say("This PC's address and port"),
        Form.TEXT,
        "127.0.0.1:9100",
        (
            Option("format", say("Format of a line"), Form.CHOICE, "json", choices=("json", "csv")),
            Option("end", say("End of a line"), Form.CHOICE, "lf", choices=("lf", "crlf")),
        ),
        f"{_HERE}.tcp:build",
        _at(None),
    ),
    OutputKind.MODBUS: OutputKindSpec(
        say("Modbus TCP (PLC)"),
        say("Address and port"),
        Form.TEXT,
        "0.0.0.0:502",
        (
            Option(
                "role", say("Role of this PC"), Form.CHOICE, "server", choices=("server", "client")
            ),
            Option("base", say("First register"), Form.WHOLE, 0, "", 0, 65000),
            Option("coil", say("Trigger coil"), Form.WHOLE, 0, "", 0, 65535),
            Option("unit", say("Device number"), Form.WHOLE, 1, "", 0, 255),
            Option(
                "words",
                say("First word of a 32-bit number"),
                Form.CHOICE,
                "high",
                choices=("high", "low"),
            ),
            Option("poll", say("Asks the trigger coil every"), Form.WHOLE, 50, "ms", 10, 5000),
            replace(_TIMEOUT, default=1.0),
        ),
        f"{_HERE}.modbus:build",
        _at(502),
    ),
    OutputKind.MQTT: OutputKindSpec(
        say("MQTT"),
        say("Broker's address and port"),
        Form.TEXT,
        "broker:1883",
        (
            Option("topic", say("Topics begin with"), Form.TEXT, "deeprx"),
            Option("user", say("User name"), Form.TEXT, ""),
            Option("password_env", say("Environment variable with the password"), Form.TEXT, ""),
            Option("client_id", say("Client name"), Form.TEXT, ""),
            Option("tls", say("Encrypted (TLS)"), Form.SWITCH, default=False),
            Option("ca", say("Certificate authority's file"), Form.FILE, ""),
            _TIMEOUT,
        ),
        f"{_HERE}.mqtt:build",
        _at(1883),
    ),
    OutputKind.HTTP: OutputKindSpec(
        say("HTTP POST"),
        say("Web address"),
        Form.TEXT,
        "https://server/verdicts",
        (
            _TIMEOUT,
            Option("token_env", say("Environment variable with the access token"), Form.TEXT, ""),
            Option("ca", say("Certificate authority's file"), Form.FILE, ""),
            Option("proxy", say("Through this PC's proxy"), Form.SWITCH, default=False),
        ),
        f"{_HERE}.http:build",
        checked_url,
    ),
}


def open_output(
    spec: OutputSpec, *, commands: Commands | None = None, pauses: tuple[float, ...] = PAUSES
) -> Output:
    """Build an output without starting it; its states carry ``spec`` as it was given.

    Raises RequestError when the spec makes no sense.
    """
    module, _, function = OUTPUTS[spec.kind].build.partition(":")
    sound = checked(spec)
    build = cast("Builder", getattr(importlib.import_module(module), function))
    return Worker(spec, build(sound, commands or Commands()), pauses=pauses)


def checked(spec: OutputSpec) -> OutputSpec:
    """Return the spec with a sound address and options of the right type. Raises RequestError.

    Only options that differ from their default are kept: that is the form it is stored in.
    """
    kind = OUTPUTS[spec.kind]
    known = {option.key: option for option in kind.options}
    options: dict[str, Value] = {}
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
        sound = known[key].read(value)
        if sound != known[key].default:
            options[key] = sound
    return OutputSpec(spec.kind, kind.check(spec.address), options)


def option(spec: OutputSpec, key: str) -> Value:
    """Return an option of a checked spec, or its default."""
    found = {o.key: o.default for o in OUTPUTS[spec.kind].options}
    return spec.options.get(key, found[key])
