"""``deeprx inspect``: a live run without a window."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from types import FrameType

from deeprx_gui import station as stations
from deeprx_gui.capture.sources.table import SOURCES, parse_source
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.inspect_output import InspectPrinter
from deeprx_gui.cli.key_lines import key_lines
from deeprx_gui.cli.line_companions import (
    add_shadow_option,
    check_samples,
    sending_to_the_centre,
    shadow_for,
)
from deeprx_gui.cli.line_following import following_the_library
from deeprx_gui.cli.options import add_runtime_option, add_strict_option, check_strict
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.run_watch import RunWatch
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.inspection import Keep, KeepRule, Trigger
from deeprx_gui.domain.line_status import LineProduct
from deeprx_gui.domain.live_items import RevisionChange
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.station import Station
from deeprx_gui.i18n import tr
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.outputs.sequence import SequenceNumbers
from deeprx_gui.outputs.table import OUTPUTS, parse_output
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.shadow_log import ShadowLog
from deeprx_gui.station_identity import identity
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveOutcome, LiveRequest, live

EXIT_OK, EXIT_NOT_OK, EXIT_ERROR = 0, 1, 2
_LONGEST = 10**8


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("name", help=tr("name of the product profile"))
    add(
        "--source",
        type=parse_source,
        metavar="SPEC",
        help=tr("where pictures come from, as in camera:0 or watch:PATH, see docs/sources.md"),
    )
    add(
        "--trigger",
        type=Trigger,
        choices=tuple(Trigger),
        metavar="T",
        help=tr(
            "continuous, key (a line on standard input, its text is the serial number), timer or "
            "change (a part arrives)"
        ),
    )
    seconds = argument_types.number(0.001, _LONGEST, "1.0")
    add("--every", type=seconds, metavar="S", help=tr("seconds between two pictures of the timer"))
    add(
        "--change",
        type=argument_types.number(0.001, 1, "0.05"),
        metavar="0.05",
        help=tr("share of the picture that changes when a part arrives"),
    )
    add("--takt", type=seconds, metavar="S", help=tr("the line's takt in seconds"))
    add(
        "--answer-within",
        type=seconds,
        metavar="S",
        help=tr("seconds from a trigger to its picture, later it is an ERROR; else 2, or the takt"),
    )
    add(
        "--gap",
        type=argument_types.whole(0),
        metavar="MS",
        help=tr("milliseconds within which triggers from one place are one that bounced; else 30"),
    )
    add(
        "--waiting",
        type=argument_types.whole(1),
        metavar="N",
        help=tr("refuse triggers while so many have no verdict yet; else 8"),
    )
    add(
        "--frozen-error",
        action="store_true",
        default=None,
        help=tr("a picture that stands still, equal to the two before it, is an ERROR"),
    )
    add_strict_option(parser)
    add("--count", type=argument_types.whole(1), metavar="N", help=tr("end after so many parts"))
    add("--seconds", type=seconds, metavar="S", help=tr("end after so many seconds"))
    add(
        "--keep",
        type=keep_rule,
        metavar="RULE",
        help=tr("pictures to keep: all, bad, none or every:100"),
    )
    add(
        "--output",
        type=parse_output,
        action="append",
        metavar="SPEC",
        help=tr("tell verdicts to others, as in tcp:0.0.0.0:9100, see docs/outputs.md"),
    )
    add(
        "--station",
        metavar="NAME",
        help=tr("what this station is called in every verdict; else as set on the page Inspect"),
    )
    add_shadow_option(parser)
    add_runtime_option(parser)
    parser.exclude_each_other(
        add("--jsonl", action="store_true", help=tr("print one JSON object per verdict")),
        add("--json", action="store_true", help=tr("print one JSON object at the end")),
    )


def keep_rule(text: str) -> KeepRule:
    """Return the rule of ``all``, ``bad``, ``none`` or ``every:N``."""
    word, colon, number = text.strip().lower().partition(":")
    try:
        keep = Keep(word)
    except ValueError:
        keep = None
    if keep is None or (colon and keep is not Keep.EVERY):
        raise RequestError(
            say(
                "“{text}” is not possible here. Write all, bad, none or every:100.",
                text=text,
            )
        )
    return KeepRule(keep, argument_types.whole(1)(number)) if colon else KeepRule(keep)


def run(args: argparse.Namespace, context: Context) -> int:
    """Inspect until told to stop; 0 when all parts were OK, 1 when some were not, 2 on an error.

    2 as well when the source, or something in it, was out of reach: parts may not have been seen.

    What is not given comes from the settings of the Inspect page.
    """
    profile = context.store.load(context.find(args.name))
    if args.strict:
        check_strict(profile)
    saved = stations.load(context.paths.station_file, sources=SOURCES, outputs=OUTPUTS)
    station = _station(args, saved)
    check_samples(context, profile, station, args.runtime)
    controls = LiveControls()

    def fire(serial: str, origin: str) -> int:
        answer = controls.fire(serial, origin)
        if answer.problem is not None:
            raise RequestError(answer.problem)
        return answer.number

    def admit(revision: Profile) -> None:
        if args.strict:
            check_strict(revision)
        check_samples(context, revision, station, args.runtime)

    answers = InspectPrinter(lines=args.jsonl, words=not (args.json or args.jsonl))
    with (
        closing(ShadowLog(context.paths.shadow)) as log,
        closing(RecordStore(context.paths.results)) as store,
        closing(PictureKeeper(store.folder, station.keep)) as keeper,
        following_the_library(context, profile, admit) as line,
        closing(
            OutputHub(
                station.outputs,
                on_trigger=fire,
                on_product=lambda name: _other_product(name, line.profile.name),
                on_status=controls.status,
                on_products=lambda: (_product(line.profile),),
                sequence=SequenceNumbers(context.paths.sequence_file),
                folder=context.paths.data,
            )
        ) as outputs,
        _stopped_by_ctrl_c(controls),
        key_lines(controls, wanted=station.trigger is Trigger.KEY),
        sending_to_the_centre(context, station.name),
    ):
        watch = RunWatch(outputs, keeper, store, line)
        watch.report_changes()
        outputs.start()
        job = live(
            LiveRequest(
                profile,
                station,
                context.settings.who,
                args.count or 0,
                identity(context.paths.station_id_file, station.name),
                line.successor,
            ),
            engines=context.engines(args.runtime),
            recorder=Recorder(store, keeper),
            outputs=outputs,
            controls=controls,
            shadow=shadow_for(
                context, log, profile, station, revision=args.shadow, runtime=args.runtime
            ),
            next_shadow=lambda after: shadow_for(
                context, log, after, station, revision=None, runtime=args.runtime
            ),
        )
        outcome = _drive(job, answers, controls, watch, args.seconds)
    watch.report_changes(at_once=True)
    answers.end(outcome, watch.troubles(), line.sentences, as_json=args.json)
    return EXIT_ERROR if answers.parts_missing else _exit_code(outcome)


def _product(profile: Profile) -> LineProduct:
    """The one product of this run."""
    when = profile.origin.when
    return LineProduct(profile.id, profile.name, profile.revision, when, in_use=True)


def _other_product(wanted: str, profile: str) -> None:
    """Answer a receiver that asks for a product; raises RequestError unless it is this one."""
    if wanted != profile:
        raise RequestError(
            say(
                "this run judges “{profile}” only. End it and start it with the other product, or "
                "use the window, which changes products while it runs",
                profile=profile,
            )
        )


def _station(args: argparse.Namespace, saved: Station) -> Station:
    """Return the saved settings with what was given; nobody is asked to decide here."""
    given = {
        "source": args.source,
        "trigger": args.trigger,
        "every": args.every,
        "change": args.change,
        "takt": args.takt,
        "answer_within": args.answer_within,
        "gap": args.gap,
        "waiting": args.waiting,
        "frozen_error": args.frozen_error,
        "strict_pictures": args.strict,
        "keep": args.keep,
        "name": args.station,
        "outputs": None if args.output is None else tuple(args.output),
    }
    changes = {key: value for key, value in given.items() if value is not None}
    return replace(saved, confirm_review=False, confirm_ng=False, **changes)


def _drive(
    job: Generator[Progress, None, LiveOutcome],
    answers: InspectPrinter,
    controls: LiveControls,
    watch: RunWatch,
    seconds: float | None,
) -> LiveOutcome:
    """Drive the run, telling what happens; stop it after ``seconds`` from the first moment."""
    with closing(job):
        next(job)  # loading
        answers.loading()
        end: float | None = None
        while True:
            try:
                progress = next(job)
            except StopIteration as stop:
                outcome: LiveOutcome = stop.value
                return outcome
            watch.report_changes()
            now = time.monotonic()
            if end is None and seconds is not None:
                end = now + seconds
            if end is not None and now >= end:
                controls.stop()
            if isinstance(progress.item, RevisionChange):
                watch.line.changed(progress.item)
            elif progress.item is not None:
                answers.tell(progress.item)


@contextmanager
def _stopped_by_ctrl_c(controls: LiveControls) -> Iterator[None]:
    """Let the first Ctrl-C end the run in good order; the second one breaks it off."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        controls.stop()

    before = {kind: signal.signal(kind, stop) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _exit_code(outcome: LiveOutcome) -> int:
    counts = outcome.counts
    if counts.error or outcome.unrecorded or outcome.problem is not None:
        return EXIT_ERROR
    return EXIT_OK if counts.ok == counts.total else EXIT_NOT_OK
