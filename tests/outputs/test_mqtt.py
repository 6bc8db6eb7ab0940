"""MQTT against a real mosquitto, killed and restarted in mid-run."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.line_status import LineStatus
from deeprx_gui.domain.output import OutputConnection
from deeprx_gui.outputs.table import open_output, parse_output
from tests.outputs.conftest import Rig, free_port, is_ready, is_retrying, only, record, until

_PROGRAM = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
needs_mosquitto = pytest.mark.skipif(
    _PROGRAM is None, reason="needs the MQTT broker mosquitto: apt-get install mosquitto"
)


class Broker:
    """A mosquitto of our own."""

    def __init__(self, folder: Path, port: int, *, passwords: bool = False) -> None:
        self.port = port
        lines = [f"listener {port} 127.0.0.1", "persistence false", "log_dest none"]
        if passwords:
            lines += ["allow_anonymous false", f"password_file {folder / 'passwords'}"]
        else:
            lines += ["allow_anonymous true"]
        self._file = folder / "mosquitto.conf"
        self._file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.start()

    def start(self) -> None:
        assert _PROGRAM is not None
        self._process = subprocess.Popen([_PROGRAM, "-c", str(self._file)])
        until(self._answers)

    def _answers(self) -> bool:
        assert self._process.poll() is None, "mosquitto did not start"
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Listener:
    """Hears everything below deeprx/ and line1/."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = lambda _c, _u, m: self.heard.append(
            (m.topic, bytes(m.payload), m.retain)
        )
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe([("deeprx/#", 1), ("line1/#", 1)])
        assert subscribed.wait(60)

    def on(self, topic: str) -> list[bytes]:
        return [body for name, body, _ in self.heard if name == topic]

    def numbers(self, topic: str = "deeprx/verdict") -> list[int]:
        return [json.loads(body)["number"] for body in self.on(topic)]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path, port: int) -> Iterator[Broker]:
    made = Broker(tmp_path, port)
    yield made
    made.kill()


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    made = Listener(broker.port)
    yield made
    made.close()


@needs_mosquitto
def test_verdicts_status_and_running(rig: Rig, broker: Broker, listener: Listener) -> None:
    hub = rig.outputs(f"mqtt:127.0.0.1:{broker.port}?topic=/line1/cell 2/")
    for number in range(50):
        hub.tell(record(number))
    until(lambda: len(listener.on("line1/cell 2/verdict")) == 50)
    assert listener.numbers("line1/cell 2/verdict") == list(range(50))
    assert listener.on("line1/cell 2/status") == [b"online"]
    hub.set_running(True)
    until(lambda: listener.on("line1/cell 2/inspection")[-1:] == [b"running"])
    hub.set_running(False)
    until(lambda: listener.on("line1/cell 2/inspection")[-1:] == [b"stopped"])
    hub.close()
    until(lambda: listener.on("line1/cell 2/status") == [b"online", b"offline"])
    assert only(hub).dropped == 0


@needs_mosquitto
def test_status_is_kept_for_those_who_come_later_and_verdicts_are_not(
    rig: Rig, broker: Broker
) -> None:
    hub = rig.outputs(f"mqtt:127.0.0.1:{broker.port}")
    hub.tell(record(1))
    until(lambda: only(hub).waiting == 0 and is_ready(hub))
    late = Listener(broker.port)
    try:
        until(lambda: ("deeprx/status", b"online", True) in late.heard)
        assert late.on("deeprx/verdict") == []
    finally:
        late.close()


@needs_mosquitto
def test_a_program_that_dies_is_shown_as_offline(
    rig: Rig, broker: Broker, listener: Listener
) -> None:
    hub = rig.outputs(f"mqtt:127.0.0.1:{broker.port}")
    until(lambda: is_ready(hub))
    receiver = hub._outputs[0]._receiver  # type: ignore[attr-defined]
    receiver._client.socket().shutdown(socket.SHUT_RDWR)  # as when the process is killed
    until(lambda: b"offline" in listener.on("deeprx/status"))
    until(lambda: listener.on("deeprx/status")[-1] == b"online")  # and it comes back by itself


