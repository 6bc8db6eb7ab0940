"""The heat of one picture: resampled and quantised once, recoloured at every move of a limit."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from deeprx_gui.domain.arrays import Float32, Float64
from deeprx_gui.domain.heat import colour_table, quantise
from deeprx_gui.domain.limits import Limits
from deeprx_gui.ui.picture.qimage import argb_to_qimage

_LONGEST = 512


def resampled(score_map: Float32, width: int, height: int) -> Float32:
    """Bring a score map (h, w) to the proportions of its picture, bilinearly, 512 cells long.

    Grid values stand for the centres of their cells; the outermost half cells repeat the border.
    """
    scale = _LONGEST / max(width, height, 1)
    rows = _weights(score_map.shape[0], max(1, round(height * scale)))
    columns = _weights(score_map.shape[1], max(1, round(width * scale)))
    finite = np.nan_to_num(score_map.astype(np.float64))
    return np.asarray(rows @ finite @ columns.T, dtype=np.float32)


class HeatLayer:
    """One picture's raw score map (h, w), ready to be coloured.

    ``width``, ``height``: of the picture in pixels; ``unit`` is the profile's suggested limit.
    """

    def __init__(self, score_map: Float32, width: int, height: int, unit: float) -> None:
        self._unit = unit
        self._levels = quantise(resampled(score_map, width, height), unit).astype(np.int32)
        self._hottest = int(self._levels.max())

    def image(self, limits: Limits, opacity: float, *, below: bool = False) -> QImage | None:
        """Return the heat above the review limit; ``None`` when there is none.

        ``below``: with the quiet scale up to the limit.
        """
        table = colour_table(limits, self._unit, opacity, levels=self._hottest + 1, below=below)
        if not table[self._hottest] >> 24:
            return None
        picture = argb_to_qimage(table.take(self._levels))
        # Qt blends premultiplied pixels several times as fast when it scales them smoothly.
        return picture.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _weights(cells: int, samples: int) -> Float64:
    """Return the matrix (samples, cells) of linear interpolation between cell centres."""
    at = np.clip((np.arange(samples) + 0.5) * (cells / samples) - 0.5, 0, cells - 1)
    left = np.minimum(at.astype(np.intp), max(cells - 2, 0))
    share = at - left
    weights = np.zeros((samples, cells))
    every = np.arange(samples)
    weights[every, left] = 1.0 - share
    weights[every, np.minimum(left + 1, cells - 1)] += share
    return weights
