"""Resampling of pixels and maps already in memory: an image door, so cv2 is allowed here.

One implementation for every runtime: the same pixels give the same network input everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from deeprx_gui.domain.arrays import Bools, ByteImage, Float32, Float64, Ints


@contextmanager
def _as_memory_error() -> Iterator[None]:
    """OpenCV has an error of its own for everything; with checked arguments it means memory."""
    try:
        yield
    except cv2.error as error:
        raise MemoryError(str(error)) from error


def resize_area(pixels: ByteImage, height: int, width: int) -> ByteImage:
    """Resize RGB pixels: area average (antialiased) where it shrinks, bilinear where it grows."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = height <= pixels.shape[0] and width <= pixels.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    if not shrinks and (height < pixels.shape[0] or width < pixels.shape[1]):
        # One side shrinks, the other grows: average the shrinking side first, or it would alias.
        smaller = (min(width, pixels.shape[1]), min(height, pixels.shape[0]))
        with _as_memory_error():
            pixels = np.asarray(cv2.resize(pixels, smaller, interpolation=cv2.INTER_AREA), np.uint8)
    with _as_memory_error():
        return np.asarray(cv2.resize(pixels, (width, height), interpolation=how), np.uint8)


def resize_map(score_map: Float32, height: int, width: int) -> Float32:
    """Resample a score map (h, w) bilinearly; maxima never grow."""
    if score_map.shape == (height, width):
        return score_map
    with _as_memory_error():
        resized = cv2.resize(score_map, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)


def smooth(score_map: Float32, sigma: float) -> Float32:
    """Smooth a map (h, w), reflected borders; ``sigma`` in grid cells, 0 = none."""
    if sigma <= 0:
        return score_map
    reach = 2 * math.ceil(4 * sigma) + 1
    blurred = cv2.GaussianBlur(
        score_map, (reach, reach), sigma, sigmaY=sigma, borderType=cv2.BORDER_REFLECT
    )
    return np.asarray(blurred, np.float32)


def largest_region(mask: Bools) -> int:
    """Return the number of cells of the largest 8-connected region of a mask (h, w)."""
    if not mask.any():
        return 0
    _, _, found, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return int(found[1:, cv2.CC_STAT_AREA].max())


def warp_pixels(pixels: ByteImage, to_source: Float64) -> ByteImage:
    """Return a picture of the same size whose pixel p is what ``pixels`` shows at ``to_source`` p.

    ``to_source`` (2, 3) is in pixels, pixel centres at whole numbers. What lies outside is
    mirrored.
    """
    height, width = pixels.shape[:2]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    with _as_memory_error():
        out = cv2.warpAffine(
            pixels, to_source, (width, height), flags=how, borderMode=cv2.BORDER_REFLECT_101
        )
    return np.asarray(out, np.uint8)


def warp_map(score_map: Float32, to_source: Float64, height: int, width: int) -> Float32:
    """Resample a score map bilinearly at ``to_source`` (2, 3), cell centres at whole numbers.

    What lies outside the map is 0; within half a cell of its border it is continued.
    """
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (width, height)
    out = cv2.warpAffine(score_map, to_source, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    y, x = np.mgrid[0:height, 0:width]
    a = to_source
    at_x, at_y = a[0, 0] * x + a[0, 1] * y + a[0, 2], a[1, 0] * x + a[1, 1] * y + a[1, 2]
    rows, columns = score_map.shape
    within = (at_x >= -0.5) & (at_x <= columns - 0.5) & (at_y >= -0.5) & (at_y <= rows - 0.5)
    return np.where(within, np.asarray(out, np.float32), np.float32(0))


def widen(score_map: Float32, cells: int) -> Float32:
    """Return the maximum of a map (h, w) over squares of ``cells`` x ``cells``.

    For maps that are thinned out.
    """
    if cells <= 1:
        return score_map
    return np.asarray(cv2.dilate(score_map, np.ones((cells, cells), np.uint8)), np.float32)


def fill_in(pixels: ByteImage, keep: Bools) -> ByteImage:
    """Return the picture with all but ``keep`` (h, w) replaced by what surrounds it.

    Push-pull: averages of what is kept on ever coarser grids fill the finer ones. What was there
    before leaves no trace.
    """
    if keep.all() or not keep.any():
        return pixels
    weight = keep.astype(np.float32)
    filled = np.rint(_pull(pixels.astype(np.float32) * weight[..., None], weight))
    return np.where(keep[..., None], pixels, filled.astype(np.uint8))


def _pull(total: Float32, weight: Float32) -> Float32:
    """Return the averages total / weight, with those of the coarser grid where there are none."""
    height, width = weight.shape
    known = weight > 0
    average = np.divide(total, weight[..., None], out=total.copy(), where=known[..., None])
    if known.all():
        return average
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse = _pull(
        np.asarray(cv2.resize(total, half, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32),
    )
    grown = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(known[..., None], average, np.asarray(grown, np.float32))


def label_regions(mask: Bools) -> Ints:
    """Number the 8-connected regions of a mask (h, w) 1, 2, …; 0 is background."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    return np.asarray(labels, np.intp)
