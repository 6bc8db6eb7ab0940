"""A live run on sources, disks and people that misbehave: recorded first, nothing lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.capture.sources.reconnecting import ReconnectingSource
from deeprx_gui.domain.errors import PlacementError, RequestError, StorageError
from deeprx_gui.domain.inspection import Cause, InspectedPart
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.line_status import TriggerCounts
from deeprx_gui.domain.live_items import (
    CycleTime,
    HealthWarning,
    StorageTrouble,
    TriggerTrouble,
)
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import GoldenImage, Profile
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.source import CapturedImage, SourceConnection, SourceSpec, SourceState
from deeprx_gui.domain.station import Station, StationIdentity
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveRequest, live
from tests.engine.parts import part, with_scratch
from tests.work.helpers import save_parts
from tests.work.live_fakes import (
    FakeReceivers,
    FakeRecorder,
    FakeSource,
    captured,
    files,
    unplugged,
    until,
)
from tests.work.live_shift import KEYED, Brightness, OneScorer, Shift, grey


@pytest.fixture
def profile(learnt: tuple[Profile, Any]) -> Profile:
    """OK up to 1.0, REVIEW up to 1.5: brightness 100 and 150; no golden images to check."""
    return replace(learnt[0], limits=Limits(1.0, 1.5), golden=())


@pytest.fixture(autouse=True)
def _no_feed_is_left() -> Iterator[None]:
    yield
    until(lambda: not any(t.name == "feed" for t in threading.enumerate()))


def test_every_file_gets_one_verdict_in_order(profile: Profile) -> None:
    shift = Shift(profile, files([grey(80), grey(120), grey(200), None]))
    parts = shift.to_the_end()
    assert [p.record.verdict for p in parts] == list(Verdict)
    assert [p.record.item for p in parts] == [f"file {n}" for n in range(4)]
    assert [p.record.number for p in parts] == [1, 2, 3, 4]
    assert str(parts[3].record.error) == "not a picture"
    assert parts[3].map is None
    assert np.isnan(parts[3].record.score)
    assert shift.outputs.told == [p.record for p in parts]
    assert shift.outputs.running == [True, False]
    assert [c.item for c in shift.source.finished] == [p.record.item for p in parts]
    assert shift.outcome is not None
    assert shift.outcome.counts.total == 4
    assert shift.outcome.counts.yielded == pytest.approx(1 / 3)
    assert shift.source.closed


def test_real_engine_real_profile(learnt: tuple[Profile, Any], engines: EnginePool) -> None:
    """The same score as a batch gives, with health, and a scratch is found."""
    real = learnt[0]
    source = files([part(70, 64, 64), with_scratch(part(71, 64, 64), 20, 20, 16)])
    controls, recorder = LiveControls(), FakeRecorder()
    job = live(
        LiveRequest(real, Station(), "佐藤", identity=StationIdentity("id 3", "ライン 3")),
        engines=engines,
        recorder=recorder,
        outputs=FakeReceivers(recorder.store),
        controls=controls,
        source=source,
    )
    parts = [p.item for p in job if isinstance(p.item, InspectedPart)]
    assert parts[1].record.verdict is Verdict.NG
    assert [bool(part.record.places) for part in parts] == [
        part.record.verdict is not Verdict.OK for part in parts
    ]
    x, y, area, score = json.loads(parts[1].record.places)[0]
    assert 0 < x < 1
    assert 0 < y < 1
    assert 0 < area <= 1
    assert score > parts[1].record.limits.review
    scorer: Scorer = engines.for_profile(real)
    assert parts[0].frame is not None
    assert parts[0].record.score == scorer.score(parts[0].frame).value
    assert parts[0].record.runtime == "torch-cpu"
    assert {(p.record.station, p.record.station_id) for p in parts} == {("ライン 3", "id 3")}
    assert parts[0].record.operator == "佐藤"
    assert parts[0].record.method == f"{real.detector.name} · {real.backbone.name}"
    assert all(
        p.health is not None and p.health.brightness == pytest.approx(1, abs=0.1) for p in parts
    )


def test_who_operates_the_line_may_change_during_a_run(profile: Profile) -> None:
    names = iter(["佐藤", "鈴木"])
    request = LiveRequest(profile, Station(), lambda: next(names))
    assert [request.operator, request.operator] == ["佐藤", "鈴木"]
    assert LiveRequest(profile, Station(), "佐藤").operator == "佐藤"


def test_every_trigger_gives_one_verdict_in_order(profile: Profile) -> None:
    """Presses and pictures come from another thread, faster than the engine."""
    source = FakeSource()
    shift = Shift(profile, source, replace(KEYED, waiting=200))
    shift.ready()

    def line() -> None:
        for number in range(200):
            shift.controls.fire(f"S{number}")
            source.give(captured(grey(number % 250)))
        source.end()

    thread = threading.Thread(target=line)
    thread.start()
    parts = shift.to_the_end()
    thread.join()
    assert [p.record.serial for p in parts] == [f"S{n}" for n in range(200)]
    assert len({p.record.uid for p in parts}) == 200
    assert all(a.record.when <= b.record.when for a, b in pairwise(parts))


def test_unplugged_in_mid_run_and_back(profile: Profile) -> None:
    source = FakeSource()
    told: list[SourceState] = []
    steady = ReconnectingSource(lambda: source, told.append, pauses=(0.05,))
    shift = Shift(profile, steady)  # type: ignore[arg-type]
    shift.ready()
    shift.controls.fire()
    source.give(captured(grey(50)))
    shift.until(InspectedPart)
    source.give(unplugged())
    until(lambda: any(s.link is SourceConnection.LOST for s in told))
    refused = shift.controls.fire("while it was away")
    assert not refused, "that part is gone when the camera comes back"
    assert "away" in str(refused.problem)
    for _ in range(3):
        shift.step()
    assert len(shift.parts) == 1, "no verdicts while it is away"
    shift.ready()
    source.give(captured(grey(60)))
    shift.step()
    shift.controls.fire("after it")
    source.give(captured(grey(70)))
    part = shift.until(InspectedPart, 2)
    assert part.record.serial == "after it"
    assert part.record.score == pytest.approx(0.7), "its own picture, not an earlier one"
    assert source.opened == 2
    shift.controls.stop()
    shift.to_the_end()
    assert shift.outcome is not None
    assert shift.outcome.triggers == TriggerCounts(accepted=2, refused=1)
    told_refusals = [i for i in shift.items if isinstance(i, TriggerTrouble) and i.problem]
    assert "1 trigger was refused" in str(told_refusals[0].problem)


def test_states_of_a_source_are_told(profile: Profile) -> None:
    shift = Shift(profile, FakeSource([unplugged()]))
    until_lost = 0
    while not any(
        isinstance(i, SourceState) and i.link is SourceConnection.LOST for i in shift.items
    ):
        assert shift.step()
        until_lost += 1
        assert until_lost < 500
    lost = next(i for i in shift.items if isinstance(i, SourceState) and i.problem)
    assert str(lost.problem) == "The camera is gone."
    shift.controls.stop()
    shift.to_the_end()


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("out of memory\nmore"),
        MemoryError(),
        TypeError("a bug"),
        PlacementError(say("The part is not in place.")),
    ],
)
def test_whatever_the_engine_raises_is_an_error_never_ok(
    profile: Profile, error: Exception
) -> None:
    shift = Shift(profile, files([grey(10), grey(10)]))
    shift.scorer.raises = error
    first = shift.until(InspectedPart)
    shift.scorer.raises = None
    assert first.record.verdict is Verdict.ERROR
    assert first.record.error is not None
    assert shift.to_the_end()[1].record.verdict is Verdict.OK, "and it goes on"


def test_a_score_that_is_no_number_is_an_error(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = Shift(profile, files([grey(10)]))
    nothing = Score(float("nan"), np.zeros((2, 2), np.float32), 1.0)
    monkeypatch.setattr(shift.scorer, "score_seen", lambda sight, start: nothing)
    assert shift.to_the_end()[0].record.verdict is Verdict.ERROR
    assert shift.parts[0].record.error is not None


def test_nothing_is_told_before_it_is_recorded(profile: Profile) -> None:
    """The disk is full, twice: the part waits, is shown once, and none after it is judged."""
    shift = Shift(profile, files([grey(10), grey(20)]))
    shift.recorder.store.refuses = 2
    trouble = shift.until(StorageTrouble)
    assert "disk is full" in str(trouble.problem)
    assert shift.parts == []
    assert shift.outputs.told == []
    parts = shift.to_the_end()
    assert [p.record.item for p in parts] == ["file 0", "file 1"]
    problems = [i.problem for i in shift.items if isinstance(i, StorageTrouble)]
    assert problems[-1] is None, "and it is said that all is well again"
    assert len(shift.outputs.told) == 2


def test_stopped_while_the_disk_refuses(profile: Profile) -> None:
    shift = Shift(profile, files([grey(10)] * 3))
    shift.recorder.store.refuses = 10**6
    shift.until(StorageTrouble)
    shift.controls.stop()
    assert shift.to_the_end() == []
    assert shift.outputs.told == []
    assert shift.source.finished == [], "the files are still to be judged"
    assert shift.outcome is not None
    assert shift.outcome.unrecorded == 1


def test_what_another_program_records_is_refused_at_once(profile: Profile) -> None:
    shift = Shift(profile, files([grey(10)]))
    shift.recorder.store.writable = False
    shift.recorder.store.notice = say("Another program records.")
    with pytest.raises(StorageError, match="Another program records"):
        shift.to_the_end()


def test_a_store_that_cannot_be_asked_does_not_end_the_run(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked by a backup for a moment: the folder is judged all the same."""
    save_parts(tmp_path, 3)
    spec = SourceSpec("folder", str(tmp_path), {"once": True})
    recorder = FakeRecorder()

    def locked(item: str) -> bool:
        raise StorageError(say("The file is locked."))

    monkeypatch.setattr(recorder.store, "known", locked)
    engines: Any = OneScorer(Brightness())
    job = live(
        LiveRequest(profile, Station(source=spec)),
        engines=engines,
        recorder=recorder,
        outputs=FakeReceivers(recorder.store),
        controls=LiveControls(),
    )
    assert sum(isinstance(p.item, InspectedPart) for p in job) == 3


