"""A source that vanishes is told in plain words and comes back by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from deeprx_gui.capture.sources import call_thread
from deeprx_gui.capture.sources.base import CaptureNumbering, SourceEnded
from deeprx_gui.capture.sources.reconnecting import ReconnectingSource
from deeprx_gui.domain.errors import RequestError, SourceError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import CapturedImage, SourceConnection, SourceSpec, SourceState
from tests.capture.sources.conftest import HandClock

Step = Exception | str


class Scripted:
    """Does what its script says: "picture", "nothing", or an error to raise."""

    def __init__(
        self, reads: list[Step], opens: list[Step] | None = None, kind: str = "camera"
    ) -> None:
        self.spec = SourceSpec(kind, "rtsp://sato:geheim@host/1")
        self.lossy = kind in {"camera", "stream", "replay"}
        self.reads, self.opens = reads, opens or []
        self.log: list[str] = []
        self.is_done: list[CapturedImage] = []
        self._arrivals = CaptureNumbering("scripted")

    def open(self) -> None:
        self.log.append("open")
        step = self.opens.pop(0) if self.opens else "ok"
        if isinstance(step, Exception):
            raise step

    def read(self, timeout: float) -> CapturedImage | None:
        step = self.reads.pop(0) if self.reads else "nothing"
        if isinstance(step, Exception):
            raise step
        if step == "nothing":
            return None
        return self._arrivals.frame(Frame(np.ones((4, 4, 3), np.uint8), "scripted"))

    def done(self, captured: CapturedImage) -> None:
        self.is_done.append(captured)
        if captured.number > 1:
            raise OSError("disk full")

    def close(self) -> None:
        self.log.append("close")


GONE = SourceError(say("It is gone. Check the cable."))


class Rig:
    def __init__(self, source: Scripted, clock: HandClock) -> None:
        self.states: list[SourceState] = []
        self.clock, self.source = clock, source
        self.steady = ReconnectingSource(
            lambda: source, self.states.append, clock=clock, wait=clock.wait
        )
        self.steady.open()

    def read(self, times: int, timeout: float = 0.5) -> list[CapturedImage]:
        found = []
        for _ in range(times):
            before = self.clock.now
            captured = self.steady.read(timeout)
            if captured is not None:
                found.append(captured)
            elif self.clock.now == before:
                self.clock.now += timeout
        return found

    @property
    def links(self) -> list[str]:
        return [str(state.link) for state in self.states]


@pytest.fixture
def rig(clock: HandClock) -> Callable[..., Rig]:
    rigs: list[Rig] = []

    def make(source: Scripted) -> Rig:
        rigs.append(Rig(source, clock))
        return rigs[-1]

    return make


def test_an_unplugged_camera_is_told_and_comes_back(rig: Callable[..., Rig]) -> None:
    r = rig(Scripted(["picture", GONE, "picture", "picture"]))
    found = r.read(12)
    assert [c.number for c in found] == [1, 2, 3]
    assert r.links == ["opening", "live", "lost", "live"]
    lost = r.states[2]
    assert str(lost.problem) == "It is gone. Check the cable."
    assert lost.retry_in == 1
    assert r.source.log == ["open", "close", "open"]
    r.steady.close()


def test_the_pauses_grow_and_stay_at_the_last(rig: Callable[..., Rig]) -> None:
    r = rig(Scripted([], opens=[GONE] * 8))
    began = r.clock.now
    r.read(400)
    assert [s.retry_in for s in r.states if s.link is SourceConnection.LOST] == [
        1,
        2,
        5,
        10,
        30,
        30,
        30,
        30,
    ]
    assert r.clock.now - began >= 1 + 2 + 5 + 10 + 30 * 4
    r.steady.close()


def test_a_camera_that_comes_back_for_a_moment_only_is_not_tried_ever_faster(
    rig: Callable[..., Rig],
) -> None:
    r = rig(Scripted(["picture", GONE] * 4))
    r.read(150)
    assert [s.retry_in for s in r.states if s.link is SourceConnection.LOST] == [1, 2, 5, 10]
    r.steady.close()


def test_after_a_quiet_time_the_pauses_start_small_again(rig: Callable[..., Rig]) -> None:
    source = Scripted(["picture", GONE, "picture"])
    r = rig(source)
    r.read(8)
    r.clock.now += 20
    source.reads = [GONE]
    r.read(1)
    assert [s.retry_in for s in r.states if s.link is SourceConnection.LOST] == [1, 1]
    r.steady.close()


def test_a_camera_that_stalls_is_connected_again(rig: Callable[..., Rig]) -> None:
    r = rig(Scripted(["picture", *["nothing"] * 11, "picture"]))
    found = r.read(16)
    assert len(found) == 2
    assert r.links == ["opening", "live", "stalled", "live"]
    assert "No picture has come for 5 seconds" in str(r.states[2].problem)
    r.steady.close()


def test_a_camera_that_never_delivers_is_not_called_live(rig: Callable[..., Rig]) -> None:
    r = rig(Scripted([]))
    r.read(14)
    assert r.links == ["opening", "stalled"]
    r.steady.close()


@pytest.mark.parametrize("kind", ["watch", "replay", "folder"])
def test_files_come_when_they_come(rig: Callable[..., Rig], kind: str) -> None:
    r = rig(Scripted([], kind=kind))
    r.read(100)
    assert "stalled" not in r.links
    r.steady.close()


def test_a_camera_on_an_external_trigger_may_wait_for_ever(clock: HandClock) -> None:
    source = Scripted([])
    source.spec = SourceSpec("camera", "0", {"stall": 0})
    r = Rig(source, clock)
    r.read(100)
    assert r.links == ["opening"]
    r.steady.close()


def test_the_end_passes_through_and_stays(rig: Callable[..., Rig]) -> None:
    r = rig(Scripted(["picture", SourceEnded()], kind="folder"))
    assert len(r.read(1)) == 1
    for _ in range(2):
        with pytest.raises(SourceEnded):
            r.steady.read(0.1)
    assert r.links == ["opening", "live", "ended"]
    assert r.states[-1].problem is None
    r.steady.close()


def test_what_can_never_work_ends_with_the_reason(rig: Callable[..., Rig]) -> None:
    r = rig(Scripted([], opens=[RequestError(say("No such folder."))], kind="folder"))
    with pytest.raises(SourceEnded) as caught:
        r.read(3)
    assert str(caught.value.problem) == "No such folder."
    assert r.links == ["opening", "ended"]
    assert str(r.states[-1].problem) == "No such folder."
    r.steady.close()


def test_nonsense_is_refused_before_anything_starts() -> None:
    def build() -> Scripted:
        raise RequestError(say("Nonsense."))

    with pytest.raises(RequestError):
        ReconnectingSource(build, lambda state: None)


def test_no_error_escapes_and_each_is_logged(
    rig: Callable[..., Rig], caplog: pytest.LogCaptureFixture
) -> None:
    r = rig(Scripted([ZeroDivisionError("x"), "picture"], opens=[KeyError("y")]))
    found = r.read(14)
    assert len(found) == 1
    assert r.links == ["opening", "lost", "lost", "live"]
    assert "ZeroDivisionError" in str(r.states[2].problem)
    assert sum(record.exc_info is not None for record in caplog.records) == 2
    r.steady.close()


def test_everything_is_logged_and_the_password_is_not(
    rig: Callable[..., Rig], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        r = rig(Scripted(["picture", SourceError(say("rtsp://sato:geheim@host/1 is gone."))]))
        r.read(2)
    assert "delivers" in caplog.text
    assert "is gone" in caplog.text
    assert "geheim" not in caplog.text
    r.steady.close()


def test_a_listener_that_fails_does_not_stop_the_line(clock: HandClock) -> None:
    def told(state: SourceState) -> None:
        raise ValueError(state)

    steady = ReconnectingSource(lambda: Scripted(["picture"]), told, clock=clock, wait=clock.wait)
    steady.open()
    assert steady.read(5) is not None
    steady.close()


def test_a_verdict_that_cannot_be_tidied_up_does_not_stop_the_line(
    rig: Callable[..., Rig],
) -> None:
    r = rig(Scripted(["picture", "picture"]))
    for captured in r.read(2):
        r.steady.done(captured)
    assert len(r.source.is_done) == 2
    r.steady.close()


def test_opening_that_hangs_keeps_nobody_waiting_and_closing_is_quick(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_thread, "END_WITHIN", 0.05)
    let_go = threading.Event()

    class Hangs(Scripted):
        def open(self) -> None:
            let_go.wait(30)
            super().open()

    source = Hangs(["picture"])
    r = Rig(source, clock)
    assert r.read(3, timeout=0.02) == []
    assert r.links == ["opening"]
    r.steady.close()
    r.steady.close()
    assert r.steady.read(0.01) is None
    let_go.set()  # what was left behind tidies up
    thread = next((t for t in threading.enumerate() if t.name == "source connection"), None)
    if thread is not None:
        thread.join(5)
    assert source.log == ["open", "close"]


def test_a_long_pause_is_cut_short_by_closing() -> None:
    states: list[SourceState] = []
    steady = ReconnectingSource(lambda: Scripted([], opens=[GONE]), states.append, pauses=(3600,))
    steady.open()
    while not states or states[-1].link is not SourceConnection.LOST:
        steady.read(0.05)
    reader = threading.Thread(target=lambda: steady.read(3600), daemon=True)
    reader.start()
    steady.close()
    reader.join(10)
    assert not reader.is_alive()
