"""Correct: pending corrections in, one revision out, after it has been judged."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from deeprx_gui import __version__
from deeprx_gui.capture.decode import decode
from deeprx_gui.capture.files import read_bytes
from deeprx_gui.domain.corrections import (
    Corrected,
    Correction,
    CorrectionKind,
    limits_remark,
    promise_remark,
    with_corrected,
)
from deeprx_gui.domain.errors import DeepRxError, FitError, RequestError
from deeprx_gui.domain.fit import FitRequest, SkippedImage
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.gate import MOST_NAMED, GateReport, Refusal, RefusalKind, Truth
from deeprx_gui.domain.learning_curve import asked_rate
from deeprx_gui.domain.limit_setters import record_of, with_record
from deeprx_gui.domain.limits import Limits, moved_alike, suggest_limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.part_words import shown_parts
from deeprx_gui.domain.parts import LearntParts, PartRule, Parts, learnt_parts_in, with_parts
from deeprx_gui.domain.profile import NormalImage, Profile, RevisionOrigin
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine import updating
from deeprx_gui.engine.detectors.table import chosen_for
from deeprx_gui.engine.engine import Engine, Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.profiles.correction_store import check_room
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.find_parts import parts_of
from deeprx_gui.work.fit import build_profile, learn
from deeprx_gui.work.open_scorer import open_scorer
from deeprx_gui.work.replay import LAST, KnownParts, judge_revision, known_parts

FAR_OUT: Final = 2.0
"""A picture beyond so many times the NG limit is no good part, as far as anybody can tell."""
FEWEST_BAD: Final = 3
"""With fewer known bad parts nobody can say how far out bad parts lie."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """What pending corrections would make of a product; nothing is saved yet.

    ``candidate`` is the unsaved revision, ``None`` where there is nothing to learn (only bad parts
    were named) and ``report`` is ``None`` then. ``exact`` as in ``Corrected``; ``why_again`` says
    why everything was learnt again. ``remarks``: what a person should know about it.
    """

    base: Profile
    used: tuple[Correction, ...]
    candidate: Profile | None = None
    report: GateReport | None = None
    exact: bool = True
    why_again: Message | None = None
    remarks: tuple[Message, ...] = ()


def propose(
    key: str,
    *,
    store: ProfileStore,
    engines: EnginePool,
    scratch: Path,
    records: RecordStore | None = None,
    who: str = "",
    last: int = LAST,
) -> Generator[Progress, None, Proposal]:
    """Make one revision of all pending corrections of a product and judge it; save nothing.

    Raises RequestError when nothing is pending, FitError when a picture cannot be learnt or older
    ones that are needed are gone, and what opening the profile raises.
    """
    yield Progress(0, 1, say("Getting ready…"))
    base = store.load(key)
    corrections = store.corrections
    book = corrections.book(key)
    pending = book.pending
    if not pending:
        raise RequestError(
            say("No correction of “{name}” is waiting: there is nothing to apply.", name=base.name)
        )
    check_room(book, book.said(CorrectionKind.MISSED))
    paths = {one.id: corrections.path_of(key, one) for one in pending}
    learnt = {normal.source for normal in base.normals}
    good = [
        one
        for one in pending
        if one.kind is CorrectionKind.WAS_OK and str(paths[one.id]) not in learnt
    ]
    if not good:
        return Proposal(base, pending)
    known = known_parts(corrections, key, records, last)
    files = [paths[one.id] for one in good]
    _check_new(base, good, files)
    scorer = open_scorer(engines, base)
    against = yield from _far_out(base, good, files, scorer, known)
    why_again = updating.why_not(base)
    if why_again is None:
        candidate = yield from _updated(base, files, engines)
    else:
        candidate = yield from _relearnt(base, files, why_again, engines, scratch)
    done = Corrected(len(good), exact=why_again is None)
    limits = moved_alike(base.limits, base.suggested, candidate.limits) or candidate.limits
    candidate = replace(
        candidate, limits=limits, origin=replace(candidate.origin, who=who),
        extra=with_corrected(candidate.extra, done),
    )  # fmt: skip
    unsaved = replace(candidate, revision=0)
    report = yield from judge_revision(base, unsaved, known, engines=engines, further=against)
    said = (limits_remark(base, candidate), promise_remark(candidate, done))
    remarks = tuple(remark for remark in said if remark is not None)
    return Proposal(base, pending, candidate, report, why_again is None, why_again, remarks)


def apply(
    proposal: Proposal, store: ProfileStore, *, who: str, why: str = "", overrule: str = ""
) -> Profile:
    """Put a proposal in use: save the revision, move the corrections to where they count.

    ``overrule``: an engineer's reason where the gate is against it. Returns the current profile.
    Raises GateError where the gate is against it or something changed meanwhile, StorageError.
    """
    base, candidate, report = proposal.base, proposal.candidate, proposal.report
    ids = [one.id for one in proposal.used]
    if candidate is None or report is None:
        store.corrections.applied(base.id, ids, base.revision)
        return base
    now = datetime.now(UTC)
    origin = replace(candidate.origin, who=who, why=why or _why(proposal), when=now)
    judged = replace(report, overruled=overrule) if report.refusals else report
    saved = store.save(replace(candidate, origin=origin), judged)
    store.corrections.applied(base.id, ids, saved.revision)
    return saved


def settings_of(profile: Profile) -> FitSettings:
    """Return the settings that a profile was learnt with, complete enough to learn it again."""
    record, usual = record_of(profile), FitSettings()
    learnt = learnt_parts_in(profile.extra)
    pixels = profile.backbone.name == "pixels"
    return replace(
        usual,
        backbone=usual.backbone if pixels else profile.backbone.name,
        taps=usual.taps if pixels else profile.backbone.taps,
        preprocessing=profile.preprocessing,
        scoring=profile.scoring,
        detector=chosen_for(profile.detector),
        false_call_rate=record.rate,
        review_rate=asked_rate(profile.suggested.review_promise, usual.review_rate),
        view=profile.view,
        limit=record.kind,
        parts=PartRule() if learnt is None else learnt.rule,
    )


def _far_out(
    base: Profile,
    good: Sequence[Correction],
    files: Sequence[Path],
    scorer: Scorer,
    known: KnownParts,
) -> Generator[Progress, None, list[Refusal]]:
    """Say which of the pictures lie as far out as known bad parts, or farther than any good one."""
    bad_files = [part.path for part in known.parts if part.truth is Truth.BAD]
    pace = EtaEstimator(len(files) + len(bad_files))
    bad = []
    for path in bad_files:
        bad += _score(scorer, path)
        yield pace.step(say("Looking how far out known bad parts lie"))
    usual_bad = median(bad) if len(bad) >= FEWEST_BAD else None
    found = []
    for one, path in zip(good, files, strict=True):
        score = scorer.score(decode(path)).value
        yield pace.step(say("Looking how far out known bad parts lie"))
        times = score / base.suggested.ng
        if usual_bad is not None and score >= usual_bad:
            text = say(
                "“{name}” lies at {times} × the NG limit, as far out as half of the {n} known bad "
                "parts: learnt as good, it would hide defects like theirs.",
                name=one.name,
                times=f"{times:.2f}",
                n=len(bad),
            )
        elif times > FAR_OUT:
            text = say(
                "“{name}” lies at {times} × the NG limit. Good parts that are stopped by mistake "
                "lie just above it; look at the picture again.",
                name=one.name,
                times=f"{times:.2f}",
            )
        else:
            continue
        found.append(Refusal(RefusalKind.FAR_OUT, text))
    return found


def _check_new(base: Profile, good: Sequence[Correction], files: Sequence[Path]) -> None:
    """Raise FitError where a picture is one of the older ones, as far as these are still there."""
    sizes: dict[int, list[Path]] = {}
    for normal in base.normals:
        path = Path(normal.source)
        with suppress(OSError):
            if path.is_absolute():
                sizes.setdefault(path.stat().st_size, []).append(path)
    for one, file in zip(good, files, strict=True):
        data = read_bytes(file)
        for path in sizes.get(len(data), ()):
            if _same(path, data):
                raise FitError(
                    say(
                        "“{name}” is among the normal images already ({path}): learnt twice, it "
                        "would vouch for itself. Take this correction back.",
                        name=one.name,
                        path=str(path),
                    )
                )


def _same(path: Path, data: bytes) -> bool:
    try:
        return read_bytes(path) == data
    except DeepRxError:
        return False


def _score(scorer: Scorer, path: Path) -> list[float]:
    try:
        return [scorer.score(decode(path)).value]
    except DeepRxError:
        return []


def _updated(
    base: Profile, files: Sequence[Path], engines: EnginePool
) -> Generator[Progress, None, Profile]:
    """Add pictures to what is learnt, without the older pictures."""
    settings = settings_of(base)
    engine = engines.for_fit(settings)
    new = yield from parts_of(files, PartRule())
    pace = EtaEstimator(len(files))
    looks: list[TapMaps] = []
    for path in files:
        looks.append(engine.look(decode(path).pixels))
        yield pace.step(say("Reading normal images"), path)
    made = updating.update(base, looks, new)
    yield pace.report(say("Checking the new pictures against the others"))
    added = [NormalImage(str(f), s) for f, s in zip(files, made.scores, strict=True)]
    normals = (*base.normals, *added)
    parts = _joined(shown_parts(base), new)
    limits = _suggested(parts, normals, settings)
    candidate = replace(
        base,
        normals=normals,
        statistics=made.statistics,
        limits=limits,
        suggested=limits,
        origin=_origin(base, engine),
        extra=_extra(base, normals, parts),
    )
    scorer = engines.for_profile(replace(candidate, golden=()))
    golden = tuple(
        replace(g, score=scorer.score_prepared(g.pixels).value) for g in candidate.golden
    )
    return replace(candidate, golden=golden)


def _relearnt(
    base: Profile, files: Sequence[Path], why: Message, engines: EnginePool, scratch: Path
) -> Generator[Progress, None, Profile]:
    """Learn again from the older pictures, where they still lie, and the new ones."""
    older = [Path(normal.source) for normal in base.normals]
    gone = [path for path in older if not path.is_absolute() or not path.is_file()]
    if gone:
        raise FitError(
            say_n(
                "{why} So everything has to be learnt again, but {n} of {all} older pictures is "
                "no longer where it was ({first}). Put it back, or learn anew on Teach.",
                "{why} So everything has to be learnt again, but {n} of {all} older pictures are "
                "no longer where they were ({first}). Put them back, or learn anew on Teach.",
                n=len(gone),
                why=why,
                all=len(older),
                first=str(gone[0]),
            )
        )
    settings = settings_of(base)
    learnt = yield from learn((*older, *files), settings, engines=engines, scratch=scratch)
    misread = [image for image in learnt.skipped if image.path in set(files)]
    if misread:
        raise FitError(misread[0].reason)
    if learnt.skipped:
        raise FitError(
            say_n(
                "{why} So everything has to be learnt again, but {n} of {all} older pictures "
                "cannot be used any more ({first}): {reason} Put it right, or learn anew "
                "on Teach.",
                "{why} So everything has to be learnt again, but {n} of {all} older pictures "
                "cannot be used any more ({first}): {reason} Put them right, or learn anew "
                "on Teach.",
                n=len(learnt.skipped),
                why=why,
                all=len(older),
                first=_first(learnt.skipped),
                reason=learnt.skipped[0].reason,
            )
        )
    made = build_profile(FitRequest(base.name, (), settings), learnt, engines)
    sources = [normal.source for normal in learnt.normals]
    extra = with_parts(base.extra, LearntParts.of(settings.parts, sources, learnt.parts))
    return replace(
        made, id=base.id, name=base.name, revision=base.revision, extra=extra, lineage=base.lineage
    )


def _first(skipped: Sequence[SkippedImage]) -> str:
    """Name the first few pictures."""
    names = ", ".join(image.path.name for image in skipped[:MOST_NAMED])
    return f"{names} …" if len(skipped) > MOST_NAMED else names


def _suggested(parts: Parts, normals: Sequence[NormalImage], settings: FitSettings) -> Limits:
    scores = parts.highest([normal.held_out for normal in normals])
    return suggest_limits(
        scores,
        false_call_rate=settings.false_call_rate,
        review_rate=settings.review_rate,
        kind=settings.limit,
    )


def _joined(older: Parts, new: Parts) -> Parts:
    """Return the parts of all pictures, where no new picture shows a part learnt before."""
    shift = max(older.numbers, default=-1) + 1
    return Parts((*older.numbers, *(shift + number for number in new.numbers)))


def _extra(base: Profile, normals: Sequence[NormalImage], parts: Parts) -> Mapping[str, object]:
    learnt = learnt_parts_in(base.extra)
    rule = PartRule() if learnt is None else learnt.rule
    sources = [normal.source for normal in normals]
    extra = with_parts(base.extra, LearntParts.of(rule, sources, parts))
    return with_record(extra, record_of(base))


def _origin(base: Profile, engine: Engine) -> RevisionOrigin:
    program = f"Deep RX Inspector {__version__}"
    return replace(
        base.origin, when=datetime.now(UTC), why="", program=program, runtime=engine.info.name
    )


def _why(proposal: Proposal) -> str:
    names = [one.name for one in proposal.used if one.kind is CorrectionKind.WAS_OK]
    return f"was OK: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}"
