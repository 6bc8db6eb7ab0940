"""Replay: known parts judged again by the revision in use and by another one, side by side."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deeprx_gui.domain.corrections import Correction, CorrectionKind
from deeprx_gui.domain.errors import DeepRxError, ImageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.gate import (
    GateReport,
    Outcome,
    Refusal,
    Replay,
    ReplayedPart,
    Truth,
    gate_report,
    promised_rate,
)
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.correction_store import CorrectionStore
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.frame_reader import read_frames_ahead
from deeprx_gui.work.golden import check_golden
from deeprx_gui.work.open_scorer import open_scorer

if TYPE_CHECKING:
    from deeprx_gui.results.records.store import RecordStore

LAST: Final = 200
"""So many recent parts are judged again unless somebody asks for more or fewer."""
MOST_LAST: Final = 5000
_PAGE: Final = 500
_MOST_LOOKED_AT: Final = 20_000
"""Verdicts looked through for kept pictures; most of a long shift's OK parts have none."""


@dataclass(frozen=True)
class KnownPart:
    """A picture that is judged again, and what is known of its part."""

    path: Path
    name: str
    truth: Truth
    must_find: bool = False
    number: int = 0
    uid: str = ""
    recorded: Verdict | None = None


@dataclass(frozen=True)
class KnownParts:
    """What a product's revisions are judged by; ``gone``: recent parts without their picture."""

    parts: tuple[KnownPart, ...]
    gone: int = 0


def known_parts(
    corrections: CorrectionStore, key: str, records: RecordStore | None, last: int = LAST
) -> KnownParts:
    """Gather the must-find set, with what is about to join it, and the last parts of History.

    ``last``: at most so many of History, the latest. What a person decided about a part is true;
    a part that passed and that nobody called NG is taken to be good, any other is unknown. Raises
    ProfileError or StorageError where the must-find set or History cannot be read.
    """
    book = corrections.book(key)
    found = [
        KnownPart(corrections.path_of(key, one), one.name, Truth.BAD, must_find=True, uid=one.uid)
        for one in (*book.must_find, *book.said(CorrectionKind.MISSED))
    ]
    if records is None or last < 1:
        return KnownParts(tuple(found))
    recent, gone = _recent(records, key, last, book.said(CorrectionKind.WAS_OK))
    return KnownParts((*found, *recent), gone)


