"""Incrementally sorted index of texts, used to sort a text column."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from deeprx_gui.domain.arrays import Ints

_NUMBERS = re.compile(r"(\d+)")


@lru_cache(maxsize=1024)  # thousands of pictures lie in a few folders
def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts ``part2`` before ``part10``, regardless of upper and lower case."""
    pieces = _NUMBERS.split(text.casefold())
    return tuple((0, int(p), "") if i % 2 else (1, 0, p) for i, p in enumerate(pieces) if p)


_Key = tuple[tuple[int, int, str], ...]


class TextIndex:
    """Row numbers in the order of their texts.

    Keys are made as texts arrive and sorted when first asked for; after that a new text costs a
    binary search, so a table sorted by name can grow to 100,000 rows while it is shown.
    """

    def __init__(self) -> None:
        self._count = 0
        self._fresh: list[tuple[_Key, int]] = []
        self._sorted: list[tuple[_Key, int]] = []

    def add(self, texts: Iterable[str]) -> None:
        """Append texts; they get the next row numbers."""
        for text in texts:
            self._fresh.append((natural_key(text), self._count))
            self._count += 1

    def order(self) -> Ints:
        """Return every row number, in the order of the texts (equal texts: oldest first)."""
        if len(self._fresh) > max(len(self._sorted) // 8, 256):
            self._sorted = sorted(self._sorted + self._fresh)
        else:
            for entry in self._fresh:
                insort(self._sorted, entry)
        self._fresh = []
        return np.fromiter((row for _, row in self._sorted), np.intp, self._count)
