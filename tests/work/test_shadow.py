"""A candidate judges behind the line: the line is told first, never waits, and loses nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.errors import BackboneError, StorageError
from deeprx_gui.domain.health import HealthMonitor
from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.shadow import ShadowNews, ShadowPart, Side
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.results.shadow_log import ShadowLog
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.judging import Judge
from deeprx_gui.work.live import LiveRequest, live
from deeprx_gui.work.shadow import ShadowJudge, ShadowPlan, refused
from tests.engine.parts import part, with_scratch
from tests.work.live_fakes import (
    FakeReceivers,
    FakeRecorder,
    FakeSource,
    captured,
    files,
    until,
)
from tests.work.live_shift import Brightness, Shift, grey

OK, NG, REVIEW = Verdict.OK, Verdict.NG, Verdict.REVIEW


@pytest.fixture
def plan(learnt: tuple[Profile, Any]) -> ShadowPlan:
    """In use: OK up to brightness 100, NG above 150. Candidate: OK up to 50, NG above 60."""
    live_one = replace(
        learnt[0], limits=Limits(1.0, 1.5), suggested=Limits(1.0, 1.5), golden=(), revision=3
    )
    candidate = replace(live_one, limits=Limits(0.5, 0.6), suggested=Limits(0.5, 0.6), revision=7)
    return ShadowPlan(1, live_one, candidate)


class Sink:
    """Remembers, and knows what the line had told by then."""

    def __init__(self) -> None:
        self.parts: list[ShadowPart] = []
        self.skipped = 0
        self.refuses = False

    def add(self, number: int, part: ShadowPart) -> None:
        if self.refuses:
            raise StorageError(say("The disk is full."))
        assert number == 1
        self.parts.append(part)

    def skip(self, number: int, parts: int) -> None:
        assert number == 1
        self.skipped += parts


class Slow(Brightness):
    """A candidate that judges when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.asked = threading.Event()

    def see(self, frame: Any) -> Any:
        self.asked.set()
        assert self.go.wait(120)
        return super().see(frame)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    until(lambda: not any(t.name in {"feed", "shadow"} for t in threading.enumerate()))


def judged_by(scorer: Any, plan: ShadowPlan) -> Judge:
    return Judge(scorer, plan.candidate.limits, HealthMonitor([]))


def shadow_of(plan: ShadowPlan, sink: Any, scorer: Any = None, **options: Any) -> ShadowJudge:
    scorer = scorer or Brightness()
    no_engines: Any = None
    return ShadowJudge(
        plan, no_engines, sink, opening=lambda plan: judged_by(scorer, plan), **options
    )


def test_both_verdicts_are_remembered_with_a_picture_where_they_differ(plan: ShadowPlan) -> None:
    sink = Sink()
    source = files([grey(40), grey(55), grey(80), grey(200), None])
    shift = Shift(plan.live, source, shadow=shadow_of(plan, sink))
    parts = shift.to_the_end()
    assert [p.record.verdict for p in parts] == [OK, OK, OK, NG, Verdict.ERROR]
    found = [(p.live, p.candidate, p.side) for p in sink.parts]
    assert found == [
        (OK, OK, None),
        (OK, REVIEW, Side.STRICTER),
        (OK, NG, Side.STRICTER),
        (NG, NG, None),
    ], "a part without a picture is no question"
    assert [bool(p.picture) for p in sink.parts] == [False, True, True, False]
    assert sink.parts[2].picture.startswith(b"\xff\xd8")
    assert [p.uid for p in sink.parts] == [p.record.uid for p in parts[:4]]
    assert {p.live_revision for p in sink.parts} == {3}
    assert sink.parts[2].live_times == pytest.approx(0.8)
    assert sink.parts[2].candidate_times == pytest.approx(1.6), "each on its own scale"
    news = [i for i in shift.items if isinstance(i, ShadowNews)][-1]
    assert (news.candidate, news.compared, news.differing, news.skipped) == (7, 4, 2, 0)


def test_the_line_is_recorded_and_told_before_the_shadow_sees_a_part(plan: ShadowPlan) -> None:
    seen: list[int] = []

    class Watching(Brightness):
        def see(self, frame: Any) -> Any:
            seen.append(len(shift.outputs.told))
            return super().see(frame)

    shift = Shift(plan.live, files([grey(40)] * 5), shadow=shadow_of(plan, Sink(), Watching()))
    shift.to_the_end()
    assert len(seen) == 5
    assert all(told > number for number, told in enumerate(seen))
    assert len(shift.recorder.store.records) == len(shift.outputs.told) == 5, "and nothing more"


def test_a_candidate_that_hangs_holds_nobody_up(plan: ShadowPlan) -> None:
    """Twenty parts pass while it is at the first; what finds no room is counted and said."""
    sink, slow = Sink(), Slow()
    source = FakeSource(lossy=False)
    shift = Shift(plan.live, source, shadow=shadow_of(plan, sink, slow, most_waiting=4))
    source.give(captured(grey(80), item="file 0"))
    shift.until(InspectedPart)
    until(lambda: shift.step() and slow.asked.is_set())
    for number in range(1, 20):
        source.give(captured(grey(80), item=f"file {number}"))
    shift.until(InspectedPart, 20)
    assert len(shift.outputs.told) == 20, "all verdicts are out"
    assert sink.parts == []
    slow.go.set()
    source.end()
    shift.to_the_end()
    assert len(sink.parts) == 1 + 4
    assert sink.skipped == 15
    news = [i for i in shift.items if isinstance(i, ShadowNews)][-1]
    assert news.skipped == 15
    assert "15 parts were not judged by the candidate" in str(news.sentence)
    assert "slower than the line" in str(news.sentence)


