"""Made-up verdicts, and a store of them that answers the model at once or when told to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from PySide6.QtCore import QObject

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.history import HistoryModel
from deeprx_gui.state.history_rows import RowRequest
from tests.made_record import START, made_record


def made(number: int, verdict: Verdict = Verdict.OK, **changes: Any) -> Record:
    """Return the verdict with this store number, ten seconds after the one before."""
    stored: dict[str, Any] = {
        "when": START + timedelta(seconds=10 * number),
        "serial": f"SN{number:07d}",
        "number": number,
    }
    return made_record(number, verdict, **{**stored, **changes})


class Feed(QObject):
    """A store of numbers 1..n; ``hold`` keeps questions waiting until ``answer``.

    It lives as long as its model.
    """

    def __init__(self, model: HistoryModel, count: int, *, hold: bool = False) -> None:
        super().__init__(model)
        self.model = model
        self.count = count
        self.hold = hold
        self.decided: dict[int, Decision] = {}
        self.asked: list[RowRequest] = []
        self.waiting: list[RowRequest] = []
        self.read = 0
        model.rows_wanted.connect(self.take)

    def take(self, wanted: RowRequest) -> None:
        """Answer a question, or keep it."""
        self.asked.append(wanted)
        if self.hold:
            self.waiting.append(wanted)
        else:
            self.answer(wanted)

    def answer(self, wanted: RowRequest) -> None:
        """Answer as the store would: newest first, filtered."""
        query = self.model.query
        below = self.count + 1 if wanted.before is None else wanted.before.number
        if query == RecordQuery():
            first = below - 1 - wanted.skip
            numbers = range(first, max(first - wanted.count, 0), -1)
        else:
            fit = [n for n in range(below - 1, 0, -1) if self._fits(n)]
            numbers = fit[wanted.skip : wanted.skip + wanted.count]  # type: ignore[assignment]
        self.read += len(numbers)
        self.model.take_rows(wanted, tuple(self.record(n) for n in numbers))

    def record(self, number: int) -> Record:
        """Return a verdict as it is now."""
        return made(number, decision=self.decided.get(number))

    def _fits(self, number: int) -> bool:
        decided = self.model.query.decided
        return decided is None or decided == (number in self.decided)
