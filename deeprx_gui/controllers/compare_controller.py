"""What the comparison on the Teach page asks for: candidates, forecasts, the job itself."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.check_controller import labelled
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.positioning_reference import with_reference
from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.compare import Combination, CompareOutcome, CompareRequest, CompareRow
from deeprx_gui.domain.fit import FitForecast
from deeprx_gui.domain.fit_settings import PRESETS, FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.search import EXPERIENCED
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.paths import Paths
from deeprx_gui.state.compare import Candidate
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.ui.teach.page import TeachPage
from deeprx_gui.work.compare import compare, settings_of
from deeprx_gui.work.expand_folders import expand_folders
from deeprx_gui.work.predict import Speed, forecast_of

LARGER_SIZES = (384, 512, 768)
"""Picture sizes offered beside the page's own, for the detector that finds most on most sets."""


class CompareController(QObject):
    """Runs the comparison on the engine lane; pictures labelled on Check take part."""

    def __init__(
        self,
        job_service: JobService,
        results: ResultsModel,
        page: TeachPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job_service = job_service
        self._results = results
        self._page = page
        self._speed = Speed(job_service.services.paths.cache / "speed.json")
        self._product: str | None = None
        self._labelled: dict[str | None, tuple[PendingImage, ...]] = {}
        page.target.changed.connect(self.follow_product)
        job_service.session.profile_changed.connect(self.follow_product)
        page.compare_opened.connect(self.offer)
        page.compare_requested.connect(self.compare)

    @Slot(object)
    def offer(self, request: CompareRequest) -> None:
        """Offer what can be compared on this PC, then say what each will take."""
        self.follow_product()
        profile = self._job_service.session.profile
        own = profile is not None and profile.id == self._product
        known = (
            ()
            if not own
            else tuple(
                PendingImage(item.path, item.label)
                for item in labelled(self._results)
                if item.label is not Label.UNKNOWN and item.error is None
            )
        )
        if known and not self._page.compare.labelled:
            self._page.compare.show_labelled(known)
        self._job_service.ask(
            self._job_service.services.library.list,
            say("Looking for networks"),
            lambda networks: self._offer(networks, request),
        )

    @Slot()
    def follow_product(self) -> None:
        """Keep the labelled pictures with the product that they show."""
        sheet, product = self._page.compare, self._page.target.profile_id
        if product == self._product:
            return
        before, self._product = self._product, product
        if before is None and self._just_learnt(product):
            return  # the new product has its identity now; the pictures are its own
        self._labelled[before] = sheet.labelled
        sheet.show_labelled(self._labelled.pop(product, ()))

    def _just_learnt(self, product: str | None) -> bool:
        """Say whether the open product came of the normal images that are in the tray."""
        profile = self._job_service.session.profile
        if profile is None or profile.id != product:
            return False
        tray = frozenset(map(str, self._page.tray.paths))
        return all(normal.source in tray for normal in profile.normals)

    def _offer(self, networks: tuple[BackboneStatus, ...], request: CompareRequest) -> None:
        sheet = self._page.compare
        titles = {spec.name: spec.title for spec in DETECTORS.values()}
        sheet.use_titles(
            {**titles, **{network.name: network.title for network in networks}},
            [spec.name for spec in DETECTORS.values() if spec.pixels],
        )
        own = request.settings.backbone
        found = tuple(candidates(networks, own))
        sheet.model.offer(found)
        settings, images = request.settings, len(request.normals)

        def call() -> dict[Combination, FitForecast]:
            return {c.combination: self._forecast(c, settings, images) for c in found}

        self._job_service.ask(call, say("Estimating"), sheet.model.forecast)

    def _forecast(self, candidate: Candidate, settings: FitSettings, images: int) -> FitForecast:
        request = CompareRequest((), (), (), settings)
        chosen = settings_of(request, candidate.combination)
        return forecast_of(chosen, images, self._speed) or FitForecast(0.0, 0.0)

    @Slot(object)
    def compare(self, request: CompareRequest) -> None:
        """Run what is ticked."""
        sheet, services = self._page.compare, self._job_service.services
        sheet.forget()
        self._page.job_started(say("Getting ready…"))

        def add(found: tuple[object, ...]) -> None:
            for row in found:
                if isinstance(row, CompareRow):
                    sheet.model.add_result(row)

        def show(progress: Progress) -> None:
            self._page.job_progress(replace(progress, note=sheet.titled(progress.note)))

        def done(outcome: CompareOutcome) -> None:
            sheet.show_outcome(outcome)

        self._job_service.run(
            self._job_service.engine,
            lambda: _gather_and_compare(request, services.engines, services.paths),
            progress=show,
            done=done,
            ended=self._page.job_ended,
            items=add,
            cancelled=say("Stopped. What was measured so far stays in the table."),
        )


def candidates(networks: tuple[BackboneStatus, ...], own: str) -> Iterator[Candidate]:
    """Yield every detector with every network that is installed; with ``own`` it is ticked.

    A detector that looks at colours stands once. Behind them stand larger picture sizes and the
    presets, for those who ask for them.
    """
    installed = [network for network in networks if network.installed]
    for spec in DETECTORS.values():
        if spec.pixels:
            yield Candidate(
                Combination(spec.name, own), spec.title, None, spec.needs_positioning, ticked=True
            )
            continue
        for network in installed:
            yield Candidate(
                Combination(spec.name, network.name),
                spec.title,
                network.title,
                spec.needs_positioning,
                ticked=network.name == own,
            )
    found = DETECTORS[EXPERIENCED]
    titles = {network.name: network.title for network in installed}
    for larger in LARGER_SIZES if own in titles else ():
        asked = Combination(found.name, own, larger)
        yield Candidate(asked, found.title, titles[own], found.needs_positioning)
    for key, preset in PRESETS.items():
        settings = preset.settings
        spec = DETECTORS[settings.detector.name]
        size = None if settings.automatic else settings.preprocessing.size
        asked = Combination(spec.name, settings.backbone, size, key)
        title = say("{preset} (preset)", preset=preset.title)
        yield Candidate(asked, title, titles.get(settings.backbone), spec.needs_positioning)


def _gather_and_compare(
    request: CompareRequest, engines: EnginePool, paths: Paths
) -> Generator[Progress, None, CompareOutcome]:
    """Open the folders of bad parts, then compare."""
    pictures = request.labelled
    if any(item.path.is_dir() for item in pictures):
        pictures = yield from expand_folders(pictures)
    settings = yield from with_reference(request.settings, request.normals)
    whole = replace(request, labelled=tuple(pictures), settings=settings)
    return (yield from compare(whole, engines=engines, scratch=paths.scratch))
