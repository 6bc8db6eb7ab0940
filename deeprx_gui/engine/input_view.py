"""Input view: from an image to the network input, and from the score map back to the image.

``positioning → crop to the region's box → resize → what is not the region is filled in``. With a
view that shows everything only the resize is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Bools, ByteImage, Float32, Float64
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.domain.raster import WHOLE_BOX, box_of, rasterise
from deeprx_gui.domain.view import View
from deeprx_gui.engine.grid_masks import GridMasks
from deeprx_gui.engine.positioning import Locator
from deeprx_gui.engine.preprocess import prepare
from deeprx_gui.engine.resample import fill_in, resize_area, warp_map, warp_pixels, widen

_MOST_CELLS = 1 << 17
"""A map of the whole picture has no more cells than this, or twice those that were scored."""
_KEPT = 4
_NEARLY = 0.25
"""A cell is shown although this share of its side is not."""


@dataclass(frozen=True, eq=False)
class ScoreMapPlacement:
    """Where a score map belongs in the picture it was made from.

    ``to_picture`` (2, 3) takes pixels of the positioned picture to those of the picture itself,
    edges of pixels at whole numbers; ``crop`` is (left, top, right, bottom) of what was looked at.
    """

    to_picture: Float64
    crop: tuple[int, int, int, int]
    height: int
    width: int

    @property
    def moved(self) -> tuple[float, float] | None:
        """By how much the part lay to the right and down of its place; ``None``: not positioned.

        Both are shares of the picture's longer side, measured at its middle.
        """
        if np.array_equal(self.to_picture, np.eye(3)[:2]):
            return None
        middle = np.array([self.width / 2, self.height / 2])
        by = self.to_picture[:, :2] @ middle + self.to_picture[:, 2] - middle
        longer = max(self.height, self.width)
        return float(by[0] / longer), float(by[1] / longer)

    def share_of(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place of the picture lies in what was looked at.

        ``x``, ``y`` and what is returned are shares of width and height, 0..1; beyond that outside.
        """
        left, top, right, bottom = self.crop
        back = np.linalg.inv(np.vstack([self.to_picture, (0, 0, 1)]))
        u, v, _ = back @ (x * self.width, y * self.height, 1)
        return float((u - left) / (right - left)), float((v - top) / (bottom - top))

    def place_of(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place of what was looked at lies in the picture: undoes ``share_of``."""
        left, top, right, bottom = self.crop
        u, v = left + x * (right - left), top + y * (bottom - top)
        at = self.to_picture @ (u, v, 1)
        return float(at[0] / self.width), float(at[1] / self.height)

    def take(self, whole: Float32, rows: int, columns: int) -> Float32:
        """Return what ``bring`` made of a map, back in the part's frame, nearest cells, (h, w)."""
        left, top, right, bottom = self.crop
        x = left + (np.arange(columns) + 0.5) * ((right - left) / columns)
        y = (top + (np.arange(rows) + 0.5) * ((bottom - top) / rows))[:, None]
        a = self.to_picture
        across = (a[0, 0] * x + a[0, 1] * y + a[0, 2]) * whole.shape[1] / self.width
        down = (a[1, 0] * x + a[1, 1] * y + a[1, 2]) * whole.shape[0] / self.height
        row = np.clip(down.astype(int), 0, whole.shape[0] - 1)
        column = np.clip(across.astype(int), 0, whole.shape[1] - 1)
        return np.asarray(whole[row, column], np.float32)

    def cut(self, pixels: ByteImage) -> ByteImage:
        """Return what was looked at of the picture's own pixels (h, w, 3), put in its place."""
        left, top, right, bottom = self.crop
        if not np.array_equal(self.to_picture, np.eye(3)[:2]):
            pixels = warp_pixels(pixels, _between_centres(self.to_picture))
        return np.ascontiguousarray(pixels[top:bottom, left:right])

    def bring(self, score_map: Float32) -> Float32:
        """Return a map of the whole picture, as fine as ``score_map`` (h, w) where memory allows.

        Cells that were not looked at are 0. Resampling lowers peaks: the map is scaled so that its
        hottest cell stays as hot as it was.
        """
        rows, columns = score_map.shape
        left, top, right, bottom = self.crop
        across, down = columns / (right - left), rows / (bottom - top)
        cells = self.width * across * self.height * down
        thinned = math.sqrt(max(1.0, cells / max(_MOST_CELLS, 2 * score_map.size)))
        height = max(1, round(self.height * down / thinned))
        width = max(1, round(self.width * across / thinned))
        to_cell = _matrix(across, 0, -left * across - 0.5, 0, down, -top * down - 0.5)
        of_whole = _matrix(self.width / width, 0, 0, 0, self.height / height, 0)
        half = _matrix(1, 0, 0.5, 0, 1, 0.5)
        back = np.linalg.inv(np.vstack([self.to_picture, (0, 0, 1)]))
        combined = np.asarray((to_cell @ back @ of_whole @ half)[:2], np.float64)
        found = warp_map(widen(score_map, math.ceil(thinned)), combined, height, width)
        hottest = float(found.max())
        if hottest > 0:
            found *= np.float32(float(score_map.max()) / hottest)
        return found


@dataclass(frozen=True, eq=False)
class InputView:
    """Network input, the cells that count (``None``: all), and the placement of the score map.

    ``home`` is ``None`` where the map covers the whole picture as it is.
    """

    pixels: ByteImage
    cells: GridMasks | None = None
    home: ScoreMapPlacement | None = None


class InputViewBuilder:
    """Builds input views; ``finest`` and ``coarsest`` are the strides of the taps."""

    def __init__(
        self, view: View, preprocessing: Preprocessing, finest: int, coarsest: int
    ) -> None:
        self._view, self._preprocessing = view, preprocessing
        self._finest, self._coarsest = finest, coarsest
        self._box = box_of(view.region)
        self._locator = None if view.positioning is None else Locator(view.positioning)
        self._regions: dict[tuple[int, int], Bools] = {}
        self._kept: dict[tuple[int, int], Bools] = {}

    def see(self, pixels: ByteImage) -> InputView:
        """Return what the network is shown of RGB pixels.

        Raises PlacementError when the part is not where it should be.
        """
        if self._view.plain:
            return InputView(prepare(pixels, self._preprocessing, self._coarsest))
        height, width = pixels.shape[:2]
        crop = self._crop(height, width)
        to_picture = np.eye(3)[:2]
        if self._locator is not None:
            to_picture = self._locator.locate(pixels).matrix
            pixels = warp_pixels(pixels, _between_centres(to_picture))
        left, top, right, bottom = crop
        cut = np.ascontiguousarray(pixels[top:bottom, left:right])
        shown = prepare(cut, self._preprocessing, self._coarsest)
        shown = self._without_the_rest(shown, crop, height, width)
        home = ScoreMapPlacement(to_picture, crop, height, width)
        cells = self._cells(shown, home)
        as_it_was = self._locator is None and self._box == WHOLE_BOX
        return InputView(shown, cells, None if as_it_was else home)

    def cells(self, grid: tuple[int, int]) -> GridMasks | None:
        """Return which cells of a grid the region covers, ``None`` when it covers all."""
        if self._view.plain:
            return None
        region = self._region(grid)
        return GridMasks(region, region)

    def _cells(self, shown: ByteImage, home: ScoreMapPlacement) -> GridMasks:
        rows, columns = (side // self._finest for side in shown.shape[:2])
        region = self._region((rows, columns))
        if self._locator is None:
            return GridMasks(region, region)
        return GridMasks(region, _counted(region, home))

    def _crop(self, height: int, width: int) -> tuple[int, int, int, int]:
        left, top, right, bottom = self._box
        x, y = min(int(left * width), width - 1), min(int(top * height), height - 1)
        return x, y, max(x + 1, math.ceil(right * width)), max(y + 1, math.ceil(bottom * height))

    def _region(self, grid: tuple[int, int]) -> Bools:
        """A cell belongs to the region when at least half of it does."""
        if grid not in self._regions:
            rows, columns = grid
            fine = rasterise(self._view.region, rows * 8, columns * 8, self._box)
            covered = fine.reshape(rows, 8, columns, 8).mean(axis=(1, 3))
            mask = covered >= 0.5
            if not mask.any():
                raise RequestError(
                    say(
                        "The inspection region is too small for this picture size. "
                        "Draw a larger region, or choose a larger picture size."
                    )
                )
            _keep(self._regions, grid, mask)
        return self._regions[grid]

    def _without_the_rest(
        self, shown: ByteImage, crop: tuple[int, int, int, int], height: int, width: int
    ) -> ByteImage:
        """Fill in what is not the region: nothing that happens there is seen."""
        left, top, right, bottom = crop
        if (height, width) not in self._kept:
            mask = rasterise(self._view.region, height, width)[top:bottom, left:right]
            grey = resize_area(mask.astype(np.uint8) * np.uint8(255), *shown.shape[:2])
            _keep(self._kept, (height, width), grey == 255)
        return fill_in(shown, self._kept[height, width])


def _counted(region: Bools, home: ScoreMapPlacement) -> Bools:
    """Leave out cells of which the picture does not show every corner, or nearly so."""
    rows, columns = region.shape
    left, top, right, bottom = home.crop
    x = left + np.arange(columns + 1) * ((right - left) / columns)
    y = top + np.arange(rows + 1) * ((bottom - top) / rows)
    a = home.to_picture
    at_x = a[0, 0] * x + a[0, 1] * y[:, None] + a[0, 2]
    at_y = a[1, 0] * x + a[1, 1] * y[:, None] + a[1, 2]
    near = _NEARLY * min((right - left) / columns, (bottom - top) / rows)
    shown = (at_x >= -near) & (at_x <= home.width + near)
    shown &= (at_y >= -near) & (at_y <= home.height + near)
    whole = shown[:-1, :-1] & shown[1:, :-1] & shown[:-1, 1:] & shown[1:, 1:]
    counted = region & whole
    return counted if counted.any() else region


def _matrix(*entries: float) -> Float64:
    return np.asarray([entries[:3], entries[3:], (0, 0, 1)], np.float64)


def _between_centres(matrix: Float64) -> Float64:
    """Turn a matrix between pixel edges into one between pixel centres."""
    out = matrix.copy()
    out[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return out


def _keep(cache: dict[tuple[int, int], Bools], size: tuple[int, int], mask: Bools) -> None:
    """Remember a mask, of the last few sizes only: a folder may hold pictures of any."""
    mask.flags.writeable = False
    while len(cache) >= _KEPT:
        cache.pop(next(iter(cache)))
    cache[size] = mask
