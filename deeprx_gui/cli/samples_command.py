"""``deeprx samples``: keep limit samples, check them, and look into the record."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deeprx_gui import station as stations
from deeprx_gui.capture.decode import decode
from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_line
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput, label
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.limit_samples import (
    EXPECTED,
    MOST_NOTE,
    LimitSample,
    SampleRecord,
    SampleResult,
)
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.profiles.codec import sample_png
from deeprx_gui.results.sample_records import (
    WAYS,
    SampleRecords,
    signed,
    write_records_csv,
    write_records_sheet,
)
from deeprx_gui.station_identity import identity
from deeprx_gui.work.limit_samples import replay_samples
from deeprx_gui.work.sample_changes import kept, without

EXIT_FAILED = 1


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs."""
    verbs = parser.add_commands("verb", VERBS, [common])
    for name, command in verbs.items():
        optional = {"nargs": "?"} if name == "records" else {}
        command.add_argument("name", help=tr("name of the product profile"), **optional)
        add_json_option(command)
    keep = verbs["add"]
    keep.add_argument("image", type=argument_types.path, help=tr("picture of the part"))
    keep.add_argument(
        "--expect",
        type=_verdict,
        metavar="OK|NG",
        help=tr("the verdict that was agreed: OK (just good) or NG (just bad)"),
    )
    keep.add_argument("--note", default="", metavar="NOTE", help=tr("what is to be seen on it"))
    verbs["remove"].add_argument(
        "number", type=argument_types.whole(1), help=tr("its number in the list")
    )
    add_runtime_option(verbs["run"])
    verbs["release"].add_argument(
        "--why", default="", metavar="WHY", help=tr("reason, written into the record")
    )
    for option, words in (
        ("--csv", tr("write a table for Excel")),
        ("--sheet", tr("write a sheet to print")),
    ):
        verbs["records"].add_argument(option, type=argument_types.path, metavar="FILE", help=words)


def _verdict(text: str) -> Verdict:
    for verdict in EXPECTED:
        if text.strip().upper() == verdict.value:
            return verdict
    raise RequestError(say("“{text}” is not possible here. Write OK or NG.", text=text))


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    answer = VERBS[args.verb].run(args, context)
    return answer.tell(as_json=args.json)


def _add(args: argparse.Namespace, context: Context) -> CommandOutput:
    if args.expect is None:
        raise RequestError(say("Say what was agreed: add --expect OK or --expect NG."))
    profile = context.store.load(context.find(args.name))
    file = absolute(args.image)
    sample = LimitSample(
        file.name,
        args.expect,
        args.note.strip()[:MOST_NOTE],
        sample_png(decode(file).pixels),
        context.settings.who,
        datetime.now(UTC),
    )
    saved = context.store.save(kept(profile, sample), onto_current=True)
    number = len(saved.limit_samples)
    return CommandOutput(
        {**_profile_as_json(saved), "number": number, "samples": number},
        lambda: print_line(
            tr(
                "Kept as limit sample {number} of “{name}” ({revision}).",
                number=number,
                name=saved.name,
                revision=label(saved.revision),
            )
        ),
    )


def _list(args: argparse.Namespace, context: Context) -> CommandOutput:
    profile = context.store.load(context.find(args.name))

    def show() -> None:
        if not profile.limit_samples:
            print_line(tr("“{name}” has no limit samples.", name=profile.name))
        for number, sample in enumerate(profile.limit_samples, start=1):
            word = render(VERDICT_WORDS[sample.expected])
            print_line("  ".join(filter(None, (f"{number:2d}", word, sample.name, sample.note))))

    found = [
        {
            "number": number,
            "name": sample.name,
            "expected": sample.expected.value,
            "note": sample.note,
            "who": sample.who,
            "when": sample.when.isoformat(),
        }
        for number, sample in enumerate(profile.limit_samples, start=1)
    ]
    return CommandOutput({**_profile_as_json(profile), "samples": found}, show)


def _remove(args: argparse.Namespace, context: Context) -> CommandOutput:
    profile = context.store.load(context.find(args.name))
    count = len(profile.limit_samples)
    if args.number > count:
        raise RequestError(
            say(
                "“{name}” has no limit sample {number}; it has {count}.",
                name=profile.name,
                number=args.number,
                count=count,
            )
        )
    saved = context.store.save(
        without(profile, args.number - 1, context.settings.who), onto_current=True
    )
    return CommandOutput(
        {**_profile_as_json(saved), "samples": len(saved.limit_samples)},
        lambda: print_line(
            tr("Removed. “{name}” has {n} limit samples.", name=saved.name, n=count - 1)
        ),
    )


