"""``deeprx history``: look into the remembered verdicts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from deeprx_gui import central_settings
from deeprx_gui.capture.decode import thumbnail
from deeprx_gui.cli import argument_types
from deeprx_gui.cli import history_output as answers
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.drift_output import drift_answer
from deeprx_gui.cli.history_query import (
    add_query_options,
    add_stations_options,
    query_of,
    recorded_profile,
)
from deeprx_gui.cli.options import add_count_option, add_json_option
from deeprx_gui.cli.output import print_line, print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import say
from deeprx_gui.domain.record_source import RecordSource
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.paths import resources_dir
from deeprx_gui.results.records.export import export_table
from deeprx_gui.results.records.report import export_report
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.records.store_check import check_store
from deeprx_gui.work.product_drift import product_drift

_DECISIONS: Mapping[str, Decision | None] = {
    "ok": Decision.OK,
    "ng": Decision.NG,
    "none": None,
}


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs."""
    verbs = parser.add_commands("verb", VERBS, [common])
    add_count_option(verbs["list"])
    verbs["list"].add_argument(
        "--before",
        type=argument_types.whole(1),
        metavar="N",
        help=tr("only those with a lower number: the next page"),
    )
    for verb in ("export", "report"):
        verbs[verb].add_argument(
            "target", type=argument_types.path, help=tr("file to write, or folder")
        )
    for verb in ("list", "export", "report"):
        add_query_options(verbs[verb])
        add_stations_options(verbs[verb])
    verbs["drift"].add_argument(
        "--profile", metavar="NAME", help=tr("name of the product profile; without it: of all")
    )
    decide = verbs["decide"]
    decide.add_argument("number", type=argument_types.whole(1), help=tr("number of the verdict"))
    decide.add_argument(
        "decision",
        choices=tuple(_DECISIONS),
        help=tr("what the part really is; none takes an earlier decision back"),
    )
    decide.add_argument("--note", default="", metavar="NOTE", help=tr("a remark to remember"))
    for command in verbs.values():
        add_json_option(command)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    writes = args.verb == "decide"
    with closing(RecordStore(context.paths.results, read_only=not writes)) as store:
        if writes and store.notice is not None:
            print_note(render(store.notice))
        answer = VERBS[args.verb].run(args, store, context)
    return answer.tell(as_json=args.json)


@contextmanager
def _source(
    args: argparse.Namespace, store: RecordStore, context: Context
) -> Iterator[RecordSource]:
    """Give what is asked: this PC's verdicts, or those of all stations."""
    if not args.all_stations:
        yield store
        return
    from deeprx_gui.central.opening import open_records

    place = central_settings.load(context.paths.central_file)
    steps = resources_dir() / "central"
    with closing(open_records(place, steps, context.paths.results)) as records:
        yield records


def _list(args: argparse.Namespace, store: RecordStore, context: Context) -> CommandOutput:
    with _source(args, store, context) as source:
        query, _ = query_of(args, source)
        records = source.page(query, before=args.before, count=args.count)
        exact = source.counted(query)
        return answers.listing(records, source.count(query), exact=exact)


def _export(args: argparse.Namespace, store: RecordStore, context: Context) -> CommandOutput:
    target = _target(args.target, ".csv")
    with _source(args, store, context) as source:
        query, _ = query_of(args, source)
        count = drive(export_table(target, source, query))
    return CommandOutput(
        {"file": str(target), "verdicts": count},
        lambda: print_line(
            tr_n(
                "Written: {path} ({n} verdict)",
                "Written: {path} ({n} verdicts)",
                n=count,
                path=target,
            )
        ),
    )


def _report(args: argparse.Namespace, store: RecordStore, context: Context) -> CommandOutput:
    target = _target(args.target, ".html")
    with _source(args, store, context) as source:
        query, profile = query_of(args, source)
        summary = drive(export_report(target, source, query, profile=profile, picture=thumbnail))
    return CommandOutput(
        {"file": str(target), **answers.summary_as_json(summary)},
        lambda: print_line(tr("Written: {path}", path=target)),
    )


def _decide(args: argparse.Namespace, store: RecordStore, context: Context) -> CommandOutput:
    who, decision = context.settings.who, _DECISIONS[args.decision]
    return answers.decided(store.decide(args.number, decision, who=who, note=args.note))


def _verify(_args: argparse.Namespace, store: RecordStore, _context: Context) -> CommandOutput:
    return answers.checked(drive(check_store(store)))


def _drift(args: argparse.Namespace, store: RecordStore, context: Context) -> CommandOutput:
    wanted = None if args.profile is None else recorded_profile(args.profile, store)
    products = store.profiles() if wanted is None else (wanted,)
    found = [
        (product.profile, drive(product_drift(store, context.store, product.profile_id)))
        for product in products
    ]
    return drift_answer(found)


def _target(path: Path, ending: str) -> Path:
    """Return the file to write; a folder gets one with a telling name."""
    target = absolute(path)
    if target.is_dir():
        day = f"{datetime.now().astimezone():%Y-%m-%d %H%M%S}"
        return target / f"{tr('history')} {day}{ending}"
    return target if target.suffix else target.with_suffix(ending)


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, RecordStore, Context], CommandOutput]]] = {
    "list": Verb(say("list verdicts, the latest first"), Work.ANYBODYS, _list),
    "export": Verb(
        say("write verdicts to a table: for Excel named .xlsx, for programs .csv"),
        Work.ANYBODYS,
        _export,
    ),
    "report": Verb(
        say("write a report: counts per hour, trend of the scores, worst parts"),
        Work.ANYBODYS,
        _report,
    ),
    "decide": Verb(say("say what a part really is"), Work.ANYBODYS, _decide),
    "drift": Verb(
        say("say what has drifted: scores of good parts, brightness, focus, position"),
        Work.ANYBODYS,
        _drift,
    ),
    "verify": Verb(
        say("check the file of verdicts and look for every kept picture"), Work.ANYBODYS, _verify
    ),
}
