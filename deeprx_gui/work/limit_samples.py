"""Checking limit samples: their stored pictures judged again, or the parts shown to the camera.

Nothing of it goes into the verdicts of the line, and no receiver is told.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from deeprx_gui.capture.sources.base import Source
from deeprx_gui.capture.sources.reconnecting import ReconnectingSource
from deeprx_gui.capture.sources.table import open_source, reads_files
from deeprx_gui.domain.errors import DeepRxError, RequestError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.health import HealthMonitor
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.limit_samples import NO_SAMPLES, LimitSample, SampleResult
from deeprx_gui.domain.message import say
from deeprx_gui.domain.picture_facts import learnt_in
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.source import CapturedImage, SourceState
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.codec import sample_pixels
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.feed import SourceFeed, TriggeredPicture
from deeprx_gui.work.golden import check_golden
from deeprx_gui.work.judging import Judge
from deeprx_gui.work.open_scorer import open_scorer
from deeprx_gui.work.trigger import TriggerRule

_IDLE_SECONDS: Final = 0.05
_SHOW: Final = say("Show the limit sample to the camera")

Checked = Generator[Progress, None, "SamplesOutcome"]


@dataclass(frozen=True)
class SamplesOutcome:
    """What the samples got, in their order, and what computed.

    ``complete``: every sample was judged; a check that was broken off is not.
    """

    results: tuple[SampleResult, ...]
    runtime: str
    complete: bool = True


@dataclass(frozen=True)
class SampleAsked:
    """The sample with this place (from 0) is wanted before the camera now."""

    place: int
    sample: LimitSample


def replay_samples(profile: Profile, *, engines: EnginePool) -> Checked:
    """Judge the stored picture of every limit sample; ``Progress.item`` is each ``SampleResult``.

    Raises RequestError where there are none, and what ``EnginePool.for_profile`` and
    ``check_golden`` raise.
    """
    samples = _samples_of(profile)
    yield Progress(0, len(samples), say("Getting ready…"))
    judge = _open_judge(profile, engines)
    results: list[SampleResult] = []
    for sample in samples:
        results.append(_replayed(judge, profile, sample))
        note = say("Checking the limit samples")
        yield Progress(len(results), len(samples), note, None, results[-1])
    return _outcome(results, engines, len(samples))


def show_samples(
    profile: Profile,
    station: Station,
    *,
    engines: EnginePool,
    controls: LiveControls,
    source: Source | None = None,
) -> Checked:
    """Judge the samples as they are shown to the camera, one for each trigger.

    ``Progress.item`` is a ``SampleAsked`` for the next one, its ``SampleResult``, or a
    ``SourceState``. ``controls`` take a picture (``fire``) and break off (``stop``); ``source``:
    instead of the station's own. Raises RequestError where there is no camera to show them to or no
    sample, and what ``replay_samples`` raises.
    """
    samples = _samples_of(profile)
    yield Progress(0, len(samples), say("Getting ready…"))
    states: deque[SourceState] = deque()
    steady = _steady(station, source, states)
    judge = _open_judge(profile, engines)
    rule = TriggerRule.of(_keyed(station))
    feed = SourceFeed(steady, rule, away=lambda: not steady.connected)
    results: list[SampleResult] = []
    with _running(feed, controls):
        for place, sample in enumerate(samples):
            yield Progress(place, len(samples), _SHOW, None, SampleAsked(place, sample))
            chosen: TriggeredPicture | None = None
            while chosen is None and not (controls.stopping or feed.ended):
                chosen = feed.take(_IDLE_SECONDS)
                yield from _states(states, place, len(samples))
            if chosen is None:
                break
            results.append(_judged(judge, profile, sample, chosen.captured))
            feed.answered(chosen)
            yield Progress(place + 1, len(samples), _SHOW, None, results[-1])
        if feed.failure is not None:
            raise RequestError(feed.failure)
    return _outcome(results, engines, len(samples))


def can_show(station: Station) -> bool:
    """Whether parts can be shown to this station's source: files are no camera."""
    return station.source is not None and not reads_files(station.source)


def _samples_of(profile: Profile) -> Sequence[LimitSample]:
    if not profile.limit_samples:
        raise RequestError(NO_SAMPLES)
    return profile.limit_samples


def _open_judge(profile: Profile, engines: EnginePool) -> Judge:
    scorer = open_scorer(engines, profile)
    check_golden(profile, scorer)
    return Judge(scorer, profile.limits, HealthMonitor([]), learnt_in(profile.extra))


def _replayed(judge: Judge, profile: Profile, sample: LimitSample) -> SampleResult:
    try:
        frame = Frame(sample_pixels(sample.png), sample.name)
    except DeepRxError as error:
        return SampleResult(
            sample.name, sample.expected, Verdict.ERROR, math.nan, sample.note, error.message
        )
    captured = CapturedImage(1, frame, sample.when, 0.0, sample.name)
    return _judged(judge, profile, sample, captured)


def _judged(
    judge: Judge, profile: Profile, sample: LimitSample, captured: CapturedImage
) -> SampleResult:
    found = judge.judge(captured)
    times = profile.suggested.times(found.score)
    return SampleResult(
        sample.name, sample.expected, found.verdict, times, sample.note, found.error
    )


def _outcome(results: Sequence[SampleResult], engines: EnginePool, wanted: int) -> SamplesOutcome:
    info = engines.describe()
    return SamplesOutcome(tuple(results), info.name if info else "", len(results) == wanted)


def _steady(
    station: Station, source: Source | None, states: deque[SourceState]
) -> ReconnectingSource:
    spec = station.source
    if source is None and spec is None:
        raise RequestError(say("No source of pictures is chosen. Choose one, then start."))
    if source is None and not can_show(station):
        raise RequestError(
            say(
                "The pictures of this station come from files: no limit sample can be shown to a "
                "camera here. Let the stored pictures be judged instead."
            )
        )
    if source is not None:
        given = source
        return ReconnectingSource(lambda: given, states.append)
    assert spec is not None
    chosen = spec
    return ReconnectingSource(lambda: open_source(chosen, known=_never), states.append)


def _never(_item: str) -> bool:
    """No picture of a limit sample is a part that was judged before."""
    return False


def _keyed(station: Station) -> Station:
    """Return the station as it takes one picture for each press, and nothing of itself."""
    return Station(
        source=station.source,
        trigger=Trigger.KEY,
        takt=station.takt,
        answer_within=station.answer_within,
        gap=station.gap,
    )


@contextmanager
def _running(feed: SourceFeed, controls: LiveControls) -> Generator[None]:
    feed.start()
    controls.attach(feed)
    try:
        yield
    finally:
        controls.detach()
        feed.stop()


def _states(states: deque[SourceState], done: int, of: int) -> Generator[Progress]:
    while states:
        yield Progress(done, of, _SHOW, None, states.popleft())
    yield Progress(done, of, _SHOW)
