"""The library of products beside ``deeprx inspect``: what is released comes while the line runs."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from deeprx_gui import central_settings, library_settings
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.library import Following, RunState
from deeprx_gui.domain.live_items import RevisionChange
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.i18n import render
from deeprx_gui.work.follow_report import OnLine
from deeprx_gui.work.judging import why_it_cannot_judge

if TYPE_CHECKING:
    from deeprx_gui.work.follow_library import Follower
    from deeprx_gui.work.follow_report import FollowReport

_END_SECONDS: Final = 2.0
"""A look that waits for the network is not waited for at the end of a run."""
AGAIN_SECONDS: Final = 600.0
"""So long after the line did not take a revision it is offered again, as ``Follower`` does."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Refused:
    """A revision that the line did not take, since when (by the clock given), and why."""

    revision: int
    since: float
    why: Message


@dataclass(frozen=True)
class InUse:
    """What is in use of the product in the store: ``number`` costs little, ``load`` reads it all.

    Both raise DeepRxError.
    """

    number: Callable[[], int]
    load: Callable[[], Profile]


class LineFollower:
    """What the library says of the product on the line, taken up in a thread of its own.

    ``profile``: the one that judges. ``admit`` raises DeepRxError where a revision must not go on
    the line yet; that is tried again after some minutes. Nothing that the run calls waits.
    """

    def __init__(
        self,
        profile: Profile,
        in_use: InUse | None = None,
        admit: Callable[[Profile], None] = lambda _profile: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.profile = profile
        self.sentences: list[Message] = []
        self._in_use, self._admit, self._clock = in_use, admit, clock
        self._offered = profile.revision
        self._next: Profile | None = None
        self._refused: _Refused | None = None
        self._news: deque[Message] = deque()
        self._lock = threading.Lock()

    # What the run asks ------------------------------------------------------------------------

    def successor(self) -> Profile | None:
        """Return the revision to go on with, once."""
        with self._lock:
            found, self._next = self._next, None
            return found

    def changed(self, change: RevisionChange) -> None:
        """The run says which revision it goes on with."""
        values = {"name": change.profile.name, "revision": f"r{change.profile.revision:04d}"}
        if change.problem is None:
            with self._lock:
                self.profile, self._refused = change.profile, None
                self._offered = (self._next or change.profile).revision
            self._news.append(say("The line goes on with {revision} of “{name}”.", **values))
        else:
            self._refuse(change.profile.revision, change.problem)
            self._news.append(
                say(
                    "{revision} of “{name}” does not judge here, and the line goes on with the"
                    " revision it has: {problem}",
                    problem=change.problem,
                    **values,
                )
            )

    def report(self) -> None:
        """Say what is new since the last time."""
        while self._news:
            sentence = self._news.popleft()
            self.sentences.append(sentence)
            print_note(render(sentence))

    # What the thread does -----------------------------------------------------------------------

    def take(self, report: FollowReport) -> None:
        """Take up what a look found, and what another program on this PC has taken over before.

        Raises StorageError where the store cannot be looked at.
        """
        self._news.extend(report.news)
        lineage = self.profile.lineage.id
        about = next((one for one in report.products if one.lineage == lineage), None)
        if about is None or about.running is None or self._in_use is None:
            return
        if about.state is RunState.OWN:
            return
        number = self._in_use.number() if about.profile is None else about.profile.revision
        before = self._refused
        if not self._due(number):
            return
        try:
            now = about.profile or self._in_use.load()
            number = now.revision
            self._admit(now)
        except Exception as error:  # noqa: BLE001 - the line goes on with what it has
            _log.warning("r%04d does not go on the line", number, exc_info=error)
            why = why_it_cannot_judge(error)
            self._refuse(number, why)
            if before is None or (before.revision, before.why) != (number, why):
                self._news.append(why)
            return
        with self._lock:
            self._next, self._offered, self._refused = now, number, None

    def on_line(self) -> OnLine:
        """What judges now, for the library."""
        with self._lock:
            lineage, refused = self.profile.lineage, self._refused
        return OnLine(lineage.id, lineage.mark, None if refused is None else refused.why)

    def _due(self, number: int) -> bool:
        """Whether the line is to be offered this revision now."""
        with self._lock:
            if number == self._offered:
                self._refused = None  # another one that was refused is not in use any more
                return False
            refused = self._refused
        if refused is None or refused.revision != number:
            return True
        return self._clock() - refused.since >= AGAIN_SECONDS

    def _refuse(self, revision: int, why: Message) -> None:
        """Go on with what judges, and try this one again later."""
        with self._lock:
            self._next, self._offered = None, self.profile.revision
            self._refused = _Refused(revision, self._clock(), why)


@contextmanager
def following_the_library(
    context: Context, profile: Profile, admit: Callable[[Profile], None]
) -> Iterator[LineFollower]:
    """Follow the library meanwhile, where this PC does; else give what never has anything new."""
    place = central_settings.load(context.paths.central_file)
    if place is None or not library_settings.load(context.paths.library_file).on:
        yield LineFollower(profile)
        return
    in_use = InUse(lambda: _number_in_use(context, profile), lambda: context.store.load(profile.id))
    line = LineFollower(profile, in_use, admit)
    ended = threading.Event()
    thread = threading.Thread(
        target=_follow, args=(context, line, ended), name="library", daemon=True
    )
    thread.start()
    try:
        yield line
    finally:
        ended.set()
        thread.join(_END_SECONDS)
        line.report()


def _number_in_use(context: Context, profile: Profile) -> int:
    """Return which revision is in use, 0: none that can be read. Raises StorageError."""
    here = context.store.product_of(profile.lineage.id)
    return 0 if here is None else here.revision


def _follow(context: Context, line: LineFollower, ended: threading.Event) -> None:
    """Look at the library every so often; what goes wrong is in the log, and the line goes on."""
    from deeprx_gui.cli.library_access import follower_of

    before: Following | None = None
    follower: Follower | None = None
    while not ended.is_set():
        following = library_settings.load(context.paths.library_file)
        try:
            if following != before or follower is None:
                before, follower = following, follower_of(context, following, line.on_line)
            if following.on:
                report = _look(follower, ended)
                if report is not None:
                    line.take(report)
        except Exception as error:  # noqa: BLE001 - it must never end a run
            _log.warning("the library was not followed", exc_info=error)
        ended.wait(following.every)


def _look(follower: Follower, ended: threading.Event) -> FollowReport | None:
    """Look once; ``None`` where the run ended meanwhile."""
    job = follower.look()
    while not ended.is_set():
        try:
            next(job)
        except StopIteration as stop:
            report: FollowReport = stop.value
            return report
    job.close()
    return None