def test_a_file_judged_before_is_moved_away_but_not_told_again(profile: Profile) -> None:
    """Killed between recording and moving: the next run finds the file once more."""
    first = Shift(profile, files([grey(10)]))
    first.to_the_end()
    again = Shift(profile, files([grey(10), grey(20)]), recorder=first.recorder)
    parts = again.to_the_end()
    assert [p.record.item for p in parts] == ["file 1"]
    assert len(again.source.finished) == 2
    assert len(first.recorder.store.records) == 2


def _level(newest: CapturedImage | None) -> int:
    return -1 if newest is None or newest.frame is None else int(newest.frame.pixels[0, 0, 0])


def test_stopping_judges_what_was_triggered(profile: Profile) -> None:
    source = FakeSource()
    shift = Shift(profile, source)
    shift.ready()
    for level in (40, 41, 42):
        shift.controls.fire()
        source.give(captured(grey(level)))
    until(lambda: _level(shift.controls.newest()) == 42)
    shift.controls.stop()
    assert len(shift.to_the_end()) == 3
    assert not shift.controls.fire(), "nobody is there any more"


def test_it_ends_after_so_many_parts(profile: Profile) -> None:
    recorder = FakeRecorder()
    engines: Any = OneScorer(Brightness())
    job = live(
        LiveRequest(profile, Station(), most=2),
        engines=engines,
        recorder=recorder,
        outputs=FakeReceivers(recorder.store),
        controls=LiveControls(),
        source=files([grey(10)] * 5),
    )
    assert sum(isinstance(p.item, InspectedPart) for p in job) == 2


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8])
def test_cancelled_at_any_yield_everything_is_closed(profile: Profile, steps: int) -> None:
    source = files([grey(200)] * 8)
    shift = Shift(profile, source, replace(KEYED, confirm_ng=True))
    for _ in range(steps):
        shift.step()
    assert shift.job is not None
    shift.job.close()
    until(lambda: source.closed == source.opened)
    assert not shift.controls.fire()
    assert shift.outputs.running in ([], [True, False])


