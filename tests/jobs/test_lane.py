"""A lane does jobs in order, loses nothing, and can always be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial

import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.errors import Cancelled, ImageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.lane import Job, Lane, ProgressBatch, once
from deeprx_gui.jobs.runner import JobFailed
from tests.own_time import OwnTime

Steps = Generator[Progress, None, object]


@pytest.fixture
def lane(qtbot: QtBot) -> Iterator[Lane]:
    made = Lane("test")
    yield made
    assert made.stop(2_000)


class Listener(QObject):
    """Writes down what a job tells, and in which thread it is told."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.told: list[object] = []
        self.items: list[object] = []
        self.threads: set[QThread] = set()
        job.progress.connect(self.on_progress)
        job.done.connect(self.on_done)
        job.failed.connect(self.on_failed)
        job.cancelled.connect(self.on_cancelled)
        job.finished.connect(self.on_finished)

    @Slot(object)
    def on_progress(self, batch: ProgressBatch) -> None:
        self.threads.add(QThread.currentThread())
        self.items.extend(batch.items)
        self.told.append("progress")

    @Slot(object)
    def on_done(self, value: object) -> None:
        self.told.append(("done", value))

    @Slot(object)
    def on_failed(self, failure: JobFailed) -> None:
        self.failure = failure
        self.told.append("failed")

    @Slot()
    def on_cancelled(self) -> None:
        self.told.append("cancelled")

    @Slot()
    def on_finished(self) -> None:
        self.told.append("finished")


def counting(n: int) -> Callable[[], Steps]:
    def steps() -> Steps:
        for i in range(n):
            yield Progress(i + 1, n, say("Counting"), item=i)
        return n

    return steps


def endless(begun: threading.Event, closed: threading.Event) -> Callable[[], Steps]:
    def steps() -> Steps:
        try:
            while True:
                begun.set()
                time.sleep(0.002)
                yield Progress(0, 0, say("Working"))
        finally:
            closed.set()

    return steps


