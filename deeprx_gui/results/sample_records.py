"""The record of limit samples: one line for each check and each release, appended only."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from deeprx_gui.atomic import append_line, reporting
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.json_text import parse_json_text
from deeprx_gui.domain.limit_samples import SampleRecord, SampleResult, SampleWay
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.domain.station import StationIdentity
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.locks import one_writer
from deeprx_gui.results.csv_export import cell_number, cell_text
from deeprx_gui.results.page.markup import Html, tag
from deeprx_gui.results.page.shell import document, heading
from deeprx_gui.results.writing import write_file

WAYS: Final = {
    SampleWay.REPLAYED: say("stored pictures"),
    SampleWay.SHOWN: say("shown to the camera"),
}
_TEXTS: Final = ("profile_id", "profile", "station", "station_id", "operator", "released",
                 "runtime")  # fmt: skip


class SampleRecords:
    """The record of one data folder, in ``file``; several programs may use it at once."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, record: SampleRecord) -> None:
        """Append a record and wait until it is on the disk. Raises StorageError."""
        line = json.dumps(_as_json(record), ensure_ascii=False, allow_nan=False)
        with reporting(self._file):
            self._file.parent.mkdir(parents=True, exist_ok=True)
        with one_writer(self._file.with_name(".lock")):
            append_line(self._file, line.encode("utf-8", "backslashreplace"))

    def read(self) -> tuple[SampleRecord, ...]:
        """Return all records, the oldest first; a line that cannot be read is left out.

        Raises StorageError when the file is there but may not be read.
        """
        try:
            data = self._file.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StorageError(
                say(
                    "The record of limit samples in “{file}” cannot be read ({reason}). Check the "
                    "disk and your rights.",
                    file=self._file,
                    reason=error.strerror or type(error).__name__,
                )
            ) from error
        found = (_parsed(line) for line in data.split(b"\n") if line.strip())
        whole = (record for record in found if record is not None)
        return tuple(replace(record, number=n) for n, record in enumerate(whole, start=1))


def write_records_csv(path: Path, records: Sequence[SampleRecord]) -> None:
    """Write a line for each sample of each check, for Excel. Raises StorageError."""
    write_file(path, records_csv(records).encode("utf-8-sig", "replace"))


def write_records_sheet(path: Path, records: Sequence[SampleRecord], *, made: datetime) -> None:
    """Write the record as one HTML file to print and sign. Raises StorageError."""
    write_file(path, records_html(records, made=made).encode("utf-8"))


def _heads() -> tuple[str, ...]:
    return (
        tr("Time"),
        tr("Product"),
        tr("Revision"),
        tr("Station"),
        tr("Operator"),
        tr("How"),
        tr("Limit sample"),
        tr("Expected"),
        tr("Verdict"),
        tr("× limit"),
        tr("As agreed"),
        tr("Note"),
    )


def records_csv(records: Sequence[SampleRecord]) -> str:
    """Return a table with Windows line ends and headings in the reader's language."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(_heads())
    for record in records:
        for row in _rows(record):
            writer.writerow([cell_text(cell) if isinstance(cell, str) else cell for cell in row])
    return stream.getvalue()


def records_html(records: Sequence[SampleRecord], *, made: datetime) -> str:
    """Return the record as one self-contained HTML document in the reader's language."""
    title = tr("Record of limit samples")
    products = ", ".join(dict.fromkeys(record.profile for record in records))
    about = tr("{n} entries · {products}", n=len(records), products=products or "–")
    sections = [_section(record) for record in records]
    return document(title, heading(title, made, about), *sections, _signature())


