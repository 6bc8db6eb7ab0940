"""Reference: the normal image in which parts are looked for, chosen from the normal images."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np

from deeprx_gui.capture.decode import decode, thumbnail
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import FitError, ImageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.view import Positioning, Shape, ShapeKind
from deeprx_gui.engine.positioning import REFERENCE_SIDE, Locator, grey
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.work.eta import EtaEstimator

MOST_CANDIDATES = 15
_SMALL = 96
_AS_GOOD = 0.05
"""Candidates whose match is this close to the best one's count as equally good."""
_FLAT = 1.0


def positioning_from(
    images: Sequence[Path],
    *,
    window: Shape | None = None,
    shift: float = 0.1,
    turn: float = 5.0,
    quality: float = 0.5,
) -> Generator[Progress, None, Positioning]:
    """Return how to position parts like those in ``images``.

    The reference is the medoid of up to 15 images spread over all: the one in which the others are
    found best and, among those about as good, with the least movement, so that the others lie to
    all sides of it. ``window``: what is looked for, unless given all but a margin of ``shift``.
    Raises FitError when no image can be read, or none shows anything to go by.
    """
    spread = np.unique(np.linspace(0, len(images) - 1, min(len(images), MOST_CANDIDATES)).round())
    chosen = [images[int(i)] for i in spread]
    pace = EtaEstimator(2 * len(chosen))
    small: dict[Path, ByteImage] = {}
    for path in chosen:
        try:
            pixels = thumbnail(path, _SMALL)
        except ImageError:
            pace.step(say("Choosing the reference picture"))  # learning will say why
            continue
        if float(grey(pixels).std()) >= _FLAT:
            small[path] = pixels
        yield pace.step(say("Choosing the reference picture"))
    ranked: list[tuple[float, float, Path]] = []
    for path, pixels in small.items():
        positioning = Positioning(pixels, window or _middle(pixels, shift), shift, turn, quality)
        locator = Locator(positioning)
        others = [locator.search(o, fine=False) for p, o in small.items() if p != path]
        match = float(np.median([o.quality for o in others])) if others else 1.0
        moved = float(np.median([o.shift + abs(o.turn) / 360 for o in others])) if others else 0.0
        ranked.append((match, moved, path))
        yield pace.step(say("Choosing the reference picture"))
    if not ranked:
        raise FitError(
            say(
                "The normal images show nothing by which a part could be positioned. "
                "Check camera and light, or switch positioning off."
            )
        )
    best = max(match for match, _, _ in ranked)
    good = [entry for entry in ranked if entry[0] >= best - _AS_GOOD]
    path = min(good, key=lambda entry: entry[1])[2]
    reference = reduced(decode(path).pixels)
    return Positioning(reference, window or _middle(reference, shift), shift, turn, quality)


def reduced(pixels: ByteImage) -> ByteImage:
    """Return a picture as a reference: at most 320 pixels on its longer side."""
    height, width = pixels.shape[:2]
    factor = min(1.0, REFERENCE_SIDE / max(height, width))
    size = max(1, round(height * factor)), max(1, round(width * factor))
    return np.ascontiguousarray(resize_area(pixels, *size))


def _middle(pixels: ByteImage, shift: float) -> Shape:
    """Return all of a picture but a margin as wide as parts may move, a quarter at most."""
    height, width = pixels.shape[:2]
    longer = max(height, width)
    x, y = (min(0.25, shift * (longer / side)) for side in (width, height))
    return Shape(ShapeKind.RECTANGLE, ((x, y), (1 - x, 1 - y)))
