"""Matching of grey pictures already in memory: an image door, so cv2 is allowed here (ADR 0008).

Matrices (2, 3) take positions of the template to those of the picture, pixel centres at whole
numbers.
"""

from __future__ import annotations

import cv2
import numpy as np

from deeprx_gui.domain.arrays import Float32, Float64

_ROUNDS = 15
_ENOUGH = 1e-4
_BLUR = 5


def shrink(picture: Float32, scale: float) -> Float32:
    """Return a grey picture (h, w) at a scale of at most 1, averaged."""
    height, width = (max(1, round(side * scale)) for side in picture.shape)
    if picture.shape == (height, width):
        return picture
    out = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(out, np.float32)


def warp_grey(grey: Float32, to_source: Float64, height: int, width: int) -> Float32:
    """Return (height, width) of what a grey picture shows; its border goes on outside."""
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(
        grey, to_source, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(out, np.float32)


def best_place(picture: Float32, template: Float32) -> tuple[float, int, int]:
    """Return where a template (h, w) correlates best in a picture: (-1..1, row, column)."""
    found = np.asarray(cv2.matchTemplate(picture, template, cv2.TM_CCOEFF_NORMED), np.float32)
    found = np.nan_to_num(found, nan=-1.0, posinf=-1.0, neginf=-1.0)
    row, column = np.unravel_index(int(found.argmax()), found.shape)
    return min(float(found[row, column]), 1.0), int(row), int(column)


def refined(template: Float32, picture: Float32, start: Float64, *, turning: bool) -> Float64:
    """Improve a matrix (2, 3) to a fraction of a pixel; ``start`` where that does not converge.

    Maximises the enhanced correlation coefficient (Evangelidis & Psarakis 2008), which does not
    mind another brightness or contrast.
    """
    motion = cv2.MOTION_EUCLIDEAN if turning else cv2.MOTION_TRANSLATION
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, _ROUNDS, _ENOUGH)
    matrix = start.astype(np.float32)
    if not turning:
        matrix[:, :2] = np.eye(2)
    nothing = np.full(picture.shape, 255, np.uint8)
    try:
        _, found = cv2.findTransformECC(template, picture, matrix, motion, stop, nothing, _BLUR)
    except cv2.error:  # it did not converge, or nothing overlaps
        return start
    return np.asarray(found, np.float64)
