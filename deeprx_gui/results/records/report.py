"""The report of a shift, a week or a product: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.history import HistorySummary, RecordQuery
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.record_source import RecordSource
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.domain.verdict_fields import Shown, columns_of
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import DECISION_WORDS, VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.i18n.verdict_text import field_text
from deeprx_gui.results.page.gallery import Picture
from deeprx_gui.results.page.markup import Html, tag
from deeprx_gui.results.page.shell import (
    SIDE,
    counts_section,
    document,
    heading,
    picture_uri,
)
from deeprx_gui.results.records import charts
from deeprx_gui.results.words import share_text
from deeprx_gui.results.writing import write_file


@dataclass(frozen=True, eq=False)
class HistoryReport:
    """What a report of remembered verdicts is made of.

    ``folder`` is the store's, where the kept pictures lie; ``picture`` reduces one
    (``capture.decode.thumbnail``), without it none is shown. ``profile``: name of the product the
    query is about, empty for all, and ``station`` likewise. ``made``: when the report was made.
    """

    summary: HistorySummary
    folder: Path
    made: datetime
    profile: str = ""
    picture: Picture | None = None
    station: str = ""


def export_report(
    path: Path,
    store: RecordSource,
    query: RecordQuery,
    *,
    profile: str = "",
    picture: Picture | None = None,
) -> Generator[Progress, None, HistorySummary]:
    """Write the report of a query in the reader's language; the result is what it says.

    ``profile`` and ``picture`` as in ``HistoryReport``. Raises StorageError.
    """
    yield Progress(0, 2, say("Adding up the verdicts"))
    summary = store.summary(query)
    yield Progress(1, 2, say("Writing the report"))
    made = datetime.now(UTC)
    names = {seen.station_id: seen.station for seen in store.stations()}
    station = names.get(query.station_id, query.station_id)
    report = HistoryReport(summary, store.folder, made, profile, picture, station)
    write_file(path, history_html(report).encode("utf-8"))
    yield Progress(2, 2, say("Writing the report"))
    return summary


def history_html(report: HistoryReport) -> str:
    """Return the report as one self-contained HTML document in the reader's language."""
    summary = report.summary
    title = tr("Inspection history")
    if report.profile:
        title = tr("Inspection history: {name}", name=report.profile)
    station = [tr("Station {name}", name=report.station)] if report.station else []
    about = " · ".join((*station, *(render(message) for message in wanted(summary.query))))
    good = summary.counts.yielded
    words = [] if good is None else [tr("Yield: {share}", share=share_text(good))]
    return document(
        title,
        heading(title, report.made, about),
        counts_section(tr("Parts"), summary.counts.by_verdict, *words, *_people(summary)),
        charts.hours_chart(summary.per_hour),
        charts.trend_chart(summary.trend, summary.bucket),
        _worst(report),
    )


def wanted(query: RecordQuery) -> Sequence[Message]:
    """Return what a query asks for, apart from product and station, as short phrases."""
    found = []
    if query.since is not None:
        found.append(say("from {time}", time=_minute(query.since)))
    if query.until is not None:
        found.append(say("until {time}", time=_minute(query.until)))
    found += [VERDICT_WORDS[v] for v in VERDICTS if v in query.verdicts]
    if query.serial:
        found.append(say("serial number {serial}", serial=query.serial))
    if query.text:
        found.append(say("containing “{text}”", text=query.text))
    if query.decision is not None:
        word = DECISION_WORDS[query.decision]
        found.append(say("decided {decision}", decision=word))
    elif query.decided is not None:
        found.append(say("decided by a person") if query.decided else say("not decided"))
    return found


def _people(summary: HistorySummary) -> Sequence[str]:
    """Return what people found the program wrong about."""
    found = []
    if summary.false_calls:
        found.append(
            tr_n(
                "False calls: {n} part was REVIEW or NG, and a person decided it is OK.",
                "False calls: {n} parts were REVIEW or NG, and a person decided they are OK.",
                n=summary.false_calls,
            )
        )
    if summary.misses:
        found.append(
            tr_n(
                "Misses: {n} part was OK, and a person decided it is NG.",
                "Misses: {n} parts were OK, and a person decided they are NG.",
                n=summary.misses,
            )
        )
    return found


def _worst(report: HistoryReport) -> Html | None:
    records = report.summary.top_ng
    if not records:
        return None
    return tag(
        "section",
        tag("h2", tr("NG: highest scores first")),
        tag("div", [_card(record, report) for record in records], class_="gallery"),
    )


def _card(record: Record, report: HistoryReport) -> Html:
    shown = _picture(record, report)
    named = (record.serial, record.profile, Path(record.item).name)
    names = one_line(" · ".join(filter(None, named)))
    decided = None
    if record.decision is not None:
        word = render(DECISION_WORDS[record.decision])
        decided = tr("{who} decided: {decision}", who=record.decided_by, decision=word)
    return tag(
        "figure",
        tag("div", tag("img", src=shown, alt=names), class_="pair") if shown else None,
        tag(
            "figcaption",
            tag("span", render(VERDICT_WORDS[record.verdict]), class_=f"badge {record.verdict}"),
            tag("b", tr("{times} × limit", times=times_limit_text(record.times))),
            tag("span", tr("No. {number}", number=record.number), class_="muted"),
            tag("small", f"{record.when.astimezone():%Y-%m-%d %H:%M:%S}"),
            tag("small", names) if names else None,
            tag("small", decided) if decided else None,
            tag("small", record.note) if record.note else None,
            [tag("small", f"{title}: {text}") for title, text in _more(record)],
            tag("small", tr("The picture is not kept.")) if not shown else None,
        ),
    )


def _more(record: Record) -> Sequence[tuple[str, str]]:
    """Return title and text of what else is known of a part."""
    fields = columns_of(Shown.REPORT)
    told = ((render(field.title), field_text(field, record)) for field in fields)
    return [(title, text) for title, text in told if text]


def _picture(record: Record, report: HistoryReport) -> str:
    """Return a kept picture, reduced, as a data URI; empty when it is not there."""
    if report.picture is None:
        return ""
    file = kept_picture(report.folder, record)
    if file is None:
        return ""
    try:
        pixels = report.picture(file, SIDE)
    except ImageError:
        return ""
    return picture_uri(pixels)


def kept_picture(folder: Path, record: Record) -> Path | None:
    """Return where the kept picture of a record lies, ``None`` when there is none.

    A name that leads out of the store's folder (in a file that is not ours) is none.
    """
    if not record.picture:
        return None
    parts = Path(record.picture).parts
    if Path(record.picture).is_absolute() or ".." in parts or ":" in record.picture:
        return None
    file = folder / record.picture
    return file if file.is_file() else None


def _minute(when: datetime) -> str:
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
