"""Scored pictures from a table that the program wrote, with the labels that stand in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deeprx_gui.domain.check_findings import LabelledPicture
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.scored import Label
from deeprx_gui.work.text_table import read_table

_HEADINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("file", "ファイル"), "file"),
    **dict.fromkeys(("folder", "フォルダー"), "folder"),
    **dict.fromkeys(("score", "スコア"), "score"),
    **dict.fromkeys(("label", "実際", "正解"), "label"),
    **dict.fromkeys(("profile", "品種プロファイル"), "profile"),
    **dict.fromkeys(("revision", "版"), "revision"),
}
_LABELS: Final[Mapping[str, Label]] = {
    **dict.fromkeys(("", "unknown", "不明"), Label.UNKNOWN),
    **dict.fromkeys(("good", "ok", "良", "良品"), Label.GOOD),
    **dict.fromkeys(("bad", "ng", "不良", "不良品"), Label.BAD),
}


@dataclass(frozen=True)
class ScoredTable:
    """What stands in a table of scores; ``profile`` and ``revision`` where it says them."""

    pictures: tuple[LabelledPicture, ...]
    profile: str = ""
    revision: int | None = None


def read_scored(path: Path) -> ScoredTable:
    """Read what ``deeprx score --csv`` or Check's export wrote, in either language.

    Raises RequestError with what is wrong, and in which line; also where pictures of several
    revisions stand in one table.
    """
    needed = {"file": say("File"), "score": say("Score"), "label": say("Label")}
    heads, rows = read_table(path, _HEADINGS, needed=needed)
    pictures = []
    for line, row in rows:
        file = Path(row.get("folder", "")) / row["file"]
        label = _LABELS.get(row["label"].casefold())
        if label is None:
            raise RequestError(
                say("Line {n}: “{text}” is no label. Write Good or Bad.", n=line, text=row["label"])
            )
        pictures.append(LabelledPicture(file, label, _score(line, row["score"]), file))
    of = {(row.get("profile", ""), row.get("revision", "")) for _, row in rows}
    if len(of) > 1:
        raise RequestError(
            say("The table holds scores of several revisions. Take one table of one run.")
        )
    profile, revision = of.pop()
    known = int(revision) if "revision" in heads and revision.isdecimal() else None
    return ScoredTable(tuple(pictures), profile, known)


def _score(line: int, text: str) -> float:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        raise RequestError(
            say("Line {n}: the score “{text}” is no number.", n=line, text=text)
        ) from None
    if value < 0 or math.isinf(value):
        raise RequestError(say("Line {n}: the score “{text}” is no number.", n=line, text=text))
    return value
