"""Overlay that greys the parts of an image excluded from inspection."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGraphicsScene

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.view import Region, View
from deeprx_gui.ui.picture.picture_items import HeatItem
from deeprx_gui.ui.picture.qimage import argb_to_qimage
from deeprx_gui.ui.picture.region_layer import RegionLayer

_GREY: Final = 0x5A10161E
"""As the region's own veil, in 0xAARRGGBB."""


class RegionOverlay:
    """Scene items that grey the excluded area."""

    def __init__(self, scene: QGraphicsScene) -> None:
        self._drawn = RegionLayer()
        self._drawn.setZValue(0.5)
        self._mapped = HeatItem()
        self._mapped.setZValue(0.5)
        scene.addItem(self._drawn)
        scene.addItem(self._mapped)

    @property
    def region(self) -> Region:
        return self._drawn.region

    @property
    def mapped(self) -> QImage | None:
        """What is greyed by the map, ``None`` where nothing is."""
        return self._mapped.image

    def show(self, view: View, size: QSizeF, score_map: Float32 | None) -> None:
        """Grey what this view leaves out of a picture of ``size`` scene units.

        A region is drawn for parts in their place. Where each part was moved there first, the
        region lies elsewhere in every picture, and the map (h, w), 0 where nothing was looked at,
        tells.
        """
        follows_map = view.positioning is not None and score_map is not None
        self._drawn.display(Region() if view.positioning is not None else view.region, size)
        self._mapped.display(
            left_out(score_map) if follows_map and score_map is not None else None, size
        )


def left_out(score_map: Float32) -> QImage | None:
    """Return a picture of the cells (h, w) that were not looked at, ``None`` when all were."""
    blind = score_map == 0
    if not blind.any():
        return None
    picture = argb_to_qimage(np.where(blind, _GREY, 0).astype(np.uint32))
    return picture.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
