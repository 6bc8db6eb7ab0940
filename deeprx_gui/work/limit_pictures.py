"""Pictures of the normal images that set the limit, with the place that did it."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.decode import decode, thumbnail
from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.blobs import blobs
from deeprx_gui.domain.errors import DeepRxError, ImageError
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.results.encode import stretch_map
from deeprx_gui.work.open_scorer import open_scorer

SIDE = 420
"""The longer side of such a picture in pixels, at most."""
HOT = 0.7
"""The place is where the map reaches this share of its highest value."""
_MARGIN, _WIDTH = 6, 3
_COLOUR = (224, 32, 32)


@dataclass(frozen=True, eq=False)
class LimitPicture:
    """One picture with its place framed; ``place`` (left, top, right, bottom) as shares of it.

    ``place`` is ``None`` where the file knows no map, ``error`` says why there is no picture.
    """

    source: str
    pixels: ByteImage | None = None
    place: tuple[float, float, float, float] | None = None
    error: Message | None = None


def limit_pictures(
    profile: Profile, sources: Sequence[str], *, engines: EnginePool
) -> Generator[Progress, None, None]:
    """Yield a ``LimitPicture`` for each of the profile's normal images in ``sources``."""
    maps = record_of(profile).maps
    for number, source in enumerate(sources, 1):
        try:
            picture = _picture(profile, source, maps.get(source), engines)
        except DeepRxError as error:
            picture = LimitPicture(source, error=error.message)
        yield Progress(number, len(sources), say("Opening the picture"), item=picture)


def _picture(
    profile: Profile, source: str, values: Float32 | None, engines: EnginePool
) -> LimitPicture:
    file = Path(source)
    if not file.is_absolute():
        raise ImageError(say("The picture is not on this PC."))
    small = thumbnail(file, SIDE)
    if values is not None and not profile.view.plain:
        home = open_scorer(engines, profile).see(decode(file)).home
        values = values if home is None else home.bring(values)
    if values is None:
        return LimitPicture(source, small)
    height, width = small.shape[:2]
    whole = stretch_map(values, height, width)
    found = blobs(whole, HOT * float(whole.max()), most=1)
    if not found:
        return LimitPicture(source, small)
    return LimitPicture(source, framed(small, found[0].box), found[0].box)


def framed(pixels: ByteImage, box: tuple[float, float, float, float]) -> ByteImage:
    """Return the picture with a frame around a place, its inside untouched."""
    height, width = pixels.shape[:2]
    left = max(0, math.floor(box[0] * width) - _MARGIN)
    top = max(0, math.floor(box[1] * height) - _MARGIN)
    right = min(width, math.ceil(box[2] * width) + _MARGIN)
    bottom = min(height, math.ceil(box[3] * height) + _MARGIN)
    framed = pixels.copy()
    framed[top:bottom, left:right] = _COLOUR
    rows = slice(min(top + _WIDTH, bottom), max(bottom - _WIDTH, top))
    columns = slice(min(left + _WIDTH, right), max(right - _WIDTH, left))
    framed[rows, columns] = pixels[rows, columns]
    return framed
