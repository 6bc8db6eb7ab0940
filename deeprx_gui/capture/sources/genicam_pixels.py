"""From a GenICam buffer to RGB: the pixel formats that inspection cameras deliver."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deeprx_gui.capture.pixels import unused
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.frame import Frame, Stored

# OpenCV names a Bayer pattern by the second row's second and third pixel, GenICam by the first
# two of the first: GenICam's RG is OpenCV's BG.
_BAYER = {
    "BayerRG8": cv2.COLOR_BayerBG2RGB,
    "BayerBG8": cv2.COLOR_BayerRG2RGB,
    "BayerGB8": cv2.COLOR_BayerGR2RGB,
    "BayerGR8": cv2.COLOR_BayerGB2RGB,
}
_DEEP = {"Mono10": 10, "Mono10p": 10, "Mono10Packed": 10,
         "Mono12": 12, "Mono12p": 12, "Mono12Packed": 12, "Mono14": 14, "Mono16": 16}  # fmt: skip
_COLOURS = {"RGB8": False, "RGB8Packed": False, "BGR8": True, "BGR8Packed": True}

FORMATS = ("Mono8", *_DEEP, *_BAYER, *_COLOURS)
"""Pixel formats that can be read, by their GenICam names."""


def genicam_frame(
    data: NDArray[np.unsignedinteger[Any]],
    form: str,
    width: int,
    height: int,
    padding_y: int = 0,
    *,
    source: str,
) -> Frame | None:
    """Return the picture of ``genicam_rgb`` with what is known of a file with the same numbers.

    ``data``: shape (n,). Of ``Mono16`` it is told how much of the 16 bits the numbers use.
    """
    pixels = genicam_rgb(data, form, width, height, padding_y)
    if pixels is None:
        return None
    share = unused(_plain(data, width, height, padding_y), _DEEP.get(form, 8))
    return Frame(pixels, source, Stored(share=share))


def genicam_rgb(
    data: NDArray[np.unsignedinteger[Any]], form: str, width: int, height: int, padding_y: int = 0
) -> ByteImage | None:
    """Return RGB, owned by the caller, from a buffer's elements; ``None`` when it is not whole.

    ``data``, shape (n,): one element per pixel and channel, bytes or (more than 8 bits) 16-bit
    words, rows possibly padded at their ends, ``padding_y`` rows at the bottom. Of 10 to 16 bits
    the upper 8 are kept: one fixed scale, as for files. ``form`` is one of ``FORMATS``.
    """
    channels = 3 if form in _COLOURS else 1
    if width <= 0 or height <= 0 or data.size < (height + padding_y) * width * channels:
        return None
    plain = _plain(data, width * channels, height, padding_y)
    if form in _DEEP:
        plain = (plain >> (_DEEP[form] - 8)).astype(np.uint8)
    if plain.dtype != np.uint8:
        return None
    whole = np.ascontiguousarray(plain, np.uint8)
    if form in _COLOURS:
        colour = whole.reshape(height, width, 3)
        return colour[:, :, ::-1].copy() if _COLOURS[form] else colour.copy()
    return np.asarray(cv2.cvtColor(whole, _BAYER.get(form, cv2.COLOR_GRAY2RGB)), np.uint8)


def _plain(
    data: NDArray[np.unsignedinteger[Any]], columns: int, height: int, padding_y: int
) -> NDArray[np.unsignedinteger[Any]]:
    """Return the elements of the picture (height, columns) without what pads rows and bottom."""
    rows = height + padding_y
    pitch = data.size // rows
    return data[: rows * pitch].reshape(rows, pitch)[:height, :columns]
