"""The heat map's colours: one scale for each profile, which no limit changes.

A score map is quantised once. Each colour stands for one multiple of the suggested review limit; a
limit only says from where on the colours show, so a limit that moves costs one table of 65,536
colours and no look at the picture. Up to the limit the picture stays clear, or, where a person asks
for it, wears a second, quiet scale that shows how close a place came.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import ByteImage, Float32, Float64
from deeprx_gui.domain.limits import Limits

SPAN = 8.0
"""The quantised range in units: 0 .. 8 x unit maps to 0 .. 65535."""
SATURATION = 1.5
"""From this multiple of the suggested limit upwards the colour stays the same: here most scores of
bad parts lie."""
QUIET_FROM = 0.5
"""Where the quiet scale begins, as a multiple of the suggested limit."""
LEVELS = 65536

# (multiple of the suggested limit, red, green, blue, alpha): yellow, orange, red, magenta.
# Luminance falls steadily, so that the order survives colour blindness and a grey print.
_STOPS = (
    (1.0, 255, 221, 51, 150),
    (1.17, 255, 140, 0, 175),
    (1.34, 224, 32, 32, 200),
    (SATURATION, 160, 0, 140, 225),
)
# Blue, which nobody takes for yellow, and pale enough not to be taken for a finding.
_QUIET_STOPS = (
    (QUIET_FROM, 70, 105, 190, 0),
    (0.75, 80, 145, 215, 60),
    (1.0, 150, 205, 235, 120),
)
_SLACK = 0.005
"""Of a level: a score of exactly the limit stays clear however its level was rounded."""


def quantise(score_map: Float32, unit: float) -> NDArray[np.uint16]:
    """Map raw distances (h, w) to 0..65535 over 0..``SPAN`` x ``unit``; NaN becomes 65535.

    A position that could not be measured must be seen, hence the hot end for NaN.
    """
    top = LEVELS - 1
    levels = score_map * np.float32(top / (SPAN * unit))
    np.nan_to_num(levels, copy=False, nan=top, posinf=top, neginf=0.0)
    np.rint(levels, out=levels)
    np.clip(levels, 0, top, out=levels)
    return levels.astype(np.uint16)


def colours(times: Float64) -> Float64:
    """Return red, green, blue, alpha (0..255, shape (n, 4)) above the limit.

    ``times``: scores (n,) as multiples of the suggested review limit.
    """
    return _between(_STOPS, times)


def quiet_colours(times: Float64) -> Float64:
    """Return red, green, blue, alpha (0..255, shape (n, 4)) up to the limit, where asked for.

    ``times``: scores (n,) as multiples of the suggested review limit.
    """
    return _between(_QUIET_STOPS, times)


def colour_table(
    limits: Limits,
    unit: float,
    opacity: float = 1.0,
    *,
    levels: int = LEVELS,
    below: bool = False,
) -> NDArray[np.uint32]:
    """Return colours (65536,) as 0xAARRGGBB, not premultiplied; ``opacity`` in 0..1.

    Entry ``q`` belongs to the quantised value ``q`` of ``quantise(..., unit)``; ``unit`` is the
    suggested review limit. ``below``: with the quiet scale up to the limit. ``levels``: only the
    first so many, where a picture has no hotter ones.
    """
    share = round(min(max(opacity, 0.0), 1.0), 3)
    table = _packed(share, quiet=False)[:levels].copy()
    clear = min(_hottest_clear(limits, unit) + 1, levels)
    table[:clear] = _packed(share, quiet=True)[:clear] if below else table[:clear] & 0xFFFFFF
    return table


def overlay_rgb(
    pixels: ByteImage,
    score_map: Float32,
    limits: Limits,
    unit: float,
    opacity: float = 0.6,
    *,
    below: bool = False,
) -> ByteImage:
    """Blend a map (h, w) of raw distances over a picture of that size; returns a new picture."""
    if score_map.shape != pixels.shape[:2]:
        raise ValueError(f"map {score_map.shape} does not fit picture {pixels.shape[:2]}")
    # Only what may be coloured is looked at: a level below that everything is transparent.
    lowest = min(QUIET_FROM * unit, limits.review) if below else limits.review
    coldest = lowest - unit * SPAN / (LEVELS - 1)
    warm = np.flatnonzero(~(score_map <= coldest))  # where the map is not a number, too
    out = pixels.copy()
    if warm.size:
        argb = colour_table(limits, unit, opacity, below=below)[
            quantise(score_map.reshape(-1)[warm], unit)
        ]
        alpha = (argb >> 24).astype(np.float32)[:, None] / np.float32(255.0)
        heat = np.stack([(argb >> s) & 255 for s in (16, 8, 0)], axis=-1).astype(np.float32)
        flat = out.reshape(-1, 3)
        blended = heat * alpha + flat.take(warm, axis=0) * (1.0 - alpha)
        flat[warm] = np.rint(blended, out=blended).astype(np.uint8)
    return out


def _between(stops: Sequence[tuple[float, int, int, int, int]], times: Float64) -> Float64:
    at = [stop[0] for stop in stops]
    channels = [np.interp(times, at, [stop[c] for stop in stops]) for c in range(1, 5)]
    return np.stack(channels, axis=-1)


@lru_cache(maxsize=4)
def _packed(opacity: float, *, quiet: bool) -> NDArray[np.uint32]:
    """Return a scale as 0xAARRGGBB for every level, as if no limit hid any of it."""
    times: Float64 = np.linspace(0.0, SPAN, LEVELS, dtype=np.float64)
    found = (quiet_colours if quiet else colours)(times)
    found[:, 3] *= opacity
    red, green, blue, alpha = np.rint(found).astype(np.uint32).T
    packed: NDArray[np.uint32] = (alpha << 24) | (red << 16) | (green << 8) | blue
    packed.flags.writeable = False
    return packed


def _hottest_clear(limits: Limits, unit: float) -> int:
    """Return the highest level that a score of no more than the review limit can get."""
    return int(min(limits.review / unit * ((LEVELS - 1) / SPAN) + 0.5 + _SLACK, LEVELS))
