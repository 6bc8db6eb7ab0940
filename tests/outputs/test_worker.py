"""Telling never waits; a dead receiver is shown, retried, and told afterwards in order."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputConnection, OutputSpec
from deeprx_gui.outputs import base, output_hub
from deeprx_gui.outputs.base import (
    NumberedRecord,
    OutputWorker,
    ReceiverUnreachable,
    VerdictRefused,
)
from deeprx_gui.outputs.output_hub import OutputHub
from tests.outputs.conftest import FAST, output_threads, record, until
from tests.own_time import OwnTime

SPEC = OutputSpec("files", "x")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the folder ``x`` be nowhere in the source."""
    monkeypatch.chdir(tmp_path)


class Fake:
    """A receiver that does what the test says."""

    every: float | None = None
    present_only = False

    def __init__(self) -> None:
        self.got: list[int] = []
        self.opened = 0
        self.away = False
        self.refuses: set[int] = set()
        self.breaks = False
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.entered = threading.Event()
        self.hears_abort = True

    def open(self) -> None:
        self.opened += 1
        if self.away:
            raise ReceiverUnreachable(say("away"))

    def deliver(self, told: NumberedRecord) -> None:
        self.entered.set()
        self.may_go_on.wait()
        if self.away:
            raise ReceiverUnreachable(say("away"))
        if self.breaks:
            raise ZeroDivisionError("a bug")
        if told.sequence in self.refuses:
            raise VerdictRefused(say("no"))
        self.got.append(told.sequence)

    def idle(self, *, running: bool) -> None:
        if self.away:
            raise ReceiverUnreachable(say("away"))

    def notice(self) -> Message | None:
        return None

    def close(self) -> None:
        pass

    def abort(self) -> None:
        if self.hears_abort:
            self.away = True
            self.may_go_on.set()


Make = Callable[..., OutputHub]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    """A hub whose outputs are workers of the given fakes."""

    def build(*fakes: Fake, most: int = 1000) -> OutputHub:
        left = iter(fakes)

        def opened(spec: OutputSpec, **more: object) -> OutputWorker:
            return OutputWorker(spec, next(left), pauses=FAST, most=most)

        monkeypatch.setattr(output_hub, "open_output", opened)
        made = OutputHub([SPEC] * len(fakes))
        made.start()
        return made

    return build


def test_a_thousand_verdicts_are_handed_over_while_the_receiver_hangs(make: Make) -> None:
    hangs, well = Fake(), Fake()
    hangs.may_go_on.clear()
    outputs = make(hangs, well)
    outputs.tell(record(0))
    assert hangs.entered.wait(60)  # from here on it hangs inside deliver
    for number in range(1, 1000):
        outputs.tell(record(number))  # would never return if anything waited for the receiver
    until(lambda: len(well.got) == 1000)
    assert outputs.states()[0].waiting == 1000
    assert hangs.got == []
    hangs.may_go_on.set()
    until(lambda: len(hangs.got) == 1000)
    assert hangs.got == well.got == list(range(1, 1001))
    outputs.close()
    assert not output_threads()


def test_a_dead_receiver_is_shown_retried_and_told_in_order(make: Make) -> None:
    fake = Fake()
    fake.away = True
    outputs = make(fake)
    for number in range(20):
        outputs.tell(record(number))
    until(lambda: fake.opened >= 4)
    (state,) = outputs.states()
    assert state.link is OutputConnection.RETRYING
    assert str(state.problem) == "away"
    assert (state.waiting, state.dropped) == (20, 0)
    fake.away = False
    until(lambda: len(fake.got) == 20)
    assert fake.got == list(range(1, 21))
    until(lambda: outputs.states()[0].link is OutputConnection.READY)
    assert outputs.states()[0].problem is None
    outputs.close()


def test_a_receiver_that_goes_in_mid_run_loses_nothing(make: Make) -> None:
    fake = Fake()
    outputs = make(fake)
    outputs.tell(record())
    until(lambda: fake.got == [1])
    fake.away = True
    outputs.tell(record())
    outputs.tell(record())
    until(lambda: outputs.states()[0].link is OutputConnection.RETRYING)
    fake.away = False
    until(lambda: fake.got == [1, 2, 3])
    outputs.close()


def test_the_oldest_is_given_up_when_there_is_no_room_and_counted(make: Make) -> None:
    fake = Fake()
    fake.may_go_on.clear()
    outputs = make(fake, most=10)
    outputs.tell(record())
    assert fake.entered.wait(60)
    for number in range(15):
        outputs.tell(record(number))
    (state,) = outputs.states()
    assert (state.waiting, state.dropped) == (11, 5)
    fake.may_go_on.set()
    until(lambda: len(fake.got) == 11)
    assert fake.got == [1, *range(7, 17)]
    outputs.close()


