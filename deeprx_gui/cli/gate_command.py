"""The gate on the command line: judge a revision before it is put in use, and say what was found.

Used by every command that puts one in use: fit, correct, profiles rollback, profiles import,
shadow promote.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from deeprx_gui.cli.context import Context
from deeprx_gui.cli.failure import DetailedProfileError
from deeprx_gui.cli.output import print_line, print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.errors import DeepRxError, RequestError
from deeprx_gui.domain.gate import GateReport, Outcome, ReplayedPart
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.profiles.gate_check import refused
from deeprx_gui.results.records.store import FILE_NAME, RecordStore
from deeprx_gui.work.replay import judge_revision, known_parts


def add_overrule_option(parser: Parser) -> None:
    """Add ``--overrule``."""
    parser.add_argument(
        "--overrule",
        default="",
        metavar="REASON",
        help=tr("put the revision in use though it is refused; the reason is logged"),
    )


@contextmanager
def history_of(context: Context) -> Iterator[RecordStore | None]:
    """Open the remembered verdicts for reading, ``None`` where there are none."""
    if not (context.paths.results / FILE_NAME).exists():
        yield None
        return
    with closing(RecordStore(context.paths.results, read_only=True)) as store:
        yield store


def judged(
    context: Context, key: str, after: Profile, overrule: str, runtime: str = "auto"
) -> GateReport | None:
    """Judge a revision against the one in use; raises DetailedProfileError where it is refused.

    ``None`` where nothing usable is in use: then there is nothing to compare.
    """
    try:
        before = context.store.load(key)
    except DeepRxError:
        return None
    with history_of(context) as records:
        known = known_parts(context.store.corrections, key, records)
        job = judge_revision(before, after, known, engines=context.engines(runtime))
        report = drive(job)
    return admitted(report, overrule)


def admitted(report: GateReport, overrule: str) -> GateReport:
    """Return the report, overruled where that was asked for and needed.

    Raises DetailedProfileError where the gate is against it.
    """
    if report.refusals and overrule.strip():
        report = replace(report, overruled=overrule.strip())
    if not report.passed:
        raise DetailedProfileError(
            say("{sentence} Add --overrule with the reason.", sentence=refused(report).message),
            {"gate": gate_as_json(report)},
        )
    return report


def check_overrule(overrule: str) -> None:
    """Raise RequestError for an empty reason that was given."""
    if overrule and not overrule.strip():
        raise RequestError(say("--overrule needs a reason: it stands in the log."))


def print_gate(report: GateReport) -> None:
    """Print what was found, and note what else a person should know."""
    replay, calls = report.replay, report.calls
    found = sum(part.after.stops for part in replay.must_find)
    if replay.must_find:
        print_line(
            tr(
                "Must-find set: {found} of {all} are found (before: {before}).",
                found=found,
                all=len(replay.must_find),
                before=sum(part.before.stops for part in replay.must_find),
            )
        )
    if calls.parts:
        print_line(
            tr(
                "Recent good parts: {after} of {parts} would be stopped (before: {before}).",
                after=calls.after,
                parts=calls.parts,
                before=calls.before,
            )
        )
    for refusal in report.refusals:
        print_note(render(refusal.text))
    for remark in report.remarks:
        print_note(render(remark))


def gate_as_json(report: GateReport | None) -> dict[str, object] | None:
    """Return what ``--json`` prints of the gate."""
    if report is None:
        return None
    replay, calls = report.replay, report.calls
    return {
        "passed": report.passed,
        "overruled": report.overruled or None,
        "refusals": [{"kind": r.kind.value, "text": render(r.text)} for r in report.refusals],
        "remarks": [render(remark) for remark in report.remarks],
        "must_find": {
            "all": len(replay.must_find),
            "found_before": sum(part.before.stops for part in replay.must_find),
            "found_after": sum(part.after.stops for part in replay.must_find),
            "lost": [part.name for part in replay.must_find if part.lost],
        },
        "false_calls": {
            "parts": calls.parts,
            "before": calls.before,
            "after": calls.after,
            "promised": calls.promised,
        },
        "recent": len(replay.recent),
        "gone": replay.gone,
        "unreadable": [*replay.unread_must_find, *replay.unreadable],
    }


def part_as_json(part: ReplayedPart) -> dict[str, object]:
    """Return one replayed part."""
    return {
        "number": part.number or None,
        "uid": part.uid or None,
        "name": part.name,
        "truth": part.truth.value,
        "must_find": part.must_find,
        "recorded": None if part.recorded is None else part.recorded.value,
        "before": _as_json(part.before),
        "after": _as_json(part.after),
        "picture": part.picture,
    }


def said(outcome: Outcome) -> str:
    """Return a verdict with its score, for a table."""
    if not math.isfinite(outcome.times):
        return render(VERDICT_WORDS[outcome.verdict])
    return f"{render(VERDICT_WORDS[outcome.verdict])} {times_limit_text(outcome.times)}"


def _as_json(outcome: Outcome) -> dict[str, object]:
    times = outcome.times if math.isfinite(outcome.times) else None
    return {"verdict": outcome.verdict.value, "times": times}
