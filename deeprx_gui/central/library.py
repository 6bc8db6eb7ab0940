"""The library of products in the central database: publish, release, roll out, read.

Who may do what, four eyes and the order of states are the server's business
(``resources/central/0003_library.sql``); here its refusals become sentences.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pg8000.exceptions import DatabaseError

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library_rows import CONTENT, read_content
from deeprx_gui.central.sql_errors import code_of
from deeprx_gui.domain.central import Trouble
from deeprx_gui.domain.errors import CentralError, RequestError
from deeprx_gui.domain.library import (
    ALL,
    MOST_BYTES,
    PIECE_BYTES,
    LibraryContent,
    LibraryRevision,
    RevisionState,
    Scope,
)
from deeprx_gui.domain.message import Message, say

_REFUSED: Final[Mapping[str, Message]] = {
    "DX001": say("The library refused this: the revision belongs to another product."),
    "DX002": say("The file did not arrive whole, so nothing was kept. Publish it again."),
    "DX003": say("The library refused this: a published file is never changed."),
    "DX004": say("The revision is released or withdrawn already. Look with “deeprx library list”."),
    "DX005": say(
        "A second person has to release: the rules of this library ask for four eyes. Let somebody"
        " else, with a login and a name of their own, release it."
    ),
    "DX006": say("This needs a reason: it stands in the log. Add it with --why."),
    "DX007": say("Only a released revision can be rolled out. Release it first."),
    "DX008": say("This proposal was answered already."),
    "23505": say("This state of the product is in the library already."),
    "23514": say("The library refused this: a value is too long or outside its bounds."),
}
_PIECE: Final = (
    "INSERT INTO library_pieces (revision, piece, bytes) VALUES (:revision, :piece, :bytes)"
)


@dataclass(frozen=True)
class NewRevision:
    """What is published: the bytes of the file and what stands in it (``lineage`` … ``name``).

    ``before``: the marks that were known where it was saved, oldest first.
    """

    data: bytes
    lineage: str
    mark: str
    before: Sequence[str]
    name: str
    who: str
    why: str = ""


@dataclass(frozen=True)
class Stage:
    """One step of a rollout: whom it is for, and how many hours from now it begins."""

    scope: Scope = ALL
    hours: float = 0.0


@contextmanager
def refusals(connection: CentralConnection) -> Iterator[None]:
    """Turn what the library's rules refuse into sentences of their own: RequestError."""
    try:
        yield
    except CentralError as error:
        cause = error.__cause__
        code = code_of(cause) if isinstance(cause, DatabaseError) else ""
        if code in {"42P01", "42703"}:
            raise CentralError(
                say(
                    "The central database on {host} holds no library of products yet. Let an"
                    " administrator run “deeprx central migrate”.",
                    host=connection.place.host,
                ),
                Trouble.OLDER,
            ) from error
        if code in _REFUSED:
            raise RequestError(_REFUSED[code]) from error
        raise


def content(connection: CentralConnection) -> LibraryContent:
    """Return what the library says now. Raises CentralError."""
    with refusals(connection), connection.transaction():
        connection.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return read_content(connection.run(CONTENT["now"])[0][0], {
            key: connection.run(sql) for key, sql in CONTENT.items() if key != "now"
        })  # fmt: skip


def publish(
    connection: CentralConnection, new: NewRevision, then: Callable[[int], None] | None = None
) -> int:
    """Put a revision into the library as a draft; return its ``row``.

    All of it or nothing: a connection that breaks leaves nothing behind. ``then`` gets the row, and
    what it does is part of the same step. Raises RequestError for a file that is too large or a
    state that is there already, CentralError.
    """
    if len(new.data) > MOST_BYTES:
        raise RequestError(
            say(
                "The file has {mb} MB; the library takes at most {most} MB. Learn with a smaller"
                " input size.",
                mb=round(len(new.data) / 1e6),
                most=round(MOST_BYTES / 1e6),
            )
        )
    if not new.lineage or not new.mark:
        raise RequestError(say("This revision was saved by an old program. Save it again first."))
    with refusals(connection), connection.transaction():
        product = _product(connection, new)
        parent = connection.run(
            "SELECT number FROM library_revisions WHERE product = :product"
            " AND mark = ANY(CAST(:marks AS text[])) ORDER BY number DESC LIMIT 1",
            product=product, marks=list(new.before),
        )  # fmt: skip
        row = int(connection.run(
            "INSERT INTO library_revisions (product, mark, parent, name, sha256, size, who, why)"
            " VALUES (:product, :mark, :parent, :name, :sha256, :size, :who, :why)"
            " RETURNING number",
            product=product, mark=new.mark, parent=parent[0][0] if parent else None,
            name=new.name, sha256=hashlib.sha256(new.data).digest(), size=len(new.data),
            who=new.who, why=new.why,
        )[0][0])  # fmt: skip
        for piece, start in enumerate(range(0, len(new.data), PIECE_BYTES)):
            part = new.data[start : start + PIECE_BYTES]
            connection.run(_PIECE, revision=row, piece=piece, bytes=part)
        if then is not None:
            then(row)
    return row


