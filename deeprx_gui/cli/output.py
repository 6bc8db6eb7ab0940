"""Standard output carries the answer, standard error everything else."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from deeprx_gui.cli.display_width import table
from deeprx_gui.cli.streams import knows_all_letters, write_answer, write_aside


def print_line(line: str = "") -> None:
    """Print one line of the answer."""
    write_answer(line + "\n")


def print_json(answer: object) -> None:
    """Print one JSON object and nothing else.

    Letters outside ASCII are written as they are where the output knows all of them.
    """
    readable = knows_all_letters(sys.stdout)
    print_line(json.dumps(answer, ensure_ascii=not readable, allow_nan=False, indent=1))


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns aligned."""
    for line in table(header, rows):
        print_line(line)


def print_note(text: str) -> None:
    """Tell the person something beside the answer."""
    write_aside(text + "\n")
