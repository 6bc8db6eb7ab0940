"""The line server: everybody hears every verdict, nobody can delay it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import complete_options
from deeprx_gui.domain.line_status import LineStatus, TriggerCounts
from deeprx_gui.domain.message import say
from deeprx_gui.outputs import line_server
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.line_server import LineServer
from deeprx_gui.outputs.places import Seat, who_goes
from deeprx_gui.outputs.table import OUTPUTS, parse_output
from deeprx_gui.outputs.tcp import TcpReceiver
from tests.outputs.conftest import Rig, free_port, is_ready, is_retrying, only, record, until


class Client:
    """A client that reads lines."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.sock.makefile("rb")

    def line(self) -> str:
        return self.file.readline().decode()

    def ask(self, command: str) -> str:
        self.sock.sendall(command.encode() + b"\n")
        return self.line().rstrip()

    def close(self) -> None:
        self.file.close()
        self.sock.close()


@contextmanager
def connected(port: int) -> Iterator[Client]:
    client = Client(port)
    try:
        # An answer proves that the server let us in; a verdict told just now may come before it.
        answer = client.ask("PING")
        while answer != "PONG":
            assert answer
            answer = client.line().rstrip()
        yield client
    finally:
        client.close()


def test_every_client_gets_one_line_for_each_verdict(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    with connected(port) as one, connected(port) as two:
        for number in range(100):
            hub.tell(record(number))
        for client in (one, two):
            lines = [json.loads(client.line()) for _ in range(100)]
            assert [line["number"] for line in lines] == list(range(100))
            assert lines[0]["verdict"] == "NG"


def test_lines_may_be_csv_and_end_as_the_plc_wants(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}?format=csv&end=crlf")
    until(lambda: is_ready(hub))
    with connected(port) as client:
        hub.tell(record(1))
        line = client.line()
        assert line.startswith("uid-0001,1,2026-07-01T08:30:15.123Z,ブラケット,7,NG,3.0,1.5,S-1,")
        assert line.endswith("\r\n")


def test_only_this_pc_is_listened_to_unless_said_otherwise(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    with connected(port) as client:
        assert client.sock.getpeername()[0] == "127.0.0.1"
    # Another address of this very PC is refused.
    with pytest.raises(OSError, match=r".*"):
        socket.create_connection(("127.0.0.2", port), timeout=2)


def test_commands(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    with connected(port) as client:
        assert client.ask("TRIGGER") == "ACK TRIGGER"
        assert client.ask("trigger S 17\r") == "ACK TRIGGER"
        assert client.ask("PRODUCT ブラケット A") == "ACK PRODUCT"
        assert client.ask("PRODUCT").startswith("NAK PRODUCT")
        assert client.ask("\n\nDELETE everything").startswith("NAK unknown command")
        assert client.ask("TRIGGER " + "x" * 300).startswith("NAK TRIGGER")
        assert client.ask("TRIGGER a\x07b").startswith("NAK TRIGGER")
    assert rig.triggers == ["", "S 17"]
    assert rig.products == ["ブラケット A"]


def test_a_command_nobody_takes_is_refused_with_a_reason() -> None:
    def refuses(text: str, origin: str) -> None:
        raise RequestError(say("Nothing runs.\nPress Start."))

    def fails(text: str) -> None:
        raise ZeroDivisionError

    spec, usual = parse_output("tcp:9100"), complete_options(OUTPUTS["tcp"].fields, {})
    nobody = TcpReceiver(spec, usual, ReceiverCommands())
    assert nobody.answer("TRIGGER") == b"NAK TRIGGER this command is not expected now"
    refused = TcpReceiver(spec, usual, ReceiverCommands(refuses, fails))
    assert refused.answer("TRIGGER 1") == b"NAK TRIGGER Nothing runs. Press Start."
    assert (refused.answer("PRODUCT x") or b"").startswith(b"NAK PRODUCT the command failed")


def test_a_client_that_never_reads_is_cut_off_and_the_others_hear_everything(
    rig: Rig, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_server, "MOST_WAITING", 20_000)
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    long = "x" * 20_000  # a few hundred of these fill every buffer of the system
    heard = 0
    with connected(port) as deaf, connected(port) as well:
        while "cut off" not in str(only(hub).problem) and heard < 2000:
            hub.tell(record(heard, note="", source=long[: 9000 + heard]))
            assert json.loads(well.line())["number"] == heard
            heard += 1
        assert heard < 2000
        hub.tell(record(5000))
        assert json.loads(well.line())["number"] == 5000
        deaf.sock.settimeout(10)
        while deaf.sock.recv(1 << 20):
            pass  # what was sent before, then the end
    with connected(port):
        until(lambda: only(hub).problem is None)


def test_nobody_there_is_said(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: "Nobody is connected" in str(only(hub).problem))
    hub.tell(record(1))
    until(lambda: only(hub).waiting == 0)
    with connected(port) as client:
        until(lambda: only(hub).problem is None)
        hub.tell(record(2))
        assert json.loads(client.line())["number"] == 2


def test_a_port_in_use_is_said_and_tried_again(rig: Rig, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        hub = rig.outputs(f"tcp:{port}")
        until(lambda: is_retrying(hub))
        assert f"127.0.0.1:{port}" in str(only(hub).problem)
    until(lambda: is_ready(hub))
    with connected(port):
        pass


def test_a_line_without_end_is_no_way_to_fill_the_memory(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    with connected(port) as client:
        client.sock.sendall(b"x" * 5000)
        assert "longer than 1024 bytes" in client.line()
        assert client.line() == ""  # cut off


def test_too_many_clients_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_server, "MOST_CLIENTS", 1)
    port = free_port()
    server = LineServer("127.0.0.1", port, lambda line, peer: b"PONG")
    try:
        with connected(port):
            second = Client(port)
            assert second.line() == ""
            second.close()
            assert server.clients == 1
    finally:
        server.close()
    assert not server.alive


def test_closing_sends_what_was_told_last(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    with connected(port) as client:
        hub.tell(record(9))
        hub.close()
        assert json.loads(client.line())["number"] == 9
        assert client.line() == ""


def test_lines_end_as_every_plc_ends_them_and_what_cannot_be_read_is_said(
    rig: Rig, port: int
) -> None:
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    with connected(port) as client:
        client.sock.sendall(b"PING\rPING\r\nTRIGGER A1\r" + b"TRIGGER \x83\x65\n")
        assert [client.line().rstrip() for _ in range(4)] == [
            "PONG", "PONG", "ACK TRIGGER", "NAK this line is not utf-8",
        ]  # fmt: skip
        client.sock.sendall(b"TRIGGER " + b"x" * 2000 + b"\nPING\n")
        assert "longer than 1024 bytes" in client.line()
        assert client.line().rstrip() == "PONG", "and the client stays"
    assert rig.triggers == ["A1"]


def test_half_a_line_is_no_command_until_its_end_comes(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    with connected(port) as gone:
        gone.sock.sendall(b"PING\nTRIGGER NEVER-ENDED")
        assert gone.line().rstrip() == "PONG"
    with connected(port) as client:
        client.sock.sendall(b"PING\nTRIG")
        assert client.line().rstrip() == "PONG", "so its first half has come"
        assert rig.triggers == []
        assert client.ask("GER WHOLE") == "ACK TRIGGER"
    assert rig.triggers == ["WHOLE"]


def test_a_plc_may_write_in_cp932(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"tcp:{port}?encoding=cp932")
    until(lambda: is_ready(hub))
    with connected(port) as client:
        client.sock.sendall("TRIGGER 部品1\r".encode("cp932"))
        assert client.line().rstrip() == "ACK TRIGGER"
    assert rig.triggers == ["部品1"]


def test_the_state_is_asked_for(rig: Rig, port: int) -> None:
    counts = TriggerCounts(accepted=7, refused=2)
    rig.status = LineStatus(running=True, source_away=True, waiting=3, most=8, counts=counts)
    hub = rig.outputs(f"tcp:{port}")
    until(lambda: is_ready(hub))
    with connected(port) as client:
        words = client.ask("status").split()
    assert words[0] == "STATUS"
    told = dict(word.split("=") for word in words[1:])
    assert (told["running"], told["ready"], told["busy"]) == ("1", "0", "1")
    assert (told["source_away"], told["accepted"], told["refused"]) == ("1", "7", "2")


def test_a_flood_of_lines_puts_nobody_else_behind(port: int) -> None:
    """Another client's trigger is answered while most of the flood is still to be worked off."""
    heard: list[str] = []
    sent = threading.Event()

    def answer(line: str, peer: str) -> bytes:
        if line == "flood":
            assert sent.wait(60)
        heard.append(line)
        return b"ACK"

    server = LineServer("127.0.0.1", port, answer)
    flood, plc = Client(port), Client(port)
    try:
        flood.sock.sendall(b"flood\n" * 4000)
        plc.sock.sendall(b"real\n")
        sent.set()
        assert plc.line() == "ACK\n"
        for _ in range(4000):
            assert flood.line() == "ACK\n"
    finally:
        flood.close()
        plc.close()
        server.close()
    assert heard.index("real") < 1000


@pytest.mark.parametrize(
    ("seats", "newcomer", "goes"),
    [
        ([("a", 5.0), ("a", 1.0), ("b", 9.0)], "c", 0),  # a has most places: its silent one
        ([("a", 5.0), ("a", 1.0)], "a", None),  # its own ones are not idle
        ([("a", 61.0), ("a", 1.0)], "a", 0),
        ([("a", 5.0), ("a", 1.0)], "b", 0),
        ([], "a", None),
    ],
)
def test_who_leaves_when_the_places_are_needed(
    seats: list[tuple[str, float]], newcomer: str, goes: int | None
) -> None:
    assert who_goes([Seat(*seat) for seat in seats], newcomer) == goes
