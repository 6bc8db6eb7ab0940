"""One signed-in stretch of forwarding: pass after pass, from the station's file to the centre."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deeprx_gui.central.sending import StationSession
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError, StorageError
from deeprx_gui.domain.forwarding import (
    AsideRow,
    ForwardMark,
    ForwardPhase,
    ForwardState,
    ProductCorrections,
    Row,
    VerdictBatch,
)
from deeprx_gui.domain.message import say
from deeprx_gui.results.records.forward_rows import ForwardLook, ForwardRows
from deeprx_gui.work import forward_files as files
from deeprx_gui.work.forward_copied import CopiedBatch, CopiedRows
from deeprx_gui.work.forward_corrections import CorrectionWatch
from deeprx_gui.work.forward_pictures import PictureSender

FREE_BATCH, LIVE_BATCH = 1000, 500
"""Rows sent at once while nothing is inspected, and during a run."""
MARK_SECONDS: Final = 5.0
_REFUSED_IN_A_ROW: Final = 30
_DECISIONS_AGAIN: Final = 1000
"""So many decisions are sent once more after each sign-in: a server may have been restored."""
_CORRECTION: Final = "correction"
"""Kind of a row that was put aside; it has no number, and its uid is a text."""
_RATE_SECONDS: Final = 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Todo:
    """What one look into the station's file found to send."""

    newest: int = 0
    verdicts: VerdictBatch = VerdictBatch((), {})  # noqa: RUF009 - frozen
    decisions: Sequence[Row] = ()
    pictures: Sequence[Row] = ()
    copied: CopiedBatch | None = None


