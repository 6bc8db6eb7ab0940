"""Blobs: connected places of a score map at or above a level, with their size and position."""

from __future__ import annotations

from dataclasses import dataclass

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
    large = [i for i in np.argsort(-peaks, kind="stable") if sizes[i] >= min_cells]
    known = width > 0 and height > 0
    cell = (width / columns, height / rows) if known else (1.0, 1.0)
    longer = max(columns * cell[0], rows * cell[1])
    found = []
    for i in large[:most]:
        here = slice(int(starts[i]), int(starts[i] + sizes[i]))
        y, x = ys[here], xs[here]
        length = _extent(x, y, cell)
        peak = int(np.argmax(score_map[y, x]))
        area = len(y) * cell[0] * cell[1]
        scaled = known and mm_per_pixel is not None
        mm = mm_per_pixel or 0.0
        found.append(
            Blob(
                score=float(peaks[i]),
                x=float(x.mean() + 0.5) / columns,
                y=float(y.mean() + 0.5) / rows,
                box=(
                    int(x.min()) / columns,
                    int(y.min()) / rows,
                    (int(x.max()) + 1) / columns,
                    (int(y.max()) + 1) / rows,
                ),
                area=len(y) / (rows * columns),
                length=length / longer,
                cells=len(y),
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

    Runs of each row are joined with those they touch in the row above, over a forest of numbers
    (Rosenfeld & Pfaltz 1966).
    """
    rows, columns = mask.shape
    out = np.zeros((rows, columns), np.intp)
    parent = [0]
    above: list[tuple[int, int, int]] = []
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    for row in np.flatnonzero(mask.any(axis=1)):
        starts = [int(x) for x in np.flatnonzero(edges[row] == 1)]
        ends = [int(x) for x in np.flatnonzero(edges[row] == -1)]
        if row and not mask[row - 1].any():
            above = []
        here: list[tuple[int, int, int]] = []
        first = 0
        for start, end in zip(starts, ends, strict=True):
            number = 0
            while first < len(above) and above[first][1] < start:
                first += 1
            for touched in range(first, len(above)):
                if above[touched][0] > end:
                    break
                root = _root(parent, above[touched][2])
                number = _joined(parent, number, root) if number else root
            if not number:
                number = len(parent)
                parent.append(number)
            out[row, start:end] = number
            here.append((start, end, number))
        above = here
    roots = np.array([_root(parent, number) for number in range(len(parent))])
    kept, numbers = np.unique(roots, return_inverse=True)
    return numbers.astype(np.intp)[out], len(kept) - 1


def _root(parent: list[int], number: int) -> int:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


def _joined(parent: list[int], a: int, b: int) -> int:
    low, high = min(a, b), max(a, b)
    parent[high] = low
    return low


def _extent(x: Ints, y: Ints, cell: tuple[float, float]) -> float:
    """Return the longest extent in 36 directions, from outer edge to outer edge of the cells."""
    angles = np.arange(36) * (np.pi / 36)
    across, down = np.cos(angles) * cell[0], np.sin(angles) * cell[1]
    at = np.outer(x, across) + np.outer(y, down)
    # A cell reaches beyond its centre; taken as an ellipse, so that a row is as long as its cells.
    own = np.hypot(across, down)
    return float((np.ptp(at, axis=0) + own).max())
