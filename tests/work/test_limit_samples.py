"""Limit samples are judged as parts are, and nothing of it is recorded or told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.limit_samples import (
    MOST_SAMPLES,
    LimitSample,
    SampleDemand,
    SampleDuty,
    SampleRecord,
    SampleResult,
    SampleRule,
    as_expected,
    duty,
)
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.codec import sample_png
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.fit import fit
from deeprx_gui.work.limit_samples import (
    SampleAsked,
    can_show,
    replay_samples,
    show_samples,
)
from deeprx_gui.work.sample_changes import kept, noted, without
from tests.work.helpers import drive, request_for
from tests.work.live_fakes import FakeSource, captured, until
from tests.work.live_shift import Brightness, OneScorer, grey

OK, REVIEW, NG, ERROR = Verdict.OK, Verdict.REVIEW, Verdict.NG, Verdict.ERROR
NOW = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)


def sample(pixels: ByteImage, expected: Verdict, name: str = "a.png") -> LimitSample:
    return LimitSample(name, expected, "note", sample_png(pixels), "佐藤", NOW)


@pytest.fixture
def profile(learnt: tuple[Profile, Any]) -> Profile:
    """OK up to brightness 100, NG above 150; two samples."""
    samples = (sample(grey(90), OK, "good.png"), sample(grey(200), NG, "bad.png"))
    limits = Limits(1.0, 1.5)
    return replace(learnt[0], limits=limits, suggested=limits, golden=(), limit_samples=samples)


@pytest.fixture
def engines_of_brightness() -> Any:
    return OneScorer(Brightness())


@pytest.fixture(autouse=True)
def _no_feed_is_left() -> Iterator[None]:
    yield
    until(lambda: not any(t.name == "feed" for t in threading.enumerate()))


def test_stored_pictures_are_judged_again(profile: Profile, engines_of_brightness: Any) -> None:
    told, outcome = drive(replay_samples(profile, engines=engines_of_brightness))
    assert [(r.name, r.verdict, r.passed) for r in outcome.results] == [
        ("good.png", OK, True),
        ("bad.png", NG, True),
    ]
    assert outcome.results[1].times == pytest.approx(2.0)
    assert [p.item for p in told if isinstance(p.item, SampleResult)] == list(outcome.results)
    assert outcome.complete


def test_limits_that_were_moved_too_far_are_found(
    profile: Profile, engines_of_brightness: Any
) -> None:
    lax = replace(profile, limits=Limits(3.0, 4.0))
    _, outcome = drive(replay_samples(lax, engines=engines_of_brightness))
    assert [r.passed for r in outcome.results] == [True, False]


def test_a_picture_that_cannot_be_read_is_an_error_with_its_reason(
    profile: Profile, engines_of_brightness: Any
) -> None:
    broken = replace(profile.limit_samples[0], png=b"no picture")
    damaged = replace(profile, limit_samples=(broken,))
    _, outcome = drive(replay_samples(damaged, engines=engines_of_brightness))
    (result,) = outcome.results
    assert result.verdict is ERROR
    assert not result.passed
    assert np.isnan(result.times)
    assert "cannot be read" in str(result.error)


def test_without_any_there_is_nothing_to_check(
    profile: Profile, engines_of_brightness: Any
) -> None:
    none = replace(profile, limit_samples=())
    with pytest.raises(RequestError, match="the product has none"):
        drive(replay_samples(none, engines=engines_of_brightness))


def test_a_real_engine_scores_the_stored_picture_as_the_part(
    learnt: tuple[Profile, Any], engines: EnginePool
) -> None:
    from tests.engine.parts import part

    real = replace(learnt[0], limit_samples=(sample(part(70, 64, 64), OK),))
    _, outcome = drive(replay_samples(real, engines=engines))
    from deeprx_gui.domain.frame import Frame

    alone = engines.for_profile(real).score(Frame(part(70, 64, 64), "x")).value
    assert outcome.results[0].times == real.suggested.times(alone)
    assert outcome.runtime == "torch-cpu"


def test_they_are_shown_to_the_camera_one_for_each_press(
    profile: Profile, engines_of_brightness: Any
) -> None:
    source, controls = FakeSource(), LiveControls()
    job = show_samples(
        profile,
        Station(answer_within=60),
        engines=engines_of_brightness,
        controls=controls,
        source=source,
    )
    found: list[SampleResult] = []
    asked: list[str] = []
    for progress in job:
        item = progress.item
        if isinstance(item, SampleResult):
            found.append(item)
        if isinstance(item, SampleAsked):
            asked.append(item.sample.name)
            source.give(captured(grey(10)))  # nobody pressed yet
        if len(asked) > len(found) and controls.status().ready and not controls.status().waiting:
            assert controls.fire(origin="key")
            source.give(captured(grey(90 if len(asked) == 1 else 120)))
    assert asked == ["good.png", "bad.png"]
    assert [r.verdict for r in found] == [OK, REVIEW]
    assert all(r.passed for r in found), "a person looks at a REVIEW"
    until(lambda: source.closed == source.opened)
    assert not controls.fire()


def test_a_check_that_is_broken_off_is_not_complete(
    profile: Profile, engines_of_brightness: Any
) -> None:
    controls = LiveControls()
    job = show_samples(
        profile, Station(), engines=engines_of_brightness, controls=controls, source=FakeSource()
    )
    for _ in range(3):
        next(job)
    controls.stop()
    _, outcome = drive(job)
    assert not outcome.complete
    assert outcome.results == ()


def test_files_are_no_camera(profile: Profile, engines_of_brightness: Any) -> None:
    station = Station(source=SourceSpec("watch", "/parts"))
    assert not can_show(station)
    assert not can_show(Station())
    assert can_show(Station(source=SourceSpec("camera", "0")))
    for given, says in ((station, "come from files"), (Station(), "No source")):
        job = show_samples(profile, given, engines=engines_of_brightness, controls=LiveControls())
        with pytest.raises(RequestError, match=says):
            drive(job)


def test_what_was_agreed() -> None:
    table = {(e, v): as_expected(e, v) for e in (OK, NG) for v in Verdict}
    assert [pair for pair, agreed in table.items() if agreed] == [(OK, OK), (NG, REVIEW), (NG, NG)]


def record(hours: float = 0.0, **changes: Any) -> SampleRecord:
    passed = (SampleResult("a", OK, OK, 0.5),)
    made = SampleRecord(
        NOW - timedelta(hours=hours), "abc", "Plate", 3, "Line 1", "id 1", "佐藤", results=passed
    )
    return replace(made, **changes)


FAILED = (SampleResult("a", NG, OK, 0.5),)


def due(rule: SampleRule, *records: SampleRecord, samples: int = 2, hours: float = 8) -> SampleDuty:
    return duty(
        SampleDemand(rule, hours=hours),
        profile_id="abc",
        revision=3,
        station_id="id 1",
        samples=samples,
        records=records,
        begun=NOW - timedelta(hours=1),
        now=NOW,
    )


def test_a_station_that_does_not_ask_is_never_due() -> None:
    assert not due(SampleRule.OFF).due
    assert not due(SampleRule.OFF, samples=0).due


def test_once_after_each_start_of_the_program() -> None:
    assert due(SampleRule.START).due
    assert due(SampleRule.START, record(hours=2)).due, "before this start"
    assert not due(SampleRule.START, record(hours=0.5)).due


def test_every_so_many_hours() -> None:
    assert not due(SampleRule.HOURS, record(hours=7.9)).due
    found = due(SampleRule.HOURS, record(hours=8.1))
    assert found.due
    assert "more than 8 hours ago" in str(found.why)
    assert due(SampleRule.HOURS, record(hours=-3)).due, "a clock that was set back proves nothing"


@pytest.mark.parametrize(
    "other",
    [{"revision": 2}, {"station_id": "id 2"}, {"profile_id": "def"}, {"results": FAILED}],
)
def test_only_this_revision_on_this_station_counts_and_only_if_passed(
    other: dict[str, Any],
) -> None:
    assert due(SampleRule.START, record(**other)).due


def test_what_came_last_counts() -> None:
    failed = record(hours=0.1, results=FAILED)
    found = due(SampleRule.START, record(hours=0.5), failed)
    assert found.due
    assert "not judged as agreed" in str(found.why)
    released = record(hours=0.05, results=(), released="lamp")
    assert not due(SampleRule.START, failed, released).due


def test_missing_ones_are_said_and_can_be_released() -> None:
    found = due(SampleRule.START, samples=0)
    assert found.due
    assert found.missing
    assert "the product has none" in str(found.why)
    assert not due(SampleRule.START, record(results=(), released="new"), samples=0).due


def test_changes_are_whole_profiles(profile: Profile) -> None:
    third = sample(grey(50), OK, "third.png")
    more = kept(profile, third)
    assert [s.name for s in more.limit_samples] == ["good.png", "bad.png", "third.png"]
    assert more.origin.who == "佐藤"
    with pytest.raises(RequestError, match="already"):
        kept(more, replace(third, name="again.png"))
    assert [s.name for s in without(more, 1, "鈴木").limit_samples] == ["good.png", "third.png"]
    assert noted(more, 2, " deep ", "鈴木").limit_samples[2].note == "deep"
    full = replace(more, limit_samples=tuple(sample(grey(n), OK) for n in range(MOST_SAMPLES)))
    with pytest.raises(RequestError, match=f"at most {MOST_SAMPLES}"):
        kept(full, sample(grey(250), OK))


def test_learning_again_keeps_them(
    learnt: tuple[Profile, Any], engines: EnginePool, store: Any, parts: Any, scratch: Any
) -> None:
    files = parts(8)
    first = drive(fit(request_for(files), engines=engines, store=store, scratch=scratch))[1]
    saved = store.save(kept(first.profile, sample(grey(50), OK)))
    request = request_for(files, profile_id=saved.id)
    again = drive(fit(request, engines=engines, store=store, scratch=scratch))[1].profile
    assert again.revision == 3
    assert [s.png for s in again.limit_samples] == [s.png for s in saved.limit_samples]
