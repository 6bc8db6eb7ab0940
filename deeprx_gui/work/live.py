"""Live: pictures in, verdicts on disk, then told and shown. A run is a generator like other work.

A verdict is told to outputs and yielded only once it is recorded. While the disk refuses, the run
holds that part back and tries again; while the source is away there are no verdicts.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

from deeprx_gui.capture.sources.base import Source
from deeprx_gui.capture.sources.reconnecting import ReconnectingSource
from deeprx_gui.capture.sources.table import open_source
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.health import HealthMonitor
from deeprx_gui.domain.inspection import RunCounts, Trigger
from deeprx_gui.domain.line_status import TriggerCounts
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.picture_facts import learnt_in
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.source import SourceState
from deeprx_gui.domain.station import Station
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.feed import SourceFeed
from deeprx_gui.work.golden import check_golden
from deeprx_gui.work.judging import Judge
from deeprx_gui.work.live_run import (
    LiveRequest,
    LiveRun,
    PreparedRevision,
    RunEnvironment,
    Told,
)
from deeprx_gui.work.open_scorer import open_scorer
from deeprx_gui.work.run_ports import RecordSink, RunStore, VerdictSink
from deeprx_gui.work.shadow import NoShadow, Shadow
from deeprx_gui.work.trigger import TriggerRule

__all__ = ["LiveOutcome", "LiveRequest", "live"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LiveOutcome:
    """How a run went.

    ``problem``: why the source ended, if not in good order. ``unrecorded``: parts that were judged
    and given up, never shown, because the disk refused until somebody stopped the run.
    ``triggers``: what became of those from outside, ``unanswered``: accepted ones without a verdict
    at the end. ``revisions``: those that judged, in their order; ``golden_difference``: of the
    first.
    """

    counts: RunCounts
    seconds: float
    runtime: str
    golden_difference: float
    unrecorded: int = 0
    problem: Message | None = None
    triggers: TriggerCounts = field(default_factory=TriggerCounts)
    unanswered: int = 0
    revisions: tuple[int, ...] = ()


def live(
    request: LiveRequest,
    *,
    engines: EnginePool,
    recorder: RecordSink,
    outputs: VerdictSink,
    controls: LiveControls,
    source: Source | None = None,
    shadow: Shadow | None = None,
    next_shadow: Callable[[Profile], Shadow | None] = lambda _profile: None,
) -> Told[LiveOutcome]:
    """Inspect until stopped or the source ends; ``Progress.item`` is what happened.

    That is an ``InspectedPart``, a ``SourceState`` or one of ``domain.live_items``; ``None`` while
    nothing happens. ``source``: instead of the station's own. ``shadow``: judges behind the line;
    begun and closed here, as are those that ``next_shadow`` gives for a successor. Raises what
    ``EnginePool.for_profile`` and ``check_golden`` raise, RequestError without a source,
    StorageError when another program records.
    """
    yield Progress(0, 0, say("Getting ready…"))
    _check_writable(recorder.store)
    states: deque[SourceState] = deque()
    steady = _steady(request.station, source, recorder.store, states)
    first = _prepared(request, request.profile, engines, steady)
    feed = SourceFeed(
        steady,
        TriggerRule.of(request.station),
        away=lambda: not steady.connected,
        counts=controls.counts_before,
    )

    behind, files = shadow or NoShadow(), not steady.lossy

    def prepare(profile: Profile) -> PreparedRevision:
        prepared = _prepared(request, profile, engines, steady)
        following = next_shadow(profile) or NoShadow()
        following.begin(files=files)
        return replace(prepared, shadow=following)

    line = RunEnvironment(
        replace(first, shadow=behind), feed, recorder, outputs, controls, states, prepare
    )
    run = LiveRun(request, line)
    with closing(run), _running(feed, controls, outputs):
        behind.begin(files=files)
        yield from run.parts()
        status = controls.status()
    return LiveOutcome(
        counts=run.counts,
        seconds=time.perf_counter() - run.begun,
        runtime=first.runtime,
        golden_difference=first.golden_difference,
        unrecorded=run.unrecorded,
        problem=feed.failure,
        triggers=status.counts,
        unanswered=status.waiting,
        revisions=tuple(run.revisions),
    )


def _prepared(
    request: LiveRequest, profile: Profile, engines: EnginePool, source: ReconnectingSource
) -> PreparedRevision:
    """Make a revision ready to judge: its statistics are loaded and its golden images scored."""
    scorer = open_scorer(engines, profile)
    difference = check_golden(profile, scorer)
    info = engines.describe()
    parts = not (source.lossy and request.station.trigger is Trigger.CONTINUOUS)
    judge = Judge(
        scorer,
        profile.limits,
        HealthMonitor([g.pixels for g in profile.golden], parts=parts),
        learnt_in(profile.extra),
        strict=request.station.strict_pictures,
        frozen_is_error=request.station.frozen_error,
    )
    return PreparedRevision(profile, judge, info.name if info else "", difference)


def _check_writable(store: RunStore) -> None:
    if not store.writable:
        raise StorageError(
            store.notice
            or say("Verdicts cannot be recorded here. Check the disk and your rights, then start.")
        )


def _steady(
    station: Station, source: Source | None, store: RunStore, states: deque[SourceState]
) -> ReconnectingSource:
    """Return the source that comes back by itself; it tells its states into ``states``."""
    if isinstance(source, ReconnectingSource):
        return source
    if source is not None:
        given = source
        return ReconnectingSource(lambda: given, states.append)
    spec = station.source
    if spec is None:
        raise RequestError(say("No source of pictures is chosen. Choose one, then start."))

    def known(item: str) -> bool:
        try:
            return store.known(item)
        except StorageError as error:
            # Judged once more at worst: the store keeps one verdict for a file, the first.
            _log.warning("whether %s was judged cannot be looked up: %s", item, error)
            return False

    return ReconnectingSource(lambda: open_source(spec, known=known), states.append)


@contextmanager
def _running(feed: SourceFeed, controls: LiveControls, outputs: VerdictSink) -> Generator[None]:
    feed.start()
    controls.attach(feed)
    outputs.set_running(True)
    try:
        yield
    finally:
        controls.detach()
        outputs.set_running(False)
        feed.stop()
