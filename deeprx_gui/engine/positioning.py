"""Positioning: where a part lies, compared with where it lay in the reference.

Coarse to fine: normalised cross-correlation of a small grey picture over all shifts and rotations
that are allowed, then refinement to a fraction of a pixel on a finer one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32, Float64
from deeprx_gui.domain.errors import PlacementError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.view import Positioning
from deeprx_gui.engine.matching import best_place, refined, shrink, warp_grey
from deeprx_gui.engine.resample import resize_area

REFERENCE_SIDE = 320
"""The longer side of a reference picture in pixels."""
_COARSE = 96
_COARSER = 64
_WIDE_TURN = 30.0
_MARGIN = 8
_FLAT = 1.0
"""Grey levels of spread below which there is nothing to go by."""


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a part lies.

    ``matrix`` (2, 3) takes pixels of the positioned picture to those of the picture as it was
    taken, edges of pixels at whole numbers. ``quality`` is the correlation there, 0..1; ``shift``
    the move as a share of the longer side, ``turn`` the rotation in degrees.
    """

    matrix: Float64
    quality: float
    shift: float
    turn: float


class Locator:
    """Looks for the reference's window in pictures."""

    def __init__(self, positioning: Positioning) -> None:
        self._settings = positioning
        height, width = positioning.reference.shape[:2]
        self._longer = max(height, width)
        self._reference = grey(positioning.reference)
        (x0, y0), (x1, y1) = positioning.window.points
        self._window = tuple(
            side * share
            for side, share in zip(
                (width, height, width, height),
                (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)),
                strict=True,
            )
        )

    def locate(self, pixels: ByteImage) -> Placement:
        """Return where the part lies; raises PlacementError when it is not in place."""
        placement = self.search(pixels)
        if placement.quality < self._settings.quality:
            raise PlacementError(
                say(
                    "The part is not in place (match {match} %, at least {least} % is needed). "
                    "Put it where it lies in the normal images, and check camera and light.",
                    match=round(100 * placement.quality),
                    least=round(100 * self._settings.quality),
                )
            )
        return placement

    def outline(self, placement: Placement, pixels: ByteImage) -> Float64:
        """Return the corners (4, 2) of what was looked for, as shares of the picture's sides."""
        height, width = pixels.shape[:2]
        factor = self._longer / max(height, width)
        rows, columns = max(1, round(height * factor)), max(1, round(width * factor))
        x0, y0, x1, y1 = self._window
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)
        corners *= (width / columns, height / rows)
        found = corners @ placement.matrix[:, :2].T + placement.matrix[:, 2]
        return np.asarray(found / (width, height), np.float64)

    def search(self, pixels: ByteImage, *, fine: bool = True) -> Placement:
        """Return the best match, however bad it is; ``fine``: to a fraction of a pixel."""
        height, width = pixels.shape[:2]
        factor = self._longer / max(height, width)
        rows, columns = max(1, round(height * factor)), max(1, round(width * factor))
        shrunk = grey(resize_area(pixels, rows, columns))
        coarse = _COARSER if self._settings.turn > _WIDE_TURN else _COARSE
        # From here on in pixels of the reference, edges at whole numbers.
        matrix, quality = self._coarse(shrunk, coarse)
        if fine:
            matrix, quality = self._finer(shrunk, matrix, REFERENCE_SIDE)
        x0, y0, x1, y1 = self._window
        middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        moved = matrix[:, :2] @ middle + matrix[:, 2] - middle
        scale = np.array([width / columns, height / rows])
        full = np.column_stack([matrix[:, :2] * scale[:, None] / scale, matrix[:, 2] * scale])
        turn = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
        return Placement(full, max(0.0, quality), float(np.hypot(*moved)) / self._longer, turn)

    def _coarse(self, picture: Float32, side: int) -> tuple[Float64, float]:
        """Try every rotation; each correlates the window with all shifts at once."""
        scale = min(1.0, side / self._longer)
        template, (left, top) = self._template(scale)
        small = shrink(picture, scale)
        height, width = template.shape
        reach = max(1, math.ceil(self._settings.shift * self._longer * scale))
        middle = np.array([left + width / 2, top + height / 2])
        best: tuple[float, Float64] = (-2.0, np.eye(3)[:2])
        for angle in self._angles(math.hypot(width, height) / 2):
            turned = _about(middle, angle)
            at_corner = _shifted(turned, left - reach, top - reach)
            canvas = warp_grey(small, _centres(at_corner), height + 2 * reach, width + 2 * reach)
            quality, row, column = best_place(canvas, template)
            if quality > best[0]:
                best = quality, _shifted(turned, column - reach, row - reach)
        matrix = best[1].copy()
        matrix[:, 2] /= scale
        return matrix, self._quality(small, best[1], template, (left, top))

    def _angles(self, radius: float) -> Float64:
        """Rotations of which each moves the corners of the window by about a pixel."""
        turn = math.radians(self._settings.turn)
        steps = math.ceil(turn * radius)
        return np.asarray(np.linspace(-turn, turn, 2 * steps + 1), np.float64)

    def _finer(self, picture: Float32, matrix: Float64, side: int) -> tuple[Float64, float]:
        scale = min(1.0, side / self._longer)
        template, corner = self._template(scale)
        small = shrink(picture, scale)
        start = matrix.copy()
        start[:, 2] *= scale
        # What was found so far is undone first: the refinement knows no angle beyond 90 degrees.
        height, width = template.shape
        undone = _shifted(start, corner[0] - _MARGIN, corner[1] - _MARGIN)
        canvas = warp_grey(small, _centres(undone), height + 2 * _MARGIN, width + 2 * _MARGIN)
        here = _shifted(np.eye(3)[:2], _MARGIN, _MARGIN)
        turning = self._settings.turn > 0
        rest = _edges(refined(template, canvas, _centres(here), turning=turning))
        found = _shifted(_product(undone, rest), -corner[0], -corner[1])
        before = self._quality(small, start, template, corner)
        after = self._quality(small, found, template, corner)
        if not after >= before:
            found, after = start, before
        out = found.copy()
        out[:, 2] /= scale
        return out, after

    def _template(self, scale: float) -> tuple[Float32, tuple[int, int]]:
        """Return the window's pixels at a scale and where its upper left corner is."""
        small = shrink(self._reference, scale)
        x0, y0, x1, y1 = (round(edge * scale) for edge in self._window)
        x0, y0 = min(x0, small.shape[1] - 1), min(y0, small.shape[0] - 1)
        return np.ascontiguousarray(small[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]), (x0, y0)

    def _quality(
        self, picture: Float32, matrix: Float64, template: Float32, corner: tuple[int, int]
    ) -> float:
        seen = warp_grey(picture, _centres(_shifted(matrix, *corner)), *template.shape)
        return correlation(seen, template)


