"""Triggers of a live run when the picture or the store is not as it should be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.line_status import TriggerCounts
from deeprx_gui.domain.live_items import StorageTrouble
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.work.controls import LiveControls
from tests.work.live_fakes import FakeSource, captured, until
from tests.work.live_shift import KEYED, Shift, grey


@pytest.fixture
def profile(learnt: tuple[Profile, Any]) -> Profile:
    """OK up to 1.0, REVIEW up to 1.5: brightness 100 and 150; no golden images to check."""
    return replace(learnt[0], limits=Limits(1.0, 1.5), golden=())


@pytest.fixture(autouse=True)
def _no_feed_is_left() -> Iterator[None]:
    yield
    until(lambda: not any(t.name == "feed" for t in threading.enumerate()))


@pytest.mark.parametrize("asked", [False, True])
def test_a_picture_that_stands_still_is_an_error_where_that_is_asked_for(
    profile: Profile, *, asked: bool
) -> None:
    """A camera that repeats its last picture would pass every further part."""
    shift = Shift(profile, FakeSource(), replace(KEYED, frozen_error=asked))
    shift.ready()
    for serial in "abcd":
        shift.controls.fire(serial)
        shift.source.give(captured(grey(50)))
        shift.until(InspectedPart, "abcd".index(serial) + 1)
    verdicts = [p.record.verdict for p in shift.parts]
    assert verdicts[0] is Verdict.OK
    assert (verdicts[-1] is Verdict.ERROR) == asked
    assert ("stands still" in str(shift.parts[-1].record.error)) == asked
    shift.controls.stop()
    shift.to_the_end()


def test_a_store_whose_file_is_gone_refuses_triggers_until_it_is_back(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.work.live_run._LOOK_SECONDS", 0.0)
    monkeypatch.setattr("deeprx_gui.work.live_run._PAUSES", (0.0,))
    shift = Shift(profile, FakeSource())
    shift.ready()
    shift.recorder.store.gone = True
    trouble = shift.until(StorageTrouble)
    assert "deleted" in str(trouble.problem)
    assert shift.controls.status().records_blocked
    assert "cannot be recorded" in str(shift.controls.fire("a").problem)
    shift.recorder.store.gone = False
    shift.ready()
    assert shift.until(StorageTrouble, 2) is not None
    assert [i.problem for i in shift.items if isinstance(i, StorageTrouble)][-1] is None
    shift.controls.stop()
    shift.to_the_end()


def test_counts_of_triggers_go_on_from_run_to_run(profile: Profile) -> None:
    first = LiveControls()
    assert not first.fire("nobody is there")
    second = LiveControls(first.counts)
    assert second.status().counts == TriggerCounts(refused=1)
