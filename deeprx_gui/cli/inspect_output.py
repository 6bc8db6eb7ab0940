"""What ``deeprx inspect`` prints: verdicts as lines or JSON, troubles aside, a summary."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from deeprx_gui.cli.left_out import left_out_as_json
from deeprx_gui.cli.output import print_json, print_line, print_note
from deeprx_gui.cli.run_watch import RunTroubles, trouble_sentences
from deeprx_gui.cli.streams import flush_answer
from deeprx_gui.domain.inspection import InspectedPart as Part
from deeprx_gui.domain.inspection import Record, RunCounts
from deeprx_gui.domain.left_out import anything_unseen
from deeprx_gui.domain.live_items import (
    CycleTime,
    HealthWarning,
    StorageTrouble,
    TrendWarning,
    TriggerTrouble,
)
from deeprx_gui.domain.message import Message, say_n
from deeprx_gui.domain.shadow import ShadowNews
from deeprx_gui.domain.source import SourceConnection, SourceNews, SourceState
from deeprx_gui.domain.verdict_fields import Shown, nested, plain_values, shown_in
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.live import LiveOutcome


class InspectPrinter:
    """Prints while the run goes on; ``lines``: JSON lines, ``words``: for people."""

    def __init__(self, *, lines: bool, words: bool) -> None:
        self._lines, self._words = lines, words
        self._cycle: CycleTime | None = None
        self._link = SourceConnection.OPENING
        self._news = SourceNews()
        self._said: dict[type, Message | None] = {}
        self._shadow: ShadowNews | None = None

    def loading(self) -> None:
        """Say that it takes a moment."""
        print_note(tr("Getting ready…"))

    def tell(self, item: object) -> None:
        """Print one item of the run."""
        if isinstance(item, Part):
            self._verdict(item.record)
        elif isinstance(item, SourceState):
            self._source(item)
        elif isinstance(item, HealthWarning):
            for advice in item.advice:
                print_note(render(advice))
        elif isinstance(item, TriggerTrouble):
            if item.problem is not None:
                print_note(render(item.problem))
        elif isinstance(item, StorageTrouble | TrendWarning | CycleTime | ShadowNews):
            self._cycle = item if isinstance(item, CycleTime) else self._cycle
            self._shadow = item if isinstance(item, ShadowNews) else self._shadow
            if item.problem is not None and self._said.get(type(item)) is None:
                print_note(render(item.problem))
            self._said[type(item)] = item.problem

    def end(
        self,
        outcome: LiveOutcome,
        troubles: RunTroubles,
        library: Sequence[Message] = (),
        *,
        as_json: bool,
    ) -> None:
        """Print the summary: the answer with ``--json``, else beside it.

        ``library``: what the library said meanwhile.
        """
        if as_json:
            answer = {
                **_summary(outcome, troubles, self._cycle),
                "library": [render(sentence) for sentence in library],
                "shadow": _shadow(self._shadow),
            }
            print_json({**answer, **_files(self._news)})
            return
        say_it = print_line if self._words else print_note
        say_it(_counted(outcome.counts))
        if self._cycle is not None:
            say_it(
                tr(
                    "Cycle: {p50} ms, 95 % within {p95} ms.",
                    p50=f"{self._cycle.p50:.1f}",
                    p95=f"{self._cycle.p95:.1f}",
                )
            )
        if self._shadow is not None and self._shadow.problem is None:
            say_it(render(self._shadow.sentence))
        for sentence in (*_trigger_sentences(outcome), *trouble_sentences(troubles)):
            print_note(sentence)
        if outcome.unrecorded:
            print_note(
                tr(
                    "Parts judged but not recorded, so without a verdict: {count}. Inspect them "
                    "again.",
                    count=outcome.unrecorded,
                )
            )

    def _verdict(self, record: Record) -> None:
        if self._lines:
            print_line(json.dumps(as_json(record), allow_nan=False))
            flush_answer()
        elif self._words:
            causes = render(record.error) if record.error else ", ".join(record.causes)
            local = record.when.astimezone().strftime("%H:%M:%S")
            word = render(VERDICT_WORDS[record.verdict])
            what = record.serial or record.source
            print_line(
                "  ".join(filter(None, (local, word, times_limit_text(record.times), what, causes)))
            )
            flush_answer()

    @property
    def parts_missing(self) -> bool:
        """Whether parts may be missing: the source, or a file or folder in it, was out of reach."""
        away = self._link in (SourceConnection.LOST, SourceConnection.STALLED)
        return away or anything_unseen(self._news.left_out)

    def _source(self, state: SourceState) -> None:
        if state.news is not None:
            self._news = state.news
            if state.news.remark is not None:
                print_note(render(state.news.remark))
            return
        self._link = state.link
        if state.problem is not None:
            print_note(render(state.problem))
        elif state.link is SourceConnection.LIVE:
            print_note(tr("The source delivers pictures."))


def as_json(record: Record) -> Mapping[str, object]:
    """Return what ``--jsonl`` prints for a verdict; ``times`` is 1.00 where OK ends."""
    fields = shown_in(Shown.RUN)
    values = plain_values(record, fields, moment=datetime.isoformat, message=render)
    rounded = [
        round(value, 3) if field.unit == "ms" and isinstance(value, float) else value
        for field, value in zip(fields, values, strict=True)
    ]
    return nested([field.answered_as for field in fields], rounded)


def _trigger_sentences(outcome: LiveOutcome) -> list[str]:
    refused, missed = outcome.triggers.refused, missed_triggers(outcome)
    found = (
        (refused, say_n("{n} trigger was refused; its part got no verdict.",
                        "{n} triggers were refused; their parts got no verdict.", n=refused)),
        (missed, say_n("{n} trigger got no picture; inspect its part again.",
                       "{n} triggers got no picture; inspect their parts again.", n=missed)),
    )  # fmt: skip
    return [render(sentence) for count, sentence in found if count]


def missed_triggers(outcome: LiveOutcome) -> int:
    """Return how many accepted triggers have the ERROR "no picture", or no verdict at all."""
    return outcome.triggers.missed + outcome.unanswered


def _summary(
    outcome: LiveOutcome, troubles: RunTroubles, cycle: CycleTime | None
) -> Mapping[str, object]:
    counts = outcome.counts
    return {
        "counts": {verdict.value: count for verdict, count in counts.by_verdict.items()},
        "parts": counts.total,
        "since": counts.since.isoformat(),
        "seconds": round(outcome.seconds, 3),
        "runtime": outcome.runtime,
        "golden_difference": outcome.golden_difference,
        "revisions": list(outcome.revisions),
        "unrecorded": outcome.unrecorded,
        "untold": troubles.untold,
        "pictures_not_kept": troubles.pictures_not_kept,
        "store_replaced": troubles.store_replaced,
        "refused_triggers": outcome.triggers.refused,
        "missed_triggers": missed_triggers(outcome),
        "bounced_triggers": outcome.triggers.bounced,
        "problem": render(outcome.problem) if outcome.problem else None,
        "cycle_ms": None
        if cycle is None
        else {
            "p50": round(cycle.p50, 3),
            "p95": round(cycle.p95, 3),
            "latency_p95": round(cycle.latency_p95, 3),
        },
    }


def _shadow(news: ShadowNews | None) -> Mapping[str, object] | None:
    if news is None:
        return None
    return {
        "candidate": news.candidate,
        "compared": news.compared,
        "differing": news.differing,
        "skipped": news.skipped,
        "milliseconds": round(news.milliseconds, 3),
        "problem": None if news.problem is None else render(news.problem),
    }


def _files(news: SourceNews) -> Mapping[str, object]:
    return {"left_out": left_out_as_json(news.left_out), "overwritten": news.overwritten}


def _counted(counts: RunCounts) -> str:
    return "  ".join(f"{render(VERDICT_WORDS[v])} {n}" for v, n in counts.by_verdict.items())