def _product(connection: CentralConnection, new: NewRevision) -> int:
    find = "SELECT number, name FROM library_products WHERE lineage = :lineage"
    known = connection.run(find, lineage=new.lineage)
    if not known:
        connection.run(
            "INSERT INTO library_products (lineage, name) VALUES (:lineage, :name)"
            " ON CONFLICT (lineage) DO NOTHING",
            lineage=new.lineage, name=new.name,
        )  # fmt: skip
        known = connection.run(find, lineage=new.lineage)
    number, name = known[0]
    if name != new.name:
        connection.run(
            "UPDATE library_products SET name = :name WHERE number = :number",
            name=new.name, number=number,
        )  # fmt: skip
    return int(number)


def pieces(connection: CentralConnection, row: int, first: int = 0) -> Iterator[bytes]:
    """Yield the bytes of a revision piece by piece, from piece ``first`` on.

    Raises CentralError; for a revision that this login may not read there is no piece.
    """
    piece = first
    while True:
        found = connection.run(
            "SELECT bytes FROM library_pieces WHERE revision = :row AND piece = :piece",
            row=row, piece=piece,
        )  # fmt: skip
        if not found:
            return
        yield bytes(found[0][0])
        piece += 1


def set_state(
    connection: CentralConnection,
    revision: LibraryRevision,
    state: RevisionState,
    *,
    who: str,
    why: str = "",
    key: str = "",
    signature: bytes = b"",
    stages: Sequence[Stage] = (),
) -> None:
    """Release or withdraw a revision, and roll it out in the same step.

    Raises RequestError where the rules of the library are against it, CentralError.
    """
    with refusals(connection), connection.transaction():
        connection.run(
            "INSERT INTO library_states (revision, state, who, why, key, signature)"
            " VALUES (:revision, :state, :who, :why, :key, :signature)",
            revision=revision.row, state=state.value, who=who, why=why, key=key,
            signature=signature,
        )  # fmt: skip
        _add_stages(connection, revision, stages, who, why, back=False)


def roll_out(
    connection: CentralConnection,
    revision: LibraryRevision,
    stages: Sequence[Stage],
    *,
    who: str,
    why: str = "",
    back: bool = False,
) -> None:
    """Say who is to run a revision, and from when on; all stages in one step.

    Raises RequestError for one that is not released, CentralError.
    """
    with refusals(connection), connection.transaction():
        _add_stages(connection, revision, stages, who, why, back=back)


def _add_stages(
    connection: CentralConnection,
    revision: LibraryRevision,
    stages: Sequence[Stage],
    who: str,
    why: str,
    *,
    back: bool,
) -> None:
    if not stages:
        return
    now: datetime = connection.run("SELECT now()")[0][0]
    for stage in stages:
        connection.run(
            "INSERT INTO library_rollouts"
            " (product, revision, station, line, starts, back, who, why) VALUES"
            " (:product, :revision, :station, :line, :starts, :back, :who, :why)",
            product=revision.product, revision=revision.row, station=stage.scope.station,
            line=stage.scope.line, starts=now + timedelta(hours=stage.hours), back=back,
            who=who, why=why,
        )  # fmt: skip


def set_four_eyes(connection: CentralConnection, wanted: bool) -> None:
    """Ask for a second person at each release, or no longer; for administrators."""
    with refusals(connection):
        connection.run("UPDATE library_rules SET four_eyes = :wanted", wanted=wanted)
