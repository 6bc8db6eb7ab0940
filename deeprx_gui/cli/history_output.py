"""What ``deeprx history`` answers: once as JSON, once for reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from deeprx_gui.cli.output import print_line, print_note, print_table
from deeprx_gui.cli.profiles_output import EXIT_ERROR, CommandOutput
from deeprx_gui.domain.history import MOST_COUNTED, HistorySummary
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.verdict_fields import (
    Shown,
    VerdictField,
    columns_of,
    nested,
    plain_values,
    shown_in,
)
from deeprx_gui.domain.words import DECISION_WORDS, VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.i18n.verdict_text import field_text, local_text
from deeprx_gui.results.records.store_check import StoreCheck


def listing(records: Sequence[Record], count: int, *, exact: bool) -> CommandOutput:
    """Answer ``list``; ``count`` is how many there are in all, ``exact``: all were counted."""
    more = not exact and count > MOST_COUNTED
    after = records[-1].key if 0 < len(records) < count else None

    def show() -> None:
        if not records:
            print_line(tr("There are no such verdicts."))
            return
        fields = columns_of(Shown.LISTING)
        print_table(
            [render(field.title) for field in fields],
            [[_cell(field, record) for field in fields] for record in records],
        )
        if more:
            print_note(tr("{shown} of more than {most}.", shown=len(records), most=MOST_COUNTED))
        else:
            print_note(tr_n("{shown} of {n}.", "{shown} of {n}.", shown=len(records), n=count))
        if after is not None:
            print_note(tr("Older ones: add {option}.", option=f"--before {after}"))

    answer = {
        "count": min(count, MOST_COUNTED) if more else count,
        "more": more,
        "next": after,
        "verdicts": [record_as_json(record) for record in records],
    }
    return CommandOutput(answer, show)


def record_as_json(record: Record) -> dict[str, object]:
    """Return everything that is remembered about a part; unknown numbers are ``null``."""
    fields = shown_in(Shown.RECORD)
    values = plain_values(record, fields, moment=datetime.isoformat, message=render)
    return nested([field.answered_as for field in fields], values)


def summary_as_json(summary: HistorySummary) -> dict[str, object]:
    """Return the figures of a report."""
    counts = summary.counts
    return {
        "counts": {
            "OK": counts.ok,
            "REVIEW": counts.review,
            "NG": counts.ng,
            "ERROR": counts.error,
        },
        "yield": counts.yielded,
        "false_calls": summary.false_calls,
        "misses": summary.misses,
        "per_hour": [
            {
                "hour": hour.hour.isoformat(),
                "OK": hour.ok,
                "REVIEW": hour.review,
                "NG": hour.ng,
                "ERROR": hour.error,
            }
            for hour in summary.per_hour
        ],
        "trend_hours": summary.bucket.total_seconds() / 3600,
        "trend": [
            {"when": p.when.isoformat(), "median": round(p.median, 4), "parts": p.parts}
            for p in summary.trend
        ],
        "top_ng": [record_as_json(record) for record in summary.top_ng],
    }


def decided(record: Record) -> CommandOutput:
    """Answer ``decide``."""

    def show() -> None:
        if record.decision is None:
            print_line(tr("No. {number}: the decision is taken back.", number=record.number))
            return
        print_line(
            tr(
                "No. {number} is decided {decision} (the verdict was {verdict}).",
                number=record.number,
                decision=render(DECISION_WORDS[record.decision]),
                verdict=render(VERDICT_WORDS[record.verdict]),
            )
        )

    return CommandOutput(record_as_json(record), show)


def checked(found: StoreCheck) -> CommandOutput:
    """Answer ``verify``: exit code 0 when everything is sound, else 2."""
    problems = [render(problem) for problem in found.problems]

    def show() -> None:
        print_line(tr_n("{n} verdict", "{n} verdicts", n=found.verdicts))
        for problem in problems:
            print_line(problem)
        if not problems:
            print_line(
                tr_n("{n} kept picture is there.", "{n} kept pictures are there.", n=found.pictures)
            )
        for missing in found.missing:
            print_line(
                tr(
                    "No. {number}: {picture} is missing.",
                    number=missing.number,
                    picture=missing.picture,
                )
            )
        if found.missing_count:
            print_line(
                tr_n(
                    "{n} picture is missing. Its verdict is there; put the file back if it was"
                    " moved.",
                    "{n} pictures are missing. Their verdicts are there; put the files back if they"
                    " were moved.",
                    n=found.missing_count,
                )
            )
        elif not problems:
            print_line(tr("Everything is sound."))
        if found.unwritten:
            print_note(
                tr_n(
                    "{n} picture was not written: the program was stopped too early, or writes it"
                    " just now. Its verdict is there.",
                    "{n} pictures were not written: the program was stopped too early, or writes"
                    " them just now. Their verdicts are there.",
                    n=found.unwritten,
                )
            )

    answer = {
        "sound": found.sound,
        "verdicts": found.verdicts,
        "pictures": found.pictures,
        "problems": problems,
        "missing_count": found.missing_count,
        "unwritten": found.unwritten,
        "missing": [{"number": m.number, "picture": m.picture} for m in found.missing],
    }
    return CommandOutput(answer, show, 0 if found.sound else EXIT_ERROR)


_CELLS: Final[Mapping[str, Callable[[Record], str]]] = {
    "when": lambda record: local_text(record.when)[:19],
    "times": lambda record: times_limit_text(record.times),
    "item": lambda record: record.item.partition("|")[0],
}
"""What is written shorter than elsewhere."""


def _cell(field: VerdictField, record: Record) -> str:
    shorter = _CELLS.get(field.name)
    return field_text(field, record) if shorter is None else shorter(record)
