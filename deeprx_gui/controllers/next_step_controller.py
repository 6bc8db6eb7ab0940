"""What next on Check: tries what would find the bad parts that pass, and learns with it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from deeprx_gui.controllers.check_controller import labelled
from deeprx_gui.controllers.job_service import JobService, SharedServices
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import USUAL_TAKT_MS, FitSettings
from deeprx_gui.domain.learning_curve import asked_rate
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.next_step import AutomaticTrial
from deeprx_gui.domain.parts import PartRule, learnt_parts_in
from deeprx_gui.domain.profile import Profile, Scoring
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.search import choice_in
from deeprx_gui.i18n import tr_n
from deeprx_gui.jobs.lane import Job
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.ui.check.page import CheckPage
from deeprx_gui.work.predict import Speed, forecast_of
from deeprx_gui.work.try_automatic import try_automatic


class NextStepController(QObject):
    """``learn_wanted`` carries a ``FitRequest``; ``learnt``: what it led to is open, look at it.

    Trying has a lane and an engine of its own, so that scoring does not wait for it. It ends, and
    is forgotten, with the product or with other bad parts.
    """

    learn_wanted = Signal(object)
    learnt = Signal()

    def __init__(
        self,
        job_service: JobService,
        results: ResultsModel,
        page: CheckPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._results, self._page = job_service, results, page
        self._advice = page.body.advice
        self._speed = Speed(job_service.services.paths.cache / "speed.json")
        self._job: Job | None = None
        self._bad: tuple[Path, ...] = ()
        self._trial: AutomaticTrial | None = None
        self._learning: str | None = None
        self._advice.try_requested.connect(self.look)
        self._advice.cancel_requested.connect(self._cancel)
        self._advice.learn_requested.connect(self._learn)
        results.contents_changed.connect(self._follow_labels)
        job_service.session.profile_changed.connect(self._profile_changed)

    @Slot()
    def look(self) -> None:
        """Try what would find the bad parts on Check."""
        profile = self._job_service.session.profile
        if profile is None or self._job is not None:
            return
        self._bad = self._bad_parts()
        self._trial = None
        self._advice.show_progress(Progress(0, 0, say("Getting ready to try settings")))
        services, bad, speed = self._job_service.services, self._bad, self._speed
        work = partial(_try, profile, bad, services, speed)
        job = self._job = self._job_service.trials.start(work)
        job.progress.connect(lambda batch: self._show(job, batch.progress))
        job.done.connect(partial(self._done, job))
        job.failed.connect(partial(self._failed, job))
        job.cancelled.connect(partial(self._stopped, job))

    def _bad_parts(self) -> tuple[Path, ...]:
        bad = (item.path for item in labelled(self._results) if item.label is Label.BAD)
        return tuple(dict.fromkeys(bad))

    def _show(self, job: Job, progress: Progress) -> None:
        if job is self._job:
            self._advice.show_progress(progress)

    def _done(self, job: Job, trial: AutomaticTrial) -> None:
        if job is self._job:
            self._job, self._trial = None, trial
            self._advice.show_trial(trial)

    def _failed(self, job: Job, failure: JobFailed) -> None:
        if job is self._job:
            self._job = None
            self._advice.show_trial(None, failure.message)

    def _stopped(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self._advice.show_trial(None)

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _forget(self) -> None:
        job, self._job, self._trial = self._job, None, None
        if job is not None:
            job.cancel()
        self._advice.show_trial(None)

    @Slot()
    def _follow_labels(self) -> None:
        """Forget what was tried on other bad parts."""
        known = self._job is not None or self._trial is not None
        if known and frozenset(self._bad_parts()) != frozenset(self._bad):
            self._forget()

    # -- learning with what was found ---------------------------------------------------------

    @Slot()
    def _learn(self) -> None:
        profile, trial = self._job_service.session.profile, self._trial
        if profile is None or trial is None:
            return
        self._learning = profile.id
        self.learn_wanted.emit(
            FitRequest(
                profile.name,
                tuple(Path(normal.source) for normal in profile.normals),
                trial.outcome.settings,
                why=tr_n(
                    "Automatic was tried on {n} bad part.",
                    "Automatic was tried on {n} bad parts.",
                    n=trial.bad,
                ),
                profile_id=profile.id,
                bad=self._bad,
                found=trial.outcome,
            )
        )

    @Slot()
    def _profile_changed(self) -> None:
        """Score again what was learnt for; whatever else was opened ends the trying."""
        profile = self._job_service.session.profile
        wanted, self._learning = self._learning, None
        self._forget()
        if profile is not None and profile.id == wanted:
            self.learnt.emit()
            self._page.run_main()


def _try(
    profile: Profile, bad: Sequence[Path], services: SharedServices, speed: Speed
) -> Generator[Progress, None, AutomaticTrial]:
    images = [Path(normal.source) for normal in profile.normals]
    missing = sum(not path.is_file() for path in images)
    if missing:
        raise RequestError(
            say_n(
                "{n} of the pictures it learnt from is not where it was, so nothing can be tried.",
                "{n} of the pictures it learnt from are not where they were, so nothing can be "
                "tried.",
                n=missing,
            )
        )

    def seconds(settings: FitSettings, count: int) -> float:
        expected = forecast_of(settings, count, speed)
        return 0.0 if expected is None else expected.seconds

    return (
        yield from try_automatic(
            profile,
            images,
            bad,
            settings_to_try(profile),
            engines=services.another_pool(),
            scratch=services.paths.scratch,
            seconds=seconds,
        )
    )


def settings_to_try(profile: Profile) -> FitSettings:
    """Return a product's view, parts and promises, with all else left to the search."""
    record, choice = record_of(profile), choice_in(profile.extra)
    known = learnt_parts_in(profile.extra)
    return FitSettings(
        scoring=Scoring(min_area=profile.scoring.min_area),
        view=profile.view,
        parts=PartRule() if known is None else known.rule,
        false_call_rate=record.rate,
        review_rate=asked_rate(profile.suggested.review_promise, FitSettings().review_rate),
        limit=record.kind,
        takt_ms=USUAL_TAKT_MS if choice is None else choice.takt_ms,
    )
