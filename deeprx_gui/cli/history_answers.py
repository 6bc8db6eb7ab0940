"""What ``deeprx history`` answers: once as JSON, once for reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from deeprx_gui.cli.output import note, print_table, put
from deeprx_gui.cli.profiles_answers import EXIT_ERROR, Answer
from deeprx_gui.domain.history import MOST_COUNTED, Query, Summary
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.words import VERDICT_WORDS, times_text
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.results.records.checking import Checked
from deeprx_gui.results.records.export import DECISION_WORDS, local_text


def listing(records: Sequence[Record], query: Query, count: int) -> Answer:
    """Answer ``list``; ``count`` is how many there are in all."""
    more = not query.counted and count > MOST_COUNTED
    after = records[-1].number if 0 < len(records) < count else None

    def show() -> None:
        if not records:
            put(tr("There are no such verdicts."))
            return
        header = (tr("Number"), tr("Time"), tr("Verdict"), tr("× limit"), tr("Decision"))
        print_table(
            (*header, tr("Serial number"), tr("Profile"), tr("File")),
            [_row(record) for record in records],
        )
        if more:
            note(tr("{shown} of more than {most}.", shown=len(records), most=MOST_COUNTED))
        else:
            note(tr_n("{shown} of {n}.", "{shown} of {n}.", shown=len(records), n=count))
        if after is not None:
            note(tr("Older ones: add {option}.", option=f"--before {after}"))

    answer = {
        "count": min(count, MOST_COUNTED) if more else count,
        "more": more,
        "next": after,
        "verdicts": [record_as_json(record) for record in records],
    }
    return Answer(answer, show)


def record_as_json(record: Record) -> dict[str, object]:
    """Return everything that is remembered about a part; unknown numbers are ``null``."""
    return {
        "uid": record.uid,
        "number": record.number,
        "when": record.when.isoformat(),
        "profile": record.profile,
        "id": record.profile_id,
        "revision": record.revision,
        "verdict": record.verdict.value,
        "score": _number(record.score),
        "times": _number(record.times),
        "limits": {"review": record.limits.review, "ng": record.limits.ng},
        "milliseconds": _number(record.milliseconds),
        "latency_ms": _number(record.latency),
        "runtime": record.runtime,
        "source": record.source,
        "serial": record.serial,
        "item": record.item,
        "picture": record.picture,
        "causes": [cause.value for cause in record.causes],
        "error": None if record.error is None else render(record.error),
        "decision": None if record.decision is None else record.decision.value,
        "decided_by": record.decided_by,
        "decided_at": _iso(record.decided_at),
        "note": record.note,
    }


def summary_as_json(summary: Summary) -> dict[str, object]:
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


def decided(record: Record) -> Answer:
    """Answer ``decide``."""

    def show() -> None:
        if record.decision is None:
            put(tr("No. {number}: the decision is taken back.", number=record.number))
            return
        put(
            tr(
                "No. {number} is decided {decision} (the verdict was {verdict}).",
                number=record.number,
                decision=render(DECISION_WORDS[record.decision]),
                verdict=render(VERDICT_WORDS[record.verdict]),
            )
        )

    return Answer(record_as_json(record), show)


def checked(found: Checked) -> Answer:
    """Answer ``verify``: exit code 0 when everything is sound, else 2."""
    problems = [render(problem) for problem in found.problems]

    def show() -> None:
        put(tr_n("{n} verdict", "{n} verdicts", n=found.verdicts))
        for problem in problems:
            put(problem)
        if not problems:
            put(
                tr_n("{n} kept picture is there.", "{n} kept pictures are there.", n=found.pictures)
            )
        for missing in found.missing:
            put(
                tr(
                    "No. {number}: {picture} is missing.",
                    number=missing.number,
                    picture=missing.picture,
                )
            )
        if found.missing_count:
            put(
                tr_n(
                    "{n} picture is missing. Its verdict is there; put the file back if it was"
                    " moved.",
                    "{n} pictures are missing. Their verdicts are there; put the files back if they"
                    " were moved.",
                    n=found.missing_count,
                )
            )
        elif not problems:
            put(tr("Everything is sound."))

    answer = {
        "sound": found.sound,
        "verdicts": found.verdicts,
        "pictures": found.pictures,
        "problems": problems,
        "missing_count": found.missing_count,
        "missing": [{"number": m.number, "picture": m.picture} for m in found.missing],
    }
    return Answer(answer, show, 0 if found.sound else EXIT_ERROR)


def _row(record: Record) -> tuple[str, ...]:
    decision = "" if record.decision is None else render(DECISION_WORDS[record.decision])
    return (
        str(record.number),
        local_text(record.when)[:19],
        render(VERDICT_WORDS[record.verdict]),
        times_text(record.times),
        decision,
        record.serial,
        record.profile,
        record.item.partition("|")[0],
    )


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
