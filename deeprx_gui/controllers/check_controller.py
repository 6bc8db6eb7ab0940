"""What the Check page asks for: scoring, pictures, tables, reports, saving limits."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.job_service import JobService, runtime_title
from deeprx_gui.controllers.why_controller import why_on_check
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.left_out import LeftOut, count_left_out
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.jobs.lane import Job, once
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.results.csv_export import write_table
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.ui.check.page import CheckPage
from deeprx_gui.work.batch import BatchOutcome, score_images
from deeprx_gui.work.expand_folders import gather_pictures
from deeprx_gui.work.overlays import OverlayOutcome, export_overlays
from deeprx_gui.work.report import write_batch_report
from deeprx_gui.work.thumbnails import load_picture

T = TypeVar("T")


class CheckController(QObject):
    """Scores on the engine lane; the picture that is looked at has a lane of its own."""

    def __init__(
        self,
        job_service: JobService,
        results: ResultsModel,
        page: CheckPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job_service = job_service
        self._results = results
        self._page = page
        self._picture: Job | None = None
        self._scoring: Job | None = None
        self._openings = 0
        job_service.session.profile_changed.connect(self._profile_changed)
        page.score_requested.connect(self.score)
        page.strip.cancel_requested.connect(job_service.cancel)
        page.picture_requested.connect(self.show_picture)
        export = page.body.export
        export.csv_requested.connect(self.write_table)
        export.overlays_requested.connect(self.write_overlays)
        export.report_requested.connect(self.write_report)
        page.body.limits.save_requested.connect(job_service.save_limits)
        self.why = why_on_check(job_service, page.picture, self)

    @Slot(object)
    def score(self, items: tuple[PendingImage, ...]) -> None:
        """Score pictures with the open profile."""
        profile = self._job_service.session.profile
        if profile is None:
            self._page.job_ended(say("No profile is open. Open one on the page Profiles first."))
            return
        engines = self._job_service.services.engines
        opening = self._openings
        first = len(self._results.rows)

        def add(found: tuple[object, ...]) -> None:
            info = engines.describe()
            if opening == self._openings:
                if info is not None:
                    self._job_service.show_runtime(info.name, profile)
                self._page.add_results(tuple(s for s in found if isinstance(s, ScoredImage)))

        def ended(notice: Notice | None) -> None:
            self._scoring = None
            self._ended(notice)
            if notice is None and opening == self._openings:
                self._page.show_run(first)

        self._scoring = self._job_service.run(
            self._job_service.engine,
            lambda: _gather_and_score(profile, items, engines),
            progress=self._page.job_progress,
            done=partial(self._scored, profile),
            ended=ended,
            items=add,
            cancelled=say("Stopped. The pictures scored so far stay in the table."),
        )

    def _scored(self, profile: Profile, scored: tuple[BatchOutcome, tuple[LeftOut, ...]]) -> None:
        outcome, left_out = scored
        self._job_service.show_runtime(outcome.runtime, profile)
        message = say(
            "Scored in {seconds} s, {ms} ms for one picture ({runtime}).",
            seconds=f"{outcome.seconds:.1f}",
            ms=f"{outcome.ms_per_image:.1f}",
            runtime=runtime_title(outcome.runtime),
        )
        for count in count_left_out(left_out):
            message = say("{first} {second}", first=message, second=count.text)
        self._job_service.tell(message, NoticeKind.WARNING if left_out else NoticeKind.SUCCESS)

    @Slot()
    def _profile_changed(self) -> None:
        """Stop scoring: the scores belong to a profile that is no longer open."""
        self._openings += 1
        if self._scoring is not None:
            self._scoring.cancel()

    def _ended(self, notice: Notice | None) -> None:
        if notice is None:
            self._page.job_ended()
        else:
            self._page.job_ended(notice.message, notice.kind)

    @Slot(object)
    def show_picture(self, path: Path) -> None:
        """Open the picture that was selected; one that was selected before is not waited for."""
        if self._picture is not None:
            self._picture.cancel()
        job = self._job_service.pictures.start(lambda: load_picture(path))
        self._picture = job

        def done(frame: Frame) -> None:
            self._page.show_picture(path, frame)

        def finished() -> None:
            if self._picture is job:
                self._picture = None

        def failed(failure: JobFailed) -> None:
            self._page.picture_failed(path, failure.message)

        job.done.connect(done)
        job.failed.connect(failed)
        job.finished.connect(finished)

    @Slot(object)
    def write_table(self, file: Path) -> None:
        """Write the table for Excel."""
        self._export(
            lambda profile, results, limits: once(
                lambda: write_table(file, profile, results, limits), say("Writing the table")
            )(),
            lambda _nothing: say("The table is in {file}.", file=str(file)),
        )

    @Slot(object)
    def write_overlays(self, folder: Path) -> None:
        """Write every picture with its heat map."""

        def words(outcome: OverlayOutcome) -> Message:
            if outcome.skipped:
                return say(
                    "{n} pictures are in {folder}; {left} could not be written (no score or no "
                    "picture).",
                    n=outcome.written,
                    folder=str(folder),
                    left=len(outcome.skipped),
                )
            return say_n(
                "{n} picture is in {folder}.",
                "{n} pictures are in {folder}.",
                n=outcome.written,
                folder=str(folder),
            )

        self._export(
            lambda profile, results, limits: export_overlays(
                folder, profile, results, limits, below=self._page.picture.below
            ),
            words,
        )

    @Slot(object)
    def write_report(self, file: Path) -> None:
        """Write the HTML report."""
        info = self._job_service.services.engines.describe()
        runtime = "" if info is None else info.name
        self._export(
            lambda profile, results, limits: write_batch_report(
                file, profile, results, limits, runtime, below=self._page.picture.below
            ),
            lambda _file: say("The report is in {file}.", file=str(file)),
        )

    def _export(
        self,
        work: Callable[[Profile, Sequence[ScoredImage], Limits], Generator[Progress, None, T]],
        words: Callable[[T], Message],
    ) -> None:
        session = self._job_service.session
        profile, limits = session.profile, session.limits
        if profile is None or limits is None:
            return
        results = labelled(self._results)
        self._job_service.run(
            self._job_service.engine,
            lambda: work(profile, results, limits),
            progress=self._page.job_progress,
            done=lambda outcome: self._job_service.tell(words(outcome), NoticeKind.SUCCESS),
            ended=self._ended,
            cancelled=say("Stopped. What was written so far stays."),
        )


def _gather_and_score(
    profile: Profile, items: Sequence[PendingImage], engines: EnginePool
) -> Generator[Progress, None, tuple[BatchOutcome, tuple[LeftOut, ...]]]:
    """Open the folders among ``items``, then score every picture."""
    gathered = yield from gather_pictures(items)
    outcome = yield from score_images(profile, gathered.pictures, engines=engines)
    return outcome, gathered.left_out


def labelled(results: ResultsModel) -> list[ScoredImage]:
    """Return all results with the labels that a person gave them."""
    rows = results.rows
    return [
        item if item.label is rows.label_of(number) else replace(item, label=rows.label_of(number))
        for number, item in enumerate(rows.items)
    ]