def _run(args: argparse.Namespace, context: Context) -> CommandOutput:
    profile = context.store.load(context.find(args.name))
    outcome = drive(replay_samples(profile, engines=context.engines(args.runtime)))
    record = note_check(context, profile, outcome.results, outcome.runtime)

    def show() -> None:
        for result in record.results:
            _show_result(result)
        print_line(render(record.sentence))

    return CommandOutput(record_as_json(record), show, 0 if record.passed else EXIT_FAILED)


def note_check(
    context: Context, profile: Profile, results: Sequence[SampleResult], runtime: str
) -> SampleRecord:
    """Sign a check and append it to the record. Raises StorageError."""
    record = replace(_signed(context, profile), results=tuple(results), runtime=runtime)
    SampleRecords(context.paths.sample_records).add(record)
    return record


def _signed(context: Context, profile: Profile) -> SampleRecord:
    station = stations.load(context.paths.station_file, sources=SOURCES, outputs=OUTPUTS)
    here = identity(context.paths.station_id_file, station.name)
    return signed(profile, here, context.settings.who)


def _release(args: argparse.Namespace, context: Context) -> CommandOutput:
    if not args.why.strip():
        raise RequestError(say("A release needs a reason. Add --why."))
    profile = context.store.load(context.find(args.name))
    record = replace(_signed(context, profile), released=args.why.strip())
    SampleRecords(context.paths.sample_records).add(record)
    return CommandOutput(record_as_json(record), lambda: print_line(render(record.sentence)))


def _records(args: argparse.Namespace, context: Context) -> CommandOutput:
    records = SampleRecords(context.paths.sample_records).read()
    if args.name:
        key = context.find(args.name)
        records = tuple(record for record in records if record.profile_id == key)
    written: list[Path] = []
    if args.csv is not None:
        written.append(_file(args.csv, ".csv"))
        write_records_csv(written[-1], records)
    if args.sheet is not None:
        written.append(_file(args.sheet, ".html"))
        write_records_sheet(written[-1], records, made=datetime.now().astimezone())

    def show() -> None:
        if not records:
            print_line(tr("The record of limit samples is empty."))
        for record in records:
            when = f"{record.when.astimezone():%Y-%m-%d %H:%M}"
            which = (when, record.profile, label(record.revision))
            by = (record.station, record.operator, render(WAYS[record.way]))
            print_line("  ".join(filter(None, (*which, *by, render(record.sentence)))))
        for path in written:
            print_line(tr("Written: {path}", path=path))

    return CommandOutput(
        {
            "records": [record_as_json(record) for record in records],
            "files": [str(path) for path in written],
        },
        show,
    )


def _file(path: Path, ending: str) -> Path:
    whole = absolute(path)
    return whole if whole.suffix else whole.with_suffix(ending)


def _show_result(result: SampleResult) -> None:
    error = "" if result.error is None else render(result.error)
    print_line(
        tr(
            "{mark} {name}: expected {expected}, judged {verdict} {times} {note}",
            mark="✓" if result.passed else "✕",
            name=result.name,
            expected=render(VERDICT_WORDS[result.expected]),
            verdict=render(VERDICT_WORDS[result.verdict]),
            times=times_limit_text(result.times),
            note=error or result.note,
        ).rstrip()
    )


def _profile_as_json(profile: Profile) -> Mapping[str, object]:
    return {"profile": profile.name, "id": profile.id, "revision": profile.revision}


def record_as_json(record: SampleRecord) -> Mapping[str, object]:
    """Return a record as the commands print it."""
    return {
        "when": record.when.isoformat(),
        "profile": record.profile,
        "id": record.profile_id,
        "revision": record.revision,
        "station": record.station,
        "station_id": record.station_id,
        "operator": record.operator,
        "way": record.way.value,
        "runtime": record.runtime,
        "passed": record.passed,
        "released": record.released or None,
        "results": [
            {
                "name": result.name,
                "expected": result.expected.value,
                "verdict": result.verdict.value,
                "times": result.times if math.isfinite(result.times) else None,
                "passed": result.passed,
                "note": result.note,
                "error": None if result.error is None else render(result.error),
            }
            for result in record.results
        ],
    }


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, Context], CommandOutput]]] = {
    "add": Verb(say("keep a picture as limit sample"), Work.ENGINEERS, _add),
    "list": Verb(say("list the limit samples of a product"), Work.ANYBODYS, _list),
    "remove": Verb(say("remove a limit sample"), Work.ENGINEERS, _remove),
    "run": Verb(say("judge the stored pictures and sign the record"), Work.ANYBODYS, _run),
    "release": Verb(
        say("let the line inspect though its limit samples are due"), Work.ENGINEERS, _release
    ),
    "records": Verb(
        say("list, export and print what was checked, when and by whom"), Work.ANYBODYS, _records
    ),
}
