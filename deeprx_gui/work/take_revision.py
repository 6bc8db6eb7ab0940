"""Taking over one revision of the library: fetched, proved on this PC, judged by the gate."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.library import Following, LibraryRevision, Rollout
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.gate_check import refused as gate_refusal
from deeprx_gui.profiles.here import ProductHere
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fetch_revision import check_content, check_signature, fetch, named, refused
from deeprx_gui.work.golden import check_golden
from deeprx_gui.work.library_book import LibraryBook, Taken
from deeprx_gui.work.open_scorer import open_scorer
from deeprx_gui.work.replay import judge_revision, known_parts

if TYPE_CHECKING:
    from deeprx_gui.results.records.store import RecordStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taking:
    """What is taken over: a revision, the instruction behind it, and what is here of the product.

    ``overrule``: why it is put in use even if the gate is against it.
    """

    revision: LibraryRevision
    rollout: Rollout
    here: ProductHere | None
    following: Following
    overrule: str = ""


def take_over(
    taking: Taking,
    connection: CentralConnection,
    *,
    store: ProfileStore,
    book: LibraryBook,
    engines: Callable[[], EnginePool],
    records: RecordStore | None,
    remark: Callable[[Message], None],
) -> Generator[Progress, None, Profile]:
    """Put a revision of the library in use here and return it.

    ``remark`` gets what became of its must-find pictures, also where it is refused then. One that a
    person removed here does not come back.

    In this order, and whatever fails leaves what is in use as it is: signature, bytes and hash,
    every check of an imported file, the names in it, the golden images on this PC, the gate. One
    that was taken before and lies here as it was is not fetched again. Raises CentralError,
    ProfileError, StorageError and what opening engines raises.
    """
    revision, here = taking.revision, taking.here
    who, why = taking.rollout.who, taking.rollout.why or revision.why
    check_signature(revision, taking.following)
    proved = _proved_before(taking, store, book)
    if here is not None and proved:
        known = store.load(here.id, proved)
        yield Progress(0, 0, say("Judging golden images"))
        pool = engines()
        check_golden(known, open_scorer(pool, known))
        judged = yield from _judged(taking, here, known, store=store, pool=pool, records=records)
        return store.rollback(here.id, proved, who=who, why=why, judged=judged)
    part = yield from fetch(connection, revision, book.incoming)
    with named(part, revision) as file:
        arrival = store.examine(file)
        profile = arrival.profile
        check_content(revision, profile)
        held = None if here is None else here.held.get(revision.mark)
        if here is not None and held is not None and not store.holds(profile, here.id, held):
            raise refused(
                revision,
                say(
                    "revision r{number} on this PC bears its mark but holds something else.",
                    number=f"{held:04d}",
                ),
            )
        yield Progress(0, 0, say("Judging golden images"))
        pool = engines()
        check_golden(profile, open_scorer(pool, profile))
        if here is None:
            saved = store.import_file(file, who=who, why=why)
        else:
            joined = store.join_must_find(here.id, arrival.must_find, removed_too=False)
            for sentence in joined.remarks:
                _log.info("%s: %s", here.name, sentence)
                remark(sentence)
            judged = yield from _judged(
                taking, here, profile, store=store, pool=pool, records=records
            )
            saved = store.import_revision(
                file, here.id, expected=here.expected, who=who, why=why, judged=judged,
                removed_too=False,
            )  # fmt: skip
    seal = store.seal(saved.id, saved.revision)
    book.note_taken(revision.sha256, Taken(saved.id, saved.revision, seal))
    return saved


def _proved_before(taking: Taking, store: ProfileStore, book: LibraryBook) -> int:
    """Return the revision here that was taken from the library and is unchanged, 0: none.

    What is in use does not count: if that were as it should be, nothing would be taken over.
    """
    here, taken = taking.here, book.taken(taking.revision.sha256)
    if here is None or taken is None or taken.product != here.id:
        return 0
    if here.held.get(taking.revision.mark) != taken.revision or taken.revision == here.revision:
        return 0
    try:
        unchanged = store.seal(here.id, taken.revision) == taken.seal
    except DeepRxError:
        return 0
    return taken.revision if unchanged else 0


def _judged(
    taking: Taking,
    here: ProductHere,
    profile: Profile,
    *,
    store: ProfileStore,
    pool: EnginePool,
    records: RecordStore | None,
) -> Generator[Progress, None, GateReport | None]:
    """Judge the revision against the one in use; raises GateError where it is refused."""
    if here.mark == taking.revision.mark:
        return None  # it is in use already
    try:
        before = store.load(here.id)
    except DeepRxError:
        return None  # nothing usable is in use
    known = known_parts(store.corrections, here.id, records)
    report = yield from judge_revision(before, replace(profile, revision=0), known, engines=pool)
    if report.refusals and taking.overrule:
        report = replace(report, overruled=taking.overrule)
    if not report.passed:
        raise gate_refusal(report)
    return report