def _recent(
    records: RecordStore, key: str, last: int, good: Sequence[Correction]
) -> tuple[list[KnownPart], int]:
    said_good = {one.uid for one in good if one.uid}
    query, found, gone = RecordQuery(profile_id=key), list[KnownPart](), 0
    before: int | None = None
    for _ in range(_MOST_LOOKED_AT // _PAGE):
        page = records.page(query, before=before, count=_PAGE)
        for record in page:
            if record.verdict is Verdict.ERROR or not record.picture:
                continue
            path = records.folder / record.picture
            if not path.is_file():
                gone += 1
                continue
            truth = Truth.GOOD if record.uid in said_good else _truth(record)
            name = record.serial or Path(record.item).name or path.name
            found.append(
                KnownPart(
                    path, name, truth, number=record.number, uid=record.uid, recorded=record.verdict
                )
            )
            if len(found) == last:
                return found, gone
        if len(page) < _PAGE:
            break
        before = page[-1].number
    return found, gone


def _truth(record: Record) -> Truth:
    if record.decision is not None:
        return Truth.GOOD if record.decision is Decision.OK else Truth.BAD
    return Truth.GOOD if record.verdict is Verdict.OK else Truth.UNKNOWN


def replay(
    before: Profile, after: Profile, known: KnownParts, *, engines: EnginePool
) -> Generator[Progress, None, Replay]:
    """Judge known parts by two revisions; ``Progress.item`` is each ``ReplayedPart``.

    ``after`` may be unsaved. Where one of them cannot judge on this PC, or ``after`` does not
    reproduce the scores of its own golden images, the result says so. The must-find set is judged
    all the same where the revision in use cannot: its outcomes are ERROR then.
    """
    parts = known.parts
    yield Progress(0, max(1, len(parts)), say("Getting ready…"))
    alike = _measure_alike(before, after)
    if alike and not parts:
        return Replay(before.revision, after.revision, (), _kept_golden(before, after), known.gone)
    alone: Message | None = None
    then: Scorer | None = None
    try:
        then = open_scorer(engines, before)
    except DeepRxError as error:
        alone = error.message
        parts = tuple(part for part in parts if part.must_find)
        if not parts:
            return Replay(before.revision, after.revision, gone=known.gone, alone=alone)
    try:
        now = then if alike and then is not None else open_scorer(engines, after)
        check_golden(after, now)
    except DeepRxError as error:
        return Replay(before.revision, after.revision, gone=known.gone, impossible=error.message)
    golden = _kept_golden(before, after) if alike else _golden(before, after, now)
    seen = yield from _judge(parts, (before, then), (after, now))
    return Replay(
        before.revision, after.revision, seen.parts, golden, known.gone,
        seen.unreadable, seen.unread_must_find, alone=alone,
    )  # fmt: skip


@dataclass(frozen=True)
class _Seen:
    parts: tuple[ReplayedPart, ...]
    unreadable: tuple[str, ...]
    unread_must_find: tuple[str, ...]


def _judge(
    parts: Sequence[KnownPart],
    old: tuple[Profile, Scorer | None],
    new: tuple[Profile, Scorer],
) -> Generator[Progress, None, _Seen]:
    """Judge known parts by two revisions; where they share a scorer each is scored once."""
    (before, then), (after, now) = old, new
    pace = EtaEstimator(len(parts))
    done: list[ReplayedPart] = []
    unread: list[KnownPart] = []
    with closing(read_frames_ahead([part.path for part in parts])) as pictures:
        for part in parts:
            frame = next(pictures)[1]
            if isinstance(frame, ImageError):
                unread.append(part)
                yield pace.step(say("Judging known parts again"))
                continue
            score = math.nan if then is None else _score(then, frame)
            judged = ReplayedPart(
                part.name,
                part.truth,
                outcome(score, before),
                outcome(score if now is then else _score(now, frame), after),
                part.must_find,
                part.number,
                part.uid,
                part.recorded,
                str(part.path),
            )
            del frame
            done.append(judged)
            yield pace.step(say("Judging known parts again"), judged)
    return _Seen(
        tuple(done),
        tuple(part.name for part in unread if not part.must_find),
        tuple(part.name for part in unread if part.must_find),
    )


def judge_revision(
    before: Profile,
    after: Profile,
    known: KnownParts,
    *,
    engines: EnginePool,
    further: Sequence[Refusal] = (),
) -> Generator[Progress, None, GateReport]:
    """Replay and judge: may ``after`` be put in use? ``further``: other reasons against it."""
    replayed = yield from replay(before, after, known, engines=engines)
    return gate_report(replayed, promised_rate(after), further)


def judge_by_golden(before: Profile, after: Profile) -> GateReport | None:
    """Judge at once, by the golden images alone; ``None`` where the two score otherwise."""
    if not _measure_alike(before, after):
        return None
    golden = _kept_golden(before, after)
    replayed = Replay(before.revision, after.revision, golden=golden)
    return gate_report(replayed, promised_rate(after))


def outcome(score: float, profile: Profile) -> Outcome:
    """Return a score as a revision words it: its verdict, and times its suggested limit."""
    return Outcome(judge(score, profile.limits), score / profile.suggested.review)


def _measure_alike(a: Profile, b: Profile) -> bool:
    """Say whether two revisions of a product score every picture the same: only limits differ."""
    what = [(p.normals, p.suggested, p.scoring, p.view, p.preprocessing) for p in (a, b)]
    how = [(p.detector, p.backbone, [golden.score for golden in p.golden]) for p in (a, b)]
    return what[0] == what[1] and how[0] == how[1]


def _score(scorer: Scorer, frame: Frame) -> float:
    """Return the raw score, NaN where the part is not where it should be: that is never OK."""
    try:
        return float(scorer.score(frame).value)
    except DeepRxError:
        return math.nan


def _kept_golden(before: Profile, after: Profile) -> tuple[ReplayedPart, ...]:
    return tuple(
        ReplayedPart(g.name, Truth.GOOD, outcome(g.score, before), outcome(g.score, after))
        for g in before.golden
    )


def _golden(before: Profile, after: Profile, now: Scorer) -> tuple[ReplayedPart, ...]:
    """Judge the golden images of ``before`` where ``after`` is shown the same of a picture."""
    same = (before.preprocessing, before.view) == (after.preprocessing, after.view)
    if not same or before.backbone.taps != after.backbone.taps:
        return ()
    return tuple(
        ReplayedPart(
            golden.name,
            Truth.GOOD,
            outcome(golden.score, before),
            outcome(now.score_prepared(golden.pixels).value, after),
        )
        for golden in before.golden
    )
