"""Standard output carries the answer, standard error everything else."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from deeprx_gui.cli.display_width import table
from deeprx_gui.cli.streams import knows_all_letters, write_answer, write_aside
from deeprx_gui.domain.visible_text import one_line


def print_line(line: str = "") -> None:
    """Print one line of the answer; it may begin with empty ones."""
    write_answer(_one_line(line) + "\n")


def print_json(answer: object) -> None:
    """Print one JSON object and nothing else.

    Letters outside ASCII are written as they are where the output knows all of them.
    """
    readable = knows_all_letters(sys.stdout)
    write_answer(json.dumps(answer, ensure_ascii=not readable, allow_nan=False, indent=1) + "\n")


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns aligned."""
    for line in table(header, [list(map(one_line, row)) for row in rows]):
        print_line(line)


def print_note(text: str) -> None:
    """Tell the person something beside the answer, in one line."""
    write_aside(_one_line(text) + "\n")


def print_help(text: str) -> None:
    """Print how a command is written, which takes several lines, beside the answer."""
    write_aside(text + "\n")


def _one_line(text: str) -> str:
    line = text.lstrip("\n")
    return "\n" * (len(text) - len(line)) + one_line(line)
