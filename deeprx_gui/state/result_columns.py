"""The columns of the results table."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.words import LABEL_WORDS, VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render
from deeprx_gui.state.result_rows import ResultRows


@dataclass(frozen=True)
class ResultColumn:
    """One column: its title, the text of a row under the working limits, and how it is set.

    ``key`` is what ``ResultRows.order`` sorts by.
    """

    key: str
    title: Message
    text: Callable[[ResultRows, int, Limits | None], str]
    number: bool = False


def score_text(score: float, limits: Limits | None) -> str:
    """Return a raw score as × suggested review limit, a dash when there is none."""
    return times_limit_text(math.nan if limits is None else limits.times(score))


def _verdict(rows: ResultRows, row: int, _limits: Limits | None) -> str:
    return render(VERDICT_WORDS[rows.verdict_of(row)])


def _times(rows: ResultRows, row: int, limits: Limits | None) -> str:
    return score_text(float(rows.values[row]), limits)


def _name(rows: ResultRows, row: int, _limits: Limits | None) -> str:
    return rows.names[row]


def _label(rows: ResultRows, row: int, _limits: Limits | None) -> str:
    return render(LABEL_WORDS[rows.label_of(row)])


def _folder(rows: ResultRows, row: int, _limits: Limits | None) -> str:
    return rows.folders[row]


def _milliseconds(rows: ResultRows, row: int, _limits: Limits | None) -> str:
    taken = float(rows.milliseconds[row])
    return "" if math.isnan(taken) else f"{taken:.1f}"


def _message(rows: ResultRows, row: int, _limits: Limits | None) -> str:
    error = rows.items[row].error
    return "" if error is None else render(error)


COLUMNS: Final = (
    ResultColumn("verdict", say("Verdict"), _verdict),
    ResultColumn("times", say("× suggested"), _times, number=True),
    ResultColumn("name", say("File"), _name),
    ResultColumn("label", say("Label"), _label),
    ResultColumn("folder", say("Folder"), _folder),
    ResultColumn("milliseconds", say("ms"), _milliseconds, number=True),
    ResultColumn("message", say("Message"), _message),
)
VERDICT, TIMES, NAME, LABEL, FOLDER, MILLISECONDS, MESSAGE = range(len(COLUMNS))
