"""A line that runs goes on with another revision from one part to the next, and loses none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.live_items import RevisionChange
from deeprx_gui.domain.profile import GoldenImage, Profile
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.work.shadow import NoShadow
from tests.work.live_fakes import FakeSource, captured, files
from tests.work.live_shift import Shift, grey


@pytest.fixture
def profile(learnt: tuple[Profile, Any]) -> Profile:
    """OK up to 1.0, that is brightness 100; no golden images to check."""
    return replace(learnt[0], revision=7, limits=Limits(1.0, 1.5), golden=())


def stricter(profile: Profile) -> Profile:
    return replace(profile, revision=8, limits=Limits(0.5, 0.6))


def judged(parts: list[InspectedPart]) -> list[tuple[int, Verdict]]:
    return [(part.record.revision, part.record.verdict) for part in parts]


def test_it_changes_over_between_two_parts(profile: Profile) -> None:
    shift = Shift(profile, files([grey(80)] * 4))
    while len(shift.parts) < 2:
        assert shift.step()
    shift.successors.append(stricter(profile))
    shift.to_the_end()
    assert judged(shift.parts) == [
        (7, Verdict.OK), (7, Verdict.OK), (8, Verdict.NG), (8, Verdict.NG),
    ]  # fmt: skip
    (change,) = (item for item in shift.items if isinstance(item, RevisionChange))
    assert (change.profile.revision, change.problem) == (8, None)
    assert [part.record.limits.review for part in shift.parts] == [1.0, 1.0, 0.5, 0.5]
    assert shift.outcome is not None
    assert shift.outcome.revisions == (7, 8)
    assert shift.outcome.counts.total == 4
    assert shift.outputs.running == [True, False], "receivers see one run"


def test_what_was_triggered_meanwhile_is_judged_with_the_new_one(profile: Profile) -> None:
    source = FakeSource()
    shift = Shift(profile, source)
    shift.ready()
    shift.successors.append(stricter(profile))
    answer = shift.controls.fire("S1")
    assert answer.problem is None
    source.give(captured(grey(80)))
    part = shift.until(InspectedPart)
    assert (part.record.serial, part.record.revision, part.record.verdict) == ("S1", 8, Verdict.NG)
    shift.controls.stop()
    shift.to_the_end()


def test_one_that_cannot_judge_here_is_said_and_the_line_goes_on(profile: Profile) -> None:
    golden = replace(stricter(profile), golden=(GoldenImage("a", grey(80), 55.0),))
    shift = Shift(profile, files([grey(80)] * 3))
    while len(shift.parts) < 1:
        assert shift.step()
    shift.successors.append(golden)
    shift.to_the_end()
    assert judged(shift.parts) == [(7, Verdict.OK)] * 3
    (change,) = (item for item in shift.items if isinstance(item, RevisionChange))
    assert "does not reproduce its scores" in str(change.problem)
    assert shift.outcome is not None
    assert shift.outcome.revisions == (7,)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("CUDA error: device-side assert"), "could not be made ready (CUDA error"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_a_runtime_that_fails_meanwhile_does_not_end_the_line(
    profile: Profile, error: Exception, words: str
) -> None:
    def fail(_profile: Profile) -> NoShadow:
        raise error

    shift = Shift(profile, files([grey(80)] * 3), next_shadow=fail)
    while len(shift.parts) < 1:
        assert shift.step()
    shift.successors.append(stricter(profile))
    shift.to_the_end()
    assert judged(shift.parts) == [(7, Verdict.OK)] * 3
    (change,) = (item for item in shift.items if isinstance(item, RevisionChange))
    assert words in str(change.problem)


def test_the_candidate_behind_the_line_follows(profile: Profile) -> None:
    before, after = CountedShadow(), CountedShadow()
    shift = Shift(profile, files([grey(80)] * 3), shadow=before, next_shadow=lambda _p: after)
    while len(shift.parts) < 1:
        assert shift.step()
    shift.successors.append(stricter(profile))
    shift.to_the_end()
    assert (before.offered, before.closed) == (1, 1)
    assert (after.offered, after.closed) == (2, 1)


class CountedShadow(NoShadow):
    def __init__(self) -> None:
        self.offered = self.closed = 0

    def offer(self, inspected: InspectedPart) -> None:
        self.offered += 1

    def close(self) -> None:
        self.closed += 1
