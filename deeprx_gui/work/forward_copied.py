"""Verdicts in this PC's file that another station recorded: its disk was copied, or its id is new.

They belong to that station, with their decisions and pictures. This one sends what that one does
not have to send, so that each verdict is in the centre exactly once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deeprx_gui.central.sending import StationSession
from deeprx_gui.domain.forwarding import ForwardMark, Row, Standing, VerdictBatch
from deeprx_gui.results.records.forward_rows import ForwardLook
from deeprx_gui.work.forward_pictures import PictureSender

_BATCH: Final = 1000
_AGAIN_SECONDS: Final = 30.0
"""Between two questions whether the other station has come further: it tells as often."""


@dataclass(frozen=True)
class CopiedBatch:
    """Verdicts that another station recorded, numbered up to ``last``; decisions about them.

    ``pictures``: kept pictures of these verdicts that are to be sent with them. ``waits``: a
    verdict after these may still come from the other station.
    """

    last: int
    verdicts: VerdictBatch
    decisions: Sequence[Row] = ()
    pictures: Sequence[Row] = ()
    waits: bool = False


class CopiedRows:
    """Settles what another station recorded; used by one thread.

    ``station``: id of this one.
    """

    def __init__(self, station: str, pictures: PictureSender) -> None:
        self._station, self._pictures = station, pictures
        self._next = 0.0

    def _other(self, row: Row) -> bool:
        return row["recorded_at"] not in {"", self._station}

    def own_verdicts(self, batch: VerdictBatch) -> VerdictBatch:
        """Return those that this station recorded; they are sent without a question."""
        own = [row for row in batch.verdicts if not self._other(row)]
        return batch if len(own) == len(batch.verdicts) else batch.only(own)

    def ready_decisions(
        self, session: StationSession, rows: Sequence[Row], mark: ForwardMark
    ) -> Sequence[Row]:
        """Return those to be sent now. Others are there, or go when their verdict is settled."""
        there = session.decisions_elsewhere(rows)
        return [
            row
            for row in rows
            if not self._other(row)
            or (int(str(row["verdict"])) <= mark.copied and row["uid"] not in there)
        ]

    def due(self, look: ForwardLook, mark: ForwardMark) -> bool:
        """Whether verdicts up to the mark are not settled; no other station recorded any: no."""
        return mark.copied < mark.verdict and look.copied(self._station)

    def find(self, look: ForwardLook, mark: ForwardMark) -> CopiedBatch | None:
        """Return the next verdicts to be settled, ``None`` where nothing is to be done now."""
        if time.monotonic() < self._next:
            return None
        batch = look.verdicts(mark.copied, _BATCH, mark.verdict)
        last = batch.last if len(batch.verdicts) == _BATCH else mark.verdict
        others = batch.only([row for row in batch.verdicts if self._other(row)])
        if not others.verdicts:
            return CopiedBatch(last, others)
        decisions = look.decisions_about(mark.copied + 1, last)
        pictures = self._pictures.between(look, mark.copied, last)
        return CopiedBatch(
            last,
            others,
            [row for row in decisions if self._other(row)],
            [row for row in pictures if self._other(row)],
        )

    def look_up(self, session: StationSession, batch: CopiedBatch) -> CopiedBatch:
        """Return what of a batch this station has to send now."""
        standing = session.standing(batch.verdicts.verdicts)
        there = session.decisions_elsewhere(batch.decisions)
        self._next = 0.0
        last, waits = batch.last, False
        free, mine = [], set()
        for row in batch.verdicts.verdicts:
            found = standing.get(str(row["uid"]), Standing.WAITS)
            if found is Standing.WAITS:
                last, waits = int(str(row["row"])) - 1, True
                self._next = time.monotonic() + _AGAIN_SECONDS
                break
            if found is Standing.FREE:
                free.append(row)
            if found is not Standing.THERE:
                mine.add(row["row"])
        decisions = [
            row
            for row in batch.decisions
            if int(str(row["verdict"])) <= last and row["uid"] not in there
        ]
        pictures = [row for row in batch.pictures if row["row"] in mine]
        return CopiedBatch(last, batch.verdicts.only(free), decisions, pictures, waits)

    def send_pictures(self, session: StationSession, batch: CopiedBatch, newest: int) -> int:
        """Send the pictures of a batch; return the verdict up to which everything is settled.

        ``newest``: number of the newest verdict that is in the centre.
        """
        for row in batch.pictures:
            if not self._pictures.send(session, row, newest):
                self._next = time.monotonic() + _AGAIN_SECONDS
                return int(str(row["row"])) - 1
        return batch.last
