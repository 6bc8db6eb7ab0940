"""Resampling of pixels and maps already in memory: an image door, so cv2 is allowed here.

One implementation for every runtime: the same pixels give the same network input everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from deeprx_gui.domain.arrays import Bools, ByteImage, Float32, Ints


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
    """Resample a score map bilinearly; maxima never grow."""
    if score_map.shape == (height, width):
        return score_map
    with _as_memory_error():
        resized = cv2.resize(score_map, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)


def smooth(score_map: Float32, sigma: float) -> Float32:
    """Gaussian smoothing with reflected borders; ``sigma`` in grid cells, 0 = none."""
    if sigma <= 0:
        return score_map
    reach = 2 * math.ceil(4 * sigma) + 1
    blurred = cv2.GaussianBlur(
        score_map, (reach, reach), sigma, sigmaY=sigma, borderType=cv2.BORDER_REFLECT
    )
    return np.asarray(blurred, np.float32)


def label_regions(mask: Bools) -> Ints:
    """Number the 8-connected regions of a mask 1, 2, …; 0 is background."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    return np.asarray(labels, np.intp)
