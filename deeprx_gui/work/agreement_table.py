"""What appraisers said about parts: read from a table, or from the remembered verdicts."""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from deeprx_gui.domain.agreement import AgreementStudy, Rating
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import DECIDED_AS, Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.record_source import RecordSource
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.agreement_sheet import write_sheet
from deeprx_gui.work.text_table import MOST_ROWS, Row, read_table

_ROWS_AT_ONCE: Final = 500

_HEADINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("part", "serial", "serial number", "部品", "シリアル番号"), "part"),
    **dict.fromkeys(("truth", "reference", "正解", "基準"), "truth"),
    **dict.fromkeys(("verdict", "判定"), "verdict"),
    **dict.fromkeys(("appraiser", "検査者"), "appraiser"),
    **dict.fromkeys(
        ("× limit", "×しきい値", "× suggested limit", "× suggested", "×提案値"), "times"
    ),
    **dict.fromkeys(("trial", "回"), "trial"),
}
_VERDICTS: Final[Mapping[str, Verdict]] = {
    **dict.fromkeys(("ok", "good", "pass", "1", "良", "良品", "合格"), Verdict.OK),
    **dict.fromkeys(("ng", "bad", "fail", "0", "不良", "不良品", "不合格"), Verdict.NG),
    **dict.fromkeys(("review", "確認"), Verdict.REVIEW),
    **dict.fromkeys(("error", "エラー"), Verdict.ERROR),
}
_TRIAL: Final = re.compile(r"(?P<name>.*\S)\s*[-_ ]\s*[0-9]+")


def read_study(path: Path) -> AgreementStudy:
    """Read a table (CSV; comma, semicolon or tab; UTF-8 or Shift_JIS).

    Either one row per verdict (columns part, verdict, and where known appraiser, truth, × limit,
    trial) or one row per part (part, truth, and a column for each trial: ``Sato-1``, ``Sato-2``).
    Raises RequestError with what is wrong, and in which line.
    """
    heads, rows = _rows(path)
    if "verdict" in heads:
        ratings, truth = _long(rows)
    else:
        ratings, truth = _wide(heads, rows)
    return AgreementStudy(ratings, truth)


def read_truth(path: Path) -> dict[str, bool]:
    """Read what parts really are: part → bad. Raises RequestError."""
    heads, rows = _rows(path)
    if "truth" not in heads:
        raise RequestError(say("The table has no column “truth”."))
    return _truth(rows)


def study_of_records(
    records: Iterable[Record], truth: Mapping[str, bool] | None = None
) -> AgreementStudy:
    """Return the study of remembered verdicts: the serial number is the part, the station judges.

    Without ``truth`` (part → bad) the decisions of people are it. With it only its parts count,
    and a person who decided about all of them is an appraiser, too. Raises RequestError.
    """
    counted = [r for r in records if r.serial and (truth is None or r.serial in truth)]
    if not counted:
        raise RequestError(
            say(
                "None of these verdicts has a serial number. Judge the parts with their serial"
                " numbers, then try again."
            )
            if truth is None
            else say(
                "None of these verdicts has a serial number that stands in the table of the truth."
                " Judge the parts with their serial numbers, then try again."
            )
        )
    ratings = [Rating(r.serial, r.station or r.station_id, r.verdict, r.times) for r in counted]
    if truth is None:
        return AgreementStudy(ratings, _decided(counted))
    for person in sorted({r.decided_by for r in counted if r.decision is not None}):
        theirs = [r for r in counted if r.decision is not None and r.decided_by == person]
        if person and len(theirs) == len(counted):
            ratings += [
                Rating(r.serial, person, DECIDED_AS[r.decision]) for r in theirs if r.decision
            ]
    return AgreementStudy(ratings, truth)


