"""A station follows the library: one look fetches, proves and takes over what it is to run.

Nothing here stands between a part and its verdict. A revision becomes the product's current one in
the store; whoever runs the line changes over between two parts, as after any new revision.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from deeprx_gui.central import library_stations as telling
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.copied_disk import Words as InstallationWords
from deeprx_gui.central.copied_disk import refuse_copy
from deeprx_gui.central.library import content
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import Cancelled, CentralError, DeepRxError
from deeprx_gui.domain.library import (
    Following,
    FollowMode,
    LibraryContent,
    LibraryRevision,
    RevisionState,
    RunState,
    StationPlace,
    Target,
)
from deeprx_gui.domain.message import Message, in_one, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.station import StationIdentity
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.locks import try_hold
from deeprx_gui.profiles.here import ProductHere
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fetch_revision import check_signature
from deeprx_gui.work.follow_report import (
    FollowReport,
    OnLine,
    ProductReport,
    Words,
    as_on_the_line,
)
from deeprx_gui.work.library_book import LibraryBook, Taken
from deeprx_gui.work.take_revision import Taking, take_over

if TYPE_CHECKING:
    from deeprx_gui.results.records.store import RecordStore

AGAIN_SECONDS: Final = 600.0
"""So long after a revision was refused it is tried again, unless a person asks for it."""
_LOOKING: Final = "look.lock"
_log = logging.getLogger(__name__)


@dataclass
class _Found:
    """What a look has found until now."""

    products: list[ProductReport] = field(default_factory=list)
    news: list[Message] = field(default_factory=list)
    offline: Message | None = None
    sent: int = 0


def _why(error: Exception, name: str) -> Message:
    """Say why a product could not be followed; what nobody foresaw is in the log."""
    if isinstance(error, DeepRxError):
        return error.message
    _log.error("“%s” cannot be followed", name, exc_info=error)
    return say(
        "“{name}” could not be taken from the library ({why}). Send the log to whoever looks after"
        " the program.",
        name=name, why=str(error) or type(error).__name__,
    )  # fmt: skip


def _tell(
    connection: CentralConnection, here: StationPlace, product: int, report: ProductReport
) -> None:
    """Say what runs here. A word that the library refuses holds nothing up."""
    try:
        telling.report_run(
            connection, here, product,
            revision=None if report.running is None else report.running.row,
            sha256="" if report.running is None else report.running.sha256,
            state=report.state,
            trouble=None if report.state is RunState.CURRENT else report.sentence,
        )  # fmt: skip
    except DeepRxError as error:
        if isinstance(error, CentralError) and error.trouble is not Trouble.REFUSED:
            raise
        _log.error("the library does not take what is said of “%s”: %s", report.name, error)


def _as_it_is(moment: datetime) -> datetime:
    return moment


@dataclass(frozen=True)
class Follower:
    """What a station follows with; ``look`` is done in one thread at a time.

    ``engines`` makes the engine room of that thread, ``records`` opens the remembered verdicts,
    ``None`` where there are none. ``clock`` turns the server's time into the time that counts.
    ``words``: by what the server knows this installation, so that a copied disk stops. ``on_line``:
    what a line that this program runs judges with, ``None`` where it runs none.
    """

    place: CentralPlace
    password: Callable[[], str]
    following: Following
    identity: StationIdentity
    store: ProfileStore
    book: LibraryBook
    engines: Callable[[], EnginePool]
    records: Callable[[], RecordStore | None] = lambda: None
    clock: Callable[[datetime], datetime] = _as_it_is
    words: Callable[[], InstallationWords | None] = lambda: None
    on_line: Callable[[], OnLine | None] = lambda: None
    _refused: dict[str, tuple[float, Message]] = field(default_factory=dict)
    _said: dict[str, Message] = field(default_factory=dict)

    def look(self, *, at_once: bool = False) -> Generator[Progress, None, FollowReport]:
        """Ask the library once and do what it says; ``Progress`` while something is fetched.

        A library that cannot be reached changes nothing: the station runs on what it has, and the
        report says why. ``at_once``: what was refused before is tried again now.
        """
        yield Progress(0, 0, say("Asking the library"))
        if at_once:
            self._refused.clear()
        held = try_hold(self.book.folder / _LOOKING)
        if held is None:
            return FollowReport(offline=say(
                "Another Deep RX Inspector on this PC is just looking at the library. Try again in"
                " a minute."
            ))  # fmt: skip
        found = _Found()
        try:
            with CentralConnection(self.place, self.password()) as connection:
                yield from self._look(connection, found)
        except CentralError as error:
            _log.info("the library cannot be asked: %s", error)
            found.offline = error.message
            found.news += self._news("", error.message)
        finally:
            held.close()
        return FollowReport(tuple(found.products), found.offline, tuple(found.news), found.sent)

    def _look(
        self, connection: CentralConnection, found: _Found
    ) -> Generator[Progress, None, None]:
        place = self.place
        words = self.words()
        if words is not None:
            refuse_copy(connection, self.identity.id, words)
        here = telling.station(connection, self.identity.id, self.identity.name, place.line)
        read = content(connection)
        known = replace(read, now=self.clock(read.now))
        self._news("", None)
        for product, revisions in known.products().items():
            report = yield from self._each(connection, known, here, product, revisions)
            if report is not None:
                found.products.append(report)
                found.news += self._news(report.lineage, report.sentence)
                told = as_on_the_line(self.on_line(), known, product, report)
                if told is not None:
                    _tell(connection, here, product, told)
        self._send_proposals(connection, here, found)

    def _send_proposals(
        self, connection: CentralConnection, here: StationPlace, found: _Found
    ) -> None:
        """Send what waits; one that the library refuses is put aside, and said."""
        for proposal in self.book.proposals():
            try:
                if telling.send_proposal(connection, here, proposal):
                    self.book.sent(proposal)
                    found.sent += 1
            except DeepRxError as error:
                if isinstance(error, CentralError) and error.trouble is not Trouble.REFUSED:
                    raise
                _log.error("a proposal was not taken by the library: %s", error)
                aside = self.book.put_aside(proposal)
                found.news.append(say(
                    "The library refused the limits proposed for “{name}” ({why}). They are kept"
                    " in {file}; propose them again.",
                    name=proposal.name, why=error.message, file=aside,
                ))  # fmt: skip

    def _news(self, key: str, sentence: Message | None) -> tuple[Message, ...]:
        """Return a sentence if it was not said in the look before."""
        before = self._said.pop(key, None)
        if sentence is None:
            return ()
        self._said[key] = sentence
        return () if sentence == before else (sentence,)

    # -- one product --------------------------------------------------------------------------

    def _each(
        self,
        connection: CentralConnection,
        known: LibraryContent,
        station: StationPlace,
        product: int,
        revisions: Sequence[LibraryRevision],
    ) -> Generator[Progress, None, ProductReport | None]:
        """Follow one product; what goes wrong with it does not keep the others from following."""
        try:
            return (yield from self._product(connection, known, station, product, revisions))
        except Cancelled:
            raise
        except Exception as error:
            if isinstance(error, CentralError) and error.trouble is not Trouble.REFUSED:
                raise
            lineage, name = revisions[0].lineage, revisions[-1].name
            why = _why(error, name)
            return Words(lineage, name, None).report(RunState.TROUBLE, None, why)

    def _product(
        self,
        connection: CentralConnection,
        known: LibraryContent,
        station: StationPlace,
        product: int,
        revisions: Sequence[LibraryRevision],
    ) -> Generator[Progress, None, ProductReport | None]:
        lineage, name = revisions[0].lineage, revisions[-1].name
        here = self.store.product_of(lineage)
        now = None if here is None else known.of_mark(product, here.mark)
        targets = known.targets(product, station)
        say_so = Words(lineage, name, now)
        if not targets:
            if here is None:
                return None
            return say_so.without_target(here)
        target = targets[0]
        if here is not None and now is not None and self._has(here, target.revision):
            self.book.note_followed(lineage, target.rollout.number)
            return say_so.report(RunState.CURRENT, target)
        own = here is not None and here.revision > 0 and now is None
        if own and not self._goes_over(lineage, target):
            return say_so.own(target)
        must = now is not None and now.state is RevisionState.WITHDRAWN
        if not must and self._has_to_wait(here, target):
            return say_so.waits(target)
        report = yield from self._take(connection, say_so, here, target)
        usable = here is not None and here.revision > 0 and not must and self._sound(here, now)
        if report.profile is not None or usable:
            return report
        for other in targets[1:]:
            if here is not None and now is not None and self._has(here, other.revision):
                return report
            instead = yield from self._take(connection, say_so, here, other)
            if instead.profile is not None:
                return replace(
                    instead, state=RunState.TROUBLE, target=target.revision,
                    sentence=say(
                        "{problem} “{name}” uses {revision} instead, the last good one.",
                        problem=report.sentence or "", name=name,
                        revision=other.revision.label,
                    ),
                )  # fmt: skip
        return report

    def _has(self, here: ProductHere, revision: LibraryRevision) -> bool:
        """Whether just this revision, as it was proved when it was taken, is in use here."""
        if here.mark != revision.mark:
            return False
        taken = self.book.taken(revision.sha256)
        try:
            check_signature(revision, self.following)
            return taken == Taken(here.id, here.revision, self.store.seal(here.id, here.revision))
        except DeepRxError:
            return False

    def _sound(self, here: ProductHere, now: LibraryRevision | None) -> bool:
        """Whether what is in use may stay: the library's as it was taken, or the PC's own."""
        if now is not None and self.book.taken(now.sha256) is not None:
            return self._has(here, now)
        return not self.following.signed

    def _goes_over(self, lineage: str, target: Target) -> bool:
        """Whether an instruction replaces a revision that was saved on this PC."""
        return self.following.signed or target.rollout.number > self.book.followed(lineage)

    def _has_to_wait(self, here: ProductHere | None, target: Target) -> bool:
        if self.following.mode is not FollowMode.ASK:
            return False
        if here is not None and here.mark == target.revision.mark:
            return False  # it is in use already; only its bytes are proved
        agreed = self.book.agreement(target.revision.lineage)
        return agreed is None or agreed.sha256 != target.revision.sha256

    def _take(
        self,
        connection: CentralConnection,
        words: Words,
        here: ProductHere | None,
        target: Target,
    ) -> Generator[Progress, None, ProductReport]:
        revision = target.revision
        known = self._refused.get(revision.sha256)
        if known is not None and time.monotonic() - known[0] < AGAIN_SECONDS:
            return words.report(RunState.TROUBLE, target, known[1])
        agreed = self.book.agreement(revision.lineage)
        overrule = agreed.overrule if agreed and agreed.sha256 == revision.sha256 else ""
        now = words.now
        if now is not None and now.withdrawn is not None:
            overrule = overrule or f"{now.label} was withdrawn: {now.withdrawn.why}"
        records = self.records()
        remarks: list[Message] = []
        taking = Taking(revision, target.rollout, here, self.following, overrule)
        try:
            profile = yield from take_over(
                taking, connection, store=self.store, book=self.book,
                engines=self.engines, records=records, remark=remarks.append,
            )  # fmt: skip
        except Cancelled:
            raise
        except Exception as error:
            if isinstance(error, CentralError) and error.trouble is not Trouble.REFUSED:
                raise
            why = _why(error, words.name)
            why = in_one((why, *remarks)) or why
            self._refused[revision.sha256] = (time.monotonic(), why)
            return words.report(RunState.TROUBLE, target, why)
        finally:
            if records is not None:
                records.close()
        self._refused.pop(revision.sha256, None)
        self.book.note_followed(revision.lineage, target.rollout.number)
        if here is not None and here.mark == revision.mark:
            return words.report(RunState.CURRENT, target, in_one(remarks))
        came = in_one((words.came(here, target), *remarks))
        return replace(
            words.report(RunState.CURRENT, target, came),
            running=revision, profile=profile,
        )  # fmt: skip
