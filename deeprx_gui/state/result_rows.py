"""The rows behind the results table: plain lists and numpy columns, no Qt.

Sorting, filtering and judging 100,000 rows are array operations; a row is known by its number, the
order in which it arrived, whatever the table shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import Bools, Float64, Ints
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.metrics import Confusion
from deeprx_gui.domain.scored import Label, ScoredImage
from deeprx_gui.domain.verdict import VERDICTS, Verdict, judge_many
from deeprx_gui.state.text_index import TextIndex

LABELS: Final = (Label.GOOD, Label.BAD, Label.UNKNOWN)
_LABEL_NUMBER: Final = {label: i for i, label in enumerate(LABELS)}
_ERROR: Final = VERDICTS.index(Verdict.ERROR)
_NG: Final = VERDICTS.index(Verdict.NG)


@dataclass(frozen=True)
class RowFilter:
    """Which rows to show; ``None``, ``False`` and the empty text let everything through.

    ``changed``: only rows whose verdict differs from that of the saved limits.
    """

    verdict: Verdict | None = None
    changed: bool = False
    label: Label | None = None
    text: str = ""

    @property
    def follows_limits(self) -> bool:
        """Whether rows come and go when a limit moves."""
        return self.changed or self.verdict in {Verdict.OK, Verdict.REVIEW, Verdict.NG}


class _Grown:
    """A numpy column that grows by doubling."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._data: NDArray[Any] = np.empty(256, dtype)
        self._length = 0

    @property
    def view(self) -> NDArray[Any]:
        return self._data[: self._length]

    def extend(self, values: Sequence[float]) -> None:
        end = self._length + len(values)
        if end > self._data.size:
            grown = np.empty(max(end, 2 * self._data.size), self._data.dtype)
            grown[: self._length] = self.view
            self._data = grown
        self._data[self._length : end] = values
        self._length = end


