"""What the open product can see: plants defects in the background and shows what is found.

The outcome is remembered while the product stays open with these limits, and kept in no profile: it
is true only of these limits and these pictures, and made again in seconds. What is worth keeping is
saved as a picture.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui.atomic import write_over
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limit_setters import BadScores, bad_known, one_step_more
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.sees import SmallestSeen
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.jobs.lane import Job
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.results.encode import encode_png
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.ui.sees_sheet import SeesSheet
from deeprx_gui.work.sees import smallest_seen
from deeprx_gui.work.sees_pictures import SeenPicture, seen_picture


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What was found under ``limits``; pictures are small copies."""

    limits: Limits
    shown: tuple[tuple[SmallestSeen, SeenPicture | None], ...]
    planted: BadScores


class SeesController(QObject):
    """One run at a time; a product that is closed ends it."""

    def __init__(
        self,
        job_service: JobService,
        results: ResultsModel,
        page: QWidget,
        parent: QObject | None = None,
    ) -> None:
        """``page``: any page of the window."""
        super().__init__(parent)
        self._job_service, self._results, self._page = job_service, results, page
        self._job: Job | None = None
        self._outcome: _Outcome | None = None
        self.sheet: SeesSheet | None = None
        job_service.session.profile_changed.connect(self._forget)

    @Slot()
    def open(self) -> None:
        """Show what the open product sees under the limits on screen; look where that is new."""
        session = self._job_service.session
        if session.profile is None or session.limits is None:
            return
        sheet = self._sheet()
        known = self._outcome
        if self._job is None:
            if known is not None and known.limits == session.limits:
                self._show(known)
            else:
                self._start()
        sheet.open()

    def _sheet(self) -> SeesSheet:
        if self.sheet is None:
            self.sheet = SeesSheet(self._page.window())
            self.sheet.again.clicked.connect(self._start)
            self.sheet.strip.cancel_requested.connect(self._cancel)
            self.sheet.save_requested.connect(self._save)
        return self.sheet

    @Slot()
    def _start(self) -> None:
        session, sheet = self._job_service.session, self._sheet()
        profile, limits = session.profile, session.limits
        if profile is None or limits is None or self._job is not None:
            return
        sheet.show_product(
            say(
                "“{name}” revision {revision}, NG limit {times} ×, {when}",
                name=profile.name,
                revision=profile.revision,
                times=times_limit_text(limits.times(limits.ng)),
                when=f"{datetime.now().astimezone():%Y-%m-%d %H:%M}",
            ),
            f"{profile.name}-r{profile.revision:04d}",
        )
        sheet.show_run(say("Getting ready…"))
        engines = self._job_service.services.engines
        asked = replace(profile, limits=limits)
        job = self._job_service.engine.start(lambda: _look(asked, engines))
        self._job = job
        job.progress.connect(lambda batch: sheet.strip.show_progress(batch.progress))
        job.done.connect(partial(self._done, job))
        job.failed.connect(partial(self._failed, job))
        job.cancelled.connect(partial(self._cancelled, job))

    def _done(self, job: Job, outcome: _Outcome) -> None:
        if job is not self._job:
            return
        self._job = None
        self._outcome = outcome
        if outcome.planted.scores:
            self._job_service.session.set_planted(outcome.planted)
        self._show(outcome)
        if self.sheet is not None and self.sheet.isHidden():
            self._job_service.tell(
                say("It is known now what this product can see."),
                NoticeKind.SUCCESS,
                say("Show"),
                self.open,
            )

    def _show(self, outcome: _Outcome) -> None:
        profile = self._job_service.session.profile
        if self.sheet is None or profile is None:
            return
        labelled = [float(score) for score in self._results.rows.scores_of(Label.BAD)]
        step = one_step_more(profile, bad_known(profile, labelled, outcome.planted))
        self.sheet.show_seen(
            [
                (seen, None, None) if picture is None else (seen, picture.whole, picture.detail)
                for seen, picture in outcome.shown
            ],
            step,
        )

    def _failed(self, job: Job, failure: JobFailed) -> None:
        if job is self._job:
            self._job = None
            self._sheet().show_stopped(failure.message)
            if self._sheet().isHidden():
                self._job_service.tell_failure(failure)

    def _cancelled(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self._sheet().show_stopped(say("Stopped. Nothing was changed."))

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot()
    def _forget(self) -> None:
        """Stop and forget: another product or another fit is open."""
        self._cancel()
        self._job = self._outcome = None
        if self.sheet is not None and self.sheet.isVisible():
            self.sheet.close_sheet()

    @Slot(object, object)
    def _save(self, file: Path, picture: ByteImage) -> None:
        self._job_service.ask(
            lambda: write_over(file, encode_png(picture)),
            say("Saving…"),
            lambda _nothing: self._job_service.tell(
                say("The picture is in {file}.", file=str(file))
            ),
        )


def _look(profile: Profile, engines: EnginePool) -> Generator[Progress, None, _Outcome]:
    seen = yield from smallest_seen(profile, engines=engines)
    shown: Sequence[tuple[SmallestSeen, SeenPicture | None]] = [
        (replace(each, picture=None, mask=None), seen_picture(each)) for each in seen.smallest
    ]
    return _Outcome(profile.limits, tuple(shown), seen.planted)
