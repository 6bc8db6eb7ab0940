"""What stations say to the library: who they are, what they run, which limits they propose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import refusals
from deeprx_gui.domain.central import Trouble
from deeprx_gui.domain.errors import CentralError, RequestError
from deeprx_gui.domain.library import (
    LibraryContent,
    LibraryRevision,
    LimitProposal,
    ProposalState,
    RunState,
    SentProposal,
    StationPlace,
    StationRun,
)
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.recorded_values import message_from_text, message_to_text

_MOST_TEXT: Final = 2000
_PROPOSALS: Final = (
    "SELECT uid::text, lineage, p.name, base, review, ng, before_review, before_ng, who, l.at,"
    " why, parts, stopped_before, stopped_after, l.number, l.product, s.name, l.state,"
    " answered_by, answer FROM limit_proposals l"
    " JOIN library_products p ON p.number = l.product"
    " JOIN stations s ON s.number = l.station ORDER BY l.number DESC"
)


def station(connection: CentralConnection, id_: str, name: str, line: str) -> StationPlace:
    """Return this station as the library knows it; it is entered where it is new.

    Raises CentralError, where another login has this id too.
    """
    find = "SELECT number, id, name, line FROM stations WHERE id = :id"
    with refusals(connection):
        rows = connection.run(find, id=id_)
        if not rows:
            connection.run(
                "INSERT INTO stations (id, name, line, installation) VALUES"
                " (:id, :name, :line, '') ON CONFLICT (id) DO NOTHING",
                id=id_, name=name, line=line,
            )  # fmt: skip
            rows = connection.run(find, id=id_)
    if not rows:
        raise CentralError(
            say(
                "Another station has the same id as this one, as after copying a disk. Delete"
                " station-id.txt in the data folder of one of them and start the program again."
            ),
            Trouble.CLONED,
        )
    number, found, known, at_line = rows[0]
    if (known, at_line) != (name, line):
        connection.run(
            "UPDATE stations SET name = :name, line = :line WHERE number = :number",
            name=name, line=line, number=number,
        )  # fmt: skip
    return StationPlace(number, found, name, line)


def stations(connection: CentralConnection) -> tuple[StationPlace, ...]:
    """Return all stations this login may see, by line and name. Raises CentralError."""
    rows = connection.run("SELECT number, id, name, line FROM stations ORDER BY line, name, number")
    return tuple(StationPlace(*row) for row in rows)


def report_run(
    connection: CentralConnection,
    place: StationPlace,
    product: int,
    *,
    revision: int | None,
    sha256: str,
    state: RunState,
    trouble: Message | None = None,
) -> None:
    """Say what this station runs of a product; ``since`` moves when the revision does.

    ``trouble`` is kept as a message, so that everybody reads it in their own language.
    """
    text = "" if trouble is None else message_to_text(trouble)
    if len(text) > 2 * _MOST_TEXT:
        text = str(trouble)[: 2 * _MOST_TEXT]
    with refusals(connection):
        connection.run(
            "INSERT INTO station_runs AS r (station, product, revision, sha256, state, trouble)"
            " VALUES (:station, :product, :revision, decode(:sha256, 'hex'), :state, :trouble)"
            " ON CONFLICT (station, product) DO UPDATE SET revision = excluded.revision,"
            " sha256 = excluded.sha256, state = excluded.state, trouble = excluded.trouble,"
            " reported = now(), since = CASE WHEN r.revision IS NOT DISTINCT FROM"
            " excluded.revision THEN r.since ELSE now() END",
            station=place.number, product=product, revision=revision, sha256=sha256,
            state=state.value, trouble=text,
        )  # fmt: skip


def runs(connection: CentralConnection, known: LibraryContent) -> tuple[StationRun, ...]:
    """Return what every station runs of every product, as it last said. Raises CentralError."""
    by_row = {one.row: one for one in known.revisions}
    with refusals(connection):
        rows = connection.run(
            "SELECT s.number, s.id, s.name, s.line, r.product, r.revision, r.state, r.trouble,"
            " r.since, r.reported FROM station_runs r JOIN stations s ON s.number = r.station"
            " ORDER BY r.product, s.line, s.name, s.number"
        )
    return tuple(_run(row, by_row) for row in rows)


def _run(row: Sequence[Any], by_row: Mapping[int, LibraryRevision]) -> StationRun:
    trouble = message_from_text(row[7]) if row[7] else None
    revision, state = by_row.get(row[5]), RunState(row[6])
    return StationRun(StationPlace(*row[:4]), row[4], revision, state, trouble, *row[8:])


def send_proposal(connection: CentralConnection, place: StationPlace, made: LimitProposal) -> bool:
    """Send proposed limits; sent twice they are one. False: the library has no such product."""
    with refusals(connection):
        found = connection.run(
            "SELECT number FROM library_products WHERE lineage = :lineage", lineage=made.lineage
        )
        if not found:
            return False
        connection.run(
            "INSERT INTO limit_proposals (uid, station, product, base, review, ng,"
            " before_review, before_ng, parts, stopped_before, stopped_after, who, at, why)"
            " VALUES (CAST(:uid AS uuid), :station, :product, :base, :review, :ng,"
            " :before_review, :before_ng, :parts, :stopped_before, :stopped_after, :who,"
            " :at, :why) ON CONFLICT (uid, station) DO NOTHING",
            uid=made.uid, station=place.number, product=found[0][0], base=made.base,
            review=made.review, ng=made.ng, before_review=made.before_review,
            before_ng=made.before_ng, parts=made.parts, stopped_before=made.stopped_before,
            stopped_after=made.stopped_after, who=made.who or "–", at=made.at,
            why=made.why[:_MOST_TEXT],
        )  # fmt: skip
    return True


def proposals(connection: CentralConnection) -> tuple[SentProposal, ...]:
    """Return all proposals, the latest first. Raises CentralError."""
    with refusals(connection):
        rows = connection.run(_PROPOSALS)
    return tuple(_sent(row) for row in rows)


def _sent(row: Sequence[object]) -> SentProposal:
    made, (number, product, name, state, by, answer) = row[:14], row[14:]
    return SentProposal(
        number,  # type: ignore[arg-type] # rows come untyped
        LimitProposal(*made),  # type: ignore[arg-type]
        product,  # type: ignore[arg-type]
        str(name), ProposalState(str(state)), str(by), str(answer),
    )  # fmt: skip


def answer_proposal(
    connection: CentralConnection,
    number: int,
    state: ProposalState,
    *,
    who: str,
    answer: str = "",
    made: int | None = None,
) -> None:
    """Accept or reject a proposal, once; ``made``: the row of the revision it became.

    Raises RequestError where it was answered already or a reason is missing, CentralError.
    """
    with refusals(connection):
        connection.run(
            "UPDATE limit_proposals SET state = :state, answered_by = :who, answer = :answer,"
            " made = :made WHERE number = :number",
            state=state.value, who=who, answer=answer, made=made, number=number,
        )  # fmt: skip
        if connection.touched == 0:
            raise RequestError(
                say("There is no proposal {number}. Look with “deeprx library proposals”.",
                    number=number)
            )  # fmt: skip
