"""What came from the library is put on the line of the window, between two parts."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.library import RunState
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.follow_library import Follower
from deeprx_gui.work.follow_report import FollowReport, OnLine, ProductReport

if TYPE_CHECKING:
    from deeprx_gui.controllers.inspect_controller import InspectController


class LibraryChange:
    """The open product goes on with what the library put in use, here or by another program.

    It waits while somebody moves its limits: nobody's work is thrown away. ``inspect`` gives what
    runs the line. Methods are for the window's thread, but for ``look`` and ``on_line``, which
    only read.
    """

    def __init__(self, job_service: JobService, inspect: Callable[[], InspectController]) -> None:
        self._session, self._inspect = job_service.session, inspect
        self._store: ProfileStore = job_service.services.store
        self._to_open: Profile | None = None

    def look(self, follower: Follower) -> Generator[Progress, None, FollowReport]:
        """Look at the library, and at what another program on this PC took over before."""
        report = yield from follower.look()
        return replace(report, products=tuple(map(self._taken_elsewhere, report.products)))

    def _taken_elsewhere(self, about: ProductReport) -> ProductReport:
        """Return the report with the revision in use, where that is not the one that is open."""
        opened, running = self._session.profile, about.running
        if about.profile is not None or running is None or about.state is RunState.OWN:
            return about
        if opened is None or opened.lineage.id != about.lineage:
            return about
        pending = self._to_open
        if running.mark in {opened.lineage.mark, pending and pending.lineage.mark}:
            return about
        now = self._store.load(opened.id)
        return replace(about, profile=now) if now.lineage.mark == running.mark else about

    def on_line(self) -> OnLine | None:
        """Return what the line of this window judges with, ``None`` where nothing is inspected."""
        judges = self._session.profile
        if judges is None or not self._inspect().running:
            return None
        waits: Message | None = None
        if self._session.dirty:
            waits = say(
                "The limits of “{name}” were moved at this station and are not saved yet. The line"
                " goes on with the revision it has until they are saved or dropped.",
                name=judges.name,
            )
        return OnLine(judges.lineage.id, judges.lineage.mark, waits)

    def take(self, report: FollowReport) -> None:
        """Remember what came for the open product, and change over to it when that may be."""
        for profile in report.changed:
            self._to_open = profile if self._is_open(profile) else self._to_open
        self.change_over()

    def change_over(self) -> None:
        """Open what came for the open product, once no moved limits are lost by it."""
        profile, session = self._to_open, self._session
        if profile is None or session.dirty:
            return
        self._to_open = None
        if not self._is_open(profile):
            return
        inspect = self._inspect()
        ran = inspect.running

        def change() -> None:
            session.open_profile(profile)
            if ran:
                inspect.start()

        inspect.restart_with(change)

    def _is_open(self, profile: Profile) -> bool:
        now = self._session.profile
        return now is not None and now.id == profile.id
