"""A line inspects while a product is learnt and pictures are scored again, as in the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.fit import FitOutcome
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import InspectedPart, Keep, KeepRule, Record
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.jobs.lane import Job, Lane, ProgressBatch
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.fit import fit
from deeprx_gui.work.live import LiveOutcome, LiveRequest, live
from deeprx_gui.work.rescore_record import RecordRescorer
from tests.engine.parts import part, with_scratch
from tests.work.conftest import MakeParts
from tests.work.helpers import drive, request_for, save
from tests.work.live_fakes import FakeReceivers, FakeRecorder, FakeSource, captured

PARTS = 12
BAD = 3
"""The part with a scratch."""
LATE = 4
"""So many parts come only once learning and scoring are done: the line ran all the while."""


class Receivers(FakeReceivers):
    """Looks into the real store."""

    def __init__(self, store: RecordStore) -> None:
        super().__init__(FakeRecorder().store)
        self._real = store

    def tell(self, record: Record, *, trigger: int = 0, **more: object) -> None:
        assert self._real.get(record.number) == record, "told before it was recorded"
        self.told.append(record)
        self.triggers.append(trigger)


class Heard:
    """What a job told and returned."""

    def __init__(self, job: Job) -> None:
        self.items: list[object] = []
        self.value: object = None
        self.failure: object = None
        job.progress.connect(self._add)
        job.done.connect(self._done)
        job.failed.connect(self._failed)

    def _add(self, batch: ProgressBatch) -> None:
        self.items += batch.items

    def _done(self, value: object) -> None:
        self.value = value

    def _failed(self, failure: object) -> None:
        self.failure = failure


@dataclass(frozen=True)
class Alone:
    """What each job gives when nothing else runs."""

    inspected: list[float]
    scored: list[ScoredImage]
    learnt: Profile


@dataclass(frozen=True)
class Plan:
    """What is inspected, learnt and scored."""

    folder: Path
    product: Profile
    normals: list[Path]
    shown: list[ByteImage]
    store: ProfileStore

    @property
    def files(self) -> list[Path]:
        return [self.folder / f"shown {number}.png" for number in range(PARTS)]

    def scores(self, engines: EnginePool) -> Generator[Progress, None, object]:
        items = [PendingImage(path) for path in [*self.normals, *self.files]]
        return score_images(self.product, items, engines=engines)

    def learns(
        self, store: ProfileStore, engines: EnginePool
    ) -> Generator[Progress, None, FitOutcome]:
        request = request_for(self.normals)
        return fit(request, engines=engines, store=store, scratch=self.folder / "scratch")

    def alone(self, engines: EnginePool) -> Alone:
        scorer = engines.for_profile(self.product)
        inspected = [scorer.score(decode(path)).value for path in self.files]
        told, _ = drive(self.scores(engines))
        scored = [p.item for p in told if isinstance(p.item, ScoredImage)]
        _, outcome = drive(self.learns(ProfileStore(self.folder / "alone"), engines))
        return Alone(inspected, scored, outcome.profile)


@pytest.fixture
def plan(
    learnt: tuple[Profile, Sequence[Path]], store: ProfileStore, parts: MakeParts, tmp_path: Path
) -> Plan:
    product = store.save(replace(learnt[0], id="", name="Bracket", revision=0))
    shown = [part(100 + n, 64, 64) for n in range(PARTS)]
    shown[BAD] = with_scratch(shown[BAD], 20, 20, 16)
    made = Plan(tmp_path, product, parts(8, first=40), shown, store)
    for path, pixels in zip(made.files, shown, strict=True):
        save(path, pixels)
    return made


@dataclass(frozen=True)
class Crowd:
    """What the three jobs told and returned, and what the outputs heard."""

    line: Heard
    learner: Heard
    scorer: Heard
    told: list[Record]


def together(plan: Plan, records: RecordStore, qtbot: QtBot) -> Crowd:
    """Run all three at once, each on a lane and with engines of its own, as the program does."""
    begin = threading.Barrier(3)

    def at_once(
        make: Callable[[EnginePool], Generator[Progress, None, object]],
    ) -> Callable[[], Generator[Progress, None, object]]:
        def steps() -> Generator[Progress, None, object]:
            own = EnginePool(BackboneLibrary(plan.folder / "none"), "torch-cpu")
            begin.wait(30)
            return (yield from make(own))

        return steps

    source = FakeSource(lossy=False)

    def give(numbers: range) -> None:
        for number in numbers:
            source.give(captured(plan.shown[number], item=f"file {number}"))

    keeper = PictureKeeper(records.folder, KeepRule(keep=Keep.ALL, png=True))
    recorder, controls, outputs = Recorder(records, keeper), LiveControls(), Receivers(records)
    request = LiveRequest(plan.product, Station(), "佐藤")
    jobs: tuple[Callable[[EnginePool], Generator[Progress, None, object]], ...] = (
        lambda own: live(
            request,
            engines=own,
            recorder=recorder,
            outputs=outputs,
            controls=controls,
            source=source,
        ),
        lambda own: plan.learns(plan.store, own),
        plan.scores,
    )
    give(range(PARTS - LATE))
    lanes = [Lane(name) for name in ("live", "learning", "scoring")]
    line, learning, scoring = lanes
    try:
        heard = [Heard(lane.start(at_once(job))) for lane, job in zip(lanes, jobs, strict=True)]
        qtbot.waitUntil(lambda: not (learning.busy or scoring.busy))
        assert [each.failure for each in heard] == [None] * 3
        assert line.busy
        give(range(PARTS - LATE, PARTS))
        source.end()
        qtbot.waitUntil(lambda: not line.busy)
    finally:
        controls.stop()
        stopped = [lane.stop() for lane in lanes]
        recorder.close()
    assert all(stopped)
    at_line, learner, scorer = heard
    return Crowd(at_line, learner, scorer, outputs.told)


def test_inspecting_learning_and_scoring_at_once_change_nothing(
    plan: Plan, engines: EnginePool, qtbot: QtBot
) -> None:
    alone = plan.alone(engines)
    with closing(RecordStore(plan.folder / "records")) as records:
        crowd = together(plan, records, qtbot)
        rows = sorted(records.rows(RecordQuery()), key=lambda record: record.number)
    recorded_once(rows, crowd)
    assert [record.score for record in rows] == alone.inspected  # to the last bit
    assert rows[BAD].verdict is Verdict.NG
    same_scores(crowd.scorer, alone.scored)
    assert isinstance(crowd.learner.value, FitOutcome)
    same_profile(plan.store.load("Plate"), alone.learnt)

    # A part judged in the crowd scores the same when it is looked at again.
    looks = RecordRescorer(plan.store, lambda: engines)
    picture = plan.folder / "records" / rows[BAD].picture
    _, look = drive(looks.rescore(rows[BAD], decode(picture)))
    assert not look.troubled, look.note
    assert look.score is not None
    assert look.score.value == rows[BAD].score


def recorded_once(rows: Sequence[Record], crowd: Crowd) -> None:
    """Every part stands once on the disk, was told once and shown once, in order."""
    outcome = crowd.line.value
    assert isinstance(outcome, LiveOutcome)
    assert (outcome.counts.total, outcome.unrecorded) == (PARTS, 0)
    items = [f"file {number}" for number in range(PARTS)]
    assert [record.item for record in rows] == items
    assert len({record.uid for record in rows}) == PARTS
    uids = [record.uid for record in rows]
    assert [record.uid for record in crowd.told] == uids
    shown = [item.record for item in crowd.line.items if isinstance(item, InspectedPart)]
    assert [record.uid for record in shown] == uids
    assert [record.number for record in shown] == [record.number for record in rows]


def same_scores(heard: Heard, alone: Sequence[ScoredImage]) -> None:
    found = [item for item in heard.items if isinstance(item, ScoredImage)]
    assert [each.path for each in found] == [each.path for each in alone]
    for now, then in zip(found, alone, strict=True):
        assert now.score is not None
        assert then.score is not None
        assert now.score.value == then.score.value
        assert np.array_equal(now.score.map, then.score.map)


def same_profile(saved: Profile, alone: Profile) -> None:
    assert saved.revision == 1
    assert saved.held_out_scores == alone.held_out_scores
    assert saved.limits == alone.limits
    kept, wanted = saved.statistics.arrays, alone.statistics.arrays
    assert kept.keys() == wanted.keys()
    assert all(np.array_equal(kept[name], wanted[name]) for name in kept)
