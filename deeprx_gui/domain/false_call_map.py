"""Where on the part false calls gather, and what ignoring such an area would change.

All maps and boxes are in the part's own frame: positioned, cropped to the region.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import Bools, ByteImage, Float32
from deeprx_gui.domain.blobs import places
from deeprx_gui.domain.view import Shape, ShapeKind

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares, 0..1."""

MOST_AREAS: Final = 5
FEWEST: Final = 2
"""So many false calls at one place make an area."""
_SHARE: Final = 0.15
"""And so many of all that have a picture."""


@dataclass(frozen=True, eq=False)
class PlacedMap:
    """A part that was scored again.

    ``name``: what a person calls it; ``map`` the smoothed scores (h, w), ``counted`` the cells that
    count (``None``: all); ``small``: a small picture of it.
    """

    name: str
    map: Float32
    counted: Bools | None
    small: ByteImage


@dataclass(frozen=True)
class Area:
    """A place where false calls gather: ``calls`` of them have something there."""

    box: Box
    calls: int


@dataclass(frozen=True, eq=False)
class IgnoreOutcome:
    """What ignoring an area would change under the review limit, with today's statistics.

    ``saved`` of ``calls`` false calls would have been OK; ``lost``: known bad parts that are
    stopped today and would pass, of ``stopped``.
    """

    saved: int
    calls: int
    lost: tuple[PlacedMap, ...]
    stopped: int


@dataclass(frozen=True, eq=False)
class FalseCallMap:
    """The false calls of a product on its picture.

    ``picture`` (h, w, 3): the product in its own frame; ``crop``: what that frame is of the whole
    (positioned) picture; ``counts``: how many false calls lie above the limit in each cell;
    ``absent``: false calls whose picture was not kept, ``quiet``: those that today's revision no
    longer stops.
    """

    picture: ByteImage
    crop: Box
    counts: Float32
    areas: tuple[Area, ...]
    calls: tuple[PlacedMap, ...]
    bad: tuple[PlacedMap, ...]
    limit: float
    reduce: Callable[[Float32], float]
    absent: int = 0
    quiet: int = 0

    def without(self, area: Area) -> IgnoreOutcome:
        """Say what ignoring an area would change."""
        calls = [part for part in self.calls if self._stops(part)]
        stopped = [part for part in self.bad if self._stops(part)]
        saved = sum(not self._stops(part, area.box) for part in calls)
        lost = tuple(part for part in stopped if not self._stops(part, area.box))
        return IgnoreOutcome(saved, len(calls), lost, len(stopped))

    def shape(self, area: Area) -> Shape:
        """Return an area as a shape of the profile's region: shares of the whole picture."""
        left, top, right, bottom = self.crop
        across, down = right - left, bottom - top
        x0, y0, x1, y1 = area.box
        corner = (left + x0 * across, top + y0 * down)
        opposite = (left + x1 * across, top + y1 * down)
        return Shape(ShapeKind.RECTANGLE, (corner, opposite))

    def _stops(self, part: PlacedMap, ignored: Box | None = None) -> bool:
        keeps = np.ones(part.map.shape, bool) if part.counted is None else part.counted.copy()
        if ignored is not None:
            keeps &= ~inside(ignored, part.map.shape[0], part.map.shape[1])
        return bool(keeps.any()) and self.reduce(part.map[keeps]) > self.limit


def inside(box: Box, rows: int, columns: int) -> Bools:
    """Return which cells of a grid have their centre in a box."""
    y, x = (np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns
    left, top, right, bottom = box
    down, across = (y >= top) & (y <= bottom), (x >= left) & (x <= right)
    return np.asarray(down[:, None] & across[None, :], bool)


def gathered(maps: Sequence[Float32], limit: float) -> tuple[Float32, tuple[Area, ...]]:
    """Return how many maps (h, w), all of one shape, exceed a limit in each cell, and the areas.

    An area is a connected region of cells in which enough of them do, the fullest first; its box is
    a cell wider, because smoothing spreads what is there.
    """
    exceed = np.stack([m > limit for m in maps])
    counts = exceed.sum(axis=0).astype(np.float32)
    least = max(FEWEST, int(np.ceil(_SHARE * len(maps))))
    rows, columns = counts.shape
    found = []
    for blob in places(counts, least - 0.5, most=MOST_AREAS).hottest:
        left, top, right, bottom = blob.box
        box = (
            max(0.0, left - 1 / columns),
            max(0.0, top - 1 / rows),
            min(1.0, right + 1 / columns),
            min(1.0, bottom + 1 / rows),
        )
        cells = inside(box, rows, columns)
        calls = int((exceed & cells).any(axis=(1, 2)).sum())
        found.append(Area(box, calls))
    return counts, tuple(sorted(found, key=lambda area: -area.calls))
