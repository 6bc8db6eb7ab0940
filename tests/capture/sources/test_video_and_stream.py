"""Video files and streams: every picture, timeouts, passwords, and no noise on the console."""

from __future__ import annotations

import base64
import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from deeprx_gui.capture.sources.base import SourceEnded
from deeprx_gui.capture.sources.reconnecting import ReconnectingSource
from deeprx_gui.capture.sources.table import open_source, parse_source
from deeprx_gui.capture.sources.video import OPTIONS, VideoSource
from deeprx_gui.domain.errors import RequestError, SourceError
from deeprx_gui.domain.field import complete_options
from deeprx_gui.domain.source import CapturedImage, SourceConnection, SourceSpec, SourceState
from tests.capture.sources.conftest import FakeCapture, HandClock, Open, bgr, collect, never

STEP = 25


def film(path: Path, pictures: int = 8) -> Path:
    """A motion-JPEG film whose pictures get redder; JPEG keeps flat colours within a few steps."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    assert writer.isOpened()
    for number in range(pictures):
        writer.write(bgr(number * STEP))
    writer.release()
    return path


def step_of(captured: CapturedImage | None) -> int:
    assert captured is not None
    assert captured.frame is not None, str(captured.error)
    return round(float(captured.frame.pixels[:, :, 0].mean()) / STEP)


# --- video -----------------------------------------------------------------------------------


def test_every_picture_of_a_video_comes_in_order_then_it_ends(tmp_path: Path, opened: Open) -> None:
    source = opened(f"video:{film(tmp_path / '検査 ビデオ.avi')}")
    assert not source.lossy
    assert [step_of(source.read(0)) for _ in range(8)] == list(range(8))
    for _ in range(2):
        with pytest.raises(SourceEnded):
            source.read(0)


def test_a_video_goes_on_where_it_was_after_its_drive_came_back(
    tmp_path: Path, opened: Open
) -> None:
    (tmp_path / "drive").mkdir()
    path = film(tmp_path / "drive" / "film.avi")
    source = opened(f"video:{path}")
    assert [step_of(source.read(0)) for _ in range(3)] == [0, 1, 2]
    source.close()
    (tmp_path / "drive").rename(tmp_path / "away")
    with pytest.raises(SourceError, match="cannot be reached"):
        source.open()
    (tmp_path / "away").rename(tmp_path / "drive")
    source.open()
    assert [step_of(source.read(0)) for _ in range(2)] == [3, 4]


def test_a_video_can_be_slowed_down_to_the_pace_of_the_line(
    tmp_path: Path, clock: HandClock
) -> None:
    spec = SourceSpec("video", str(film(tmp_path / "film.avi")))
    source = VideoSource(spec, complete_options(OPTIONS, {"fps": 2}), clock=clock)
    source.open()
    assert step_of(source.read(0)) == 0
    assert source.read(0) is None
    clock.now += 0.5
    assert step_of(source.read(0)) == 1
    clock.now += 100
    assert [step_of(source.read(0)) for _ in range(2)] == [2, 3]  # late, but none is lost
    source.close()


def test_a_file_that_is_no_video_is_refused(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "film.avi").write_bytes(b"RIFF" + bytes(range(256)) * 9)
    with pytest.raises(RequestError, match="cannot be read as a video"):
        opened(f"video:{tmp_path / 'film.avi'}")
    with pytest.raises(RequestError, match="is not there"):
        opened(f"video:{tmp_path / 'none.avi'}")


def test_a_video_that_breaks_off_ends_in_an_error(
    tmp_path: Path, camera: type[FakeCapture], opened: Open
) -> None:
    (tmp_path / "film.avi").write_bytes(b"a file")
    camera.frames = staticmethod(lambda n: bgr(n) if n < 4 else None)
    camera.get = lambda self, what: 100.0 if what == cv2.CAP_PROP_FRAME_COUNT else 0.0  # type: ignore[method-assign]
    source = opened(f"video:{tmp_path / 'film.avi'}")
    found = collect(source, 4)
    assert [c.error is None for c in found] == [True, True, True, False]
    assert "breaks off after 3 of 100" in str(found[3].error)
    with pytest.raises(SourceEnded):
        source.read(0)


def test_a_video_whose_drive_is_pulled_out_is_a_broken_source(
    tmp_path: Path, camera: type[FakeCapture], opened: Open
) -> None:
    path = tmp_path / "film.avi"
    path.write_bytes(b"a file")
    camera.frames = staticmethod(lambda n: None)
    source = opened(f"video:{path}")
    path.unlink()
    with pytest.raises(SourceError, match="cannot be reached any more"):
        source.read(0)


# --- streams ---------------------------------------------------------------------------------


class _Camera(http.server.BaseHTTPRequestHandler):
    """A network camera with a password: motion JPEG over HTTP, so many pictures a connection."""

    pictures = 10_000
    locked = False
    silent = threading.Event()
    asked: list[str | None]

    def do_GET(self) -> None:
        login = self.headers.get("Authorization")
        self.asked.append(login)
        if self.locked and login is None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=part")
        self.end_headers()
        _, jpeg = cv2.imencode(".jpg", bgr(4 * STEP))
        part = b"--part\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"
        try:
            for _ in range(self.pictures):
                if self.silent.is_set():
                    self.silent.wait(0.01)
                    self.rfile.read(1)  # until the other side hangs up
                    return
                self.wfile.write(part % (len(jpeg), jpeg.tobytes()))
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, type[_Camera]]]:
    class Handler(_Camera):
        silent = threading.Event()
        asked: list[str | None] = []  # noqa: RUF012 - this test's own

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.daemon_threads = True
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{web.server_address[1]}", Handler
    web.shutdown()
    thread.join()
    web.server_close()


def test_a_stream_delivers(server: tuple[str, type[_Camera]], opened: Open) -> None:
    source = opened(f"stream:http://{server[0]}/line1.mjpg")
    assert source.lossy
    assert [step_of(c) for c in collect(source, 3)] == [4, 4, 4]


def test_a_stream_that_breaks_off_is_connected_again(
    server: tuple[str, type[_Camera]], clock: HandClock
) -> None:
    address, handler = server
    handler.pictures = 5
    states: list[SourceState] = []
    spec = parse_source(f"stream:http://{address}/line1.mjpg")
    source = ReconnectingSource(
        lambda: open_source(spec, known=never), states.append, clock=clock, wait=clock.wait
    )
    source.open()
    collect(source, 12)
    assert [s.link for s in states].count(SourceConnection.LOST) >= 2
    assert "broke off" in str(next(s.problem for s in states if s.problem))
    source.close()


def test_a_stream_that_falls_silent_is_a_broken_source_within_its_timeout(
    server: tuple[str, type[_Camera]], opened: Open
) -> None:
    address, handler = server
    source = opened(f"stream:http://{address}/line1.mjpg?timeout=0.5")
    collect(source, 2)
    handler.silent.set()
    with pytest.raises(SourceError, match="broke off"):
        collect(source, 100_000)


def test_a_stream_that_does_not_answer_is_told_within_its_timeout(opened: Open) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        host = f"127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(SourceError, match=f"sato:\\*\\*\\*@{host}"):
            opened(f"stream:http://sato:geheim@{host}/?timeout=0.5")


def test_a_password_goes_to_the_camera_and_nowhere_else(
    server: tuple[str, type[_Camera]],
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    address, handler = server
    handler.locked = True
    monkeypatch.setenv("LINE1_PASSWORD", "ge heim/@")
    with caplog.at_level("DEBUG"):
        source = opened(f"stream:http://sato@{address}/1?password_from=LINE1_PASSWORD")
        captured = collect(source, 1)[0]
    login = str(handler.asked[-1]).removeprefix("Basic ")
    assert base64.b64decode(login) == b"sato:ge heim/@"
    assert captured.frame is not None
    assert captured.source == captured.frame.source == f"http://sato@{address}/1"
    assert "heim" not in caplog.text


def test_a_password_variable_that_is_not_set_is_said(opened: Open) -> None:
    with pytest.raises(SourceError, match="NO_SUCH_VARIABLE"):
        opened("stream:http://sato@127.0.0.1:9/1?password_from=NO_SUCH_VARIABLE")


_NOISY = """
import sys
from pathlib import Path
from deeprx_gui.capture.sources.table import open_source
from deeprx_gui.capture.sources.table import parse_source
for text in sys.argv[1:]:
    source = open_source(parse_source(text), known=lambda item: False)
    try:
        source.open()
        source.read(1)
    except Exception as error:
        assert str(error), error
    source.close()
"""


def test_nothing_is_printed_whatever_fails(tmp_path: Path) -> None:
    """FFmpeg and OpenCV would write to the console, passwords included."""
    (tmp_path / "bad.avi").write_bytes(b"RIFF" + bytes(range(256)) * 9)
    (tmp_path / "half.avi").write_bytes(film(tmp_path / "x.avi").read_bytes()[:5000])
    done = subprocess.run(
        [
            sys.executable, "-c", _NOISY, "camera:63", f"video:{tmp_path / 'bad.avi'}",
            f"video:{tmp_path / 'half.avi'}", "stream:http://sato:geheim@127.0.0.1:9/1?timeout=1",
            "stream:rtsp://sato:geheim@127.0.0.1:9/1?timeout=1",
        ],
        capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3], env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
