"""Blobs: connected places of a score map at or above a level, with their size and position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import Bools, Float32, Ints

MOST = 200
"""No more blobs than this are told, the hottest first."""


@dataclass(frozen=True)
class Blob:
    """One place; positions are shares of the picture's width and height, 0..1.

    ``area`` is the share of the picture, ``length`` the longest extent in any direction as a share
    of the picture's longer side, ``x``, ``y`` the centroid, ``box`` (left, top, right, bottom),
    ``score`` the raw peak, ``peak_x``, ``peak_y`` where that is. Pixels and millimetres are
    ``None`` where the size of the picture or the scale is not known.
    """

    score: float
    x: float
    y: float
    box: tuple[float, float, float, float]
    area: float
    length: float
    cells: int
    area_px: float | None = None
    length_px: float | None = None
    area_mm2: float | None = None
    length_mm: float | None = None
    peak_x: float = 0.0
    peak_y: float = 0.0


@dataclass(frozen=True)
class Places:
    """The coloured places of one picture: the hottest of them, and how many there are in all."""

    hottest: tuple[Blob, ...] = ()
    total: int = 0


def blobs(
    score_map: Float32,
    level: float,
    *,
    width: int = 0,
    height: int = 0,
    mm_per_pixel: float | None = None,
    min_cells: int = 1,
    most: int = MOST,
) -> tuple[Blob, ...]:
    """Return the 8-connected regions of a map (h, w) that exceed ``level``, hottest first.

    ``width``, ``height``: of the picture in pixels, 0 when not known; then the map's own shape
    stands for the picture's proportions. Regions of fewer than ``min_cells`` cells are left out.
    """
    return places(
        score_map,
        level,
        width=width,
        height=height,
        mm_per_pixel=mm_per_pixel,
        min_cells=min_cells,
        most=most,
    ).hottest


def places(
    score_map: Float32,
    level: float,
    *,
    width: int = 0,
    height: int = 0,
    mm_per_pixel: float | None = None,
    min_cells: int = 1,
    most: int = MOST,
) -> Places:
    """Return the regions of ``score_map`` (h, w) as ``blobs`` does, and how many there are."""
    rows, columns = score_map.shape
    exceeds = score_map > level
    if not exceeds.any():  # of a good part: nothing to number
        return Places()
    numbers, count = label(exceeds)
    ys, xs = np.nonzero(numbers)
    order = np.argsort(numbers[ys, xs], kind="stable")
    ys, xs = ys[order], xs[order]
    sizes = np.bincount(numbers[ys, xs], minlength=count + 1)[1:]
    starts = np.cumsum(sizes) - sizes
    peaks = np.maximum.reduceat(score_map[ys, xs], starts)
    left, right = np.minimum.reduceat(xs, starts), np.maximum.reduceat(xs, starts) + 1
    across, down = np.add.reduceat(xs, starts), np.add.reduceat(ys, starts)
    hottest = np.argsort(-peaks, kind="stable")
    large = hottest[sizes[hottest] >= min_cells]
    known = width > 0 and height > 0
    cell = (width / columns, height / rows) if known else (1.0, 1.0)
    longer = max(columns * cell[0], rows * cell[1])
    scaled = known and mm_per_pixel is not None
    mm = mm_per_pixel or 0.0
    directions = _Directions(cell)
    found = []
    for i in map(int, large[:most]):
        cells = int(sizes[i])
        here = slice(int(starts[i]), int(starts[i]) + cells)
        y, x = ys[here], xs[here]
        length = directions.extent(x, y)
        peak = int(np.argmax(score_map[y, x]))
        area = cells * cell[0] * cell[1]
        found.append(
            Blob(
                score=float(peaks[i]),
                x=(int(across[i]) / cells + 0.5) / columns,
                y=(int(down[i]) / cells + 0.5) / rows,
                box=(
                    int(left[i]) / columns,
                    int(y[0]) / rows,
                    int(right[i]) / columns,
                    (int(y[-1]) + 1) / rows,
                ),
                area=cells / (rows * columns),
                length=length / longer,
                cells=cells,
                area_px=area if known else None,
                length_px=length if known else None,
                area_mm2=area * mm * mm if scaled else None,
                length_mm=length * mm if scaled else None,
                peak_x=(int(x[peak]) + 0.5) / columns,
                peak_y=(int(y[peak]) + 0.5) / rows,
            )
        )
    return Places(tuple(found), len(large))


def label(mask: Bools) -> tuple[Ints, int]:
    """Number the 8-connected regions of a mask (h, w) 1, 2, … in reading order; 0: background.

    Runs of each row are joined with those they touch in the row above (Rosenfeld & Pfaltz 1966),
    all rows at once: this runs while a person drags a limit.
    """
    columns = mask.shape[1]
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    # Places along all rows, with room between them: a search finds what lies in the row above.
    above = (rows - 1) * (columns + 2)
    first = np.searchsorted(rows * (columns + 2) + ends, above + starts, side="left")
    last = np.searchsorted(rows * (columns + 2) + starts, above + ends, side="right")
    touching = np.maximum(last - first, 0)
    run = np.repeat(np.arange(len(rows)), touching)
    within = np.arange(len(run)) - np.repeat(np.cumsum(touching) - touching, touching)
    kept, numbers = np.unique(_roots(len(rows), run, first[run] + within), return_inverse=True)
    out = np.zeros(mask.shape, np.intp)
    out[mask] = np.repeat(numbers + 1, ends - starts)
    return out, len(kept)


def _roots(count: int, one: Ints, other: Ints) -> Ints:
    """Return the lowest number that each of ``count`` is joined with, by pairs (n,) and (n,)."""
    parent = np.arange(count)
    while True:
        a, b = parent[one], parent[other]
        apart = a != b
        if not apart.any():
            return parent
        one, other = one[apart], other[apart]
        np.minimum.at(parent, np.maximum(a, b)[apart], np.minimum(a, b)[apart])
        while not np.array_equal(up := parent[parent], parent):
            parent = up


_ANGLES: Final = np.arange(36) * (np.pi / 36)


_MANY: Final = 64
"""Cells; looking for the ends of rows takes as long as measuring so many."""


class _Directions:
    """36 directions over cells of a width and a height."""

    def __init__(self, cell: tuple[float, float]) -> None:
        self._across, self._down = np.cos(_ANGLES) * cell[0], np.sin(_ANGLES) * cell[1]
        # A cell reaches beyond its centre; taken as an ellipse: a row is as long as its cells.
        self._own = np.hypot(self._across, self._down)

    def extent(self, x: Ints, y: Ints) -> float:
        """Return the longest extent of cells (n,), (n,) in reading order, between outer edges."""
        if len(x) == 1:  # as most of noise
            return float(self._own.max())
        if len(x) > _MANY:
            turns = np.flatnonzero(np.diff(y))
            ends = np.concatenate(([0], turns, turns + 1, [-1]))
            x, y = x[ends], y[ends]  # what lies farthest out is the first or the last of its row
        at = x[:, None] * self._across + y[:, None] * self._down
        return float((at.max(axis=0) - at.min(axis=0) + self._own).max())
