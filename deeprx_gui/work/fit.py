"""Fit: normal images in, a new revision of a product profile out."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from deeprx_gui import __version__
from deeprx_gui.capture.decode import decode, thumbnail
from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.corrections import with_corrected
from deeprx_gui.domain.errors import ImageError, PlacementError
from deeprx_gui.domain.fit import FitOutcome, FitRequest, SkippedImage, too_many_misplaced
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.influence import MOST_SHOWN
from deeprx_gui.domain.limit_setters import (
    BadScores,
    LimitRecord,
    record_of,
    small_map,
    with_record,
)
from deeprx_gui.domain.limits import by_what_is_sharper, suggest_limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import LearntParts, Parts, with_parts
from deeprx_gui.domain.picture_facts import (
    LearntPictures,
    PicturesSeen,
    range_remark,
    with_learnt,
)
from deeprx_gui.domain.profile import (
    DetectorChoice,
    GoldenImage,
    NormalImage,
    Profile,
    RevisionOrigin,
    Scoring,
)
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.search import Chosen, with_choice
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.backbones.autoencoder import AutoencoderNetwork
from deeprx_gui.engine.detectors.base import Accumulator
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.engine_pool import EnginePool, choice_of, is_taught
from deeprx_gui.engine.holdout import HoldOutPlan
from deeprx_gui.engine.learner import Learner
from deeprx_gui.engine.normalise import (
    AUTO,
    LEAST_GAIN,
    NONE,
    POSITION,
    KeptMaps,
    PositionNormaliser,
    normaliser_of,
)
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.profiles.names import tidy_name
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.find_parts import checked_parts
from deeprx_gui.work.fit_checks import check_parts, check_settings, check_used
from deeprx_gui.work.frame_reader import read_frames_ahead
from deeprx_gui.work.pipelined_executor import PipelinedExecutor
from deeprx_gui.work.replay import judge_revision, known_parts
from deeprx_gui.work.search import search
from deeprx_gui.work.teach_autoencoder import taught_by, teach

if TYPE_CHECKING:
    from deeprx_gui.results.records.store import RecordStore

_THUMBNAIL = 256
_HELD_OUT_COST = 0.4  # a held-out score takes about this share of reading one image


@dataclass(frozen=True)
class FittedStatistics:
    """What a fit knows before anything is saved; ``settings`` are the detector's, complete.

    ``network``: what it taught for itself; it is among the ``statistics`` too. ``scoring``: as
    settled, nothing left to the program. ``pictures``: what they have in common as pictures.
    ``maps``: held-out score maps of the highest normals. ``parts``: which part each normal shows.
    """

    statistics: Statistics
    settings: Mapping[str, object]
    normals: tuple[NormalImage, ...]
    plan: HoldOutPlan
    skipped: tuple[SkippedImage, ...]
    network: AutoencoderNetwork | None = None
    scoring: Scoring = field(default_factory=Scoring)
    pictures: LearntPictures | None = None
    maps: Mapping[int, Float32] = field(default_factory=dict)
    parts: Parts = field(default_factory=lambda: Parts.each(0))

    @property
    def part_scores(self) -> list[float]:
        """The held-out score of each part: that of its highest picture."""
        return self.parts.highest([normal.held_out for normal in self.normals])


def fit(
    request: FitRequest,
    *,
    engines: EnginePool,
    store: ProfileStore,
    scratch: Path,
    records: Callable[[], RecordStore | None] = lambda: None,
) -> Generator[Progress, None, FitOutcome]:
    """Learn and save a new revision; nothing is saved when it is cancelled, fails or is held.

    With automatic settings a search chooses first; the profile's file says what and why. A further
    revision is judged before it is saved, by the parts that ``records`` (History) and the must-find
    set know, and not saved where the gate is against it and nobody overrules.

    Raises FitError when the images cannot support a fit, ProfileError when the name is none, and
    what ``EnginePool.for_fit`` and ``ProfileStore.save`` raise.
    """
    start = time.monotonic()
    tidy_name(request.name)  # a name that cannot be saved is told before minutes of learning
    base = None if request.profile_id is None else store.load(request.profile_id)
    chosen: Chosen | None = None
    trial: BadScores | None = None
    found = request.found
    if found is None and request.settings.automatic:
        found = yield from search(
            request.images, request.settings, engines=engines, scratch=scratch, bad=request.bad
        )
    if found is not None:
        request, chosen = replace(request, settings=found.settings), found.chosen
        trial = BadScores(found.bad, planted=not chosen.real) if found.bad else None
    learning = learn(request.images, request.settings, engines=engines, scratch=scratch)
    learnt = yield from learning
    profile = build_profile(request, learnt, engines)
    if base is not None:
        profile = replace(profile, id=base.id, name=base.name)
    record = _limit_record(request, learnt, base)
    if trial is not None:  # at the limit learnt now, as they were at that of the trial
        scores = tuple(score * profile.suggested.ng for score in trial.scores)
        record = replace(record, trial=replace(trial, scores=scores))
    extra = with_record({} if base is None else base.extra, record)
    extra = with_learnt(with_choice(extra, chosen), learnt.pictures)
    sources = [normal.source for normal in learnt.normals]
    extra = with_parts(extra, LearntParts.of(request.settings.parts, sources, learnt.parts))
    samples = () if base is None else base.limit_samples
    profile = replace(profile, extra=with_corrected(extra, None), limit_samples=samples)
    misplaced = sum(image.misplaced for image in learnt.skipped)
    held = request.hold_misplaced and too_many_misplaced(misplaced, len(request.images))
    gate: GateReport | None = None
    if base is not None:
        known = known_parts(store.corrections, base.id, records())
        gate = yield from judge_revision(base, profile, known, engines=engines)
        gate = replace(gate, overruled=request.overrule if gate.refusals else "")
    if not held and (gate is None or gate.passed):
        yield Progress(1, 1, say("Saving…"), 0.0)
        profile = store.save(profile, gate)
    seconds = time.monotonic() - start
    remark = range_remark(learnt.pictures)
    runtime = profile.origin.runtime
    parts = learnt.parts
    return FitOutcome(profile, learnt.skipped, seconds, runtime, chosen, remark, parts, held, gate)


def learn(
    images: Iterable[Path], settings: FitSettings, *, engines: EnginePool, scratch: Path
) -> Generator[Progress, None, FittedStatistics]:
    """Stream the images once through the backbone, then score each one held out.

    ``settings`` are concrete: what is to be chosen was chosen before.
    """
    paths = tuple(images)
    check_settings(settings, len(paths))
    spec = detector(settings.detector.name)
    yield Progress(0, max(1, len(paths)), say("Getting ready…"))
    engine, network, shown = yield from _opened(paths, settings, engines)
    seen = frozenset[int]() if network is None else taught_by(shown)
    used: list[Path] = []
    skipped: list[SkippedImage] = []
    flat, seen_pictures = True, PicturesSeen()
    with Spool(scratch) as spool, Spool(scratch) as kept:
        learner = Learner(spec, settings.detector.settings, shown, spool, seen)
        pace = EtaEstimator(len(paths) + round(_HELD_OUT_COST * learner.planned))
        with single_threaded_blas(), PipelinedExecutor("statistics") as behind:
            for path, frame in read_frames_ahead(paths):
                position = len(used) + len(skipped)
                if isinstance(frame, ImageError):
                    skipped.append(SkippedImage(path, frame.message))
                else:
                    flat = flat and int(frame.pixels.max()) - int(frame.pixels.min()) < 2
                    taps = _look(engine, frame)
                    if isinstance(taps, PlacementError):
                        skipped.append(SkippedImage(path, taps.message, misplaced=True))
                    else:
                        behind.do(partial(learner.add, position, taps))
                        used.append(path)
                        seen_pictures.add(frame)
                    del taps
                del frame  # before the next one is read: two large pictures may not fit
                yield pace.step(say("Reading normal images"), path)
        check_used(len(used), skipped, flat=flat, scored=len(spool))
        check_parts(learner.parts, settings.parts)
        total = learner.total()
        pace.total = len(paths) + round(_HELD_OUT_COST * len(spool))  # fewer when some were skipped
        statistics = total.statistics()
        maps = KeptMaps(kept)
        held_out = yield from score_held_out(learner, total, settings, maps, pace)
        highest = learner.parts.foremost(held_out.scores)[:MOST_SHOWN]
        drawn = {i: small_map(learner.held_out_map(maps, i, held_out.scoring)) for i in highest}
    scores = held_out.scores
    if held_out.normaliser is not None:
        statistics = held_out.normaliser.within(statistics)
    normals = tuple(NormalImage(str(p), scores.get(i)) for i, p in enumerate(used))
    if network is not None:
        statistics = network.within(statistics)
    return FittedStatistics(
        statistics,
        learner.settings,
        normals,
        learner.plan(),
        tuple(skipped),
        network,
        held_out.scoring,
        seen_pictures.learnt(),
        drawn,
        replace(learner.parts, alike=shown.alike),
    )


def _opened(
    paths: Sequence[Path], settings: FitSettings, engines: EnginePool
) -> Generator[Progress, None, tuple[Engine, AutoencoderNetwork | None, Parts]]:
    """Open the backbone, or teach one, and find out which part each picture shows."""
    if not is_taught(settings):
        engine = engines.for_fit(settings)  # what is missing is told before a picture is read
        return engine, None, (yield from checked_parts(paths, settings.parts))
    engines.check_teaching()
    shown = yield from checked_parts(paths, settings.parts)
    network = yield from teach(paths, settings, shown, engines=engines)
    return engines.for_fit(settings, network), network, shown


@dataclass(frozen=True, eq=False)
class HeldOutScores:
    """Held-out scores by number of the image, and the scoring they were settled with."""

    scores: Mapping[int, float]
    scoring: Scoring
    normaliser: PositionNormaliser | None = None


def score_held_out(
    learner: Learner,
    total: Accumulator,
    settings: FitSettings,
    maps: KeptMaps,
    pace: EtaEstimator,
) -> Generator[Progress, None, HeldOutScores]:
    """Score every normal image against the others; decide whether their maps are normalised."""
    wanted, rate = settings.scoring, settings.false_call_rate
    read = pace.done
    scores: dict[int, float] = {}
    plain = replace(wanted, normalise=NONE)
    for number, score in learner.held_out(total, plain, maps):
        scores[number] = score
        pace.done = read + round(_HELD_OUT_COST * len(scores))
        yield pace.report(say("Scoring every normal image against the others"))
    if wanted.normalise == NONE:
        return HeldOutScores(scores, plain)
    yield pace.report(say("Measuring every place by what is usual there"))
    found = learner.normalised(maps, plain)
    if wanted.normalise == AUTO:
        before, after = (
            by_what_is_sharper(sorted(highest, reverse=True), rate)[0]
            for highest in (learner.parts.highest_of(each) for each in (scores, found.scores))
        )
        if maps.gain(found, plain, before, after) < LEAST_GAIN:
            return HeldOutScores(scores, plain)
    return HeldOutScores(found.scores, replace(plain, normalise=POSITION), found.normaliser)


def _look(engine: Engine, frame: Frame) -> TapMaps | PlacementError:
    try:
        return engine.look(frame.pixels)
    except PlacementError as error:
        return error


def build_profile(request: FitRequest, learnt: FittedStatistics, engines: EnginePool) -> Profile:
    """Put together the unsaved profile (revision 0) with limits, golden images and thumbnail."""
    settings = request.settings
    engine = engines.for_fit(settings, learnt.network)
    limits = suggest_limits(
        learnt.part_scores,
        false_call_rate=settings.false_call_rate,
        review_rate=settings.review_rate,
        kind=settings.limit,
    )
    origin = RevisionOrigin(
        who=request.who,
        when=datetime.now(UTC),
        why=request.why,
        program=f"Deep RX Inspector {__version__}",
        runtime=engine.info.name,
    )
    return Profile(
        id="",
        name=request.name,
        revision=0,
        preprocessing=settings.preprocessing,
        scoring=learnt.scoring,
        backbone=choice_of(settings, engine.weights_sha256),
        detector=DetectorChoice(settings.detector.name, dict(learnt.settings)),
        limits=limits,
        suggested=limits,
        held_out_scheme=learnt.plan.scheme,
        normals=learnt.normals,
        origin=origin,
        statistics=learnt.statistics,
        golden=_golden(learnt, settings, engine),
        thumbnail=_thumbnail(learnt.normals),
        view=settings.view,
    )


def _limit_record(
    request: FitRequest, learnt: FittedStatistics, base: Profile | None
) -> LimitRecord:
    """Keep what is needed to ask who sets the limit, and the answers given before and now."""
    settings, normals = request.settings, learnt.normals
    maps = {normals[i].source: values for i, values in learnt.maps.items()}
    before = None if base is None else record_of(base)
    record = LimitRecord(
        settings.false_call_rate,
        settings.limit,
        maps,
        () if before is None else before.kept,
        () if before is None else before.left_out,
        why_left_out={} if before is None else before.why_left_out,
    )
    return record.answered(
        kept=map(str, request.kept),
        left_out=map(str, request.left_out),
        why={str(path): reason for path, reason in request.why_left_out.items()},
        normals=[normal.source for normal in normals],
    )


def _golden(
    learnt: FittedStatistics, settings: FitSettings, engine: Engine
) -> tuple[GoldenImage, ...]:
    """Keep the network inputs of the lowest, the middle and the highest held-out score."""
    head = detector(settings.detector.name).head(learnt.statistics, learnt.settings)
    normalise = normaliser_of(learnt.statistics, learnt.scoring)
    scorer = engine.scorer(head, learnt.scoring, normalise)
    scored = [(n.held_out, n.source) for n in learnt.normals if n.held_out is not None]
    ranked = [source for _, source in sorted(scored)]
    out = []
    for source in dict.fromkeys((ranked[0], ranked[len(ranked) // 2], ranked[-1])):
        pixels = engine.prepare(decode(Path(source)).pixels)
        out.append(GoldenImage(Path(source).name, pixels, scorer.score_prepared(pixels).value))
    return tuple(out)


def _thumbnail(normals: tuple[NormalImage, ...]) -> ByteImage:
    return thumbnail(Path(normals[0].source), _THUMBNAIL)
