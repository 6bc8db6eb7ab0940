"""Of many questions of one kind only the latest is answered."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

from deeprx_gui.controllers.latest_request import LatestRequest
from deeprx_gui.domain.errors import Cancelled, RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.lane import Lane
from deeprx_gui.jobs.runner import JobFailed

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def lane() -> Iterator[Lane]:
    made = Lane("asked")
    yield made
    assert made.stop()


def answer(word: str) -> Generator[Progress, None, str]:
    yield Progress(0, 0, say("Reading the history"))
    return word


def test_a_long_search_ends_when_a_newer_one_is_typed(lane: Lane, qtbot: QtBot) -> None:
    newest = LatestRequest(lane)
    heard: list[str] = []
    begun, gave_up = threading.Event(), threading.Event()

    def long(stop: threading.Event) -> Generator[Progress, None, str]:
        yield Progress(0, 0, say("Reading the history"))
        begun.set()
        assert stop.wait(60)  # as a search that asks now and then
        gave_up.set()
        raise Cancelled

    newest.start(long, heard.append, lambda _failure: heard.append("failed"))
    assert begun.wait(60)
    newest.start(lambda _stop: answer("b"), heard.append, lambda _failure: heard.append("failed"))
    qtbot.waitUntil(lambda: not newest.busy)
    assert gave_up.wait(60)
    assert heard == ["b"]


def test_a_failure_is_told_unless_nobody_asks_any_more(lane: Lane, qtbot: QtBot) -> None:
    newest = LatestRequest(lane)
    told: list[JobFailed] = []

    def broken(_stop: threading.Event) -> Generator[Progress, None, str]:
        yield Progress(0, 0, say("Reading the history"))
        raise RequestError(say("No."))

    newest.start(broken, lambda _word: None, told.append)
    newest.cancel()
    qtbot.waitUntil(lambda: not lane.busy)
    assert told == []
    newest.start(broken, lambda _word: None, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert not newest.busy
