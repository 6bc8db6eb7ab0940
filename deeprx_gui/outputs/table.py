"""The table of outputs: adding a kind of output is adding an entry, or registering one."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, cast

from deeprx_gui.domain.connection import AddressRule, ConnectionType, Registry
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import (
    Answer,
    Field,
    FieldKind,
    Options,
    Unknown,
    complete_options,
    plain_choices,
)
from deeprx_gui.domain.field import checked as checked_options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.redaction import redact_password
from deeprx_gui.domain.spec_text import read_spec, split_kind, write_spec
from deeprx_gui.outputs.address import checked_url, host_and_port, joined
from deeprx_gui.outputs.base import PAUSES, Output, OutputWorker, Receiver
from deeprx_gui.outputs.commands import ReceiverCommands

Maker = Callable[[OutputSpec, Options, ReceiverCommands], Receiver]


@dataclass(frozen=True, kw_only=True)
class OutputType(ConnectionType):
    """One kind of output.

    ``make`` builds its receiver without reaching anybody yet. ``check`` returns an address as it
    is stored and raises RequestError for one that makes no sense. ``places``: it tells where on the
    picture the score is above the limit.
    """

    make: Maker
    check: Callable[[str], str] = str.strip
    places: bool = False


def _folder(address: str) -> str:
    if not address.strip() or "\0" in address:
        raise RequestError(say("Choose the folder that result files are written to."))
    return address


def _at(default: int | None) -> Callable[[str], str]:
    return lambda address: joined(*host_and_port(address, port=default))


def _in(module: str) -> Maker:
    """Return what calls ``build`` of a module of this package, imported when it is needed."""

    def make(spec: OutputSpec, options: Options, commands: ReceiverCommands) -> Receiver:
        build = importlib.import_module(f"{__package__}.{module}").build
        return cast("Maker", build)(spec, options, commands)

    return make


def _address(title: Message, kind: FieldKind = FieldKind.TEXT) -> Field:
    return Field("address", title, kind)


_TIMEOUT = Field("timeout", say("Response timeout"), FieldKind.NUMBER, 5.0, "s", 0.1, 60.0)
_CA = Field("ca", say("CA certificate file"), FieldKind.FILE, "")


def _no_output(key: str, known: str) -> Message:
    return say(
        "This program has no output “{kind}”. Choose one of: {known}.", kind=key, known=known
    )


OUTPUTS: Final[Registry[OutputType]] = Registry(
    _no_output,
    OutputType(
        key="files",
        title=say("Result files in a folder"),
        address=_address(say("Folder"), FieldKind.FOLDER),
        example=r"C:\results",
        rule=AddressRule.ESCAPED,
        check=_folder,
        make=_in("files"),
        fields=(
            Field(
                "write", say("One file per"), FieldKind.CHOICE, "part",
                choices=(Answer("part", say("each part")), Answer("day", say("each day"))),
            ),
        ),
    ),
    OutputType(
        key="tcp",
        title=say("TCP line server"),
        address=_address(say("This PC's address and port")),
        example="127.0.0.1:9100",
        rule=AddressRule.ESCAPED,
        check=_at(None),
        make=_in("tcp"),
        fields=(
            Field(
                "format", say("Line format"), FieldKind.CHOICE, "json",
                choices=plain_choices("json", "csv"),
            ),
            Field(
                "end", say("Line ending"), FieldKind.CHOICE, "lf",
                choices=(
                    Answer("lf", say("LF (line feed)")),
                    Answer("crlf", say("CR+LF (as on Windows)")),
                ),
            ),
            Field(
                "encoding", say("Character encoding of commands"), FieldKind.CHOICE, "utf-8",
                choices=plain_choices("utf-8", "cp932"),
            ),
        ),
    ),
    OutputType(
        key="modbus",
        title=say("Modbus TCP (PLC)"),
        address=_address(say("Address and port")),
        example="0.0.0.0:502",
        rule=AddressRule.ESCAPED,
        check=_at(502),
        make=_in("modbus"),
        fields=(
            Field(
                "role", say("Role of this PC"), FieldKind.CHOICE, "server",
                choices=(
                    Answer("server", say("server: others connect to this PC")),
                    Answer("client", say("client: this PC connects to another")),
                ),
            ),
            Field("base", say("First register address"), FieldKind.WHOLE, 0, "", 0, 65000),
            Field("coil", say("Trigger coil address"), FieldKind.WHOLE, 0, "", 0, 65535),
            Field("unit", say("Unit ID"), FieldKind.WHOLE, 1, "", 0, 255),
            Field(
                "words", say("Word order of 32-bit values"), FieldKind.CHOICE, "high",
                choices=(Answer("high", say("the high one")), Answer("low", say("the low one"))),
            ),
            Field("poll", say("Trigger coil polling interval"), FieldKind.WHOLE, 50, "ms", 10,
                  5000),
            replace(_TIMEOUT, default=1.0),
            Field(
                "map", say("Register map"), FieldKind.CHOICE, "auto",
                choices=(
                    Answer("auto", say("version 2 as server, version 1 as client")),
                    Answer("1", say("version 1 (22 registers)")),
                    Answer("2", say("version 2 (51 registers, with handshake)")),
                ),
            ),
            Field(
                "scale", say("Score register: 1000 is"), FieldKind.CHOICE, "suggested",
                choices=(
                    Answer("suggested", say("the suggested review limit, as on screen")),
                    Answer("limit", say("the review limit in use, as in older versions")),
                ),
            ),
            Field("ack", say("A verdict stays until the PLC acknowledges it (coil + 1)"),
                  FieldKind.SWITCH, default=False),
            Field("blank", say("A trigger sets the verdict register to 0"), FieldKind.SWITCH,
                  default=False),
            Field("level", say("The trigger coil mirrors a sensor: never reset by this PC"),
                  FieldKind.SWITCH, default=False),
        ),
    ),
    OutputType(
        key="opcua",
        title=say("OPC UA server (Machine Vision)"),
        address=_address(say("This PC's address and port")),
        example="127.0.0.1:4840",
        rule=AddressRule.ESCAPED,
        check=_at(4840),
        make=_in("opcua"),
        places=True,
        fields=(
            Field(
                "anonymous", say("Clients without a name may read"), FieldKind.SWITCH,
                default=False,
            ),
            Field("ack", say("A verdict stays until the client acknowledges it"),
                  FieldKind.SWITCH, default=False),
            Field("sessions", say("Sessions at a time"), FieldKind.WHOLE, 8, "", 1, 32),
        ),
    ),
    OutputType(
        key="mqtt",
        title=say("MQTT"),
        address=_address(say("Broker's address and port")),
        example="broker:1883",
        rule=AddressRule.ESCAPED,
        check=_at(1883),
        make=_in("mqtt"),
        fields=(
            Field("topic", say("Topic prefix"), FieldKind.TEXT, "deeprx"),
            Field("user", say("User name"), FieldKind.TEXT, ""),
            Field(
                "password_env", say("Environment variable with the password"), FieldKind.TEXT, "",
                secret=True,
            ),
            Field("client_id", say("Client ID"), FieldKind.TEXT, ""),
            Field("tls", say("Encrypted (TLS)"), FieldKind.SWITCH, default=False),
            _CA,
            _TIMEOUT,
        ),
    ),
    OutputType(
        key="http",
        title=say("HTTP POST"),
        address=_address(say("URL")),
        example="https://server/verdicts",
        rule=AddressRule.FRAGMENT,
        check=checked_url,
        make=_in("http"),
        fields=(
            _TIMEOUT,
            Field(
                "token_env", say("Environment variable with the access token"), FieldKind.TEXT, "",
                secret=True,
            ),
            _CA,
            Field("proxy", say("Use the system proxy"), FieldKind.SWITCH, default=False),
        ),
    ),
)  # fmt: skip


def register_output(kind: OutputType) -> None:
    """Add a kind of output, before the window or a command starts (``docs/outputs.md``)."""
    OUTPUTS.register(kind)


def open_output(
    spec: OutputSpec,
    *,
    commands: ReceiverCommands | None = None,
    pauses: tuple[float, ...] = PAUSES,
) -> Output:
    """Build an output without starting it; its states carry ``spec`` as it was given.

    Raises RequestError when the spec makes no sense.
    """
    kind, sound = OUTPUTS.find(spec.kind), checked(spec)
    options = complete_options(kind.fields, sound.options)
    return OutputWorker(
        spec, kind.make(sound, options, commands or ReceiverCommands()), pauses=pauses
    )


def checked(spec: OutputSpec) -> OutputSpec:
    """Return the spec with a sound address and options of the right type. Raises RequestError.

    Only options that differ from their default are kept: that is the form it is stored in.
    """
    kind = OUTPUTS.find(spec.kind)
    usual = {field.key: field.default for field in kind.fields}
    given = checked_options(kind.fields, spec.options, _no_option(kind.key))
    kept = {key: value for key, value in given.items() if value != usual[key]}
    return OutputSpec(kind.key, kind.check(spec.address), kept)


def parse_output(text: str) -> OutputSpec:
    """Read ``kind:address?option=value&…``; raises RequestError with what to write instead."""
    word, colon, rest = split_kind(text)
    if word not in OUTPUTS or not colon:
        raise RequestError(
            say(
                "“{text}” is not an output. It begins with one of {known}, for example {example}.",
                text=redact_password(text),
                known=", ".join(f"{kind}:" for kind in OUTPUTS),
                example="tcp:127.0.0.1:9100",
            )
        )
    return checked(OutputSpec(word, *read_spec(OUTPUTS[word], rest)))


def write_output(spec: OutputSpec) -> str:
    """Write an output so that ``parse_output`` reads the same one again."""
    return write_spec(OUTPUTS.find(spec.kind), spec)


def _no_option(kind: str) -> Unknown:
    return lambda key, known: say(
        "The output {kind} has no option “{key}”. It knows: {known}.",
        kind=kind,
        key=key,
        known=known,
    )
