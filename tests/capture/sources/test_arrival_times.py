"""The moment of a live picture is when it arrived, not when it was decoded or taken from a queue.

A part is judged from a picture that was taken after its trigger. One that came before and was still
being decoded, or lay in a queue, shows the part before.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deeprx_gui.capture.sources import replay
from deeprx_gui.capture.sources.image_files import read_picture
from deeprx_gui.capture.sources.live_device import LATEST, ArrivalTimes
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame
from tests.capture.sources.conftest import FakeCapture, HandClock, Open, bgr, put


def _wait_for(ready: Callable[[], bool]) -> None:
    while not ready():
        time.sleep(0.005)


@pytest.mark.parametrize("kind", ["camera:0", "stream:rtsp://192.0.2.7/1"])
def test_a_picture_counts_from_its_arrival_however_long_it_is_decoded(
    camera: type[FakeCapture], opened: Open, kind: str
) -> None:
    decoding: list[float] = []

    def slow(_n: int) -> object:
        decoding.append(time.perf_counter())
        return bgr()

    camera.frames = staticmethod(slow)
    found = opened(kind).read(5)
    assert found is not None
    assert found.moment <= decoding[0], "a trigger during the decoding came after it"


def test_directshow_waits_for_a_picture_where_others_decode_it(
    camera: type[FakeCapture], opened: Open
) -> None:
    delivered: list[float] = []

    def late(_n: int) -> object:
        delivered.append(time.perf_counter())
        return bgr()

    camera.frames = staticmethod(late)
    found = opened("camera:0?backend=dshow").read(5)
    assert found is not None
    assert found.moment >= delivered[0]


def test_a_picture_grows_no_younger_in_the_queue(camera: type[FakeCapture], opened: Open) -> None:
    decoded: dict[int, float] = {}

    def noted(n: int) -> object:
        decoded[n] = time.perf_counter()
        return bgr(n)

    camera.frames = staticmethod(noted)
    source = opened("camera:0")
    _wait_for(lambda: len(decoded) > 2 * LATEST)  # nobody reads: the latest few lie ready
    found = source.read(5)
    assert found is not None
    assert found.frame is not None
    assert found.moment <= decoded[int(found.frame.pixels[0, 0, 0])]


def test_what_a_driver_kept_counts_as_old_as_it_may_be(clock: HandClock) -> None:
    times = ArrivalTimes(clock)

    def grab(waits: float) -> float:
        times.ask()
        clock.wait(waits)
        return times.arrived()

    assert grab(waits=0.033) == clock.now
    last = clock.now
    clock.wait(0.1)  # the reader was held up: some pictures lie in the driver's queue
    assert grab(waits=0) == last, "it may have come right after the one before"
    clock.wait(0.01)
    assert grab(waits=0) == last
    assert grab(waits=0.02) == clock.now, "it was waited for: the queue is empty"


def test_a_camera_faster_than_this_pc_is_as_late_as_its_queue_is_long(clock: HandClock) -> None:
    times, arrived = ArrivalTimes(clock), math.nan
    for _ in range(20):
        times.ask()
        arrived = times.arrived()
        clock.wait(0.05)
    assert clock.now - 0.05 - arrived == pytest.approx(LATEST * 0.05)


def test_a_replay_stands_for_a_camera_also_while_it_decodes(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoding: list[float] = []
    read = read_picture

    def slow(path: Path, folder: Path) -> Frame | ImageError:
        decoding.append(time.perf_counter())
        return read(path, folder)

    monkeypatch.setattr(replay, "read_picture", slow)
    put(tmp_path / "1.png", 1)
    found = opened(f"replay:{tmp_path}?fps=100").read(5)
    assert found is not None
    assert found.moment <= decoding[0]
