"""Job service: the lanes, the shared services.

And one way to run jobs and report how they ended.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from deeprx_gui.access import PinAccess
from deeprx_gui.domain.audit import AuditEvent, changed_fields
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.jobs.lane import Job, Lane, ProgressBatch, once
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.paths import Paths
from deeprx_gui.people.station_people import StationPeople
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.settings import Settings
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.state.session import Session
from deeprx_gui.work.held_out_frames import highest_held_out

T = TypeVar("T")
LimitsGate = Callable[
    [Profile, Callable[[GateReport | None], None], Callable[[], None] | None], None
]
"""Judges a profile with moved limits; then calls the first function with what was found, or, where
the limits are not to be put in use, the second."""


InsteadOfSaving = Callable[[Profile, Limits, str, Callable[[], None]], bool]
"""Takes limits elsewhere, with the reason and what comes then; False: they are saved here."""


class UnsavedLimitsAnswer(Enum):
    """What a person wants done with limits that are not saved."""

    SAVE = auto()
    DISCARD = auto()
    STAY = auto()


@dataclass(frozen=True)
class SharedServices:
    """What the window works with; made once by ``app``, passed in."""

    paths: Paths
    store: ProfileStore
    library: BackboneLibrary
    engines: EnginePool
    access: PinAccess
    people: StationPeople

    def another_pool(self) -> EnginePool:
        """Return an engine pool for a thread of its own."""
        return EnginePool(self.library, cache=self.paths.cache, held_out=highest_held_out)


class JobService(QObject):
    """Lanes for jobs, so that short jobs do not wait for long ones.

    ``engine`` learns, scores and writes reports; ``files`` reads and writes profiles and is never
    cancelled; ``folders`` searches folders; ``pictures`` opens the picture that is looked at;
    ``thumbnails`` makes small ones. ``history`` lists remembered verdicts, ``figures`` counts them,
    ``looks`` scores a kept picture again, ``trials`` tries settings. ``told`` carries a ``Notice``
    for the status line, ``busy_changed`` whether something runs that Escape can stop,
    ``runtime_changed`` what computes. ``central_changed``: another central database is set up, or
    none any more.
    """

    told = Signal(object)
    busy_changed = Signal(bool)
    runtime_changed = Signal(str)
    central_changed = Signal()

    def __init__(
        self,
        services: SharedServices,
        session: Session,
        settings: Settings,
        ask_unsaved: Callable[[], UnsavedLimitsAnswer],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.services = services
        self.session = session
        self._settings = settings
        self._ask_unsaved = ask_unsaved
        self.instead_of_saving: InsteadOfSaving | None = None
        self.limits_gate: LimitsGate | None = None
        self._saving_limits = False
        self.engine = Lane("engine", self)
        self.files = Lane("files", self)
        self.folders = Lane("folders", self)
        self.pictures = Lane("pictures", self)
        self.thumbnails = Lane("thumbnails", self)
        self.history = Lane("history", self)
        self.figures = Lane("figures", self)
        self.looks = Lane("looks", self)
        self.parts = Lane("parts", self)
        self.trials = Lane("trials", self)
        self._others: dict[str, Lane] = {}
        session.profile_changed.connect(self._forget_runtime)
        for lane in (self.engine, self.folders):
            lane.busy_changed.connect(self._tell_busy)

    @property
    def settings(self) -> Settings:
        """The preferences; where people sign in, ``who`` is the one who is signed in.

        Where nobody is, it is the account at this PC, not a name that anybody may type.
        """
        people = self.services.people
        if not people.active:
            return self._settings
        return replace(self._settings, operator=people.name)

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._settings = settings

    def note(self, what: AuditEvent, product: str = "", **more: str) -> None:
        """Write what a person did into the audit trail, where there is a centre. Never raises."""
        self.services.people.note(what, self.settings.who, product, None, **more)

    def note_changes(self, what: AuditEvent, before: object, after: object) -> None:
        """Write down which settings a person changed; of places and outputs only that."""
        if before != after and self.services.people.place is not None:
            more = changed_fields(before, after, but=_NOT_SETTINGS)
            if more:
                self.note(what, **more)

    def another_lane(self, name: str) -> Lane:
        """Return the lane of this name, made when it is first asked for: not every PC needs it."""
        if name not in self._others:
            self._others[name] = Lane(name, self)
        return self._others[name]

    # -- running ---------------------------------------------------------------------------

    def ask(
        self,
        call: Callable[[], T],
        note: Message,
        done: Callable[[T], None],
        failed: Callable[[], None] | None = None,
    ) -> None:
        """Run a short file operation; ``done`` receives its result.

        A failure is told in the status line; ``failed`` is called too.
        """
        job = self.files.start(once(call, note))
        job.done.connect(done)
        job.failed.connect(self.tell_failure)
        if failed is not None:
            job.failed.connect(lambda _failure: failed())

    def run(
        self,
        lane: Lane,
        work: Callable[[], Generator[Progress, None, T]],
        *,
        progress: Callable[[Progress], None],
        done: Callable[[T], None],
        ended: Callable[[Notice | None], None],
        items: Callable[[tuple[object, ...]], None] | None = None,
        cancelled: Message | None = None,
    ) -> Job:
        """Run a long job. ``ended`` comes before ``done`` and gets what there is to say, if any."""
        job = lane.start(work)

        def on_progress(batch: ProgressBatch) -> None:
            progress(batch.progress)
            if items is not None and batch.items:
                items(batch.items)

        def on_done(value: T) -> None:
            ended(None)
            done(value)

        def on_failed(failure: JobFailed) -> None:
            ended(Notice(failure.message, NoticeKind.ERROR))

        def on_cancelled() -> None:
            ended(None if cancelled is None else Notice(cancelled))

        # The job lives in this thread and tells from here, so plain functions are safe to connect.
        job.progress.connect(on_progress)
        job.done.connect(on_done)
        job.failed.connect(on_failed)
        job.cancelled.connect(on_cancelled)
        return job

    @Slot()
    def cancel(self) -> None:
        """Cancel the visible job."""
        self.engine.cancel()
        self.folders.cancel()

    def stop(self) -> bool:
        """End all lanes: what is being saved is finished, everything else is cancelled.

        Returns False when one did not end in time.
        """
        short = (self.thumbnails, self.pictures, self.history, self.figures, self.looks, self.parts)
        ends = [
            lane.stop()
            for lane in (*short, *self._others.values(), self.folders, self.trials, self.engine)
        ]
        return all([*ends, self.files.stop(finish=True)])

    @property
    def busy(self) -> bool:
        """Whether something runs that Escape can stop."""
        return self.engine.busy or self.folders.busy

    # -- saying ----------------------------------------------------------------------------

    def tell(
        self,
        message: Message,
        kind: NoticeKind = NoticeKind.SUCCESS,
        action: Message | None = None,
        run: Callable[[], None] | None = None,
    ) -> None:
        """Show a message in the status line."""
        self.told.emit(Notice(message, kind, action, run))

    def tell_failure(self, failure: JobFailed) -> None:
        """Show a failure in the status line."""
        self.tell(failure.message, NoticeKind.ERROR)

    def show_runtime(self, name: str, profile: Profile) -> None:
        """Show what computed for ``profile``, if that is what is open.

        What else computes meanwhile, such as a comparison, is no word about the open product.
        """
        if self.session.profile is not None and self.session.profile.id == profile.id:
            self.runtime_changed.emit(runtime_title(name))

    # -- limits ----------------------------------------------------------------------------

    def save_limits(
        self,
        why: str = "",
        then: Callable[[], None] | None = None,
        failed: Callable[[], None] | None = None,
    ) -> None:
        """Save the working limits as a new revision, then ``then``; or call ``failed``.

        Where a ``limits_gate`` is set, it judges them first. That may take minutes: until it has,
        no other limits are saved, and if another revision is open by then, that one stays as it is
        and ``failed`` is called, not ``then``.
        """
        profile, limits = self.session.profile, self.session.limits
        if profile is None or limits is None or not self.session.dirty:
            (then or _nothing)()
            return
        after, not_now = then or _nothing, failed or _nothing
        if self.instead_of_saving and self.instead_of_saving(profile, limits, why, after):
            return
        if self._saving_limits:
            text = say("Limits are being judged and saved already. Save again when that has ended.")
            self.tell(text, NoticeKind.WARNING)
            not_now()
            return
        self._saving_limits = True
        origin = replace(
            profile.origin, who=self.settings.who, when=datetime.now(UTC).astimezone(), why=why
        )
        changed = replace(profile, limits=limits, origin=origin)

        def stopped() -> None:
            self._saving_limits = False
            not_now()

        def done(saved: Profile) -> None:
            self._saving_limits = False
            still_open = self.session.profile is profile
            if still_open:
                self.session.mark_saved(saved)
            self.tell(
                say(
                    "The limits are saved as revision {revision} of “{name}”.",
                    revision=saved.revision,
                    name=saved.name,
                )
            )
            (after if still_open else not_now)()

        def save(judged: GateReport | None) -> None:
            store = self.services.store
            self.ask(
                lambda: store.save(changed, judged, onto_current=True),
                say("Saving…"),
                done,
                stopped,
            )

        gate = self.limits_gate or (lambda _changed, go_on, _stopped: go_on(None))
        gate(changed, save, stopped)

    def open_product(self, key: str, then: Callable[[], None]) -> None:
        """Open a profile by its name or id, and go on."""

        def done(profile: Profile) -> None:
            self.session.open_profile(profile)
            then()

        self.ask(partial(self.services.store.load, key), say("Opening…"), done)

    def with_product(self, profile_id: str, then: Callable[[], None]) -> None:
        """Go on with a product open; another one is closed, unsaved limits are asked about."""
        current = self.session.profile
        if current is not None and current.id == profile_id:
            then()
        else:
            self.guard(partial(self.open_product, profile_id, then))

    def guard(self, then: Callable[[], None], otherwise: Callable[[], None] | None = None) -> None:
        """Do ``then``, which drops unsaved limits, after asking what is to become of them.

        ``otherwise`` is called instead when they are to stay, or cannot be saved.
        """
        if not self.session.dirty:
            then()
            return
        match self._ask_unsaved():
            case UnsavedLimitsAnswer.SAVE:
                self.save_limits(then=then, failed=otherwise)
            case UnsavedLimitsAnswer.DISCARD:
                then()
            case UnsavedLimitsAnswer.STAY:
                if otherwise is not None:
                    otherwise()

    # -- inside ----------------------------------------------------------------------------

    @Slot()
    def _tell_busy(self) -> None:
        self.busy_changed.emit(self.busy)

    @Slot()
    def _forget_runtime(self) -> None:
        self.runtime_changed.emit("")


def _nothing() -> None:
    """Where nothing comes then."""


_NOT_SETTINGS = frozenset({"last_profile", "counted_since", "counted_reason"})
"""What the program itself keeps with the settings of the station."""
_TITLES = {"openvino": "OpenVINO", "cpu": "CPU", "gpu": "GPU", "cuda": "GPU (CUDA)"}


def runtime_title(name: str) -> str:
    """Write a runtime's name for the screen: ``torch-cpu`` is ``torch · CPU``."""
    engine, _, device = name.partition("-")
    words = [_TITLES.get(engine, engine)]
    if device:
        words.append(_TITLES.get(device, device.upper()))
    return " · ".join(words)