class ForwardWork:
    """What is sent, how far it is, and what was refused; used by one thread but for ``state``.

    ``folder``: of the results. ``station``: id of this one. ``live``: whether parts are inspected
    just now.
    """

    def __init__(
        self,
        place: CentralPlace,
        folder: Path,
        corrections: CorrectionWatch,
        station: str,
        live: Callable[[], bool] = lambda: False,
    ) -> None:
        self._place, self._folder, self._station, self.live = place, folder, station, live
        self._rows, self._corrections = ForwardRows(folder), corrections
        self._server = files.server_of(place)
        self._mark = files.read_mark(folder)
        self._kept_mark = self._mark
        self._mark_next = 0.0
        self._aside = files.read_aside(folder)
        self._refused_in_a_row = 0
        self._pictures = PictureSender(place, folder, live)
        self._copied = CopiedRows(station, self._pictures)
        self._times: deque[tuple[float, int]] = deque(maxlen=1000)
        self.state = ForwardState(put_aside=len(self._aside))

    def begin(self, session: StationSession) -> None:
        """Find where to go on, after a sign-in."""
        if self._mark.server != self._server:
            self._mark = ForwardMark(self._server)
            self._corrections.forget()
        with self._rows.look() as look:
            if look is not None:
                self._check_mark(look)
                self._find_back(session, look)
        self._mark = replace(self._mark, decision=max(0, self._mark.decision - _DECISIONS_AGAIN))
        self._tell(clock_ahead=session.clock_ahead, problem=None, phase=ForwardPhase.SENDING)

    def _check_mark(self, look: ForwardLook) -> None:
        """Begin anew where the file is another one than the mark speaks of."""
        if self._mark.verdict and look.uid(self._mark.verdict) != self._mark.uid:
            _log.info("the file of verdicts is another one; it is sent from its beginning")
            self._rows.forget()
            self._mark = ForwardMark(self._server)

    def _find_back(self, session: StationSession, look: ForwardLook) -> None:
        """Go back to what the server really has: it may have been restored from a backup."""
        row = look.own_row(self._mark.verdict, self._station)
        if row is None or session.arrived([row]):
            return  # what another station recorded is not looked for here: see CopiedRows
        step = 1
        while row is not None:
            row = look.own_row(max(0, int(str(row["row"])) - step), self._station)
            if row is not None and session.arrived([row]):
                break
            step *= 2
        at = 0 if row is None else int(str(row["row"]))
        _log.info("the centre lacks verdicts after number %d: sent again", at)
        self._mark = ForwardMark(self._server, at, look.uid(at), 0, min(at, self._mark.picture))

    def one_pass(self, session: StationSession) -> bool:
        """Send what there is, at most a batch of each; False when nothing was left to send."""
        size = LIVE_BATCH if self.live() else FREE_BATCH
        todo = self._todo(size)
        if todo.verdicts.verdicts:
            self._send(session, self._copied.own_verdicts(todo.verdicts))
            last = todo.verdicts.verdicts[-1]
            self._moved(replace(self._mark, verdict=todo.verdicts.last, uid=str(last["uid"])))
        if todo.decisions:
            ready = self._copied.ready_decisions(session, todo.decisions, self._mark)
            self._send_decisions(session, ready)
            self._moved(replace(self._mark, decision=int(str(todo.decisions[-1]["row"]))))
        sent = bool(todo.verdicts.verdicts or todo.decisions)
        if not sent and todo.copied is not None:
            sent = self._settle(session, todo.copied)
        if not sent:
            sent = self._send_corrections(session) or self._send_pictures(session, todo.pictures)
        self._tell(
            sent=self._mark.verdict,
            recorded=max(todo.newest, self._mark.verdict),
            phase=ForwardPhase.SENDING if sent else ForwardPhase.UP_TO_DATE,
            rate=self._rate(),
        )
        return sent

    def _todo(self, size: int) -> Todo:
        with self._rows.look() as look:
            if look is None:
                return Todo()
            self._check_mark(look)
            newest = look.newest()
            self._tell(sent=self._mark.verdict, recorded=newest)
            pictures: Sequence[Row] = ()
            if self._pictures.due(self._mark):
                pictures = self._pictures.find(look, self._mark, self._station)
                if not pictures:
                    self._mark = replace(self._mark, picture=self._mark.verdict)
            verdicts = look.verdicts(self._mark.verdict, size)
            decisions = look.decisions(self._mark.decision, size)
            copied = None
            if self._copied.due(look, self._mark):
                copied = self._copied.find(look, self._mark)
            else:
                self._mark = replace(self._mark, copied=self._mark.verdict)
            return Todo(newest, verdicts, decisions, pictures, copied)

    def _settle(self, session: StationSession, batch: CopiedBatch) -> bool:
        """Settle verdicts that another station recorded; True when the next may follow at once."""
        found = self._copied.look_up(session, batch)
        self._send(session, found.verdicts)
        self._send_decisions(session, found.decisions)
        upto = self._copied.send_pictures(session, found, self._mark.verdict)
        self._tell(copied_wait=found.waits, picture_problem=self._pictures.problem)
        self._moved(replace(self._mark, copied=upto))
        return upto == batch.last

    # Sending --------------------------------------------------------------------------------

    def _send(self, session: StationSession, batch: VerdictBatch) -> None:
        """Send verdicts; what the server refuses is found by halving and put aside."""
        if not batch.verdicts:
            return
        try:
            session.send_verdicts(batch)
        except CentralError as error:
            if error.trouble is not Trouble.REFUSED:
                raise
            count = len(batch.verdicts)
            if count == 1:
                self._put_aside("verdict", batch.verdicts[0], error)
                return
            self._send(session, batch.part(0, count // 2))
            self._send(session, batch.part(count // 2, count))
        else:
            self._went(len(batch.verdicts))

    def _send_decisions(self, session: StationSession, rows: Sequence[Row]) -> None:
        if not rows:
            return
        try:
            session.send_decisions(rows)
        except CentralError as error:
            if error.trouble is not Trouble.REFUSED:
                raise
            if len(rows) == 1:
                self._put_aside("decision", rows[0], error)
                return
            self._send_decisions(session, rows[: len(rows) // 2])
            self._send_decisions(session, rows[len(rows) // 2 :])
        else:
            self._went(len(rows))

    def _send_corrections(self, session: StationSession) -> bool:
        """Send the corrections of a product that changed; True when there were any."""
        for product in self._corrections.news():
            self._send_product(session, product, product.rows)
            self._corrections.sent(product)
            return True
        return False

    def _send_product(
        self, session: StationSession, product: ProductCorrections, rows: Sequence[Row]
    ) -> None:
        try:
            session.send_corrections(product, rows)
        except CentralError as error:
            if error.trouble is not Trouble.REFUSED:
                raise
            if not rows:
                _log.warning("corrections of %s were refused: %s", product.name, error)
            elif len(rows) == 1:
                self._put_aside(_CORRECTION, {**rows[0], "row": 0}, error)
            else:
                self._send_product(session, product, rows[: len(rows) // 2])
                self._send_product(session, product, rows[len(rows) // 2 :])
        else:
            uids = {row["uid"] for row in rows}
            left = [a for a in self._aside if a.kind != _CORRECTION or a.uid not in uids]
            if len(left) < len(self._aside):
                self._keep_aside(left)
            self._went(len(rows))

    def _send_pictures(self, session: StationSession, rows: Sequence[Row]) -> bool:
        """Send a few kept pictures; True when the next ones may follow at once."""
        for row in rows:
            done = self._pictures.send(session, row, self._mark.verdict)
            self._tell(picture_problem=self._pictures.problem)
            if not done:
                return False
            self._moved(replace(self._mark, picture=int(str(row["row"]))))
        return bool(rows)

    # Putting aside ----------------------------------------------------------------------------

    def _put_aside(self, kind: str, row: Row, error: CentralError) -> None:
        reason = str(error.message.values.get("why", error))
        _log.warning("%s %s was refused by the centre: %s", kind, row["row"], reason)
        self._refused_in_a_row += 1
        if self._refused_in_a_row > _REFUSED_IN_A_ROW or len(self._aside) >= files.MOST_ASIDE:
            raise CentralError(
                say(
                    "The central database on {host} refuses one row after the other ({why}). Show"
                    " this to the IT department. Inspecting goes on, and nothing is lost.",
                    host=self._place.host,
                    why=reason,
                ),
                Trouble.REFUSED,
            )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        aside = AsideRow(kind, int(str(row["row"])), str(row["uid"]), reason, now)
        self._keep_aside([*(a for a in self._aside if _key(a) != _key(aside)), aside])

    def _keep_aside(self, rows: Sequence[AsideRow]) -> None:
        files.write_aside(self._folder, rows)
        self._aside = tuple(rows)
        self._tell(put_aside=len(self._aside))

    def retry_refused(self, session: StationSession) -> int:
        """Send what was refused once more; return how many went through this time."""
        asked, self._refused_in_a_row = self._aside, 0
        left = {_key(one): one for one in asked if one.kind != _CORRECTION}
        for one in tuple(left.values()):
            with self._rows.look() as look:
                if look is None:
                    break
                batch = look.verdicts(one.row - 1, 1)
                decisions = look.decisions(one.row - 1, 1)
            try:
                if one.kind == "verdict" and batch.verdicts and batch.verdicts[0]["row"] == one.row:
                    session.send_verdicts(batch)
                elif one.kind == "decision" and decisions:
                    session.send_decisions(decisions)
            except CentralError as error:
                if error.trouble is not Trouble.REFUSED:
                    raise
            else:
                del left[_key(one)]
        self._keep_aside(list(left.values()))
        if any(one.kind == _CORRECTION for one in asked):
            self._corrections.forget()
            while self._send_corrections(session):
                pass
        return len(asked) - len(self._aside)

    # How far it is ----------------------------------------------------------------------------

    def _went(self, rows: int) -> None:
        self._refused_in_a_row = 0
        self._times.append((time.monotonic(), rows))
        self._tell(last_sent=datetime.now(UTC))

    def _rate(self) -> float:
        now = time.monotonic()
        while self._times and now - self._times[0][0] > _RATE_SECONDS:
            self._times.popleft()
        if not self._times:
            return 0.0
        return sum(rows for _, rows in self._times) / max(now - self._times[0][0], 0.5)

    def _moved(self, mark: ForwardMark) -> None:
        self._mark = mark
        if time.monotonic() >= self._mark_next:
            self.keep_mark()

    def keep_mark(self) -> None:
        """Put on the disk how far it is. Never raises."""
        self._mark_next = time.monotonic() + MARK_SECONDS
        if self._mark != self._kept_mark:
            files.write_mark(self._folder, self._mark)
            self._kept_mark = self._mark

    def anything_new(self) -> bool:
        """Whether the file holds more than was sent; from any thread. Never raises."""
        try:
            with ForwardRows(self._folder).look() as look:
                return look is not None and (
                    look.newest() > self._mark.verdict
                    or look.newest_decision() > self._mark.decision
                )
        except StorageError:
            return False

    def look_at_file(self) -> None:
        """Count what waits, also while the centre is away. Never raises."""
        try:
            with self._rows.look() as look:
                if look is not None:
                    self._tell(sent=self._mark.verdict, recorded=look.newest())
        except StorageError as error:
            _log.info("%s", error)

    def say_problem(self, phase: ForwardPhase, problem: CentralError | StorageError) -> None:
        """Note what is in the way."""
        self._tell(phase=phase, problem=problem.message, rate=0.0)

    def report(self, session: StationSession) -> None:
        """Tell the centre how far this station is."""
        state = self.state
        session.report(newest=state.recorded, waiting=state.waiting, put_aside=state.put_aside)

    def _tell(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type] # by name


def _key(one: AsideRow) -> tuple[str, int, str]:
    return one.kind, one.row, one.uid if one.kind == _CORRECTION else ""
