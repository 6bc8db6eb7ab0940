"""A USB camera: its settings, and every way in which it fails."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from deeprx_gui.capture.sources import call_thread, devices
from deeprx_gui.capture.sources import camera as camera_module
from deeprx_gui.capture.sources.camera import OPTIONS, camera_source
from deeprx_gui.capture.sources.devices import Camera, find_cameras
from deeprx_gui.capture.sources.live_device import LATEST, MOST_LEFT_BEHIND, LiveDeviceSource
from deeprx_gui.capture.sources.reconnecting import ReconnectingSource
from deeprx_gui.capture.sources.table import find_devices, open_source, parse_source
from deeprx_gui.domain.errors import SourceError
from deeprx_gui.domain.field import complete_options
from deeprx_gui.domain.source import Device, SourceConnection, SourceSpec, SourceState
from tests.capture.sources.conftest import (
    FakeCapture,
    HandClock,
    Open,
    bgr,
    collect,
    never,
    value_of,
)


def test_a_camera_delivers_rgb_and_forgets_nothing_it_handed_out(
    camera: type[FakeCapture], opened: Open
) -> None:
    buffer = bgr(200)
    camera.frames = staticmethod(lambda n: buffer)
    source = opened("camera:0")
    assert source.lossy
    first = source.read(5)
    buffer[:] = 0  # the driver uses its memory again
    assert first is not None
    assert first.frame is not None
    assert first.frame.pixels[0, 0].tolist() == [200, 7, 9]
    assert (first.item, first.path, first.source) == ("", None, "camera:0")


@pytest.mark.parametrize(
    "frame",
    [np.full((48, 64), 5, np.uint8), np.full((48, 64, 1), 5, np.uint8),
     np.full((48, 64, 4), 5, np.uint8)],
)  # fmt: skip
def test_grey_and_four_channel_cameras_become_rgb(
    camera: type[FakeCapture], opened: Open, frame: NDArray[np.uint8]
) -> None:
    camera.frames = staticmethod(lambda n: frame)
    found = opened("camera:0").read(5)
    assert found is not None
    assert found.frame is not None
    assert found.frame.pixels.shape == (48, 64, 3)
    assert (found.frame.pixels == 5).all()


def test_settings_go_to_the_camera_in_an_order_drivers_understand(
    camera: type[FakeCapture], opened: Open
) -> None:
    opened("camera:1?exposure=-6&width=64&height=48&fps=30&format=MJPG&focus=10&backend=v4l2")
    made = camera.made[0]
    assert (made.what, made.backend) == (1, cv2.CAP_V4L2)
    assert list(made.settings) == [
        cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS, cv2.CAP_PROP_AUTO_EXPOSURE, cv2.CAP_PROP_AUTOFOCUS,
        cv2.CAP_PROP_EXPOSURE, cv2.CAP_PROP_FOCUS,
    ]  # fmt: skip
    assert made.settings[cv2.CAP_PROP_EXPOSURE] == -6


def test_a_setting_the_driver_lacks_is_logged(
    camera: type[FakeCapture], opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    camera.ignored = frozenset({cv2.CAP_PROP_GAIN})
    with caplog.at_level("INFO"):
        opened("camera:0?gain=3")
    assert "does not take setting" in caplog.text


def test_a_size_that_the_camera_does_not_offer_is_said(
    camera: type[FakeCapture], opened: Open
) -> None:
    with pytest.raises(SourceError, match="delivers 64 x 48 pixels"):
        opened("camera:0?width=1920&height=1080")
    assert camera.made[0].released


def test_a_camera_that_is_not_there_is_said(camera: type[FakeCapture], opened: Open) -> None:
    camera.opens = False
    with pytest.raises(SourceError, match="whether another program is using it"):
        opened("camera:0")
    assert camera.made[0].released


def test_an_unplugged_camera_comes_back_by_itself(
    camera: type[FakeCapture], clock: HandClock
) -> None:
    camera.frames = staticmethod(lambda n: bgr(n) if n < 3 else None)
    states: list[SourceState] = []
    steady = ReconnectingSource(
        lambda: open_source(parse_source("camera:0"), known=never),
        states.append,
        clock=clock,
        wait=clock.wait,
    )
    steady.open()
    assert list(map(value_of, collect(steady, 2))) == [1, 2]
    assert steady.read(5) is None
    assert "stopped delivering" in str(states[-1].problem)
    camera.opens = False
    while sum(s.link is SourceConnection.LOST for s in states) < 3:
        steady.read(5)
    camera.opens = True
    clock.now += 60
    found = collect(steady, 2)
    assert [c.number for c in found] == [3, 4]
    assert all(made.released for made in camera.made[:-1])
    steady.close()
    assert camera.made[-1].released


def test_a_reader_that_was_busy_gets_the_latest_pictures_with_their_own_moments(
    camera: type[FakeCapture], opened: Open
) -> None:
    source = opened("camera:0")
    first = source.read(5)
    assert first is not None
    while camera.made[0].reads < 40:  # nobody reads, the camera goes on
        threading.Event().wait(0.005)
    read_at = time.perf_counter()
    late = collect(source, LATEST)
    assert value_of(late[0]) >= 40 - LATEST
    assert [c.number for c in late] == list(range(2, 2 + LATEST))
    assert first.moment < late[0].moment < late[1].moment
    assert late[0].moment < read_at


@pytest.mark.parametrize(
    "frame",
    [
        None,
        np.zeros((0, 64, 3), np.uint8),
        np.zeros((48, 64, 3), np.uint16),
        np.zeros((48, 64, 2), np.uint8),
        np.zeros((2, 48, 64, 3), np.uint8),
        "no picture",
    ],
)
def test_a_broken_picture_is_a_broken_source(
    camera: type[FakeCapture], opened: Open, frame: object
) -> None:
    camera.frames = staticmethod(lambda n: frame)
    with pytest.raises(SourceError, match="stopped delivering"):
        opened("camera:0").read(5)


def test_a_picture_of_another_size_is_a_broken_source(
    camera: type[FakeCapture], opened: Open
) -> None:
    camera.frames = staticmethod(lambda n: bgr(1, (64, 48) if n < 2 else (32, 24)))
    source = opened("camera:0")
    assert source.read(5) is not None
    with pytest.raises(SourceError, match="32 x 24 pixels instead of 64 x 48"):
        source.read(5)


def test_a_driver_that_throws_is_a_broken_source(camera: type[FakeCapture], opened: Open) -> None:
    def throws(n: int) -> object:
        raise cv2.error("select() timeout")

    camera.frames = staticmethod(throws)
    with pytest.raises(SourceError, match="stopped delivering"):
        opened("camera:0").read(5)


def test_all_calls_to_a_driver_come_from_one_thread_that_is_not_ours(
    camera: type[FakeCapture], opened: Open
) -> None:
    source = opened("camera:0")
    source.read(5)
    source.close()
    source.close()
    (thread,) = camera.made[0].threads
    assert thread is not threading.current_thread()
    assert camera.made[0].released


def _impatient(address: str = "0") -> LiveDeviceSource:
    source = camera_source(SourceSpec("camera", address), complete_options(OPTIONS, {}))
    assert isinstance(source, LiveDeviceSource)
    source._opens_within = 0.05
    return source


def test_a_driver_that_hangs_while_opening_is_left_behind_and_told(
    camera: type[FakeCapture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_thread, "END_WITHIN", 0.05)
    let_go = threading.Event()
    camera.hang_open = let_go
    source = _impatient()
    for _ in range(MOST_LEFT_BEHIND + 2):
        with pytest.raises(SourceError, match="its driver hangs"):
            source.open()
    assert len(camera.made) == MOST_LEFT_BEHIND  # no more threads than that
    left = list(source._left)
    let_go.set()
    for hung in left:
        hung._thread.join(5)
    assert all(made.released for made in camera.made)
    source.open()
    assert source.read(5) is not None
    source.close()


def test_a_driver_that_hangs_while_reading_keeps_nobody_waiting(
    camera: type[FakeCapture], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(call_thread, "END_WITHIN", 0.05)
    let_go = threading.Event()
    source = _impatient()
    source.open()
    assert source.read(5) is not None
    camera.hang_read = let_go
    while source.read(0.1) is not None:  # what was grabbed before
        pass
    assert source.read(0.02) is None
    source.close()
    assert "left behind" in caplog.text
    camera.hang_read = None
    source.open()  # plugged in again: a new connection beside the one that hangs
    assert source.read(5) is not None
    source.close()
    let_go.set()
    for hung in source._left:
        hung._thread.join(5)
    assert all(made.released for made in camera.made)


def test_a_source_that_is_not_open_says_so(camera: type[FakeCapture]) -> None:
    with pytest.raises(SourceError, match="not open"):
        _impatient().read(0)


# --- which cameras there are -----------------------------------------------------------------


def test_a_camera_is_found_by_its_name_wherever_it_was_plugged_in(
    camera: type[FakeCapture], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Camera(0, "Laptop"), Camera(2, "HD Webcam")]
    monkeypatch.setattr(camera_module, "find_cameras", lambda: found)
    source = opened("camera:HD Webcam")
    source.close()
    found[1] = Camera(4, "HD Webcam")
    source.open()
    assert [made.what for made in camera.made] == [2, 4]
    found.pop()
    with pytest.raises(SourceError, match="HD Webcam is not connected"):
        source.open()


def test_no_camera_is_an_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", lambda api: [])
    assert find_devices() == ()


def test_cameras_have_names_and_twins_have_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = (Camera(0, "Twin"), Camera(1, "Twin"), Camera(2, "検査カメラ"), Camera(3, "7"))
    monkeypatch.setattr(devices, "find_cameras", lambda: cameras)
    assert find_devices() == (
        Device("camera", "0", "Twin"),
        Device("camera", "1", "Twin"),
        Device("camera", "検査カメラ", "検査カメラ"),
        Device("camera", "3", "7"),
    )


def test_linux_itself_is_asked_when_the_library_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(api: int) -> list[object]:
        raise OSError("no rights")

    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", fails)
    for node, name, index in (("video0", "Webcam", "0"), ("video1", "Webcam", "1")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "name").write_text(name + "\n")
        (tmp_path / node / "index").write_text(index + "\n")
    monkeypatch.setattr(devices, "_VIDEO4LINUX", tmp_path)
    assert find_cameras() == (Camera(0, "Webcam"),)
    assert "could not be listed" in caplog.text
