"""The library of products in the window: follows it, and does what its sheet asks for.

It has a thread of its own: neither the line nor the window waits for the network.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui import library_settings
from deeprx_gui import station as stations
from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.central import password, signing
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import Stage, content, roll_out, set_state
from deeprx_gui.central.library_stations import answer_proposal
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.library_change import LibraryChange
from deeprx_gui.controllers.library_publish import publish_or_ask
from deeprx_gui.controllers.library_view import library_view, stages_of
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.library import (
    Following,
    FollowMode,
    LibraryRevision,
    ProposalState,
    RevisionState,
    RunState,
    SentProposal,
)
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.jobs.lane import Job, Lane
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.results.records.store import FILE_NAME, RecordStore
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.station_identity import identity
from deeprx_gui.ui.kit.confirm_sheet import ConfirmSheet
from deeprx_gui.ui.profiles.library_sheet import LibrarySheet, LibraryView, ReleasePlan
from deeprx_gui.ui.profiles.page import ProfilesPage
from deeprx_gui.work.follow_library import Follower
from deeprx_gui.work.follow_report import FollowReport, ProductReport
from deeprx_gui.work.forward_files import Installation
from deeprx_gui.work.library_book import Agreement, LibraryBook
from deeprx_gui.work.limit_proposals import follows, propose
from deeprx_gui.work.publish_revision import accept, publish_from
from deeprx_gui.work.release_revision import ProvedDraft, prove_draft, release

if TYPE_CHECKING:
    from deeprx_gui.controllers.inspect_controller import InspectController

Work = Callable[[CentralConnection], object]
Steps = Generator[Progress, None, None]


class LibraryController(QObject):
    """``inspect`` gives what runs the line; ``refresh`` reads the list of profiles again."""

    def __init__(
        self,
        job_service: JobService,
        window: QWidget,
        page: ProfilesPage,
        place: CentralPlace,
        *,
        inspect: Callable[[], InspectController],
        refresh: Callable[[], None],
    ) -> None:
        super().__init__(job_service)
        self._page, self._place = page, place
        self._refresh = refresh
        self._job_service = job_service
        services = self._job_service.services
        self._store, self._paths = services.store, services.paths
        self._book = LibraryBook(self._paths.library)
        self._lane = Lane("library", self)
        self._looking: Job | None = None
        self._follower: Follower | None = None
        self._change = LibraryChange(job_service, inspect)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self.look)
        self.following = library_settings.load(self._paths.library_file)
        sheet = self.sheet = LibrarySheet(window)
        self.confirm = ConfirmSheet(window)
        sheet.publish.clicked.connect(self._publish)
        sheet.released.connect(self._release)
        sheet.rolled_out.connect(self._roll_out)
        sheet.withdrawn.connect(self._withdraw)
        sheet.rolled_back.connect(self._roll_back)
        sheet.answered.connect(self._answer)
        sheet.agreed.connect(self._agree)
        sheet.mode.chosen.connect(self._choose_mode)
        page.library_button.clicked.connect(self.open)
        page.library_button.show()
        self._job_service.instead_of_saving = self.propose
        self._follow(self.following)

    # -- following ----------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Look at the library once, in the library's own thread; a look under way is enough."""
        follower = self._follower
        if follower is None or self._looking is not None:
            return
        job = self._looking = self._lane.start(partial(self._change.look, follower))
        job.done.connect(self._looked)
        job.failed.connect(self._job_service.tell_failure)
        job.finished.connect(self._look_ended)

    def leave(self) -> Lane:
        """Hide the library; return its thread, which ends without being waited for."""
        if self._looking is not None:
            self._looking.done.disconnect(self._looked)
        self._clock.stop()
        self._follower = None
        self._page.library_button.hide()
        self._page.library_button.clicked.disconnect(self.open)
        self._job_service.instead_of_saving = None
        self.sheet.close_sheet()
        self._lane.stop(0)
        return self._lane

    def _follow(self, following: Following) -> None:
        self.following = following
        self._follower = self._make_follower(following) if following.on else None
        self._clock.setInterval(round(1000 * following.every))
        if following.on:
            self._clock.start()
            self.look()
        else:
            self._clock.stop()
            self._show_waiting(())

    def _make_follower(self, following: Following) -> Follower:
        named = stations.load(self._paths.station_file, sources=SOURCES, outputs=OUTPUTS)
        return Follower(
            self._place,
            partial(password.read, self._place),
            following,
            identity(self._paths.station_id_file, named.name),
            self._store,
            self._book,
            lambda: self._engines,
            self._records,
            words=partial(Installation, self._paths.data),
            on_line=self._change.on_line,
        )

    @cached_property
    def _engines(self) -> EnginePool:
        """The engine room of the library's thread, made when a revision is proved."""
        return self._job_service.services.another_pool()

    def _records(self) -> RecordStore | None:
        folder = self._paths.results
        return RecordStore(folder, read_only=True) if (folder / FILE_NAME).exists() else None

    @Slot()
    def _look_ended(self) -> None:
        self._looking = None

    @Slot(object)
    def _looked(self, report: FollowReport) -> None:
        troubled = report.offline is not None or any(
            one.state is not RunState.CURRENT for one in report.products
        )
        for sentence in report.news:
            waits = next((p for p in report.products if p.sentence is sentence), None)
            if waits is not None and waits.state is RunState.WAITING:
                take = partial(self._agree, waits)
                self._job_service.tell(sentence, NoticeKind.WARNING, say("Take over"), take)
            else:
                kind = NoticeKind.WARNING if troubled else NoticeKind.INFO
                self._job_service.tell(sentence, kind)
        if report.changed:
            self._refresh()
        self._change.take(report)
        if report.offline is None:
            self._show_waiting(report.products)

    def _show_waiting(self, products: Sequence[ProductReport]) -> None:
        """Say it for as long as it is so: what stands at the foot of the window goes."""
        waits = [p for p in products if p.state is RunState.WAITING and p.sentence is not None]
        self.sheet.show_waiting([(p.sentence, p) for p in waits if p.sentence is not None])
        self._page.show_waiting(len(waits))

    @Slot(object)
    def _agree(self, waits: ProductReport) -> None:
        if waits.target is not None:
            who = self._job_service.settings.who
            self._book.agree(waits.lineage, Agreement(waits.target.sha256, who))
            self.look()

    def propose(self, profile: Profile, limits: Limits, why: str, then: Callable[[], None]) -> bool:
        """Propose limits to the library instead of saving them; False: they are saved here."""
        if not follows(profile, self.following, self._book):
            return False
        who = self._job_service.settings.who

        def call() -> None:
            records = self._records()
            try:
                propose(profile, limits, who=who, why=why, records=records, book=self._book)
            finally:
                if records is not None:
                    records.close()

        def done(_nothing: None) -> None:
            self._job_service.session.set_limits(profile.limits)
            self._job_service.tell(
                say(
                    "“{name}” follows the library: the limits were proposed to it, and nothing was"
                    " changed here. They apply once an engineer accepts and releases them.",
                    name=profile.name,
                ),
                NoticeKind.INFO,
            )
            self.look()
            then()

        self._job_service.ask(call, say("Saving…"), done)
        return True

    # -- the sheet ----------------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        """Show the library."""
        card = self._page.view.selected
        self.sheet.show_mode(self.following.mode)
        self.sheet.show_product(None if card is None else card.name)
        self.sheet.open()
        self._do(lambda _connection: None, None)

    @Slot(object)
    def _choose_mode(self, mode: FollowMode) -> None:
        following = replace(self.following, mode=mode)
        try:
            library_settings.save(following, self._paths.library_file)
        except RequestError as error:
            self.sheet.show_mode(self.following.mode)
            self.sheet.show_problem(error.message)
            return
        self._follow(following)

    @Slot()
    def _publish(self) -> None:
        card = self._page.view.selected
        if card is None:
            return
        who, why = self._job_service.settings.who, self.sheet.reason.text().strip()

        def put(to: CentralConnection, must_find: bool) -> None:
            made = partial(publish_from, self._store, self._book, to, card.id, None)
            made(who=who, why=why, must_find=must_find)

        told = say("“{name}” is in the library as a draft.", name=card.name)
        publish_or_ask(put, self._do, self.confirm, told)

    @Slot(object, object, str)
    def _release(self, one: LibraryRevision, plan: ReleasePlan, why: str) -> None:
        """Prove a draft, then release it; what another PC published is shown first."""
        who = self._job_service.settings.who
        foreign: list[ProvedDraft] = []

        def put(connection: CentralConnection, proved: ProvedDraft) -> None:
            key = signing.recall()
            release(connection, proved, key, stages_of(plan), who=who, why=why)

        def work(connection: CentralConnection) -> Steps:
            proved = yield from prove_draft(connection, one, self._store, self._book)
            if proved.own:
                put(connection, proved)
            else:
                foreign.append(proved)

        def ask() -> bool:
            if foreign:
                self.confirm.ask(
                    foreign[0].summary, say("Release"),
                    lambda: self._do(lambda c: put(c, foreign[0]), text), say("Do not release"),
                )  # fmt: skip
            return bool(foreign)

        text = say("{revision} of “{name}” is released.", revision=one.label, name=one.name)
        self._do(work, text, ask)

    @Slot(object, object, str)
    def _roll_out(self, one: LibraryRevision, plan: ReleasePlan, why: str) -> None:
        who = self._job_service.settings.who
        self._do(
            lambda c: roll_out(c, one, stages_of(plan), who=who, why=why),
            say("{revision} of “{name}” is rolled out.", revision=one.label, name=one.name),
        )

    @Slot(object, str)
    def _withdraw(self, one: LibraryRevision, why: str) -> None:
        who = self._job_service.settings.who
        self._do(
            lambda c: set_state(c, one, RevisionState.WITHDRAWN, who=who, why=why),
            say("{revision} of “{name}” is withdrawn.", revision=one.label, name=one.name),
        )

    @Slot(object, str)
    def _roll_back(self, newest: LibraryRevision, why: str) -> None:
        who = self._job_service.settings.who

        def work(connection: CentralConnection) -> None:
            before = content(connection).before_last(newest.product)
            if before is not None:
                roll_out(connection, before, (Stage(),), who=who, why=why, back=True)

        self._do(work, say("All stations go back with their next look."))

    @Slot(object, object, str)
    def _answer(self, sent: SentProposal, state: ProposalState, why: str) -> None:
        who = self._job_service.settings.who

        def work(connection: CentralConnection) -> Steps:
            if state is ProposalState.REJECTED:
                answer_proposal(connection, sent.number, state, who=who, answer=why)
                return
            yield from accept(
                sent, content(connection), connection, self._book, self.following,
                who=who, why=why,
            )  # fmt: skip

        self._do(
            work,
            say("The proposal became a draft. Release it to put it in use.")
            if state is ProposalState.ACCEPTED
            else say("The proposal is rejected."),
        )

    def _do(
        self, work: Work, told: Message | None, asks: Callable[[], bool] = lambda: False
    ) -> None:
        """Do something in the library's thread, then show what is there.

        ``asks``: called afterwards; True when a question is open and nothing was done yet.
        """

        def job() -> Generator[Progress, None, LibraryView]:
            yield Progress(0, 0, say("Asking the library"))
            with CentralConnection(self._place, password.read(self._place)) as connection:
                steps = work(connection)
                if isinstance(steps, Generator):
                    yield from steps
                return library_view(connection)

        def done(view: LibraryView) -> None:
            self.sheet.show_view(view)
            if not asks() and told is not None:
                self.sheet.reason.clear()
                self._job_service.tell(told)
                self.look()

        def failed(failure: JobFailed) -> None:
            self.sheet.show_problem(failure.message)

        running = self._lane.start(job)
        running.done.connect(done)
        running.failed.connect(failed)