def write_history_sheet(
    path: Path, store: RecordSource, query: RecordQuery
) -> Generator[Progress, None, AgreementStudy]:
    """Write the sheet of the verdicts of a query; the decisions of people are the truth.

    Raises RequestError for verdicts that cannot be compared, StorageError.
    """
    total = store.count(query)
    records: list[Record] = []
    for record in store.rows(query):
        if len(records) % _ROWS_AT_ONCE == 0:
            yield Progress(len(records), max(total, len(records), 1), say("Reading the verdicts"))
        records.append(record)
        if len(records) > MOST_ROWS:
            raise RequestError(
                say(
                    "More than {most} verdicts are listed. Choose a shorter time or one product.",
                    most=MOST_ROWS,
                )
            )
    study = study_of_records(records)
    write_sheet(path, study, made=datetime.now().astimezone())
    return study


def _decided(records: Iterable[Record]) -> dict[str, bool]:
    truth: dict[str, bool] = {}
    for record in records:
        if record.decision is None:
            continue
        bad = record.decision is Decision.NG
        if truth.setdefault(record.serial, bad) is not bad:
            raise RequestError(
                say(
                    "Part “{part}” was decided OK once and NG another time. Correct one of the"
                    " decisions.",
                    part=record.serial,
                )
            )
    return truth


def _long(rows: Sequence[tuple[int, Row]]) -> tuple[list[Rating], dict[str, bool]]:
    ordered = sorted(rows, key=lambda row: _trial(*row))  # stable: without trials as written
    ratings = [
        Rating(
            row["part"],
            row.get("appraiser", "") or "–",
            _verdict(line, row["verdict"]),
            _times(row.get("times", "")),
        )
        for line, row in ordered
    ]
    order = {part: place for place, part in enumerate(dict.fromkeys(r["part"] for _, r in rows))}
    ratings.sort(key=lambda rating: order[rating.part])
    return ratings, _truth(rows)


def _wide(
    heads: Sequence[str], rows: Sequence[tuple[int, Row]]
) -> tuple[list[Rating], dict[str, bool]]:
    columns = [head for head in heads if head and head not in ("part", "truth", "times", "trial")]
    if not columns:
        raise RequestError(
            say(
                "The table has no verdicts: give it a column “verdict”, or one for each trial,"
                " such as “Sato-1”."
            )
        )
    names = {head: match["name"] if (match := _TRIAL.fullmatch(head)) else head for head in columns}
    ratings = [
        Rating(row["part"], names[head], _verdict(line, row.get(head, "")))
        for line, row in rows
        for head in columns
    ]
    return ratings, _truth(rows)


def _truth(rows: Sequence[tuple[int, Row]]) -> dict[str, bool]:
    truth: dict[str, bool] = {}
    for line, row in rows:
        said = row.get("truth", "")
        if not said:
            continue
        bad = _verdict(line, said) is not Verdict.OK
        if truth.setdefault(row["part"], bad) is not bad:
            raise RequestError(
                say("Line {n}: part “{part}” is good and bad.", n=line, part=row["part"])
            )
    return truth


def _rows(path: Path) -> tuple[list[str], list[tuple[int, Row]]]:
    heads, rows = read_table(path, _HEADINGS, needed={"part": say("part")})
    for line, row in rows:
        if not row["part"]:
            raise RequestError(say("Line {n}: the part is missing.", n=line))
    return heads, rows


def _verdict(line: int, text: str) -> Verdict:
    verdict = _VERDICTS.get(text.casefold())
    if verdict is None:
        raise RequestError(_unknown(line, text))
    return verdict


def _unknown(line: int, text: str) -> Message:
    if not text:
        return say("Line {n}: a verdict is missing.", n=line)
    return say("Line {n}: “{text}” is no verdict. Write OK or NG.", n=line, text=text)


def _trial(line: int, row: Row) -> float:
    try:
        return float(row.get("trial", "") or 0)
    except ValueError:
        raise RequestError(say("Line {n}: the trial is no number.", n=line)) from None


def _times(text: str) -> float:
    try:
        return float(text) if text else math.nan
    except ValueError:
        return math.nan