def grey(pixels: ByteImage) -> Float32:
    """Return the mean (h, w) of red, green and blue, 0..255."""
    return np.asarray(pixels.mean(axis=2, dtype=np.float32), np.float32)


def correlation(a: Float32, b: Float32) -> float:
    """Return the correlation of two grey pictures (h, w), 0 where one of them shows nothing."""
    spread = float(a.std()), float(b.std())
    if min(spread) < _FLAT:
        return 0.0
    return float(((a - a.mean()) * (b - b.mean())).mean()) / (spread[0] * spread[1])


def _about(middle: Float64, angle: float) -> Float64:
    """Return the rotation about a point, edges of pixels at whole numbers."""
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, -s], [s, c]])
    return np.column_stack([turn, middle - turn @ middle])


def _shifted(matrix: Float64, x: float, y: float) -> Float64:
    """Return ``matrix`` after a shift: p -> matrix (p + (x, y))."""
    out = matrix.copy()
    out[:, 2] += matrix[:, :2] @ (x, y)
    return out


def _product(outer: Float64, inner: Float64) -> Float64:
    """Return p -> outer (inner p)."""
    return np.asarray((np.vstack([outer, (0, 0, 1)]) @ np.vstack([inner, (0, 0, 1)]))[:2])


def _centres(matrix: Float64) -> Float64:
    """Turn a matrix between pixel edges into one between pixel centres."""
    out = matrix.copy()
    out[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return out


def _edges(matrix: Float64) -> Float64:
    """Undo ``_centres``."""
    out = matrix.copy()
    out[:, 2] -= matrix[:, :2] @ (0.5, 0.5) - 0.5
    return out
