"""Text on a terminal, where a Japanese letter is two cells wide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_PIECE = re.compile(
    r"\s+|[\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]|[^\s\u3000-\uffef]+"
)
_NOT_FIRST = "、。,.)」』】:;!?…ー々"
"""What may not begin a line."""


def display_width(text: str) -> int:
    """Return how many cells a text takes; combining marks take none."""
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def pad_to_width(text: str, width: int) -> str:
    """Return the text with blanks up to ``width`` cells."""
    return text + " " * (width - display_width(text))


def shorten_to_width(text: str, width: int) -> str:
    """Return the text shortened to at most ``width`` cells."""
    if display_width(text) <= width:
        return text
    kept, used = [], 1
    for letter in text:
        used += _width(letter)
        if used > width:
            break
        kept.append(letter)
    return "".join(kept) + "…" if width > 0 else ""


def wrap_to_width(text: str, width: int) -> list[str]:
    """Break a text into lines of at most ``width`` cells, Japanese between any two letters."""
    lines = [""]
    for piece in _pieces(text):
        if display_width(lines[-1] + piece.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece.lstrip() if not lines[-1] else piece
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterator[str]:
    """Yield what may not be broken: a word, or a Japanese letter with what must follow it."""
    held = ""
    for piece in _PIECE.findall(text):
        if held and (piece.isspace() or piece[0] not in _NOT_FIRST):
            yield held
            held = ""
        held += piece
    yield held


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table whose columns are aligned."""
    widths = [max(map(display_width, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        yield "  ".join(pad_to_width(c, w) for c, w in zip(row, widths, strict=True)).rstrip()
