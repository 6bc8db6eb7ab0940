"""TCP line server: every connected client gets one line for each verdict, and may trigger."""

from __future__ import annotations

from deeprx_gui.domain.field import Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.address import host_and_port, joined
from deeprx_gui.outputs.base import NumberedRecord, ReceiverUnreachable
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.line_server import LineServer
from deeprx_gui.outputs.payload import state_words, to_csv, to_json


class TcpReceiver:
    """The line server as an output; who is not connected is not told later."""

    every = 1.0
    present_only = False

    def __init__(self, spec: OutputSpec, options: Options, commands: ReceiverCommands) -> None:
        """Build from a checked spec; nothing listens before ``open``."""
        self._host, self._port = host_and_port(spec.address)
        self._line = to_csv if options.text("format") == "csv" else to_json
        self._end = b"\r\n" if options.text("end") == "crlf" else b"\n"
        self._encoding = options.text("encoding")
        self._commands = commands
        self._server: LineServer | None = None

    def open(self) -> None:
        """Listen. Raises Unreachable."""
        self._server = LineServer(
            self._host, self._port, self.answer, end=self._end, encoding=self._encoding
        )

    def deliver(self, told: NumberedRecord) -> None:
        """Pass one verdict to everybody connected."""
        self._there().send(self._line(told.record))

    def idle(self, *, running: bool) -> None:  # noqa: ARG002 - lines say only verdicts
        """Check that the server thread is alive."""
        self._there()

    def notice(self) -> Message | None:
        """Return a notice about disconnected clients, or that there are none."""
        server = self._server
        if server is None:
            return None
        if server.cut_off:
            return say(
                "{client} did not read and was cut off. It may connect again.",
                client=server.cut_off,
            )
        if server.clients == 0:
            return say(
                "Nobody is connected to {address}; verdicts are not sent later.",
                address=joined(self._host, self._port),
            )
        return None

    def close(self) -> None:
        """Close all connections."""
        if self._server is not None:
            self._server.close()
        self._server = None

    def abort(self) -> None:
        """Nothing here waits for the other side."""

    def answer(self, line: str, client: str = "") -> bytes | None:
        """Answer one command of a client; an empty line gets no answer."""
        word, _, rest = line.partition(" ")
        match word.upper():
            case "":
                return None
            case "PING":
                return b"PONG"
            case "TRIGGER":
                return _reply("TRIGGER", self._commands.trigger(rest, place=client))
            case "STATUS":
                words = state_words(self._commands.status()).items()
                return " ".join(["STATUS", *(f"{key}={value}" for key, value in words)]).encode()
            case "PRODUCT":
                return _reply("PRODUCT", self._commands.product(rest))
            case _:
                return b"NAK unknown command; known: TRIGGER [serial], PRODUCT name, STATUS, PING"

    def _there(self) -> LineServer:
        if self._server is None or not self._server.alive:
            raise ReceiverUnreachable(say("The line server ended. It is started again."))
        return self._server


def _reply(word: str, problem: Message | None) -> bytes:
    text = f"ACK {word}" if problem is None else f"NAK {word} {problem}"
    return " ".join(text.splitlines()).encode("utf-8", "backslashreplace")


def build(spec: OutputSpec, options: Options, commands: ReceiverCommands) -> TcpReceiver:
    """Build the receiver of a checked spec."""
    return TcpReceiver(spec, options, commands)