def test_large_pictures_fill_the_queue_sooner(plan: ShadowPlan) -> None:
    sink, slow = Sink(), Slow()
    shift = Shift(
        plan.live,
        files([grey(80)] * 6),
        shadow=shadow_of(plan, sink, slow, most_megabytes=0),
    )
    shift.until(InspectedPart, 6)
    slow.go.set()
    shift.to_the_end()
    assert len(sink.parts) + sink.skipped == 6
    assert sink.skipped >= 3, "one is judged, one waits"


def test_beside_a_camera_it_begins_no_picture_while_the_line_judges_one(plan: ShadowPlan) -> None:
    sink = Sink()
    shadow = shadow_of(plan, sink, patience=120.0)
    shift = Shift(plan.live, files([grey(80)]))
    (judged,) = shift.to_the_end()
    shadow.begin(files=False)
    with closing(shadow):
        with shadow.line_busy():
            shadow.offer(judged)
            until(lambda: shadow.catching_up)
            assert sink.parts == []
        until(lambda: len(sink.parts) == 1)


def test_where_the_line_never_pauses_it_takes_its_turn(plan: ShadowPlan) -> None:
    sink = Sink()
    shadow = shadow_of(plan, sink, patience=0.0)
    (judged,) = Shift(plan.live, files([grey(80)])).to_the_end()
    shadow.begin(files=False)
    with closing(shadow), shadow.line_busy():
        shadow.offer(judged)
        until(lambda: len(sink.parts) == 1)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (BackboneError(say("Its weights are not on this PC.")), "weights are not on this PC"),
        (RuntimeError("a bug"), "a bug"),
    ],
)
@pytest.mark.logs_errors
def test_a_candidate_that_cannot_be_opened_is_said_and_the_line_goes_on(
    plan: ShadowPlan, error: Exception, says: str
) -> None:
    def fails(_plan: ShadowPlan) -> Judge:
        raise error

    no_engines: Any = None
    shadow = ShadowJudge(plan, no_engines, Sink(), opening=fails)
    shift = Shift(plan.live, files([grey(40)] * 3), shadow=shadow)
    assert [p.record.verdict for p in shift.to_the_end()] == [OK] * 3
    news = [i for i in shift.items if isinstance(i, ShadowNews)][-1]
    assert says in str(news.sentence)
    assert "r0007" in str(news.sentence)
    assert "line is not affected" in str(news.sentence)


def test_a_candidate_that_fails_on_a_picture_has_an_error_there(plan: ShadowPlan) -> None:
    sink, scorer = Sink(), Brightness()
    scorer.raises = RuntimeError("out of memory")
    Shift(plan.live, files([grey(40)]), shadow=shadow_of(plan, sink, scorer)).to_the_end()
    (found,) = sink.parts
    assert (found.live, found.candidate, found.side) == (OK, Verdict.ERROR, Side.STRICTER)
    assert np.isnan(found.candidate_times)


def test_a_disk_that_refuses_the_log_ends_the_shadow_alone(plan: ShadowPlan) -> None:
    sink = Sink()
    sink.refuses = True
    shift = Shift(plan.live, files([grey(40)] * 4), shadow=shadow_of(plan, sink))
    assert len(shift.to_the_end()) == 4
    news = [i for i in shift.items if isinstance(i, ShadowNews)][-1]
    assert "disk is full" in str(news.sentence)


@pytest.mark.parametrize("steps", [1, 3, 5])
def test_cancelled_at_any_yield_its_thread_ends(plan: ShadowPlan, steps: int) -> None:
    shift = Shift(plan.live, files([grey(80)] * 8), shadow=shadow_of(plan, Sink()))
    for _ in range(steps):
        shift.step()
    assert shift.job is not None
    shift.job.close()


def test_a_revision_is_no_candidate_against_itself(plan: ShadowPlan) -> None:
    assert refused(plan) is None
    same = ShadowPlan(1, plan.live, plan.live)
    assert "is the revision in use" in str(refused(same))


def test_real_engines_side_by_side(
    learnt: tuple[Profile, Any], engines: EnginePool, tmp_path: Path
) -> None:
    """The candidate scores as it would alone; nothing of it reaches records or receivers."""
    real = replace(learnt[0], id="abc", revision=1)
    far = Limits(real.limits.review * 50, real.limits.ng * 50)
    lax = replace(real, revision=2, limits=far)
    log = ShadowLog(tmp_path / "shadow")
    with closing(log):
        trial = log.begin("abc", real.name, 2, who="佐藤")
        shadow = ShadowJudge(
            ShadowPlan(trial.number, real, lax),
            lambda: EnginePool(engines.library, "torch-cpu"),
            log,
        )
        recorder = FakeRecorder()
        receivers = FakeReceivers(recorder.store)
        bad = with_scratch(part(71, 64, 64), 20, 20, 16)
        job = live(
            LiveRequest(real, Station()),
            engines=engines,
            recorder=recorder,
            outputs=receivers,
            controls=LiveControls(),
            source=files([part(70, 64, 64), bad]),
            shadow=shadow,
        )
        parts = [p.item for p in job if isinstance(p.item, InspectedPart)]
        lives = [p.record.verdict for p in parts]
        assert lives[1] is NG
        assert {r.revision for r in receivers.told} == {1}
        after = log.running("abc")
        assert after is not None
        assert after.pairs == Counter((verdict, OK) for verdict in lives)
        found = log.differing(trial.number)[0]
    assert found.side is Side.LOOSER
    assert found.uid == parts[1].record.uid
    assert found.candidate_times == pytest.approx(found.live_times)
