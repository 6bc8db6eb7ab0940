"""Corrections in the window: one tap notes them, a sheet shows and applies them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui.capture.decode import thumbnail
from deeprx_gui.controllers.gate_controller import GateController
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.corrections import (
    TITLES,
    Correction,
    CorrectionBook,
    CorrectionKind,
    corrected_in,
    corrected_words,
)
from deeprx_gui.domain.errors import DeepRxError, ImageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.lane import once
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.results.encode import encode_png
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.ui.corrections.correction_bar import CorrectionBar
from deeprx_gui.ui.corrections.corrections_sheet import SIDE, CorrectionsSheet
from deeprx_gui.work.correct import Proposal, apply, propose
from deeprx_gui.work.note_corrections import decided_parts, take_in, take_in_decided


@dataclass(frozen=True, eq=False)
class TappedPart:
    """A part whose verdict was called wrong: its product, and its picture as file or pixels."""

    product: str
    name: str
    file: Path | None = None
    frame: Frame | None = None
    uid: str = ""


@dataclass(frozen=True, eq=False)
class _Shown:
    """What the sheet shows of a product."""

    name: str
    book: CorrectionBook
    pictures: dict[str, ByteImage]
    decided: int


class CorrectionsController(QObject):
    """``applied``: a revision was made. ``running``: whether an inspection runs; it goes on."""

    applied = Signal()

    def __init__(
        self,
        job_service: JobService,
        gate: GateController,
        window: QWidget,
        running: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._job_service, self._gate, self._running = job_service, gate, running
        self._window = window
        self._store = job_service.services.store
        self._bars: list[tuple[CorrectionBar, Callable[[], str]]] = []
        self._sheet: CorrectionsSheet | None = None
        self._product = ""
        job_service.session.profile_changed.connect(self.count)
        job_service.session.profile_saved.connect(self.count)

    @property
    def sheet(self) -> CorrectionsSheet:
        """The list, made when it is first opened."""
        if self._sheet is None:
            sheet = self._sheet = CorrectionsSheet(self._window)
            sheet.taken_back.connect(self._take_back)
            sheet.removed.connect(self._remove)
            sheet.apply.clicked.connect(self.apply)
            sheet.decisions.clicked.connect(self._take_decisions)
            sheet.strip.cancel_requested.connect(self._job_service.cancel)
        return self._sheet

    def serve(
        self,
        bar: CorrectionBar,
        parts: Callable[[], Sequence[TappedPart]],
        product: Callable[[], str],
        then: Callable[[CorrectionKind], None] = lambda _kind: None,
    ) -> None:
        """Answer a bar. ``parts``: what is chosen; ``product``: whose corrections it counts.

        ``then``: what the page does with the same tap.
        """
        self._bars.append((bar, product))

        def tapped(kind: CorrectionKind) -> None:
            chosen = parts()
            if chosen:
                then(kind)
                # Operators say it; to look at what waits and apply it is the engineer's work.
                self.note(kind, chosen, offer=not bar.list.isHidden())

        bar.said.connect(tapped)
        bar.opened.connect(lambda: self.open(product()))
        self.count()

    def note(
        self, kind: CorrectionKind, parts: Sequence[TappedPart], *, offer: bool = True
    ) -> None:
        """Keep what somebody says about parts, with their pictures; ``offer`` to show the list."""
        who = self._job_service.settings.who

        def call() -> tuple[Correction, ...]:
            return tuple(self._note_one(kind, part, who) for part in parts)

        def done(noted: tuple[Correction, ...]) -> None:
            text = say_n(
                "“{name}” waits as “{kind}”. Nothing changes until it is applied.",
                "{n} pictures wait as “{kind}”. Nothing changes until they are applied.",
                n=len(noted),
                name=noted[0].name,
                kind=TITLES[kind],
            )
            if offer:
                show = partial(self.open, parts[0].product)
                self._job_service.tell(text, NoticeKind.SUCCESS, say("Show"), show)
            else:
                self._job_service.tell(text)
            self.count()

        self._job_service.ask(call, say("Saving…"), done, self.count)

    def _note_one(self, kind: CorrectionKind, part: TappedPart, who: str) -> Correction:
        corrections = self._store.corrections
        if part.frame is not None:  # the very pixels that were judged
            data, name = encode_png(part.frame.pixels), f"{Path(part.name).stem or part.uid}.png"
            return corrections.add(part.product, kind, data, name=name, who=who, uid=part.uid)
        if part.file is None:
            raise ImageError(
                say(
                    "The picture of this part was not kept, so it cannot be learnt from. Which "
                    "pictures are kept is chosen on the page Inspect."
                )
            )
        return take_in(
            self._store, part.product, kind, part.file, who=who, name=part.name, uid=part.uid
        )

    @Slot()
    def count(self) -> None:
        """Show on every bar how many corrections wait."""
        for bar, product in self._bars:
            key = product()
            if not key:
                bar.show_waiting(0)
                continue
            job = self._job_service.files.start(once(partial(self._waiting, key), say("Counting")))
            job.done.connect(bar.show_waiting)

    def _waiting(self, key: str) -> int:
        try:
            return len(self._store.corrections.book(key).pending)
        except DeepRxError:  # said when the sheet is opened
            return 0

    # -- the sheet --------------------------------------------------------------------------

    def open(self, product: str) -> None:
        """Show what waits for a product."""
        if product:
            self._product = product
            self._show(self.sheet.open)

    def _show(self, then: Callable[[], None] = lambda: None) -> None:
        key = self._product

        def call() -> _Shown:
            corrections = self._store.corrections
            book = corrections.book(key)
            pictures = {}
            for one in (*book.pending, *book.must_find):
                try:
                    pictures[one.id] = thumbnail(corrections.path_of(key, one), SIDE)
                except ImageError:
                    continue
            records = self._gate.history()
            decided = 0 if records is None else len(decided_parts(records, key, book))
            return _Shown(self._store.load(key).name, book, pictures, decided)

        def done(shown: _Shown) -> None:
            self.sheet.show_book(shown.name, shown.book, shown.pictures, shown.decided)
            then()

        self._job_service.ask(call, say("Reading the corrections"), done)

    @Slot(str)
    def _take_back(self, id_: str) -> None:
        self._change(lambda: self._store.corrections.take_back(self._product, [id_]))

    @Slot(str)
    def _remove(self, id_: str) -> None:
        self._change(lambda: self._store.corrections.remove_must_find(self._product, [id_]))

    @Slot()
    def _take_decisions(self) -> None:
        who = self._job_service.settings.who

        def call() -> None:
            records = self._gate.history()
            if records is not None:
                take_in_decided(self._store, records, self._product, who=who)

        self._change(call)

    def _change(self, call: Callable[[], object]) -> None:
        def done(_result: object) -> None:
            self._show()
            self.count()

        job = self._job_service.files.start(once(call, say("Saving…")))
        job.done.connect(done)
        job.failed.connect(self._tell_failure)

    def _tell_failure(self, failure: JobFailed) -> None:
        self.sheet.show_message(failure.message, "error")
        self._show()

    # -- applying ---------------------------------------------------------------------------

    @Slot()
    def apply(self) -> None:
        """Make one revision of what waits, judge it, and put it in use where it passes."""
        key, session = self._product, self._job_service.session
        is_open = session.profile is not None and session.profile.id == key
        if is_open:
            self._job_service.guard(lambda: self._propose(key))
        else:
            self._propose(key)

    def _propose(self, key: str) -> None:
        services, sheet = self._job_service.services, self.sheet
        who = self._job_service.settings.who

        def work() -> Generator[Progress, None, Proposal]:
            return (
                yield from propose(
                    key,
                    store=services.store,
                    engines=services.engines,
                    scratch=services.paths.scratch,
                    records=self._gate.history(),
                    who=who,
                )
            )

        def ended(notice: Notice | None) -> None:
            sheet.strip.finish()
            sheet.set_busy(False)
            if notice is not None:
                sheet.show_message(notice.message, notice.kind.value)

        def done(proposal: Proposal) -> None:
            report = proposal.report
            if report is None or report.passed:
                self._save(proposal, "")
            else:
                self._gate.ask(report, partial(self._overruled, proposal))

        sheet.set_busy(True)
        sheet.strip.start(say("Waiting for the other job to end"))
        self._job_service.run(
            self._job_service.engine,
            work,
            progress=sheet.strip.show_progress,
            done=done,
            ended=ended,
            cancelled=say("Stopped. Nothing was changed."),
        )

    def _overruled(self, proposal: Proposal, report: GateReport | None) -> None:
        if report is not None:
            self._save(proposal, report.overruled)

    def _save(self, proposal: Proposal, overrule: str) -> None:
        who = self._job_service.settings.who

        def call() -> Profile:
            return apply(proposal, self._store, who=who, overrule=overrule)

        def done(saved: Profile) -> None:
            session = self._job_service.session
            is_open = session.profile is not None and session.profile.id == saved.id
            goes_on = is_open and self._running()
            if is_open and not goes_on and proposal.candidate is not None:
                session.open_profile(saved)
            self.sheet.show_message(applied_words(proposal, saved, goes_on=goes_on), "success")
            self._show()
            self.count()
            self.applied.emit()

        job = self._job_service.files.start(once(call, say("Saving…")))
        job.done.connect(done)
        job.failed.connect(self._tell_failure)


def applied_words(proposal: Proposal, saved: Profile, *, goes_on: bool) -> Message:
    """Say what came of corrections. ``goes_on``: an inspection runs with the revision before."""
    if proposal.candidate is None:
        return say_n(
            "{n} picture joined the must-find set. Nothing was to be learnt.",
            "{n} pictures joined the must-find set. Nothing was to be learnt.",
            n=len(proposal.used),
        )
    done = corrected_in(saved.extra)
    text = say(
        "“{name}” uses revision {revision} now: {what}.",
        name=saved.name,
        revision=f"r{saved.revision:04d}",
        what=say("learnt again") if done is None else corrected_words(done),
    )
    for remark in proposal.remarks:
        text = say("{first} {second}", first=text, second=remark)
    if proposal.why_again is not None:
        text = say(
            "{first} {second}",
            first=text,
            second=say("Everything was learnt again: {why}", why=proposal.why_again),
        )
    if goes_on:
        text = say(
            "{first} {second}",
            first=text,
            second=say(
                "The inspection that runs goes on as before: stop it and open the product again."
            ),
        )
    return text