def _section(record: SampleRecord) -> Html:
    who = tr(
        "{product} {revision} · {station} · {operator} · {how}",
        product=record.profile,
        revision=f"r{record.revision:04d}",
        station=record.station or "–",
        operator=record.operator or "–",
        how=render(WAYS[record.way]),
    )
    heads = _heads()[6:]
    rows = [
        tag(
            "tr",
            tag("td", result.name),
            tag("td", _word(result.expected)),
            tag("td", _badge(result)),
            tag("td", _times(result), class_="n"),
            tag("td", tr("yes") if result.passed else tr("no")),
            tag("td", _note(result)),
        )
        for result in record.results
    ]
    table = tag(
        "table", tag("thead", tag("tr", [tag("th", head) for head in heads])), tag("tbody", rows)
    )
    return tag(
        "section",
        tag("h2", f"{_local(record.when)}  {render(record.sentence)}"),
        tag("p", who, class_="muted"),
        tag("div", table, class_="scroll") if rows else None,
    )


def _badge(result: SampleResult) -> Html:
    word = _word(result.verdict)
    if result.passed:
        return tag("span", word, class_="badge")
    return tag("span", f"{word} ✕", class_=f"badge {Verdict.NG.value}")


def _signature() -> Html:
    line = "＿" * 12
    names = [tag("p", f"{word}: {line}") for word in (tr("Made by"), tr("Checked by"), tr("Date"))]
    return tag("section", tag("div", names, class_="columns"))


def _rows(record: SampleRecord) -> list[list[object]]:
    first: list[object] = [
        _local(record.when),
        record.profile,
        f"r{record.revision:04d}",
        record.station,
        record.operator,
        render(WAYS[record.way]),
    ]
    if not record.results:
        return [[*first, "", "", "", "", "", render(record.sentence)]]
    return [
        [
            *first,
            result.name,
            _word(result.expected),
            _word(result.verdict),
            cell_number(result.times, 4),
            tr("yes") if result.passed else tr("no"),
            _note(result),
        ]
        for result in record.results
    ]


def _local(when: datetime) -> str:
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S}"


def _word(verdict: Verdict) -> str:
    return render(VERDICT_WORDS[verdict])


def _times(result: SampleResult) -> str:
    return f"{result.times:.2f}" if math.isfinite(result.times) else "–"


def _note(result: SampleResult) -> str:
    error = "" if result.error is None else render(result.error)
    return " – ".join(filter(None, (result.note, error)))


def _as_json(record: SampleRecord) -> dict[str, object]:
    return {
        "when": record.when.isoformat(timespec="milliseconds"),
        **{key: getattr(record, key) for key in _TEXTS},
        "revision": record.revision,
        "way": record.way.value,
        "results": [
            {
                "name": result.name,
                "expected": result.expected.value,
                "verdict": result.verdict.value,
                "times": result.times if math.isfinite(result.times) else None,
                "note": result.note,
                "error": None if result.error is None else str(result.error),
            }
            for result in record.results
        ],
    }


def _parsed(line: bytes) -> SampleRecord | None:
    try:
        return _record(parse_json_text(line))
    except (ValueError, TypeError, KeyError):
        return None


def _record(raw: dict[str, Any]) -> SampleRecord:
    texts = {key: raw[key] for key in _TEXTS}
    when, revision = saved_time(raw["when"]), raw["revision"]
    sound = all(isinstance(text, str) for text in texts.values()) and type(revision) is int
    if not sound:
        raise ValueError("a line this program did not write")
    results = tuple(_result(one) for one in raw["results"])
    return SampleRecord(
        when=when, revision=revision, way=SampleWay(raw["way"]), results=results, **texts
    )


def _result(raw: dict[str, Any]) -> SampleResult:
    name, note, error, times = raw["name"], raw["note"], raw["error"], raw["times"]
    if not isinstance(name, str) or not isinstance(note, str):
        raise TypeError("no text")
    return SampleResult(
        name,
        Verdict(raw["expected"]),
        Verdict(raw["verdict"]),
        math.nan if times is None else float(times),
        note,
        None if error is None else _told(str(error)),
    )


def _told(text: str) -> Message:
    return Message(text.replace("{", "{{").replace("}", "}}"))


def signed(profile: Profile, station: StationIdentity, operator: str) -> SampleRecord:
    """Begin a line of the record: who signs for this revision on this station, now."""
    return SampleRecord(
        datetime.now(UTC),
        profile.id,
        profile.name,
        profile.revision,
        station.name,
        station.id,
        operator,
    )
