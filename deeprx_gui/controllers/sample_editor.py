"""Keeping limit samples in the window: from a picture on Check, and in the details of a profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui.capture.decode import decode
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limit_samples import LimitSample
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.codec import sample_png
from deeprx_gui.ui.limit_samples_sheet import LimitSamplesSheet, ShownSample
from deeprx_gui.work.sample_changes import kept, noted, without
from deeprx_gui.work.small_sample import small_pixels


@dataclass(frozen=True, eq=False)
class _Loaded:
    profile: Profile
    shown: tuple[ShownSample, ...]
    offered: ByteImage | None = None


class SampleEditor(QObject):
    """The sheet of a product's limit samples; every change is a new revision.

    ``refresh`` is called after one.
    """

    def __init__(
        self,
        job_service: JobService,
        page: QWidget,
        parent: QObject | None,
        refresh: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._page, self._refresh = job_service, page, refresh
        self._store = job_service.services.store
        self._product = ""
        self._file: Path | None = None
        self.sheet: LimitSamplesSheet | None = None

    @Slot(str)
    def open(self, profile_id: str, file: Path | None = None) -> None:
        """Show the samples of a product; ``file``: a picture that may become one."""
        self._product, self._file = profile_id, file
        if self.sheet is None:
            sheet = self.sheet = LimitSamplesSheet(self._page.window())
            sheet.keep_requested.connect(self._keep)
            sheet.note_changed.connect(self._note)
            sheet.remove_requested.connect(self._remove)

        def load() -> _Loaded:
            offered = None if file is None else _small(decode(file))
            return self._loaded(self._store.load(profile_id), offered)

        def show(found: _Loaded) -> None:
            if self.sheet is None or self._product != profile_id:
                return
            self.sheet.show_offer(None if file is None else file.name, found.offered)
            self.sheet.show_samples(found.profile.name, found.shown)
            if not self.sheet.isVisible():
                self.sheet.open()

        self._job_service.ask(load, say("Reading the limit samples"), show)

    @Slot(object, str)
    def _keep(self, expected: Verdict, note: str) -> None:
        file, who = self._file, self._job_service.settings.who
        if file is None:
            return

        def change(profile: Profile) -> Profile:
            png = sample_png(decode(file).pixels)
            when = datetime.now(UTC)
            return kept(profile, LimitSample(file.name, expected, note, png, who, when))

        def done() -> None:
            self._file = None
            if self.sheet is not None:
                self.sheet.show_offer(None, None)

        self._save(change, done)

    @Slot(int, str)
    def _note(self, place: int, note: str) -> None:
        who = self._job_service.settings.who
        self._save(lambda profile: noted(_with(profile, place), place, note, who))

    @Slot(int)
    def _remove(self, place: int) -> None:
        who = self._job_service.settings.who
        self._save(lambda profile: without(_with(profile, place), place, who))

    def _save(
        self, change: Callable[[Profile], Profile], then: Callable[[], None] = lambda: None
    ) -> None:
        product, session = self._product, self._job_service.session
        if self.sheet is not None:
            self.sheet.set_busy(True)

        def call() -> _Loaded:
            return self._loaded(
                self._store.save(change(self._store.load(product)), onto_current=True)
            )

        def done(found: _Loaded) -> None:
            profile = found.profile
            if session.profile is not None and session.profile.id == profile.id:
                session.mark_saved(profile)
            if self.sheet is not None and self._product == product:
                then()
                self.sheet.show_samples(profile.name, found.shown)
            self._job_service.tell(
                say_n(
                    "“{name}” has {n} limit sample now (revision {revision}).",
                    "“{name}” has {n} limit samples now (revision {revision}).",
                    n=len(profile.limit_samples),
                    name=profile.name,
                    revision=profile.revision,
                )
            )
            self._refresh()

        def failed() -> None:
            if self.sheet is not None:
                self.sheet.set_busy(False)

        self._job_service.ask(call, say("Saving…"), done, failed)

    @staticmethod
    def _loaded(profile: Profile, offered: ByteImage | None = None) -> _Loaded:
        shown = tuple(ShownSample(one, small_pixels(one)) for one in profile.limit_samples)
        return _Loaded(profile, shown, offered)


def _with(profile: Profile, place: int) -> Profile:
    """Return the profile if it has a sample at ``place``: it may have been changed elsewhere."""
    if place >= len(profile.limit_samples):
        raise RequestError(say("The limit samples were changed elsewhere. Open them again."))
    return profile


def _small(frame: Frame) -> ByteImage:
    step = max(1, max(frame.pixels.shape[:2]) // 320)
    return frame.pixels[::step, ::step].copy()
