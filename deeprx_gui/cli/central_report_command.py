"""``deeprx central report``: stations side by side."""

from __future__ import annotations

import argparse
from contextlib import closing

from deeprx_gui import central_settings
from deeprx_gui.central.opening import open_records
from deeprx_gui.central.report import plant_report
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.history_query import line_of, moment, recorded_profile
from deeprx_gui.cli.options import add_json_option
from deeprx_gui.cli.output import print_line, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.plant_columns import PLANT_COLUMNS
from deeprx_gui.domain.plant_report import PlantReport, StationFigures
from deeprx_gui.i18n import render, tr
from deeprx_gui.paths import resources_dir
from deeprx_gui.results.plant_report import write_plant_report, write_plant_table


def add(command: Parser, _common: Parser) -> None:
    """Declare the arguments of the verb."""
    add_json_option(command)
    add = command.add_argument
    example = tr("2026-11-23, 2026-11-23T14:30, today or yesterday, on this PC's clock")
    add(
        "target",
        type=argument_types.path,
        nargs="?",
        help=tr("file to write: .html to print, .xlsx for Excel, .csv for programs"),
    )
    add("--since", type=moment, metavar="TIME", help=tr("from this time on: {how}", how=example))
    add("--until", type=moment, metavar="TIME", help=tr("before this time, written likewise"))
    add("--profile", metavar="NAME", help=tr("name of the product profile"))
    add("--line", metavar="NAME", help=tr("only the stations of this line"))


def run(args: argparse.Namespace, context: Context) -> int:
    """Add up, write what was asked for, and answer. Raises CentralError and StorageError."""
    place = central_settings.load(context.paths.central_file)
    steps = resources_dir() / "central"
    with closing(open_records(place, steps, context.paths.results)) as centre:
        profile = None if args.profile is None else recorded_profile(args.profile, centre)
        query = RecordQuery(
            since=args.since,
            until=args.until,
            profile_id="" if profile is None else profile.profile_id,
            line="" if args.line is None else line_of(args.line, centre),
        )
        report = drive(plant_report(centre.ask, query))
    target = None if args.target is None else absolute(args.target)
    if target is not None:
        write = write_plant_report if target.suffix.lower() in {".html", ".htm"} else None
        (write or write_plant_table)(target, report)

    def show() -> None:
        _show(report)
        if target is not None:
            print_line(tr("Written: {path}", path=target))

    output = CommandOutput({**as_json(report), "file": str(target) if target else None}, show)
    return output.tell(as_json=args.json)


def as_json(report: PlantReport) -> dict[str, object]:
    """Return the figures and sentences of a report; times are ISO 8601 in UTC."""
    return {
        "differences": [render(sentence) for sentence in report.differences],
        "trend_hours": report.bucket.total_seconds() / 3600,
        "rows": [_row_as_json(row) for row in report.rows],
    }


def _row_as_json(row: StationFigures) -> dict[str, object]:
    values: dict[str, object] = {c.key: c.value(row) for c in PLANT_COLUMNS if c.key != "places"}
    return values | {
        "station_id": row.station_id,
        "profile_id": row.profile_id,
        "decided": row.decided,
        "trend": [
            {"when": p.when.isoformat(), "median": round(p.median, 4), "parts": p.parts}
            for p in row.trend
        ],
        "places": [
            {"across": p.across / 10 + 0.05, "down": p.down / 10 + 0.05, "parts": p.parts}
            for p in row.places
        ],
    }


def _show(report: PlantReport) -> None:
    if not report.rows:
        print_line(tr("There are no such verdicts."))
        return
    for sentence in report.differences:
        print_line(render(sentence))
    print_table(
        [render(column.title) for column in PLANT_COLUMNS],
        [[column.text(row) for column in PLANT_COLUMNS] for row in report.rows],
    )