def test_what_is_refused_is_told_and_does_not_hold_up_the_next(make: Make) -> None:
    fake = Fake()
    fake.refuses = {2}
    outputs = make(fake)
    outputs.tell(record())
    outputs.tell(record())
    until(lambda: outputs.states()[0].dropped == 1)
    assert str(outputs.states()[0].problem) == "no"
    assert outputs.states()[0].link is OutputConnection.READY
    outputs.tell(record())
    until(lambda: fake.got == [1, 3])
    until(lambda: outputs.states()[0].problem is None)
    outputs.close()


def test_after_an_absence_a_machine_hears_only_the_newest(make: Make) -> None:
    fake = Fake()
    fake.present_only, fake.every = True, 0.01
    fake.away = True
    outputs = make(fake)
    until(lambda: outputs.states()[0].link is OutputConnection.RETRYING)
    for number in range(5):
        outputs.tell(record(number))
    fake.away = False
    until(lambda: fake.got)
    assert fake.got == [5]
    assert outputs.states()[0].dropped == 4
    outputs.close()


def test_a_bug_of_one_receiver_is_logged_and_the_others_go_on(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    broken, well = Fake(), Fake()
    broken.breaks = True
    outputs = make(broken, well)
    outputs.tell(record())
    until(lambda: well.got == [1])
    until(lambda: outputs.states()[0].link is OutputConnection.RETRYING)
    assert "a bug" in str(outputs.states()[0].problem)
    assert "ZeroDivisionError" in caplog.text
    broken.breaks = False
    until(lambda: broken.got == [1])
    outputs.close()


def test_closing_gives_the_last_verdict_its_chance(make: Make) -> None:
    fake = Fake()
    outputs = make(fake)
    for number in range(50):
        outputs.tell(record(number))
    outputs.close()
    assert len(fake.got) == 50
    (state,) = outputs.states()
    assert (state.link, state.dropped) == (OutputConnection.STOPPED, 0)


def test_closing_does_not_wait_for_a_receiver_that_hangs(make: Make) -> None:
    deaf, hears = Fake(), Fake()
    deaf.hears_abort = False
    for fake in (deaf, hears):
        fake.may_go_on.clear()
    outputs = make(deaf, hears)
    outputs.tell(record())
    outputs.tell(record())
    assert deaf.entered.wait(60)
    assert hears.entered.wait(60)
    with OwnTime() as took:
        outputs.close()
    assert took.seconds < 1.9, "two of them hang, and it is a second all the same"
    assert [s.link for s in outputs.states()] == [OutputConnection.STOPPED] * 2
    assert outputs.states()[0].dropped == 2
    outputs.close()
    outputs.tell(record())
    assert outputs.states()[0].waiting == 0
    deaf.may_go_on.set()
    until(lambda: not output_threads())
    assert outputs.states()[0].link is OutputConnection.STOPPED


def test_closing_a_dead_receiver_says_what_was_not_told(make: Make) -> None:
    fake = Fake()
    fake.away = True
    outputs = make(fake)
    outputs.tell(record())
    until(lambda: outputs.states()[0].link is OutputConnection.RETRYING)
    outputs.close()
    (state,) = outputs.states()
    assert (state.link, state.waiting, state.dropped) == (OutputConnection.STOPPED, 0, 1)
    assert not output_threads()


def test_a_receiver_that_hangs_is_shown_as_such(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SLOW", 0.0)
    fake = Fake()
    fake.may_go_on.clear()
    outputs = make(fake)
    outputs.tell(record())
    assert fake.entered.wait(60)
    assert "has not answered" in str(outputs.states()[0].problem)
    assert outputs.states()[0].link is OutputConnection.RETRYING
    fake.may_go_on.set()
    until(lambda: outputs.states()[0].problem is None)
    outputs.close()


def test_settings_that_make_no_sense_stop_one_output_not_the_others(
    rig: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = OutputHub([OutputSpec("tcp", "nowhere"), SPEC])
    wrong, right = outputs.states()
    assert wrong.link is OutputConnection.STOPPED
    assert "host:port" in str(wrong.problem)
    assert right.link is OutputConnection.STARTING
    outputs.start()
    outputs.tell(record())
    outputs.set_running(True)
    assert outputs.states()[0].dropped == 1
    outputs.close()


def test_everybody_hears_one_sequence_and_one_set_of_counters(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[NumberedRecord] = []
    fake = Fake()
    monkeypatch.setattr(fake, "deliver", told.append)
    outputs = make(fake)

    def tells() -> None:
        for number in range(100):
            outputs.tell(record(number))

    threads = [threading.Thread(target=tells) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: len(told) == 400)
    assert [t.sequence for t in told] == list(range(1, 401))
    assert [t.counts.ng for t in told] == list(range(1, 401))
    outputs.close()


def test_nothing_is_loaded_for_outputs_nobody_chose() -> None:
    code = (
        "import sys, deeprx_gui.outputs.output_hub, deeprx_gui.outputs.table\n"
        "print(sorted({'pymodbus', 'paho', 'asyncio', 'ssl'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
