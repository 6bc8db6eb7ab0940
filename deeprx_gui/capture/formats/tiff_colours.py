"""TIFF: from samples to RGB, as the photometric tag says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from PIL import Image

from deeprx_gui.capture.formats import tiff
from deeprx_gui.capture.formats.header import Damaged, Header, Unsupported
from deeprx_gui.capture.formats.ifd import Tags
from deeprx_gui.capture.formats.stored import Pixels, Stored
from deeprx_gui.capture.formats.tiff_pixels import (
    JPEG,
    Samples,
    full_range,
    palette,
    read_samples,
)

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3}
_PREMULTIPLIED = 1


def read(data: bytes, header: Header, read_jpeg: Callable[[bytes], Samples]) -> Stored:
    """Return the pixels of the page that counts, as stored (not turned).

    Raises ``Damaged`` or ``Unsupported``.
    """
    tags = tiff.all_tags(data, tiff.page_of(tiff.pages(data)))
    kind = _photometric(tags)
    colours = _COLOURS.get(kind, 0)
    samples = read_samples(data, tags, read_jpeg) if colours else None
    if samples is None or samples.shape[2] < colours:
        raise Unsupported(f"photometric {kind}")
    bits = tags.get(tiff.BITS, (1,))[0]
    rest = samples[:, :, colours:]
    transparent = bool(rest.size) and bool((rest[:, :, 0] != (1 << bits) - 1).any())
    if transparent and _PREMULTIPLIED in tags.get(tiff.EXTRA, ()):
        raise Unsupported("colours mixed with their transparency")
    if header.bits < bits and bool((samples[:, :, :colours] >> header.bits).any()):
        raise Unsupported("numbers beyond the largest value it names")
    return Stored(_colour(samples[:, :, :colours], kind, bits, header, tags), transparent)


def _photometric(tags: Tags) -> int:
    kind = tags.get(tiff.PHOTOMETRIC, (-1,))[0]
    packed = tags.get(tiff.COMPRESSION, (1,))[0] == JPEG
    if kind == _YCBCR:
        return _RGB if packed else -1  # its reader has made RGB of it
    return kind


def _colour(samples: Samples, kind: int, bits: int, header: Header, tags: Tags) -> Pixels:
    if kind == _PALETTE:
        if bits > 8:
            raise Unsupported("a palette of more than 256 colours")
        table = palette(tags, bits)
        return table[samples[:, :, 0]]
    if kind == _CMYK:
        eight = samples if samples.dtype == np.uint8 else (samples >> (header.bits - 8))
        whole = np.ascontiguousarray(eight, np.uint8)
        return np.asarray(Image.fromarray(whole, "CMYK").convert("RGB"))
    found = full_range(samples, bits)
    if header.inverted:
        found = (((1 << header.bits) - 1) - found).astype(found.dtype)
    if kind == _RGB:
        return np.ascontiguousarray(found)
    grey: Any = cv2.cvtColor(np.ascontiguousarray(found[:, :, 0]), cv2.COLOR_GRAY2RGB)
    if grey.shape[:2] != samples.shape[:2]:
        raise Damaged("no pixels")
    return np.asarray(grey)
