"""A run that holds until a person has decided, and one that is paused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from deeprx_gui.domain.inspection import Decision, InspectedPart
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.live_items import AwaitingDecision, DecisionTaken, StorageTrouble
from deeprx_gui.domain.profile import Profile
from tests.work.live_fakes import (
    FakeSource,
    captured,
    files,
    until,
)
from tests.work.live_shift import KEYED, Shift, grey


@pytest.fixture
def profile(learnt: tuple[Profile, Any]) -> Profile:
    """OK up to 1.0, REVIEW up to 1.5: brightness 100 and 150; no golden images to check."""
    return replace(learnt[0], limits=Limits(1.0, 1.5), golden=())


@pytest.fixture(autouse=True)
def _no_feed_is_left() -> Iterator[None]:
    yield
    until(lambda: not any(t.name == "feed" for t in threading.enumerate()))


def test_a_person_decides_before_the_line_goes_on(profile: Profile) -> None:
    station = replace(KEYED, confirm_ng=True)
    source = FakeSource()
    shift = Shift(profile, source, station)
    shift.ready()
    for serial, level in (("a", 200), ("b", 50), ("c", 120)):
        shift.controls.fire(serial)
        source.give(captured(grey(level)))
    awaited = shift.until(AwaitingDecision)
    assert awaited.record.serial == "a"
    newer = captured(grey(1))
    source.give(newer)
    until(lambda: shift.controls.newest() is newer)
    for _ in range(4):
        shift.step()
    assert len(shift.parts) == 1, "no further part is judged, while the preview goes on"
    assert shift.controls.decide(Decision.OK, "田中", "only dust")
    assert not shift.controls.decide(Decision.NG, "田中"), "once is enough"
    taken = shift.until(DecisionTaken)
    assert (taken.record.decision, taken.record.decided_by) == (Decision.OK, "田中")
    shift.until(InspectedPart, 3)
    shift.controls.stop()
    parts = shift.to_the_end()
    assert [p.record.serial for p in parts] == ["a", "b", "c"], "REVIEW needs no decision here"
    assert [i.record is None for i in shift.items if isinstance(i, AwaitingDecision)] == [
        False,
        True,
    ]


def test_a_decision_waits_for_the_disk_too(profile: Profile) -> None:
    shift = Shift(profile, files([grey(120)]), replace(KEYED, confirm_review=True))
    shift.until(AwaitingDecision)
    shift.recorder.store.refuses = 1
    shift.controls.decide(Decision.NG, "田中")
    shift.to_the_end()
    assert shift.recorder.store.records[0].decision is Decision.NG
    assert [i.problem is None for i in shift.items if isinstance(i, StorageTrouble)] == [
        False,
        True,
    ]


def test_stopped_while_a_person_is_asked(profile: Profile) -> None:
    shift = Shift(profile, files([grey(200), grey(10)]), replace(KEYED, confirm_ng=True))
    shift.until(AwaitingDecision)
    shift.controls.stop()
    shift.to_the_end()
    assert not shift.controls.decide(Decision.OK, "田中"), "nobody is asked any more"
    assert shift.recorder.store.records[0].decision is None
