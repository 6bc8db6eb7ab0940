"""Where positioning found the part in each normal image, to be looked at."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage, Float64
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.view import Positioning
from deeprx_gui.engine.positioning import Locator
from deeprx_gui.engine.resample import resize_area

SIDE: Final = 480
"""The longer side of the pictures that are handed out, in pixels."""


@dataclass(frozen=True, eq=False)
class PlacedPicture:
    """A normal image made small (h, w, 3), and the best place for what was looked for in it.

    ``outline`` has its corners (4, 2) as shares of the picture's sides; ``match`` is 0..1;
    ``found``: that match suffices.
    """

    path: Path
    pixels: ByteImage
    outline: Float64
    match: float
    found: bool


def placements(images: Sequence[Path], positioning: Positioning) -> Generator[Progress, None, None]:
    """Yield a ``PlacedPicture`` for every image that can be read, in the order given."""
    locator = Locator(positioning)
    for number, path in enumerate(images, 1):
        item = None
        try:
            pixels = decode(path).pixels
        except ImageError:
            pass  # the tray says so
        else:
            place = locator.search(pixels)
            found = place.quality >= positioning.quality
            outline = locator.outline(place, pixels)
            item = PlacedPicture(path, _small(pixels), outline, place.quality, found)
        yield Progress(number, len(images), say("Looking where the part was found"), item=item)


def _small(pixels: ByteImage) -> ByteImage:
    height, width = pixels.shape[:2]
    factor = min(1.0, SIDE / max(height, width))
    size = max(1, round(height * factor)), max(1, round(width * factor))
    return np.ascontiguousarray(resize_area(pixels, *size))
