"""The feed: newest picture for the preview, no trigger lost, files one by one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from deeprx_gui.capture.sources.base import SourceEnded
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.line_status import TriggerCounts
from deeprx_gui.domain.message import say
from deeprx_gui.work.feed import SourceFeed, TriggeredPicture
from deeprx_gui.work.trigger import TriggerRule
from tests.own_time import OwnTime
from tests.work.live_fakes import FakeSource, captured, files, unplugged, until

KEY = TriggerRule(Trigger.KEY)
CONTINUOUS = TriggerRule(Trigger.CONTINUOUS)
MakeFeed = Callable[..., SourceFeed]


@pytest.fixture
def feed_of() -> Iterator[MakeFeed]:
    """Start a feed that is stopped when the test is over."""
    started: list[SourceFeed] = []

    def make(source: FakeSource, rule: TriggerRule = CONTINUOUS, **options: Any) -> SourceFeed:
        feed = SourceFeed(source, rule, **options)
        started.append(feed)
        feed.start()
        return feed

    yield make
    for feed in started:
        feed.stop()
    assert not any(t.name == "feed" for t in threading.enumerate())


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


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


def test_each_press_gets_a_picture_of_its_own_in_order(feed_of: MakeFeed, clock: Clock) -> None:
    """Pressed in one moment, from three places."""
    source = FakeSource()
    feed = feed_of(source, KEY, clock=clock)
    for serial in "abc":
        feed.fire(serial, serial)
    pictures = [captured(moment=clock.now + n / 30) for n in range(5)]
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


def test_a_serial_read_beforehand_goes_to_the_next_part_only(
    feed_of: MakeFeed, clock: Clock
) -> None:
    source = FakeSource()
    feed = feed_of(source, KEY, clock=clock)
    feed.set_serial("from the scanner")
    feed.fire()
    feed.fire()
    source.give(captured(moment=clock.now))
    source.give(captured(moment=clock.now))
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
        let_go.wait(90)

    monkeypatch.setattr(source, "read", hang)
    feed = feed_of(source)
    with OwnTime() as took:
        feed.stop()
    assert took.seconds < 5
    let_go.set()
    until(lambda: source.closed == 1)


def _serials(found: list[TriggeredPicture]) -> list[tuple[str, bool]]:
    return [(c.serial, c.captured.frame is not None) for c in found]


def test_a_trigger_without_a_picture_in_time_is_an_error_never_a_later_picture(
    feed_of: MakeFeed, clock: Clock
) -> None:
    source = FakeSource()
    feed = feed_of(source, KEY, clock=clock)
    feed.fire("A")
    clock.now += 2.1
    (missed,) = _taken(feed)
    assert missed.serial == "A"
    assert "No picture" in str(missed.captured.error)
    source.give(captured(moment=clock.now))
    assert _taken(feed) == [], "nobody waits for it any more"
    assert feed.status().counts.missed == 1


def test_a_picture_that_was_taken_too_late_answers_nobody(feed_of: MakeFeed, clock: Clock) -> None:
    """Also when the feed hears of the picture before it looks at the clock."""
    source = FakeSource()
    feed = feed_of(source, KEY, clock=clock)
    feed.fire("A")
    source.give(captured(moment=clock.now + 2.001))
    assert _serials(_taken(feed)) == [("A", False)]


@pytest.mark.parametrize("away", [False, True], ids=["accepted", "refused"])
def test_a_picture_after_the_next_trigger_shows_the_next_part(
    feed_of: MakeFeed, clock: Clock, *, away: bool
) -> None:
    """The camera stood still for a moment: the first part has left when it goes on."""
    source, gone = FakeSource(), [False]
    feed = feed_of(source, KEY, clock=clock, away=lambda: gone[0])
    feed.fire("A", "plc")
    clock.now += 0.5
    gone[0] = away
    feed.fire("B", "plc")
    gone[0] = False
    source.give(captured(moment=clock.now + 0.1))
    assert _serials(_taken(feed)) == [("A", False), *([] if away else [("B", True)])]


def test_a_picture_of_before_the_next_trigger_may_arrive_after_it(
    feed_of: MakeFeed, clock: Clock
) -> None:
    source = FakeSource()
    feed = feed_of(source, KEY, clock=clock)
    feed.fire("A", "plc")
    clock.now += 0.5
    feed.fire("B", "plc")
    source.give(captured(moment=clock.now - 0.1))
    source.give(captured(moment=clock.now + 0.1))
    assert _serials(_taken(feed)) == [("A", True), ("B", True)]


def test_no_more_than_so_many_triggers_are_open(feed_of: MakeFeed, clock: Clock) -> None:
    feed = feed_of(FakeSource(), KEY, clock=clock)
    answers = [feed.fire(str(n)) for n in range(100_000)]
    assert sum(map(bool, answers)) == 8
    assert "8 triggers wait" in str(answers[8].problem)
    assert feed.status().counts == TriggerCounts(accepted=8, refused=99_992)
    assert not feed.status().ready
    clock.now += 3
    for chosen in _taken(feed):
        feed.answered(chosen)
    assert feed.status().ready
    assert feed.status().answered == 8
    assert feed.fire("a real one"), "and nothing stands before it"


def test_what_bounces_is_one_trigger_and_counted(feed_of: MakeFeed, clock: Clock) -> None:
    source = FakeSource()
    feed = feed_of(source, KEY, clock=clock)
    for step in (0, 0.003, 0.003, 0.004, 0.025):
        clock.now += step
        assert feed.fire("", "coil"), "it is the same trigger, so it is taken"
    assert feed.fire("", "key"), "another source of triggers does not bounce with it"
    assert feed.status().counts == TriggerCounts(accepted=3, bounced=3)


def test_another_serial_so_soon_is_no_bounce_and_never_swallowed(
    feed_of: MakeFeed, clock: Clock
) -> None:
    feed = feed_of(FakeSource(), KEY, clock=clock)
    assert feed.fire("A", "tcp")
    assert feed.fire("A", "tcp")
    refused = feed.fire("B", "tcp")
    assert not refused
    assert "30 ms" in str(refused.problem)


def test_triggers_are_refused_while_nothing_can_be_recorded(feed_of: MakeFeed) -> None:
    feed = feed_of(FakeSource(), KEY)
    feed.block(say("The disk is full."))
    assert "The disk is full." in str(feed.fire("A").problem)
    assert feed.status().records_blocked
    feed.block(None)
    assert feed.fire("A")


def test_stopping_answers_what_has_no_picture_with_an_error(feed_of: MakeFeed) -> None:
    feed = feed_of(FakeSource(), KEY)
    feed.fire("A")
    feed.close_triggers()
    (missed,) = _taken(feed)
    assert missed.serial == "A"
    assert "stopped" in str(missed.captured.error)
    assert not feed.fire("B")


def test_a_serial_with_a_trigger_names_the_file_that_comes_or_an_error(
    feed_of: MakeFeed, clock: Clock
) -> None:
    source = FakeSource(lossy=False)
    feed = feed_of(source, KEY, clock=clock)
    feed.fire("A", "tcp")
    clock.now += 0.4
    source.give(captured(moment=clock.now, item="a.png"))
    until(lambda: feed.waiting == 1)
    clock.now += 0.6
    feed.fire("B", "tcp")
    clock.now += 1
    feed.fire("C", "tcp")
    clock.now += 0.4
    source.give(captured(moment=clock.now, item="c.png"))
    assert [(c.captured.item, c.serial) for c in _taken(feed)] == [
        ("a.png", "A"), ("", "B"), ("c.png", "C"),
    ]  # fmt: skip


def test_asking_again_after_a_refusal_is_no_bounce(feed_of: MakeFeed, clock: Clock) -> None:
    """It would be acknowledged, and nobody would ever answer it."""
    full = [True]
    feed = feed_of(FakeSource(), KEY, clock=clock, away=lambda: full[0])
    assert not feed.fire("", "coil")
    full[0] = False
    clock.now += 0.003
    assert feed.fire("", "coil")
    assert feed.status().counts == TriggerCounts(accepted=1, refused=1)
