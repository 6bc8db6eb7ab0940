"""What the Profiles page asks for: list, open, rename, history, bin, sample images."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from deeprx_gui.capture.samples import has_samples, sample_dataset
from deeprx_gui.controllers.bin_controller import BinController
from deeprx_gui.controllers.page_parts import PartsContext
from deeprx_gui.controllers.sample_editor import SampleEditor
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.profile_card import HistoryEntry, ProfileCard
from deeprx_gui.i18n import render
from deeprx_gui.profiles.exchange import contents_of
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.kit.next_turn import in_next_turn
from deeprx_gui.ui.profiles.page import ProfilesPage
from deeprx_gui.work.demo import DemoOutcome, demo_job, sample_title
from deeprx_gui.work.predict import check_judging


class ProfilesController(QObject):
    """``opened``: a profile was opened by hand. ``demo_done`` carries a ``DemoOutcome``."""

    opened = Signal()
    demo_done = Signal(object)

    def __init__(self, shared: PartsContext, page: ProfilesPage, parent: QObject) -> None:
        super().__init__(parent)
        self._shared = shared
        job_service, model = shared.job_service, shared.profiles
        self._job_service = job_service
        self._store = job_service.services.store
        self._model = model
        self._page = page
        details = page.details
        page.open_requested.connect(self.open_profile)
        page.history_wanted.connect(self.show_history)
        page.demo_requested.connect(self.try_samples)
        page.strip.cancel_requested.connect(job_service.cancel)
        details.rename_requested.connect(self.rename)
        details.duplicate_requested.connect(self.duplicate)
        details.export_requested.connect(self.export)
        details.rollback_requested.connect(self.roll_back)
        self.samples = SampleEditor(job_service, page, self, self.refresh)
        details.samples_requested.connect(self.samples.open)
        self.bin = BinController(job_service, model, page, self.refresh, self)
        job_service.session.profile_saved.connect(self.refresh)

    @property
    def _who(self) -> str:
        return self._job_service.settings.who

    @Slot()
    def refresh(self) -> None:
        """Read the list of profiles again."""
        self._job_service.ask(self._store.list, say("Reading the profiles"), self._show)

    def check_samples(self) -> None:
        """Find out whether the sample images are on this PC."""
        self._job_service.ask(
            _samples_advice, say("Looking for sample images"), self._page.set_demo_advice
        )

    @Slot(str)
    def open_profile(self, profile_id: str) -> None:
        """Open a profile, after asking about unsaved limits."""
        self._job_service.guard(lambda: self._load(profile_id))

    def _load(self, profile_id: str) -> None:
        def done(profile: Profile) -> None:
            self._job_service.session.open_profile(profile)
            self._job_service.tell(say("“{name}” is open.", name=profile.name), NoticeKind.INFO)
            self.refresh()
            self.opened.emit()

        def load() -> Profile:
            profile = self._store.load(profile_id)
            check_judging(profile)
            return profile

        self._job_service.ask(load, say("Opening…"), done, self.refresh)

    @Slot(str)
    def show_history(self, profile_id: str) -> None:
        """Read what happened to a profile."""

        def done(entries: tuple[HistoryEntry, ...]) -> None:
            self._page.show_history(profile_id, entries)

        self._job_service.ask(
            lambda: self._store.history(profile_id), say("Reading the history"), done
        )

    @Slot(str, str)
    def rename(self, profile_id: str, name: str) -> None:
        """Give a profile another name."""

        def done(profile: Profile) -> None:
            self._took_over(profile)
            self._job_service.tell(say("The profile is now called “{name}”.", name=profile.name))

        self._change(lambda: self._store.rename(profile_id, name, who=self._who), done)

    @Slot(str, str)
    def duplicate(self, profile_id: str, name: str) -> None:
        """Copy a profile under another name."""

        def done(profile: Profile) -> None:
            self._page.view.select(profile.id)
            self._job_service.tell(say("“{name}” was made.", name=profile.name))

        self._change(lambda: self._store.duplicate(profile_id, name, who=self._who), done)

    @Slot(str, object, bool)
    def export(self, profile_id: str, target: Path, must_find: bool = True) -> None:
        """Write a profile to a file, with the must-find set or without."""

        def work() -> Message:
            file = self._store.export(profile_id, target, must_find=must_find)
            return say(
                "Exported to {file}. {contents}",
                file=str(file),
                contents=contents_of(file).sentence,
            )

        self._job_service.ask(work, say("Exporting…"), self._job_service.tell)

    @Slot(str, int)
    def roll_back(self, profile_id: str, revision: int) -> None:
        """Make an earlier revision the one in use."""
        session = self._job_service.session
        is_open = session.profile is not None and session.profile.id == profile_id

        def done(profile: Profile) -> None:
            if is_open:
                session.open_profile(profile)
            self._job_service.tell(
                say(
                    "“{name}” uses revision {revision} again. Nothing was lost: the newer ones "
                    "stay in the history.",
                    name=profile.name,
                    revision=profile.revision,
                )
            )

        def put_in_use(judged: GateReport | None) -> None:
            def call() -> Profile:
                return self._store.rollback(
                    profile_id, revision, who=self._who, why="", judged=judged
                )

            self._change(call, done)

        def judge() -> None:
            wanted = partial(self._store.load, profile_id, revision)
            self._shared.gate.judge(profile_id, wanted, put_in_use, self.refresh)

        if is_open:
            self._job_service.guard(judge)
        else:
            judge()

    @Slot()
    def try_samples(self) -> None:
        """Learn the sample images and score others, then show them on the Check page."""
        self._job_service.guard(self._try_samples)

    def _try_samples(self) -> None:
        services = self._job_service.services
        self._page.job_started(say("Preparing the sample images"))
        self._job_service.run(
            self._job_service.engine,
            lambda: demo_job(
                render(sample_title()),
                who=self._who,
                engines=services.engines,
                store=services.store,
                scratch=services.paths.scratch,
                samples=services.paths.samples,
            ),
            progress=self._page.job_progress,
            done=self._tried,
            ended=self._page.job_ended,
            cancelled=say("Stopped. Nothing was changed."),
        )

    def _tried(self, outcome: DemoOutcome) -> None:
        self._job_service.session.open_profile(outcome.profile)
        self._job_service.show_runtime(outcome.batch.runtime, outcome.profile)
        self.refresh()
        # In two goes: at once, opening and showing would hold the window for a moment.
        in_next_turn(self, lambda: self._show_tried(outcome))

    def _show_tried(self, outcome: DemoOutcome) -> None:
        self.demo_done.emit(outcome)
        self._job_service.tell(
            say_n(
                "The sample profile is ready: {n} unseen picture was scored.",
                "The sample profile is ready: {n} unseen pictures were scored.",
                n=len(outcome.results),
            )
        )

    # -- inside ------------------------------------------------------------------------------

    def _change(
        self, call: Callable[[], Profile] | Callable[[], None], done: Callable[..., None]
    ) -> None:
        def changed(value: Profile | None) -> None:
            done(value)
            self.refresh()

        self._job_service.ask(call, say("Saving…"), changed, self.refresh)

    def _took_over(self, profile: Profile) -> None:
        session = self._job_service.session
        if session.profile is not None and session.profile.id == profile.id:
            session.mark_saved(profile)

    def _show(self, cards: tuple[ProfileCard, ...]) -> None:
        ranked = sorted(cards, key=_recency, reverse=True)
        if self._page.isVisible():  # a card that moves from under the pointer gets a wrong click
            before = {card.id: row for row, card in enumerate(self._model.cards)}
            ranked.sort(key=lambda card: before.get(card.id, -1))
        self._model.show_profiles(ranked)
        self._page.show_loaded()
        shown = self._page.details.shown_id
        if shown:
            self.show_history(shown)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _recency(card: ProfileCard) -> datetime:
    return max(card.last_used or _NEVER, card.saved_at or _NEVER)


def _samples_advice() -> Message | None:
    if not has_samples():
        return None  # the program draws its own
    try:
        sample_dataset()
    except DeepRxError as error:
        return error.message
    return None
