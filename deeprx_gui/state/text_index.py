"""Texts kept in reading order while more arrive: the sort of a text column."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Sequence

import numpy as np

from deeprx_gui.domain.arrays import Ints

_NUMBERS = re.compile(r"(\d+)")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts ``part2`` before ``part10``, regardless of upper and lower case."""
    pieces = _NUMBERS.split(text.casefold())
    return tuple((0, int(p), "") if i % 2 else (1, 0, p) for i, p in enumerate(pieces) if p)


class TextIndex:
    """Row numbers in the order of their texts.

    Built when first asked for; after that a new text costs a binary search, so a table sorted by
    name can grow to 100,000 rows while it is shown.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._sorted: list[tuple[tuple[tuple[int, int, str], ...], int]] = []

    def order(self) -> Ints:
        """Return every row number, in the order of the texts (equal texts: oldest first)."""
        known = len(self._sorted)
        fresh = [(natural_key(t), known + i) for i, t in enumerate(self._texts[known:])]
        if len(fresh) > max(known // 8, 256):
            self._sorted = sorted(self._sorted + fresh)
        else:
            for entry in fresh:
                insort(self._sorted, entry)
        return np.fromiter((row for _, row in self._sorted), np.intp, len(self._sorted))