def test_without_a_source_there_is_nothing_to_inspect(profile: Profile) -> None:
    recorder = FakeRecorder()
    engines: Any = OneScorer(Brightness())
    job = live(
        LiveRequest(profile, Station()),
        engines=engines,
        recorder=recorder,
        outputs=FakeReceivers(recorder.store),
        controls=LiveControls(),
    )
    with pytest.raises(RequestError, match="Choose one"):
        list(job)


def test_the_cycle_is_told_and_compared_with_the_takt(profile: Profile) -> None:
    shift = Shift(profile, files([grey(10)] * 40), replace(KEYED, takt=1e-6))
    shift.to_the_end()
    told = [i for i in shift.items if isinstance(i, CycleTime)]
    assert told[0].problem is None, "one part is no figure"
    assert told[-1].problem is not None
    assert told[-1].takt == pytest.approx(1e-3)
    assert told[-1].p50 <= told[-1].p95


def test_a_camera_that_stands_still_is_named(profile: Profile) -> None:
    """The same picture again and again: a cause and one warning; the verdict stays what it is."""
    rng = np.random.default_rng(0)
    pictures = [rng.integers(60, 90, (64, 64, 3), dtype=np.uint8) for _ in range(4)]
    golden = tuple(
        GoldenImage(str(n), p, float(p.mean()) / 100) for n, p in enumerate(pictures[:3])
    )
    source = files([*pictures[:3], *[pictures[3]] * 8])
    shift = Shift(replace(profile, golden=golden), source)
    parts = shift.to_the_end()
    frozen = [Cause.FROZEN in p.record.causes for p in parts]
    assert frozen == [False] * 5 + [True] * 6
    assert {p.record.verdict for p in parts} == {Verdict.OK}
    warnings = [i for i in shift.items if isinstance(i, HealthWarning)]
    assert [w.causes for w in warnings] == [(Cause.FROZEN,)]
    assert "same picture again" in str(warnings[0].advice[0])


def test_without_golden_images_nothing_is_said_about_the_picture(profile: Profile) -> None:
    shift = Shift(profile, files([grey(80)] * 4))
    assert {p.health for p in shift.to_the_end()} == {None}
