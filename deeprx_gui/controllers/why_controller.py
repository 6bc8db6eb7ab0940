"""Answers "Why?" beside a picture: explains the part in the background and shows it in a sheet."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from threading import Event

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.latest_request import LatestRequest
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.why import Explanation
from deeprx_gui.jobs.lane import Lane
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.ui.check.picture_panel import PicturePanel
from deeprx_gui.ui.history.picture_panel import RecordPanel
from deeprx_gui.ui.picture.picture_card import PictureCard
from deeprx_gui.ui.why_sheet import WhySheet
from deeprx_gui.work.explain import ExplainerShelf
from deeprx_gui.work.open_scorer import open_scorer
from deeprx_gui.work.rescore_record import RecordRescorer

Explain = Callable[[], Generator[Progress, None, Explanation]]


@dataclass(frozen=True, eq=False)
class WhyQuestion:
    """A part to explain: what it is called, and what explains it in a worker."""

    subject: Message | str
    explain: Explain


class WhyController(QObject):
    """One question at a time; a sheet that is closed ends it.

    ``ask`` returns the question about the part that ``card`` shows, ``None`` when there is none.
    """

    def __init__(
        self,
        card: PictureCard,
        lane: Lane,
        ask: Callable[[], WhyQuestion | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._card, self._ask = card, ask
        self._request = LatestRequest(lane)
        self.sheet: WhySheet | None = None
        card.why.clicked.connect(self.open)

    @Slot()
    def open(self) -> None:
        """Explain the part that is shown."""
        question = self._ask()
        if question is None:
            return
        if self.sheet is None:
            self.sheet = WhySheet(self._card.window())
            self.sheet.closed.connect(self._request.cancel)
        sheet = self.sheet
        sheet.show_run(question.subject)

        def work(_stop: Event) -> Generator[Progress, None, Explanation]:
            return question.explain()

        def failed(failure: JobFailed) -> None:
            sheet.show_trouble(failure.message)

        self._request.start(work, sheet.show_explanation, failed)
        sheet.open()


def why_on_check(
    job_service: JobService, panel: PicturePanel, parent: QObject | None = None
) -> WhyController:
    """Explain results of the Check page, with the engines that scored them."""
    shelf, engines = ExplainerShelf(), job_service.services.engines

    def ask() -> WhyQuestion | None:
        session = job_service.session
        profile, limits = session.profile, session.limits
        item, frame = panel.item, panel.frame_shown
        if profile is None or limits is None or item is None or frame is None:
            return None
        score = item.score
        if score is None:
            return None

        def explain() -> Generator[Progress, None, Explanation]:
            yield Progress(0, 0, say("Getting ready…"))
            explainer = shelf.explainer(profile, open_scorer(engines, profile))
            return (yield from explainer.explain(frame, score.map, limits))

        return WhyQuestion(one_line(item.path.name), explain)

    return WhyController(panel, job_service.engine, ask, parent)


def why_on_history(
    job_service: JobService,
    panel: RecordPanel,
    looks: RecordRescorer,
    parent: QObject | None = None,
) -> WhyController:
    """Explain remembered parts, with the revision that judged them."""

    def ask() -> WhyQuestion | None:
        looked = panel.looked
        if not panel.explainable or looked is None:
            return None
        subject = one_line(looked.record.serial) or one_line(looked.record.item)
        return WhyQuestion(subject, lambda: looks.explain(looked))

    return WhyController(panel, job_service.looks, ask, parent)