def test_every_item_arrives_in_order_and_before_the_end(lane: Lane, qtbot: QtBot) -> None:
    job = lane.start(counting(5_000))
    heard = Listener(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.items == list(range(5_000))
    assert heard.told[-2:] == [("done", 5_000), "finished"]


def test_reports_come_to_the_thread_of_the_window(lane: Lane, qtbot: QtBot) -> None:
    job = lane.start(counting(3))
    heard = Listener(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.threads == {QThread.currentThread()}


def test_fast_work_does_not_flood_the_window(lane: Lane, qtbot: QtBot) -> None:
    job = lane.start(counting(20_000))
    heard = Listener(job)
    began = time.perf_counter()
    with qtbot.waitSignal(job.finished):
        pass
    ticks = (time.perf_counter() - began) / 0.033
    assert heard.told.count("progress") <= ticks + 3


def test_jobs_run_one_after_the_other(lane: Lane, qtbot: QtBot) -> None:
    order: list[str] = []

    def named(name: str) -> Callable[[], Steps]:
        def steps() -> Steps:
            order.append(f"{name} begins")
            yield Progress(0, 1, say("Working"))
            order.append(f"{name} ends")
            return name

        return steps

    lane.start(named("a"))
    lane.start(named("b"))
    with qtbot.waitSignal(lane.start(named("c")).finished):
        pass
    assert order == [f"{n} {what}" for n in "abc" for what in ("begins", "ends")]


def test_expected_failure_arrives_as_its_own_sentence(lane: Lane, qtbot: QtBot) -> None:
    def steps() -> Steps:
        yield Progress(0, 1, say("Reading"))
        raise ImageError(say("The picture is damaged. Take it again."))

    job = lane.start(steps)
    heard = Listener(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.told == ["progress", "failed", "finished"]
    assert str(heard.failure.message) == "The picture is damaged. Take it again."
    assert heard.failure.expected


@pytest.mark.logs_errors
def test_a_fault_of_the_program_becomes_a_sentence_and_a_log_entry(
    lane: Lane, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def steps() -> Steps:
        yield Progress(0, 1, say("Reading"))
        raise ZeroDivisionError("oops")

    job = lane.start(steps)
    heard = Listener(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert not heard.failure.expected
    assert "ZeroDivisionError: oops" in str(heard.failure.message)
    assert "Traceback" in caplog.text
    after = lane.start(counting(1))  # the lane goes on
    with qtbot.waitSignal(after.done):
        pass


def test_work_that_fails_before_its_first_step_fails_the_same_way(lane: Lane, qtbot: QtBot) -> None:
    def work() -> Steps:
        raise ImageError(say("No such folder."))

    job = lane.start(work)
    heard = Listener(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.told == ["failed", "finished"]
    assert str(heard.failure.message) == "No such folder."


def test_cancel_ends_the_job_at_its_next_step_and_closes_it(lane: Lane, qtbot: QtBot) -> None:
    begun, closed = threading.Event(), threading.Event()
    job = lane.start(endless(begun, closed))
    heard = Listener(job)
    assert begun.wait(60)
    with OwnTime() as took, qtbot.waitSignal(job.cancelled):
        job.cancel()
    assert took.seconds < 0.2
    assert closed.is_set()
    assert heard.told[-2:] == ["cancelled", "finished"]


def test_work_may_cancel_itself(lane: Lane, qtbot: QtBot) -> None:
    def steps() -> Steps:
        yield Progress(0, 1, say("Working"))
        raise Cancelled

    job = lane.start(steps)
    with qtbot.waitSignal(job.cancelled):
        pass


def test_a_waiting_job_that_is_cancelled_never_begins(lane: Lane, qtbot: QtBot) -> None:
    begun, closed = threading.Event(), threading.Event()
    first = lane.start(endless(begun, closed))
    began_second = threading.Event()

    def second() -> Steps:
        began_second.set()
        yield Progress(0, 1, say("Working"))
        return None

    waiting = lane.start(second)
    heard = Listener(waiting)
    waiting.cancel()
    first.cancel()
    with qtbot.waitSignal(waiting.finished):
        pass
    assert heard.told == ["cancelled", "finished"]
    assert not began_second.is_set()


def test_stopping_while_a_job_runs_closes_it_and_is_quick(qtbot: QtBot) -> None:
    lane = Lane("closing")
    begun, closed = threading.Event(), threading.Event()
    lane.start(endless(begun, closed))
    assert begun.wait(60)
    with OwnTime() as took:
        assert lane.stop()
    assert took.seconds < 0.5
    assert closed.is_set()
    late = lane.start(counting(1))
    with qtbot.assertNotEmitted(late.finished, wait=20):
        pass


def test_stopping_can_let_what_was_asked_for_finish(qtbot: QtBot) -> None:
    lane = Lane("saving")
    saved: list[int] = []
    for n in range(3):
        lane.start(once(partial(saved.append, n), say("Saving")))
    assert lane.stop(finish=True)
    assert saved == [0, 1, 2]


@pytest.mark.logs_errors
def test_stop_does_not_wait_for_ever_for_work_that_does_not_yield(qtbot: QtBot) -> None:
    lane = Lane("stuck")
    begun, go_on = threading.Event(), threading.Event()

    def stuck() -> Steps:
        begun.set()
        go_on.wait(10)
        yield Progress(0, 1, say("Working"))
        return None

    lane.start(stuck)
    assert begun.wait(60)
    assert not lane.stop(20)
    go_on.set()
    assert lane.stop(2_000)


def test_busy_is_told_from_the_first_job_to_the_last(lane: Lane, qtbot: QtBot) -> None:
    told: list[bool] = []
    lane.busy_changed.connect(told.append)
    lane.start(counting(2))
    last = lane.start(counting(2))
    assert lane.busy
    with qtbot.waitSignal(lane.busy_changed, check_params_cb=lambda on: not on):
        last.finished.connect(lambda: told.append("last"))  # type: ignore[arg-type]
    assert told == [True, "last", False]
    assert not lane.busy


def test_once_returns_what_the_call_returns(lane: Lane, qtbot: QtBot) -> None:
    job = lane.start(once(lambda: 42, say("Opening")))
    heard = Listener(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert ("done", 42) in heard.told
