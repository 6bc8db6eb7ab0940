"""Which part a tap on “Was OK” or “Missed” is about, on each page, and what else it does there."""

from __future__ import annotations

from functools import partial
from typing import Final

from deeprx_gui.controllers import history_queries as reading
from deeprx_gui.controllers.corrections_controller import CorrectionsController, TappedPart
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.inspection import Decision, InspectedPart, Record
from deeprx_gui.domain.scored import Label
from deeprx_gui.state.history_decisions import DecisionRequest
from deeprx_gui.state.inspect import InspectModel
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.page import CheckPage
from deeprx_gui.ui.history.page import HistoryPage
from deeprx_gui.ui.inspect.page import InspectPage

_LABELS: Final = {CorrectionKind.WAS_OK: Label.GOOD, CorrectionKind.MISSED: Label.BAD}
_DECISIONS: Final = {CorrectionKind.WAS_OK: Decision.OK, CorrectionKind.MISSED: Decision.NG}


def serve_check(
    corrections: CorrectionsController, page: CheckPage, results: ResultsModel, session: Session
) -> None:
    """A tap on Check labels the selected picture, too."""

    def parts() -> tuple[TappedPart, ...]:
        number, profile = page.body.table.current(), session.profile
        if number is None or profile is None:
            return ()
        path = results.rows.items[number].path
        return (TappedPart(profile.id, path.name, path),)

    def label(kind: CorrectionKind) -> None:
        page.body.labels.chosen.emit(_LABELS[kind])

    def product() -> str:
        return "" if session.profile is None else session.profile.id

    corrections.serve(page.body.corrections, parts, product, label)


def serve_history(
    corrections: CorrectionsController, page: HistoryPage, records: SharedRecordStore
) -> None:
    """A tap on History decides the chosen parts, too: the same log, the same Ctrl+Z."""

    def parts() -> tuple[TappedPart, ...]:
        shown = page.body.panel.record
        if shown is None:
            return ()
        chosen = page.body.table.chosen()
        if not any(each.key == shown.key for each in chosen):
            chosen = (shown,)
        return tuple(_recorded(each, records) for each in chosen)

    def decide(kind: CorrectionKind) -> None:
        page.body.decisions.chosen.emit(_DECISIONS[kind])

    def product() -> str:
        shown = page.body.panel.record
        return "" if shown is None else shown.profile_id

    corrections.serve(page.body.corrections, parts, product, decide)
    page.body.table.current_changed.connect(lambda _record: corrections.count())


def serve_inspect(
    corrections: CorrectionsController,
    page: InspectPage,
    model: InspectModel,
    records: SharedRecordStore,
    job_service: JobService,
) -> None:
    """A tap on Inspect is about the part that is large: the newest, or an NG seen again."""

    def parts() -> tuple[TappedPart, ...]:
        shown = page.picture.shown
        return () if shown is None else (_inspected(shown, model, records),)

    def decide(kind: CorrectionKind) -> None:
        shown = page.picture.shown
        if shown is None or not shown.record.number:
            return
        wanted = (DecisionRequest(shown.record.number, _DECISIONS[kind]),)
        who = job_service.settings.who
        job = job_service.files.start(partial(reading.decide_all, records.store, wanted, who))
        job.failed.connect(job_service.tell_failure)

    def product() -> str:
        shown, profile = page.picture.shown, job_service.session.profile
        if shown is not None:
            return shown.record.profile_id
        return "" if profile is None else profile.id

    corrections.serve(page.picture.corrections, parts, product, decide)


def _recorded(record: Record, records: SharedRecordStore) -> TappedPart:
    file = records.path_of(record.picture) if record.picture else None
    name = record.serial or (file.name if file is not None else record.uid)
    return TappedPart(record.profile_id, name, file, uid=record.uid)


def _inspected(part: InspectedPart, model: InspectModel, records: SharedRecordStore) -> TappedPart:
    """Return the newest part with the pixels that were judged; of another the kept picture."""
    record = part.record
    frame = part.frame if part is model.current else None
    file = records.path_of(record.picture) if record.picture else part.path
    name = record.serial or (file.name if file is not None else f"{record.uid}.png")
    return TappedPart(record.profile_id, name, file, frame, record.uid)
