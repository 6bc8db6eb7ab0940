"""``deeprx central audit``: who did what at which station."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Sequence
from datetime import datetime

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.central_place import add_place_options, with_central
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.history_query import moment
from deeprx_gui.cli.options import add_json_option
from deeprx_gui.cli.output import print_line, print_note, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.domain.audit import AUDIT_TITLES, AuditQuery, AuditRow
from deeprx_gui.domain.people import ROLE_TITLES, Role
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.csv_export import cell_text
from deeprx_gui.results.writing import write_file

_USUAL = 200
_ALL = 1_000_000


def add(parser: Parser, _common: Parser) -> None:
    """Declare the options."""
    more = parser.add_argument
    example = tr("2026-11-23, 2026-11-23T14:30, today or yesterday, on this PC's clock")
    more("--since", type=moment, metavar="TIME", help=tr("from this time on: {how}", how=example))
    more("--until", type=moment, metavar="TIME", help=tr("up to this time, written likewise"))
    more("--station", default="", metavar="NAME", help=tr("only this station"))
    more("--who", default="", metavar="NAME", help=tr("only what this person did"))
    more("--what", default="", metavar="EVENT", help=tr("only events that begin so, as in --json"))
    more("--profile", default="", metavar="NAME", help=tr("name of the product profile"))
    more(
        "--limit",
        type=argument_types.whole(1),
        metavar="N",
        help=tr("at most so many, the newest; 200 unless given, all into a table"),
    )
    more("--csv", type=argument_types.path, metavar="FILE", help=tr("write a table for Excel"))
    add_place_options(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """List what was asked for."""
    from deeprx_gui.central import audit

    query = AuditQuery(
        since=args.since,
        until=args.until,
        station=args.station,
        who=args.who,
        what=args.what,
        product=args.profile,
        limit=min(_ALL, args.limit or (_USUAL if args.csv is None else _ALL)),
    )
    rows = with_central(args, context, lambda connection: audit.rows(connection, query))
    if args.csv is not None:
        target = absolute(args.csv)
        write_file(target, audit_csv(rows).encode("utf-8-sig", "replace"))
        print_note(tr("Table: {path}", path=target))

    def show() -> None:
        if not rows:
            print_line(tr("There is nothing of that kind in the audit trail."))
        elif args.csv is None:
            print_table(_heads(), [_cells(row) for row in rows])

    return CommandOutput({"entries": [_as_json(row) for row in rows]}, show).tell(as_json=args.json)


def audit_csv(rows: Sequence[AuditRow]) -> str:
    """Return a table with Windows line ends and headings in the reader's language."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow((*_heads(), tr("Database login")))
    for row in rows:
        writer.writerow([cell_text(cell) for cell in (*_cells(row), row.login)])
    return stream.getvalue()


def _heads() -> tuple[str, ...]:
    return (
        tr("Time"),
        tr("Station"),
        tr("Line"),
        tr("Who"),
        tr("Role"),
        tr("What"),
        tr("Product"),
        tr("Revision"),
        tr("Note"),
    )


def _cells(row: AuditRow) -> tuple[str, ...]:
    entry = row.entry
    known = entry.role in set(Role)
    return (
        _time(entry.at),
        row.station or tr("(centre)"),
        row.line,
        entry.who,
        render(ROLE_TITLES[Role(entry.role)]) if known else entry.role,
        render(AUDIT_TITLES[entry.what]) if entry.what in AUDIT_TITLES else entry.what,
        entry.product,
        "" if entry.revision is None else f"r{entry.revision:04d}",
        ", ".join(f"{key}: {value}" for key, value in entry.more.items()),
    )


def _time(when: datetime) -> str:
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _as_json(row: AuditRow) -> dict[str, object]:
    entry = row.entry
    return {
        "uid": str(entry.uid),
        "at": entry.at.isoformat(),
        "received": row.received.isoformat(),
        "station": row.station,
        "line": row.line,
        "who": entry.who,
        "role": entry.role,
        "what": entry.what,
        "product": entry.product,
        "revision": entry.revision,
        "more": dict(entry.more),
        "login": row.login,
    }
