"""Shadow mode in the window: a trial begins, is looked at, and ends with the candidate or without.

The candidate judges with engines of its own in a thread of its own; see ``work.shadow``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot

from deeprx_gui.capture.decode import decode_bytes
from deeprx_gui.controllers.gate_controller import GateController
from deeprx_gui.controllers.inspect_controller import InspectController
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import DeepRxError, ImageError, RequestError
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.profile_card import HistoryEntry
from deeprx_gui.domain.shadow import (
    DecidedParts,
    ShadowNews,
    ShadowPart,
    ShadowTrial,
    TrialState,
    decided_parts,
)
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.records.store import FILE_NAME
from deeprx_gui.results.shadow_log import MOST_PARTS, ShadowLog
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.inspect.page import InspectPage
from deeprx_gui.ui.inspect.shadow_sheet import SHOWN, Candidate, ShadowSheet, ShownPart
from deeprx_gui.work.live import LiveRequest
from deeprx_gui.work.shadow import FailedShadow, Shadow, ShadowJudge, ShadowPlan, refused


@dataclass(frozen=True, eq=False)
class _Found:
    """What the sheet shows of a product."""

    trial: ShadowTrial | None
    parts: tuple[ShownPart, ...]
    decided: DecidedParts
    candidates: tuple[Candidate, ...]


class ShadowController(QObject):
    """Answers the sheet, and gives each run its shadow."""

    def __init__(
        self,
        job_service: JobService,
        records: SharedRecordStore,
        gate: GateController,
        page: InspectPage,
        inspect: InspectController,
    ) -> None:
        super().__init__(inspect)
        self._job_service, self._records, self._gate = job_service, records, gate
        self._page, self._inspect = page, inspect
        self._store = job_service.services.store
        self.log = ShadowLog(job_service.services.paths.shadow)
        self.sheet: ShadowSheet | None = None
        self._said: Message | None = None
        inspect.make_shadow = self.shadow_for
        page.top.shadow.clicked.connect(self.open)
        inspect.model.shadow_changed.connect(self._told)
        job_service.session.profile_changed.connect(self._profile_changed)

    @property
    def _profile(self) -> Profile | None:
        return self._job_service.session.profile

    # -- the run --------------------------------------------------------------------------------

    def shadow_for(self, request: LiveRequest) -> Shadow | None:
        """Return the candidate on trial for a run, in the run's own thread; never raises."""
        profile = request.profile
        number = 0
        try:
            trial = self.log.running(profile.id)
            if trial is None or trial.candidate == profile.revision:
                return None
            number = trial.candidate
            candidate = self._store.load(profile.id, number)
        except DeepRxError as error:
            return FailedShadow(number, error.message)
        plan = ShadowPlan(trial.number, profile, candidate, request.station.strict_pictures)
        return ShadowJudge(plan, self._job_service.services.another_pool, self.log)

    @Slot(object)
    def _told(self, news: ShadowNews | None) -> None:
        self._page.top.show_shadow(news)
        problem = None if news is None else news.problem
        if problem is not None and problem != self._said:
            self._job_service.tell(problem, NoticeKind.WARNING)
        self._said = problem

    # -- the sheet ------------------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        """Show what is on trial, or what could be."""
        if self._profile is None:
            return
        if self.sheet is None:
            sheet = self.sheet = ShadowSheet(self._page.window())
            sheet.begin_requested.connect(self.begin)
            sheet.end_requested.connect(self._asked_to_end)
            sheet.decided.connect(self._decide)
        self.refresh(then=lambda: self.sheet.open() if self.sheet is not None else None)

    def refresh(self, then: Callable[[], None] | None = None) -> None:
        """Read the trial and the parts again."""
        profile = self._profile
        if profile is None or self.sheet is None:
            return

        def show(found: _Found) -> None:
            if self.sheet is None or self._profile is None or self._profile.id != profile.id:
                return
            self.sheet.set_busy(False)
            if found.trial is None:
                self.sheet.show_none(found.candidates, _no_candidates(profile.name))
            else:
                self.sheet.show_trial(found.trial, found.parts, found.decided)
            if then is not None:
                then()

        self._job_service.ask(lambda: self._found(profile), say("Reading the trial"), show)

    def _found(self, profile: Profile) -> _Found:
        trial = self.log.running(profile.id)
        if trial is None:
            history = self._store.history(profile.id)
            return _Found(None, (), DecidedParts(), _candidates(history, profile.revision))
        parts = self.log.differing(trial.number, most=MOST_PARTS)
        decisions = self._decisions(parts)
        shown = tuple(ShownPart(part, _pixels(part), decisions[part.uid]) for part in parts[:SHOWN])
        decided = decided_parts((part, decisions[part.uid]) for part in parts)
        return _Found(trial, shown, decided, ())

    def _decisions(self, parts: tuple[ShadowPart, ...]) -> dict[str, Decision | None]:
        found: dict[str, Decision | None] = dict.fromkeys(part.uid for part in parts)
        if (self._records.folder / FILE_NAME).is_file():
            store = self._records.store()
            for part in parts:
                record = store.get(part.number)
                if record is not None and record.uid == part.uid:
                    found[part.uid] = record.decision
        return found

    @Slot(object, object)
    def _decide(self, part: ShadowPart, decision: Decision) -> None:
        who = self._job_service.settings.who

        def call() -> None:
            store = self._records.store()
            record = store.get(part.number)
            if record is None or record.uid != part.uid:
                raise RequestError(
                    say("The verdict of this part is not in the history any more. Nothing was "
                        "noted.")
                )  # fmt: skip
            store.decide(part.number, decision, who=who)

        self._job_service.ask(call, say("Saving…"), lambda _nothing: self.refresh())

    # -- the trial ------------------------------------------------------------------------------

    @Slot(int)
    def begin(self, revision: int) -> None:
        """Begin the trial of a revision; a running line goes on with it."""
        profile = self._profile
        if profile is None:
            return
        who = self._job_service.settings.who

        def call() -> ShadowTrial:
            problem = refused(ShadowPlan(0, profile, self._store.load(profile.id, revision)))
            if problem is not None:
                raise RequestError(problem)
            return self.log.begin(profile.id, profile.name, revision, who=who)

        def done(trial: ShadowTrial) -> None:
            self._job_service.tell(
                say(
                    "{revision} is on trial: it judges every part as well, silently.",
                    revision=f"r{trial.candidate:04d}",
                )
            )
            self.refresh()
            self._inspect.run_again()

        self._change(call, done)

    @Slot(object, str)
    def _asked_to_end(self, state: TrialState, why: str) -> None:
        if state is TrialState.PROMOTED:
            self._job_service.guard(lambda: self._promote(why))
        else:
            self._end(state, why)

    def _promote(self, why: str) -> None:
        """Judge the candidate, then put it in use."""
        profile = self._profile
        if profile is None:
            return
        self._set_busy(busy=True)
        self._gate.judge(
            profile.id,
            lambda: self._store.load(profile.id, self._running(profile).candidate),
            lambda judged: self._put_in_use(profile, why, judged),
            self.refresh,
        )

    def _put_in_use(self, profile: Profile, why: str, judged: GateReport | None) -> None:
        """Put the candidate in use; a running line goes on with it."""
        ran, session = self._inspect.running, self._job_service.session
        who = self._job_service.settings.who

        def call() -> Profile:
            trial = self._running(profile)
            reason = why or tr("Shadow mode: {result}", result=render(trial.sentence))
            promoted = self._store.rollback(
                profile.id, trial.candidate, who=who, why=reason, judged=judged, promoted=True
            )
            self.log.end(trial.number, TrialState.PROMOTED, who=who, why=reason)
            return promoted

        def done(promoted: Profile) -> None:
            self._close()
            session.open_profile(promoted)
            self._job_service.tell(
                say(
                    "“{name}” uses revision {revision} now. The one before stays in the history.",
                    name=promoted.name,
                    revision=promoted.revision,
                )
            )
            if ran:
                self._inspect.start()

        self._inspect.restart_with(lambda: self._change(call, done))

    def _end(self, state: TrialState, why: str) -> None:
        profile = self._profile
        if profile is None:
            return
        who = self._job_service.settings.who

        def call() -> ShadowTrial:
            return self.log.end(self._running(profile).number, state, who=who, why=why)

        def done(trial: ShadowTrial) -> None:
            self._close()
            self._job_service.tell(
                say(
                    "The trial of {revision} has ended. The revision in use stays.",
                    revision=f"r{trial.candidate:04d}",
                )
            )
            self._inspect.run_again()

        self._change(call, done)

    def _running(self, profile: Profile) -> ShadowTrial:
        trial = self.log.running(profile.id)
        if trial is None:
            raise RequestError(say("This trial has ended already. Look at the list again."))
        return trial

    def _change(self, call: Callable[[], object], done: Callable[..., None]) -> None:
        self._set_busy(busy=True)
        self._job_service.ask(call, say("Saving…"), done, self.refresh)

    def _set_busy(self, *, busy: bool) -> None:
        if self.sheet is not None:
            self.sheet.set_busy(busy)

    def _close(self) -> None:
        self._set_busy(busy=False)
        if self.sheet is not None:
            self.sheet.close_sheet()

    @Slot()
    def _profile_changed(self) -> None:
        self._page.top.show_shadow(None)
        if self.sheet is not None and self.sheet.isVisible():
            self.sheet.close_sheet()


def _no_candidates(name: str) -> Message:
    return say(
        "“{name}” has only one revision. Learn it again, roll back, and try the newer revision "
        "here before it is used.",
        name=name,
    )


def _candidates(history: tuple[HistoryEntry, ...], current: int) -> tuple[Candidate, ...]:
    """Return every sound revision but the current one, the newest first."""
    found: dict[int, Candidate] = {}
    for entry in history:
        usable = entry.problem is None and entry.revision != current
        if usable and entry.revision not in found:
            changes = ", ".join(render(change.text) for change in entry.changes[:2])
            words = say(
                "{revision} · {what}",
                revision=f"r{entry.revision:04d}",
                what=changes or entry.what,
            )
            found[entry.revision] = Candidate(entry.revision, words)
    return tuple(found[number] for number in sorted(found, reverse=True))


def _pixels(part: ShadowPart) -> ByteImage | None:
    if not part.picture:
        return None
    try:
        return decode_bytes(part.picture, part.uid).pixels
    except ImageError:
        return None
