"""How unlike the rest of a set each picture is, where look-alikes cannot vouch for each other.

Every picture is cut into patches, and each patch looks for something like it in every other
picture. What counts is not the closest of these pictures but the one after the first quarter: a
patch is ordinary only if more than a quarter of the set shows something like it, so bad parts that
are alike are found as if each were alone, up to a quarter of the set. The mathematics:
docs/doctor.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Bools, Float32, Float64
from deeprx_gui.engine.grid_masks import fitted
from deeprx_gui.engine.reference_grids import resample_maps
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps

VOUCHING = 0.25
"""More than this share of the other pictures must show something like a patch."""
MOST_REFERENCES = 48
"""So many pictures are compared with, evenly spread, however many there are."""
MOST_CELLS = 400
"""Patches of one picture at most; a finer grid is averaged down."""
_ALIKE = 0.6
"""Two pictures are alike when their odd places are this much closer to each other than to most."""


@dataclass(frozen=True, eq=False)
class Unlike:
    """One picture: ``cells`` float32 (h, w), how unlike each place is, 0 where nothing counts.

    ``score``: the highest of them, in standard deviations of the features.
    """

    score: float
    cells: Float32


class PatchSet:
    """The patches of all pictures, on disk; ``add`` them all, then ask.

    ``spool`` is empty and belongs to this set.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._masks: list[Bools | None] = []
        self._count = 0
        self._sum: Float64 | None = None
        self._squares: Float64 | None = None
        self._mean: Float32 | None = None
        self._scale: Float32 | None = None
        self._references: dict[int, Float32] = {}

    def __len__(self) -> int:
        return len(self._masks)

    def add(self, taps: TapMaps) -> None:
        """Take in one picture's feature maps; raises StorageError when the disk is full."""
        maps = patches(taps)
        flat = maps.reshape(len(maps), -1).astype(np.float64)
        if self._sum is None or self._squares is None:
            self._sum, self._squares = np.zeros(len(maps)), np.zeros(len(maps))
        self._sum += flat.sum(axis=1)
        self._squares += np.square(flat).sum(axis=1)
        self._count += flat.shape[1]
        mask = None if taps.cells is None else fitted(taps.cells.counted, *maps.shape[1:])
        self._masks.append(mask)
        self._spool.append(TapMaps((maps,)))

    @property
    def references(self) -> tuple[int, ...]:
        """The pictures that all are compared with."""
        n = len(self)
        return tuple(sorted({i * n // MOST_REFERENCES for i in range(min(n, MOST_REFERENCES))}))

    def unlike(self) -> Iterator[Unlike]:
        """Yield how unlike the others each picture is, in order; needs three pictures at least."""
        self._open()
        for number in range(len(self)):
            yield self._unlike(number)

    def alike(self, numbers: Sequence[int], found: Sequence[Unlike]) -> list[list[int]]:
        """Return which of these pictures look alike where they are odd, as groups of their places.

        ``found``: what ``unlike`` yielded for each of them.
        """
        shown = [self._rows(number) for number in numbers]
        hot = [_hottest(each) for each in found]
        group = list(range(len(numbers)))
        for i in range(len(numbers)):
            for j in range(i):
                if self._close(shown, hot, found, i, j) and self._close(shown, hot, found, j, i):
                    old, new = group[i], group[j]
                    group = [new if each == old else each for each in group]
        return [[i for i, each in enumerate(group) if each == one] for one in sorted(set(group))]

    @staticmethod
    def _close(
        shown: Sequence[Float32],
        hot: Sequence[Bools],
        found: Sequence[Unlike],
        one: int,
        other: int,
    ) -> bool:
        """Say whether another picture shows what is odd in one."""
        odd = shown[one][hot[one].ravel()]
        apart = np.sqrt(_squared(odd, shown[other]).min(axis=1))
        usual = found[one].cells.ravel()[hot[one].ravel()]
        return bool(apart.mean() < _ALIKE * usual.mean())

    def _open(self) -> None:
        assert self._sum is not None
        assert self._squares is not None
        mean = self._sum / self._count
        spread = np.sqrt(np.maximum(self._squares / self._count - np.square(mean), 0))
        told = spread > max(float(spread.max()) * 1e-3, 1e-6)  # what never varies tells nothing
        scale = np.where(told, 1 / np.where(told, spread, 1), 0) / math.sqrt(len(spread))
        self._mean, self._scale = np.asarray(mean, np.float32), np.asarray(scale, np.float32)
        self._references = {number: self._counted(number) for number in self.references}

    def _unlike(self, number: int) -> Unlike:
        height, width = self._spool.read(number).grid
        mask = self._masks[number]
        seen = self._rows(number)
        others = [rows for other, rows in self._references.items() if other != number]
        nearest = np.stack([_squared(seen, rows).min(axis=1) for rows in others])
        rank = min(math.ceil(VOUCHING * len(others)) + 1, len(others)) - 1
        cells = np.sqrt(np.partition(nearest, rank, axis=0)[rank]).reshape(height, width)
        if mask is not None:
            cells = np.where(mask, cells, 0)
        return Unlike(float(cells.max()), np.asarray(cells, np.float32))

    def _rows(self, number: int) -> Float32:
        """Return the patches (h * w, channels) of a picture in units of their deviation."""
        assert self._mean is not None
        assert self._scale is not None
        maps = self._spool.read(number).maps[0]
        rows = maps.reshape(len(maps), -1).T - self._mean
        return np.ascontiguousarray(rows * self._scale)

    def _counted(self, number: int) -> Float32:
        """Return those that count; all where none does, so that there is something to compare."""
        rows, mask = self._rows(number), self._masks[number]
        return rows if mask is None or not mask.any() else rows[mask.ravel()]


def patches(taps: TapMaps) -> Float32:
    """Return one vector for each patch, (channels, h, w), on the grid of the coarsest tap.

    Of finer taps both the mean and the highest value in the patch count: a small odd place is a
    high value that a mean hides.
    """
    coarse = taps.maps[0]
    height, width = coarse.shape[1:]
    shrink = min(1.0, math.sqrt(MOST_CELLS / (height * width)))
    height, width = max(1, int(height * shrink)), max(1, int(width * shrink))
    out = [resample_maps(maps, height, width) for maps in taps.maps]
    out += [_highest(maps, height, width) for maps in taps.maps[1:]]
    return np.concatenate(out)


def _highest(maps: Float32, height: int, width: int) -> Float32:
    """Return the highest value of what falls into each cell."""
    rows, columns = (
        np.linspace(0, source, target, endpoint=False).astype(int)
        for source, target in zip(maps.shape[1:], (height, width), strict=True)
    )
    if maps.shape[1] < height or maps.shape[2] < width:
        return resample_maps(maps, height, width)
    tall = np.maximum.reduceat(maps, rows, axis=1)
    return np.asarray(np.maximum.reduceat(tall, columns, axis=2), np.float32)


def _hottest(found: Unlike) -> Bools:
    """Return where a picture is odd: the few cells that are nearly as unlike as the most."""
    return np.asarray(found.cells >= 0.8 * found.score, np.bool_)


def _squared(left: Float32, right: Float32) -> Float32:
    """Return the squared distances of all rows of one (a, d) from all of the other (b, d)."""
    apart = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1) - 2 * left @ right.T
    return np.asarray(np.maximum(apart, 0), np.float32)