class ResultRows:
    """All results of one profile, in the order of their arrival."""

    def __init__(self) -> None:
        self.items: list[ScoredImage] = []
        self.names: list[str] = []
        self.folders: list[str] = []
        self._haystack: list[str] = []
        self._values, self._milliseconds = _Grown(np.float64), _Grown(np.float64)
        self._labels = _Grown(np.int8)
        self._verdicts: NDArray[np.int8] = np.empty(0, np.int8)
        self._saved: NDArray[np.int8] = np.empty(0, np.int8)
        self._by_name, self._by_folder = TextIndex(), TextIndex()

    def __len__(self) -> int:
        return len(self.items)

    @property
    def values(self) -> Float64:
        """Raw scores, NaN where there is none, shape (n,)."""
        return self._values.view

    @property
    def milliseconds(self) -> Float64:
        """Time from pixels to score, NaN where there is none."""
        return self._milliseconds.view

    @property
    def labels(self) -> NDArray[np.int8]:
        return self._labels.view

    @property
    def verdicts(self) -> NDArray[np.int8]:
        """Indices into ``VERDICTS`` under the working limits."""
        return self._verdicts

    @property
    def saved_verdicts(self) -> NDArray[np.int8]:
        """Indices into ``VERDICTS`` under the saved limits."""
        return self._saved

    @property
    def changed(self) -> Bools:
        """Where the working limits judge otherwise than the saved ones."""
        return np.not_equal(self._verdicts, self._saved)

    def append(self, batch: Iterable[ScoredImage]) -> None:
        """Add results at the end; ``judge`` must follow before verdicts are read."""
        new = tuple(batch)
        self.items.extend(new)
        names = [s.path.name for s in new]
        folders = [str(s.path.parent) for s in new]
        self.names.extend(names)
        self.folders.extend(folders)
        self._by_name.add(names)
        self._by_folder.add(folders)
        self._haystack.extend(str(s.path).casefold() for s in new)
        self._values.extend([s.value for s in new])
        self._milliseconds.extend([s.score.milliseconds if s.score else np.nan for s in new])
        self._labels.extend([_LABEL_NUMBER[s.label] for s in new])

    def judge(self, limits: Limits | None, saved: Limits | None) -> None:
        """Judge every row by the working and by the saved limits; without limits: ERROR."""
        self._verdicts = self._judged(limits)
        self._saved = self._verdicts.copy() if saved == limits else self._judged(saved)

    def set_labels(self, rows: Ints, labels: NDArray[np.int8]) -> None:
        """Give the rows with these numbers (n,) new labels (n,), indices into ``LABELS``."""
        self.labels[rows] = labels

    def label_of(self, row: int) -> Label:
        """What a person says about a row."""
        return LABELS[int(self.labels[row])]

    def verdict_of(self, row: int) -> Verdict:
        """The verdict of a row under the working limits."""
        return VERDICTS[int(self._verdicts[row])]

    def order(self, key: str, descending: bool, shown: RowFilter) -> Ints:
        """Return the numbers of the rows to show, sorted by a column key (``""``: arrival)."""
        order = self._sorted(key, descending)
        keep = self._kept(shown)
        return order if keep is None else order[keep[order]]

    def confusion(self) -> Confusion:
        """Count verdicts per label."""
        pairs = self.labels.astype(np.intp) * len(VERDICTS) + self._verdicts
        counts = np.bincount(pairs, minlength=len(LABELS) * len(VERDICTS)).reshape(len(LABELS), -1)
        table = {
            label: {v: int(counts[i, j]) for j, v in enumerate(VERDICTS)}
            for i, label in enumerate(LABELS)
        }
        return Confusion(table)

    def transitions(self) -> Mapping[tuple[Verdict, Verdict], int]:
        """Count the verdicts that changed: (under the saved limits, under the working limits)."""
        pairs = self._saved[self.changed].astype(np.intp) * 4 + self._verdicts[self.changed]
        counts = np.bincount(pairs, minlength=16)
        return {(VERDICTS[i // 4], VERDICTS[i % 4]): int(counts[i]) for i in np.flatnonzero(counts)}

    def worst_ng(self, first: int = 0) -> int | None:
        """Return the number of the highest NG from row ``first`` on, ``None`` without any."""
        found = np.flatnonzero(self._verdicts[first:] == _NG)
        if not found.size:
            return None
        return first + int(found[np.argmax(self.values[first:][found])])

    def scores_of(self, label: Label) -> Float64:
        """Raw scores of the rows with a label that have one."""
        keep = (self.labels == _LABEL_NUMBER[label]) & np.isfinite(self.values)
        return np.compress(keep, self.values)

    def _judged(self, limits: Limits | None) -> NDArray[np.int8]:
        if limits is None:
            return np.full(len(self), _ERROR, np.int8)
        return judge_many(self.values, limits)

    def _sorted(self, key: str, descending: bool) -> Ints:
        text = {"name": self._by_name, "folder": self._by_folder}.get(key)
        if text is not None:
            order = text.order()
            return order[::-1] if descending else order
        number = _NUMBER_KEYS.get(key)
        if number is None:
            return np.arange(len(self))
        column = number(self)
        # NaN sorts last in numpy, so rows without a number stay at the end either way.
        return np.argsort(-column if descending else column, kind="stable")

    def _kept(self, shown: RowFilter) -> Bools | None:
        if shown == RowFilter():
            return None
        keep = np.ones(len(self), np.bool_)
        if shown.verdict is not None:
            keep &= self._verdicts == VERDICTS.index(shown.verdict)
        if shown.changed:
            keep &= self.changed
        if shown.label is not None:
            keep &= self.labels == _LABEL_NUMBER[shown.label]
        if shown.text:
            needle = shown.text.casefold()
            found = (needle in text for text in self._haystack)
            keep &= np.fromiter(found, np.bool_, len(self))
        return keep


def _verdict_key(rows: ResultRows) -> Float64:
    """Verdicts rise with the score, so this order never changes when a limit moves."""
    return np.where(np.isfinite(rows.values), rows.values, np.inf)


def _message_key(rows: ResultRows) -> Float64:
    return np.fromiter((item.error is None for item in rows.items), np.float64, len(rows))


_NUMBER_KEYS: Final[Mapping[str, Callable[[ResultRows], Float64]]] = {
    "verdict": _verdict_key,
    "times": lambda rows: np.where(np.isfinite(rows.values), rows.values, np.nan),
    "label": lambda rows: rows.labels.astype(np.float64),
    "milliseconds": lambda rows: rows.milliseconds,
    "message": _message_key,
}
