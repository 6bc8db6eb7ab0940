"""Pictures reach Qt with the right colours, at any width, and nobody else can change them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QPainter

from deeprx_gui.ui.picture.qimage import argb_to_qimage, scaled_qimage, to_qimage


@pytest.mark.parametrize("width", [1, 2, 3, 5, 64])
def test_colours_and_places_are_kept_at_any_width(width: int) -> None:
    pixels = np.zeros((4, width, 3), np.uint8)
    pixels[2, width - 1] = (255, 128, 0)
    image = to_qimage(pixels)
    assert (image.width(), image.height()) == (width, 4)
    assert image.pixelColor(width - 1, 2) == QColor(255, 128, 0)
    assert image.pixelColor(0, 0) == QColor(0, 0, 0)


def test_a_view_that_is_not_contiguous_is_drawn_right() -> None:
    whole = np.zeros((6, 8, 3), np.uint8)
    whole[:, ::2] = (1, 2, 3)
    image = to_qimage(whole[:, ::2])
    assert image.pixelColor(3, 5) == QColor(1, 2, 3)


def test_painting_on_the_picture_leaves_the_frame_alone() -> None:
    pixels = np.full((4, 4, 3), 7, np.uint8)
    pixels.flags.writeable = False
    image = to_qimage(pixels)
    painter = QPainter(image)
    painter.fillRect(image.rect(), QColor("white"))
    painter.end()
    assert (pixels == 7).all()


def test_later_writes_to_the_array_do_not_show() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    image = to_qimage(pixels)
    pixels[:] = 255
    assert image.pixelColor(0, 0) == QColor(0, 0, 0)


def test_transparent_pixels_stay_transparent() -> None:
    argb = np.array([[0x00000000, 0x80FF0000]], np.uint32)
    image = argb_to_qimage(argb)
    assert image.pixelColor(0, 0).alpha() == 0
    assert image.pixelColor(1, 0) == QColor(255, 0, 0, 128)


@pytest.mark.parametrize("smooth", [True, False])
def test_a_scaled_picture_is_a_picture_of_its_own(smooth: bool) -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, :, 0] = 200
    pixels.flags.writeable = False
    image = scaled_qimage(pixels, 30, 20, smooth=smooth)
    assert (image.width(), image.height()) == (30, 20)
    assert image.pixelColor(15, 10).red() == 200
    image.fill(0)
    assert int(pixels[0, 0, 0]) == 200
    same = scaled_qimage(pixels, 60, 40, smooth=smooth)
    same.fill(0)
    assert int(pixels[0, 0, 0]) == 200