@needs_mosquitto
def test_a_broker_killed_in_mid_run_hears_the_rest_in_order(rig: Rig, broker: Broker) -> None:
    hub = rig.outputs(f"mqtt:127.0.0.1:{broker.port}")
    first = Listener(broker.port)
    for number in range(10):
        hub.tell(record(number))
    until(lambda: first.numbers() == list(range(10)))
    first.close()
    broker.kill()
    for number in range(10, 30):
        hub.tell(record(number))
    until(lambda: is_retrying(hub))
    assert "cannot be reached" in str(only(hub).problem)
    assert only(hub).waiting == 20
    # Whoever listens must be there before us, so the broker comes back on a port of its own and
    # our side hears of it only when the listener has subscribed.
    port, broker.port = broker.port, free_port()
    (broker._file).write_text(
        broker._file.read_text(encoding="utf-8").replace(str(port), str(broker.port)),
        encoding="utf-8",
    )
    broker.start()
    second = Listener(broker.port)
    receiver = hub._outputs[0]._receiver  # type: ignore[attr-defined]
    receiver._port = broker.port
    try:
        until(lambda: len(second.numbers()) >= 20)
        assert second.numbers() == list(range(10, 30))
        until(lambda: is_ready(hub) and only(hub).waiting == 0)
        assert only(hub).dropped == 0
    finally:
        second.close()


@needs_mosquitto
def test_a_broker_that_comes_back_without_a_memory_is_told_how_things_stand(
    rig: Rig, broker: Broker
) -> None:
    """The camera goes away, then the broker; who listens after that must hear of both."""
    rig.status = LineStatus(running=True)
    hub = rig.outputs(f"mqtt:127.0.0.1:{broker.port}")
    hub.set_running(True)
    until(lambda: is_ready(hub))
    rig.status = LineStatus(running=True, source_away=True)
    broker.kill()
    until(lambda: is_retrying(hub))
    broker.start()  # it keeps nothing on a disk
    until(lambda: is_ready(hub))
    late = Listener(broker.port)
    try:
        until(lambda: late.on("deeprx/status")[-1:] == [b"online"])
        until(lambda: late.on("deeprx/inspection")[-1:] == [b"running"])
        until(lambda: _state(late).get("source_away") == 1)
        assert _state(late)["ready"] == 0
        rig.status = LineStatus(running=True)  # the camera is back
        until(lambda: _state(late).get("source_away") == 0)
        hub.tell(record(1))
        until(lambda: late.numbers() == [1])
    finally:
        late.close()


def _state(listener: Listener) -> dict[str, int]:
    told = listener.on("deeprx/state")
    words: dict[str, int] = json.loads(told[-1]) if told else {}
    return words


@needs_mosquitto
def test_the_password_lies_in_the_environment(
    rig: Rig, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = shutil.which("mosquitto_passwd")
    if maker is None:
        pytest.skip("needs mosquitto_passwd, which comes with mosquitto")
    passwords = tmp_path / "passwords"
    subprocess.run([maker, "-c", "-b", str(passwords), "line", "s3cret"], check=True)
    passwords.chmod(0o644)
    tmp_path.chmod(0o755)
    for parent in itertools.takewhile(lambda p: p != Path(tempfile.gettempdir()), tmp_path.parents):
        parent.chmod(0o755)
    broker = Broker(tmp_path, port, passwords=True)
    try:
        hub = rig.outputs(f"mqtt:127.0.0.1:{port}?user=line&password_env=LINE_PASSWORD")
        until(lambda: "LINE_PASSWORD" in str(only(hub).problem))
        monkeypatch.setenv("LINE_PASSWORD", "wrong")
        until(lambda: "refuses this PC" in str(only(hub).problem))
        monkeypatch.setenv("LINE_PASSWORD", "s3cret")
        hub.tell(record(1))
        until(lambda: is_ready(hub) and only(hub).waiting == 0)
    finally:
        rig.hubs[-1].close()
        broker.kill()


def test_a_broker_that_takes_the_connection_and_says_nothing(rig: Rig, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        hub = rig.outputs(f"mqtt:127.0.0.1:{port}?timeout=0.2")
        for number in range(100):
            hub.tell(record(number))
        until(lambda: is_retrying(hub))
        assert "timeout" in str(only(hub).problem)
        hub.close()
    assert only(hub).link is OutputConnection.STOPPED
    assert only(hub).dropped == 100


def test_a_broker_that_is_not_there(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"mqtt:127.0.0.1:{port}")
    hub.tell(record(1))
    until(lambda: is_retrying(hub))
    assert f"127.0.0.1:{port}" in str(only(hub).problem)


def test_a_certificate_file_that_is_none_is_said(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"mqtt:127.0.0.1:{port}?ca=/nowhere/ca.pem")
    until(lambda: "/nowhere/ca.pem" in str(only(hub).problem))


@pytest.mark.parametrize("topic", ["line/%23", "+/x"])
def test_a_topic_with_wildcards_is_refused(topic: str) -> None:
    with pytest.raises(RequestError, match="topic"):
        open_output(parse_output(f"mqtt:broker?topic={topic.replace('+', '%2B')}"))
