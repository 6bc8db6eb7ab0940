"""HTTP POST: what is told, what is tried again, and what is not."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.output import OutputConnection
from tests.outputs.conftest import Rig, free_port, is_ready, is_retrying, only, record, until


class Server:
    """Answers each POST with the next of ``answers`` (200 when none is left)."""

    def __init__(self, port: int) -> None:
        self.answers: list[int] = []
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[Message] = []
        self.asked: list[str] = []
        self.location = ""
        self.hangs = threading.Event()
        self.hangs.set()  # set: it answers
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(f"POST {self.path}")
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.hangs.wait()
                code = outer.answers.pop(0) if outer.answers else 200
                if code < 300:
                    outer.bodies.append(json.loads(body))
                    outer.headers.append(self.headers)
                self.send_response(code)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                outer.asked.append(f"GET {self.path}")
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                pass  # we broke off a request, on purpose

        self.port = port
        self.server = Quiet(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def numbers(self) -> list[int]:
        return [body["number"] for body in self.bodies]

    def close(self) -> None:
        self.hangs.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def server(port: int) -> Iterator[Server]:
    made = Server(port)
    yield made
    made.close()


def test_every_verdict_is_posted_once_with_its_uid(rig: Rig, server: Server) -> None:
    hub = rig.outputs(f"http:http://127.0.0.1:{server.port}/verdicts?line=1")
    for number in range(20):
        hub.tell(record(number))
    until(lambda: len(server.bodies) == 20)
    assert server.numbers == list(range(20))
    assert set(server.asked) == {"POST /verdicts?line=1"}
    assert server.headers[3]["X-DeepRX-Uid"] == server.bodies[3]["uid"] == "uid-0003"
    assert server.headers[3]["Content-Type"] == "application/json; charset=utf-8"
    assert "Authorization" not in server.headers[3]
    until(lambda: is_ready(hub))


@pytest.mark.parametrize("code", [500, 503, 408, 429])
def test_a_server_in_trouble_is_tried_again_in_order(rig: Rig, server: Server, code: int) -> None:
    server.answers = [code] * 3
    hub = rig.outputs(f"http:http://127.0.0.1:{server.port}/")
    for number in range(5):
        hub.tell(record(number))
    until(lambda: str(code) in str(only(hub).problem) or server.bodies)
    until(lambda: len(server.bodies) == 5)
    assert server.numbers == [0, 1, 2, 3, 4]
    assert only(hub).dropped == 0


@pytest.mark.parametrize("code", [400, 401, 404, 422])
def test_a_refusal_is_told_and_not_repeated(rig: Rig, server: Server, code: int) -> None:
    server.answers = [code]
    hub = rig.outputs(f"http:http://127.0.0.1:{server.port}/")
    hub.tell(record(1))
    until(lambda: only(hub).dropped == 1)
    assert str(code) in str(only(hub).problem)
    assert "not sent again" in str(only(hub).problem)
    hub.tell(record(2))
    until(lambda: server.numbers == [2])
    assert len(server.asked) == 2


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://127.0.0.1:{port}/elsewhere"])
def test_no_redirect_is_followed(rig: Rig, server: Server, code: int, target: str) -> None:
    server.answers, server.location = [code], target.format(port=server.port)
    hub = rig.outputs(f"http:http://127.0.0.1:{server.port}/here")
    hub.tell(record(1))
    until(lambda: only(hub).dropped == 1)
    assert server.location in str(only(hub).problem)
    assert server.asked == ["POST /here"]


def test_a_server_that_hangs_is_given_up_and_tried_again(rig: Rig, server: Server) -> None:
    server.hangs.clear()
    hub = rig.outputs(f"http:http://127.0.0.1:{server.port}/#timeout=0.2")
    hub.tell(record(1))
    hub.tell(record(2))
    until(lambda: is_retrying(hub))
    assert "timeout" in str(only(hub).problem)
    server.hangs.set()
    until(lambda: 2 in server.numbers)
    assert [n for i, n in enumerate(server.numbers) if n not in server.numbers[:i]] == [1, 2]


def test_closing_breaks_off_a_request_that_hangs(rig: Rig, server: Server) -> None:
    server.hangs.clear()
    hub = rig.outputs(f"http:http://127.0.0.1:{server.port}/#timeout=60")
    hub.tell(record(1))
    until(lambda: server.asked)
    hub.close()
    assert (only(hub).link, only(hub).dropped) == (OutputConnection.STOPPED, 1)
    # The rig makes sure that the thread has ended, long before the minute of the time limit.


def test_a_server_that_is_not_there_yet_hears_everything_later(rig: Rig) -> None:
    port = free_port()
    hub = rig.outputs(f"http:http://127.0.0.1:{port}/")
    for number in range(10):
        hub.tell(record(number))
    until(lambda: is_retrying(hub))
    server = Server(port)
    try:
        until(lambda: len(server.bodies) == 10)
        assert server.numbers == list(range(10))
    finally:
        server.close()


def test_a_server_that_goes_in_mid_run(rig: Rig, server: Server) -> None:
    hub = rig.outputs(f"http:http://127.0.0.1:{server.port}/")
    hub.tell(record(1))
    until(lambda: server.numbers == [1])
    server.close()
    hub.tell(record(2))
    until(lambda: is_retrying(hub))
    again = Server(server.port)
    try:
        until(lambda: again.numbers == [2])
    finally:
        again.close()
        server.thread = threading.Thread()
        server.close = lambda: None  # type: ignore[method-assign] # it is closed already


def test_a_token_lies_in_the_environment(
    rig: Rig, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http:http://127.0.0.1:{server.port}/#token_env=LINE_TOKEN"
    hub = rig.outputs(url)
    hub.tell(record(1))
    until(lambda: "LINE_TOKEN" in str(only(hub).problem))
    assert server.asked == []
    monkeypatch.setenv("LINE_TOKEN", "abc123")
    until(lambda: server.numbers == [1])
    assert server.headers[0]["Authorization"] == "Bearer abc123"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody vouches for, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl, which is not on this machine")
    file, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=test", "-keyout", str(key), "-out", str(file)]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    return file, key


def test_https_is_verified(rig: Rig, server: Server, certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    trusting = rig.outputs(f"http:https://127.0.0.1:{server.port}/#ca={certificate[0]}")
    wary = rig.outputs(f"http:https://127.0.0.1:{server.port}/")
    trusting.tell(record(1))
    until(lambda: server.numbers == [1])
    wary.tell(record(2))
    until(lambda: "certificate" in str(only(wary).problem).lower())
    assert server.numbers == [1]


def test_nothing_is_sent_in_the_clear_to_an_https_address(rig: Rig, server: Server) -> None:
    hub = rig.outputs(f"http:https://127.0.0.1:{server.port}/")
    hub.tell(record(1))
    until(lambda: is_retrying(hub))
    assert server.asked == []


def test_a_certificate_file_that_is_none_is_said(rig: Rig, server: Server) -> None:
    hub = rig.outputs(f"http:https://127.0.0.1:{server.port}/#ca=/nowhere/ca.pem")
    until(lambda: "/nowhere/ca.pem" in str(only(hub).problem))
