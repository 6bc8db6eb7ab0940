"""The gate of the window: a revision is judged before it is put in use, and may be overruled."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.message import Message, in_one, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.results.records.store import FILE_NAME, RecordStore
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.ui.corrections.gate_sheet import GateSheet
from deeprx_gui.work.replay import judge_by_golden, judge_revision, known_parts

Judged = Callable[[GateReport | None], None]
Remarks = Callable[[], Sequence[Message]]


class GateController(QObject):
    """Judges on the lane ``engine``, with progress, and asks where the gate is against it."""

    def __init__(
        self, job_service: JobService, records: SharedRecordStore, window: QWidget
    ) -> None:
        super().__init__(window)
        self._job_service, self._records = job_service, records
        self._window = window
        self._sheet: GateSheet | None = None

    @property
    def sheet(self) -> GateSheet:
        """The question, made when it is first needed."""
        if self._sheet is None:
            self._sheet = GateSheet(self._window)
        return self._sheet

    def history(self) -> RecordStore | None:
        """Return the remembered verdicts, ``None`` where there are none; for a lane."""
        if not (self._records.folder / FILE_NAME).exists():
            return None
        return self._records.store()

    def ask(
        self,
        report: GateReport,
        go_on: Judged,
        stopped: Callable[[], None] = lambda: None,
        remarks: Remarks = tuple,
    ) -> None:
        """Say why a revision is not put in use.

        ``go_on`` gets the report once it is overruled; ``stopped`` is called when it is not, and
        ``remarks`` are said then: what was done before and stays done.
        """

        def overrule(reason: str) -> None:
            go_on(replace(report, overruled=reason))

        def left() -> None:
            self._tell(
                say("The new revision was not put in use: what was in use still is."),
                NoticeKind.INFO,
                remarks,
            )
            stopped()

        self.sheet.ask(report, overrule, left)

    def judge(
        self,
        key: str,
        after: Callable[[], Profile],
        go_on: Judged,
        stopped: Callable[[], None],
        remarks: Remarks = tuple,
    ) -> None:
        """Judge a revision against the one in use, then go on, or ask.

        ``after`` loads it, in a lane; ``go_on`` gets ``None`` where nothing usable is in use.
        ``stopped`` is called when the job fails or is cancelled; ``remarks``: see ``ask``.
        """

        def work() -> Generator[Progress, None, GateReport | None]:
            yield Progress(0, 1, say("Judging the revision"))
            store = self._job_service.services.store
            wanted = after()
            try:
                before = store.load(key)
            except DeepRxError:
                return None
            known = known_parts(store.corrections, key, self.history())
            engines = self._job_service.services.engines
            return (yield from judge_revision(before, wanted, known, engines=engines))

        def done(report: GateReport | None) -> None:
            if report is None or report.passed:
                go_on(report)
            else:
                self.ask(report, go_on, stopped, remarks)

        def ended(notice: Notice | None) -> None:
            if notice is not None:
                self._tell(notice.message, notice.kind, remarks)
                stopped()

        self._run(work, done, ended)

    def judge_limits(
        self, moved: Profile, go_on: Judged, stopped: Callable[[], None] | None
    ) -> None:
        """Judge limits that a person moved, then go on, or ask; at once where nothing is known.

        ``moved``: the revision in use with these limits. ``go_on``, ``stopped``: see ``judge``.
        """
        leave = stopped or (lambda: None)

        def look() -> GateReport | None:
            store = self._job_service.services.store
            known = known_parts(store.corrections, moved.id, self.history())
            try:
                before = store.load(moved.id)
            except DeepRxError:
                return None
            return None if known.parts else judge_by_golden(before, moved)

        def done(report: GateReport | None) -> None:
            if report is not None:
                go_on(report)
            else:
                self.judge(moved.id, lambda: moved, go_on, leave)

        self._job_service.ask(look, say("Judging the revision"), done, leave)

    def _tell(self, sentence: Message, kind: NoticeKind, remarks: Remarks) -> None:
        self._job_service.tell(in_one((sentence, *remarks())) or sentence, kind)

    def _run(
        self,
        work: Callable[[], Generator[Progress, None, GateReport | None]],
        done: Judged,
        ended: Callable[[Notice | None], None],
    ) -> None:
        self._job_service.run(
            self._job_service.engine,
            work,
            progress=lambda progress: self._job_service.tell(progress.note, NoticeKind.INFO),
            done=done,
            ended=ended,
            cancelled=say("Stopped. What was in use still is."),
        )
