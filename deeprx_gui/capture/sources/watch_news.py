"""WatchNews: what a folder has to tell beside its pictures, each said once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path

from deeprx_gui.domain.left_out import (
    LeftOut,
    LeftOutCount,
    LeftOutReason,
    count_left_out,
    count_suffixes,
)
from deeprx_gui.domain.message import Message, say_n
from deeprx_gui.domain.source import SourceNews

_MANY = 1000


class WatchNews:
    """Collects in the thread of the folder; any thread takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said: set[LeftOut] = set()
        self._suffixes: frozenset[str] = frozenset()
        self._counts: tuple[LeftOutCount, ...] = ()
        self._overwritten = 0
        self._many = False
        self._news: deque[SourceNews] = deque()

    def take(self) -> tuple[SourceNews, ...]:
        """Return what is new since the last time."""
        taken = []
        while self._news:
            taken.append(self._news.popleft())
        return tuple(taken)

    def left_out(self, entries: Sequence[LeftOut]) -> None:
        """Take what one look left out; what has gone away may be said again when it comes back."""
        present = {e for e in entries if e.reason is not LeftOutReason.SUFFIX}
        suffixes = Counter(
            e.path.suffix.casefold() for e in entries if e.reason is LeftOutReason.SUFFIX
        )
        new = present - self._said
        self._said = present
        counts = count_left_out(sorted(present, key=lambda e: str(e.path)))
        if suffixes:
            counts = (*counts, count_suffixes(suffixes))
        remarks = [count.text for count in count_left_out(new)]
        if not self._suffixes.issuperset(suffixes):
            self._suffixes |= suffixes.keys()
            remarks.append(count_suffixes(suffixes).text)
        if remarks or [(c.reason, c.count) for c in counts] != [
            (c.reason, c.count) for c in self._counts
        ]:
            self._counts = counts
            self._tell(remarks)

    def overwritten(self, names: Counter[str]) -> None:
        """Say that pictures were replaced before they could be judged, whenever it got more."""
        total = names.total()
        if total > self._overwritten:
            self._overwritten = total
            self._tell(
                [
                    say_n(
                        "{n} picture was overwritten before it could be judged: {names}. Give each "
                        "picture a name of its own.",
                        "{n} pictures were overwritten before they could be judged: {names}. Give "
                        "each picture a name of its own.",
                        n=total,
                        names=", ".join(name for name, _ in names.most_common(5)),
                    )
                ]
            )

    def waiting(self, count: int) -> None:
        """Say once that a great many pictures wait."""
        if count >= _MANY and not self._many:
            self._tell(
                [
                    say_n(
                        "{n} picture lies in {folder} and is being judged.",
                        "{n} pictures lie in {folder} and are judged one after the other.",
                        n=count,
                        folder=str(self._folder),
                    )
                ]
            )
        self._many = count >= _MANY

    def _tell(self, remarks: Sequence[Message]) -> None:
        for remark in remarks or (None,):
            self._news.append(SourceNews(remark, self._counts, self._overwritten))
