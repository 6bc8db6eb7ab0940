"""The library of products beside ``deeprx inspect``: what is released comes while the line runs."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from deeprx_gui import central_settings, library_settings
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.library import Following, RunState
from deeprx_gui.domain.live_items import RevisionChange
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.i18n import render

if TYPE_CHECKING:
    from deeprx_gui.work.follow_library import Follower
    from deeprx_gui.work.follow_report import FollowReport

_END_SECONDS: Final = 2.0
"""A look that waits for the network is not waited for at the end of a run."""
_log = logging.getLogger(__name__)


class LineFollower:
    """What the library says of the product on the line, taken up in a thread of its own.

    ``profile``: the one that judges. ``admit`` raises DeepRxError where a revision must not go on
    the line yet. Nothing that the run calls waits.
    """

    def __init__(
        self,
        profile: Profile,
        load: Callable[[], Profile] | None = None,
        admit: Callable[[Profile], None] = lambda _profile: None,
    ) -> None:
        self.profile = profile
        self.sentences: list[Message] = []
        self._load, self._admit = load, admit
        self._offered = profile.revision
        self._next: Profile | None = None
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
            self.profile = change.profile
            self._news.append(say("The line goes on with {revision} of “{name}”.", **values))
        else:
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
        """Take up what a look found, and what another program on this PC has taken over before."""
        self._news.extend(report.news)
        lineage = self.profile.lineage.id
        about = next((one for one in report.products if one.lineage == lineage), None)
        if about is None or about.running is None or self._load is None:
            return
        if about.state is RunState.OWN:
            return
        try:
            now = about.profile or self._load()
            if now.revision == self._offered:
                return
            self._offered = now.revision
            self._admit(now)
        except DeepRxError as error:
            self._news.append(error.message)
            return
        with self._lock:
            self._next = now


@contextmanager
def following_the_library(
    context: Context, profile: Profile, admit: Callable[[Profile], None]
) -> Iterator[LineFollower]:
    """Follow the library meanwhile, where this PC does; else give what never has anything new."""
    place = central_settings.load(context.paths.central_file)
    if place is None or not library_settings.load(context.paths.library_file).on:
        yield LineFollower(profile)
        return
    line = LineFollower(profile, lambda: context.store.load(profile.id), admit)
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


def _follow(context: Context, line: LineFollower, ended: threading.Event) -> None:
    """Look at the library every so often; what goes wrong is in the log, and the line goes on."""
    from deeprx_gui.cli.library_access import follower_of

    before: Following | None = None
    follower: Follower | None = None
    while not ended.is_set():
        following = library_settings.load(context.paths.library_file)
        try:
            if following != before or follower is None:
                before, follower = following, follower_of(context, following)
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
