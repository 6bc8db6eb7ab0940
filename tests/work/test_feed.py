"""The feed: newest picture for the preview, no trigger lost, files one by one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from deeprx_gui.capture.sources.base import SourceEnded
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.message import say
from deeprx_gui.work.feed import SourceFeed, TriggeredPicture
from deeprx_gui.work.trigger import TriggerRule
from tests.work.live_fakes import FakeSource, captured, files, unplugged, until

KEY = TriggerRule(Trigger.KEY)
CONTINUOUS = TriggerRule(Trigger.CONTINUOUS)
MakeFeed = Callable[..., SourceFeed]


@pytest.fixture
def feed_of() -> Iterator[MakeFeed]:
    """Start a feed that is stopped when the test is over."""
    started: list[SourceFeed] = []

    def make(source: FakeSource, rule: TriggerRule = CONTINUOUS, **options: int) -> SourceFeed:
        feed = SourceFeed(source, rule, **options)
        started.append(feed)
        feed.start()
        return feed

    yield make
    for feed in started:
        feed.stop()
    assert not any(t.name == "feed" for t in threading.enumerate())


def _taken(feed: SourceFeed) -> list[TriggeredPicture]:
    found = []
    while (chosen := feed.take(0.1)) is not None:
        found.append(chosen)
    return found


def test_continuous_gives_the_newest_and_queues_nothing(feed_of: MakeFeed) -> None:
    source = FakeSource()
    feed = feed_of(source)
    pictures = [captured() for _ in range(20)]
    for one in pictures:
        source.give(one)
    until(lambda: feed.newest() is pictures[-1])
    chosen = feed.take(1)
    assert chosen is not None
    assert chosen.captured is pictures[-1]
    assert feed.take(0.01) is None, "each picture once"
    assert feed.newest() is pictures[-1], "the preview still has it"


def test_a_press_takes_the_first_picture_after_it(feed_of: MakeFeed) -> None:
    source = FakeSource()
    feed = feed_of(source, KEY)
    old = captured()
    source.give(old)
    until(lambda: feed.newest() is old)
    feed.fire("A1")
    stale = captured(moment=time.perf_counter() - 1)
    fresh, later = captured(), captured()
    for one in (stale, fresh, later):
        source.give(one)
    taken = _taken(feed)
    assert [(c.captured, c.serial) for c in taken] == [(fresh, "A1")]
    assert taken[0].moment <= fresh.moment, "the press is when time began to count"


def test_each_press_gets_a_picture_of_its_own_in_order(feed_of: MakeFeed) -> None:
    source = FakeSource()
    feed = feed_of(source, KEY)
    for serial in "abc":
        feed.fire(serial)
    pictures = [captured() for _ in range(5)]
    for one in pictures:
        source.give(one)
    assert [(c.captured, c.serial) for c in _taken(feed)] == list(
        zip(pictures[:3], "abc", strict=True)
    )


def test_no_trigger_is_lost_however_slow_the_engine_is(feed_of: MakeFeed) -> None:
    """A queue of 1 MB and pictures of half a megabyte: the camera's thread waits."""
    source = FakeSource()
    feed = feed_of(source, TriggerRule(Trigger.TIMER, every=0.001), most_megabytes=1)
    big = np.zeros((400, 416, 3), np.uint8)
    start = time.perf_counter()
    pictures = [captured(big, moment=start + n) for n in range(30)]
    for one in pictures:
        source.give(one)
    source.end()
    until(lambda: feed.late)
    assert feed.waiting == 2, "no more than there is room for"
    taken = []
    while not feed.ended:
        if (chosen := feed.take(0.05)) is not None:
            taken.append(chosen.captured)
    assert taken == pictures
    assert not feed.late, "and it is said when the line has been caught up with"


def test_files_wait_and_none_is_lost(feed_of: MakeFeed) -> None:
    source = files([np.zeros((8, 8, 3), np.uint8)] * 12 + [None])
    feed = feed_of(source, KEY)
    until(lambda: feed.waiting == 4)
    assert not feed.late, "files have time"
    feed.fire("S7")
    taken = []
    while not feed.ended:
        if (chosen := feed.take(0.05)) is not None:
            taken.append(chosen)
            feed.done(chosen.captured)
    assert [c.captured.item for c in taken] == [f"file {n}" for n in range(13)]
    assert taken[-1].captured.error is not None, "a file that cannot be read is a part too"
    assert [c.serial for c in taken] == ["S7"] + [""] * 12, "for the one taken next"
    assert len(source.finished) == 13


def test_broken_pictures_of_a_camera_are_no_parts(feed_of: MakeFeed) -> None:
    source = FakeSource([captured(error=say("torn")), captured()])
    feed = feed_of(source, TriggerRule(Trigger.TIMER, every=0.001))
    assert len(_taken(feed)) == 1


def test_a_serial_read_beforehand_goes_to_the_next_part_only(feed_of: MakeFeed) -> None:
    source = FakeSource()
    feed = feed_of(source, KEY)
    feed.set_serial("from the scanner")
    feed.fire()
    feed.fire()
    source.give(captured())
    source.give(captured())
    assert [c.serial for c in _taken(feed)] == ["from the scanner", ""]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (SourceEnded(), None),
        (SourceEnded(say("The folder is gone.")), "The folder is gone."),
        (unplugged(), "The camera is gone."),
        (OSError("cable"), "OSError: cable"),
    ],
)
def test_the_end_of_a_source_is_told(feed_of: MakeFeed, end: Exception, said: str | None) -> None:
    source = FakeSource([captured(), end])
    feed = feed_of(source, TriggerRule(Trigger.TIMER, every=0.001))
    assert feed.take(1) is not None
    until(lambda: feed.ended)
    assert (said is None) == (feed.failure is None)
    assert said is None or said in str(feed.failure)
    assert source.closed == 0, "what was read is still being judged"
    feed.stop()
    assert source.closed == 1


def test_closing_keeps_what_was_triggered(feed_of: MakeFeed) -> None:
    source = FakeSource([captured(moment=float(n)) for n in range(3)])
    feed = feed_of(source, TriggerRule(Trigger.TIMER, every=0.5))
    until(lambda: feed.waiting == 3)
    feed.close_triggers()
    source.give(captured())
    feed.fire()
    assert len(_taken(feed)) == 3


def test_a_source_that_hangs_is_left_behind(
    feed_of: MakeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.work.feed._JOIN_SECONDS", 0.05)
    let_go = threading.Event()
    source = FakeSource()

    def hang(timeout: float) -> None:
        let_go.wait(20)

    monkeypatch.setattr(source, "read", hang)
    feed = feed_of(source)
    start = time.monotonic()
    feed.stop()
    assert time.monotonic() - start < 5
    let_go.set()
    until(lambda: source.closed == 1)
