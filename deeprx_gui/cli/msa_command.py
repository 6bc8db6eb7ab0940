"""``deeprx msa``: attribute agreement and repeatability of people and stations."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import datetime
from pathlib import Path

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.history_query import add_query_options, query_of
from deeprx_gui.cli.options import add_json_option
from deeprx_gui.cli.output import print_json, print_line
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.side_files import SideFiles
from deeprx_gui.domain.agreement import (
    EFFECTIVENESS,
    FALSE_ALARM_RATE,
    MISS_RATE,
    AgreementStudy,
    AppraiserFigures,
    Grades,
    Share,
)
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import UNKNOWN, percent_cell
from deeprx_gui.i18n import tr
from deeprx_gui.results.agreement_sheet import write_ratings, write_sheet
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.agreement_table import read_study, read_truth, study_of_records


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    path = argument_types.path
    parser.add_argument("table", nargs="?", type=path, help=tr("table of verdicts (CSV)"))
    parser.add_argument(
        "--history",
        action="store_true",
        help=tr("take the verdicts of History instead: the serial number is the part"),
    )
    parser.add_argument(
        "--truth",
        type=path,
        metavar="FILE",
        help=tr("with --history: table of what the parts really are (columns part and truth)"),
    )
    parser.add_argument("--sheet", type=path, metavar="FILE", help=tr("write a sheet to print"))
    parser.add_argument("--csv", type=path, metavar="FILE", help=tr("write a table for Excel"))
    add_query_options(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Compare, say, write; 1 where a figure is not good enough."""
    study = _study(args, context)
    files, written = SideFiles(), list[Path]()
    if args.sheet is not None:
        sheet, made = _file(args.sheet, ".html"), datetime.now().astimezone()
        if files.write(lambda: write_sheet(sheet, study, made=made)):
            written.append(sheet)
    if args.csv is not None:
        table = _file(args.csv, ".csv")
        if files.write(lambda: write_ratings(table, study)):
            written.append(table)
    if args.json:
        names = [str(path) for path in written]
        print_json({**_as_json(study), "files": names, **files.as_json()})
    else:
        _show(study)
        for path in written:
            print_line(tr("Written: {path}", path=path))
    return files.exit_after(1 if any(_poor(figures) for figures in study.figures) else 0)


def _file(path: Path, ending: str) -> Path:
    whole = absolute(path)
    return whole if whole.suffix else whole.with_suffix(ending)


def _study(args: argparse.Namespace, context: Context) -> AgreementStudy:
    if args.history == (args.table is not None):
        raise RequestError(say("Name a table of verdicts, or write --history."))
    if args.truth is not None and not args.history:
        raise RequestError(say("--truth belongs to --history; a table has a column “truth”."))
    if not args.history:
        return read_study(absolute(args.table))
    truth = None if args.truth is None else read_truth(absolute(args.truth))
    with closing(RecordStore(context.paths.results, read_only=True)) as store:
        query, _ = query_of(args, store)
        return study_of_records(store.rows(query), truth)


_GRADED = (
    ("right", EFFECTIVENESS),
    ("missed", MISS_RATE),
    ("false_alarms", FALSE_ALARM_RATE),
)


def _poor(figures: AppraiserFigures) -> bool:
    return any(_grade(getattr(figures, name), grades) is Verdict.NG for name, grades in _GRADED)


def _grade(share: Share, grades: Grades) -> Verdict | None:
    return None if share.value is None else grades.verdict(share.value)


def _show(study: AgreementStudy) -> None:
    for figures in study.figures:
        print_line(
            tr(
                "{name}: alike every time {repeated}, right every time {right}, bad parts let"
                " through {missed}, good parts stopped {alarms}, kappa {kappa}",
                name=figures.name,
                repeated=percent_cell(figures.repeated.value),
                right=percent_cell(figures.right.value),
                missed=percent_cell(figures.missed.value),
                alarms=percent_cell(figures.false_alarms.value),
                kappa=_two(figures.kappa),
            )
        )
    for (first, second), kappa in study.between.items():
        print_line(
            tr("{first} and {second}: kappa {kappa}", first=first, second=second, kappa=_two(kappa))
        )
    for spread in study.spreads:
        print_line(
            tr(
                "{name}: scores of one part differ by {spread} × limit (standard deviation,"
                " {parts} parts)",
                name=spread.name,
                spread=f"{spread.deviation:.3f}",
                parts=spread.parts,
            )
        )


def _two(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


def _as_json(study: AgreementStudy) -> dict[str, object]:
    return {
        "parts": len(study.parts),
        "trials": study.trials,
        "appraisers": [_figures_as_json(figures) for figures in study.figures],
        "between": [
            {"appraisers": list(pair), "kappa": kappa} for pair, kappa in study.between.items()
        ],
        "kappa": study.overall,
        "all_alike": _share_as_json(study.all_alike),
        "spreads": [
            {"name": s.name, "deviation": s.deviation, "parts": s.parts, "near": list(s.near)}
            for s in study.spreads
        ],
    }


def _figures_as_json(figures: AppraiserFigures) -> dict[str, object]:
    return {
        "name": figures.name,
        "repeated": _share_as_json(figures.repeated),
        **{name: _share_as_json(getattr(figures, name), grades) for name, grades in _GRADED},
        "kappa": figures.kappa,
    }


def _share_as_json(share: Share, grades: Grades | None = None) -> dict[str, object]:
    said: dict[str, object] = {
        "count": share.count,
        "of": share.of,
        "share": share.value,
        "interval": share.interval,
    }
    if grades is not None:
        said["verdict"] = _grade(share, grades)
    return said
