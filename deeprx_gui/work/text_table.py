"""Tables that people bring: CSV in, rows by the program's own column names out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Final

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import Message, say

MOST_BYTES: Final = 8_000_000
MOST_ROWS: Final = 100_000
_TEXT_CELL: Final = re.compile('="(?P<text>.*)"')

Row = Mapping[str, str]


def read_table(
    path: Path, headings: Mapping[str, str], *, needed: Mapping[str, Message]
) -> tuple[list[str], list[tuple[int, Row]]]:
    """Read a table (CSV; comma, semicolon or tab; UTF-8 or Shift_JIS): headings, numbered rows.

    ``headings``: what a heading, casefolded, is called here; others keep their names. Raises
    RequestError with what is wrong and in which line, also where a ``needed`` column is missing;
    each comes with what a person would call it.
    """
    text = _text(path)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    heads: list[str] = []
    rows: list[tuple[int, Row]] = []
    try:
        for cells in reader:
            plain = [_cell(cell) for cell in cells]
            if not any(plain):
                continue
            if not heads:
                heads = [headings.get(cell.casefold(), cell) for cell in plain]
                _check(heads, needed)
                continue
            if any(plain[len(heads) :]):
                raise RequestError(
                    say("Line {n} has more cells than there are columns.", n=reader.line_num)
                )
            row = dict(zip_longest(heads, plain[: len(heads)], fillvalue=""))
            rows.append((reader.line_num, row))
            if len(rows) > MOST_ROWS:
                raise RequestError(
                    say("The table has more than {most} lines. Divide it.", most=MOST_ROWS)
                )
    except csv.Error as error:
        raise RequestError(
            say("Line {n} is no line of a table ({reason}).", n=reader.line_num, reason=str(error))
        ) from error
    if not rows:
        raise RequestError(say("The table is empty."))
    return heads, rows


def _check(heads: Sequence[str], needed: Mapping[str, Message]) -> None:
    missing = [title for name, title in needed.items() if name not in heads]
    if missing:
        raise RequestError(
            say(
                "The table has no column “{name}”. The first line must name the columns.",
                name=missing[0],
            )
        )
    twice = [head for head in heads if head and heads.count(head) > 1]
    if twice:
        raise RequestError(say("Two columns are called “{name}”.", name=twice[0]))


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise RequestError(say("{path} is not a file.", path=str(path)))
        with open(openable(path), "rb") as file:  # noqa: PTH123 - beyond Windows' 260 characters
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(
            say(
                "{path} could not be read ({reason}).",
                path=str(path),
                reason=error.strerror or type(error).__name__,
            )
        ) from error
    if len(data) > MOST_BYTES:
        raise RequestError(say("{path} is larger than a table may be (8 MB).", path=str(path)))
    for encoding in ("utf-8-sig", "cp932"):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if "\0" not in text:
                return text
    raise RequestError(
        say("{path} is no text. Save the table as “CSV UTF-8” in Excel.", path=str(path))
    )


def _cell(cell: str) -> str:
    plain = cell.strip()
    match = _TEXT_CELL.fullmatch(plain)  # how Excel is told that 0012 is no number
    return match["text"].strip() if match else plain
