"""The heat map's one fixed scale: transparent up to the limit, colour only above.

A score map is quantise once; when a limit moves only the 65,536-entry colour table changes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.limits import Limits

SPAN = 8.0
"""The quantised range in units: 0 .. 8 x unit maps to 0 .. 65535."""
SATURATION = 3.0
"""From this multiple of the limit upwards the colour stays the same."""
LEVELS = 65536

# (multiple of the limit, red, green, blue): yellow, orange, red, magenta. Luminance falls steadily,
# so that the order survives colour blindness and a grey print.
_STOPS = (
    (1.0, 255, 221, 51),
    (1.5, 255, 140, 0),
    (2.0, 224, 32, 32),
    (SATURATION, 160, 0, 140),
)
_EDGE_ALPHA, _FULL_ALPHA = 150.0, 225.0


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


def colours(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return red, green, blue, alpha (0..255, shape (n, 4)) for scores given in x limit."""
    at = np.array([s[0] for s in _STOPS])
    out = np.empty((times.size, 4))
    for channel in range(3):
        out[:, channel] = np.interp(times, at, [s[channel + 1] for s in _STOPS])
    out[:, 3] = np.interp(times, [1.0, 2.0], [_EDGE_ALPHA, _FULL_ALPHA])
    out[times <= 1.0, 3] = 0.0
    return out


_STEPS = 4096
_SCALE = colours(np.linspace(1.0, SATURATION, _STEPS + 1, dtype=np.float64))
_SCALE_RGB = np.rint(_SCALE[:, :3]).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
_LEVEL = np.arange(LEVELS, dtype=np.float64)


def colour_table(
    limits: Limits, unit: float, opacity: float = 1.0, *, levels: int = LEVELS
) -> NDArray[np.uint32]:
    """Return colours (65536,) as 0xAARRGGBB, not premultiplied; ``opacity`` in 0..1.

    Entry ``q`` belongs to the quantised value ``q`` of ``quantise(..., unit)``. It is picked from
    4,096 steps above the limit, because a limit being dragged asks for a new table 60 times a
    second. ``levels``: only the first so many, where a picture has no hotter ones.
    """
    steps = _steps(_LEVEL[:levels], limits, unit)
    alpha = np.rint(_SCALE[:, 3] * min(max(opacity, 0.0), 1.0)).astype(np.uint32)
    packed = (alpha << 24) | _SCALE_RGB
    picked: NDArray[np.uint32] = packed.take(steps)
    return picked


def _steps(levels: NDArray[np.float64], limits: Limits, unit: float) -> NDArray[np.int32]:
    """Return which of the ``_STEPS`` colours belongs to each quantised value; 0 has none."""
    steps_per_limit = _STEPS / (SATURATION - 1.0)
    steps_per_level = SPAN / (LEVELS - 1) * unit / limits.review * steps_per_limit
    # Half a level is taken off so that a rounded-up value of exactly the limit stays transparent,
    # and steps are counted upwards so that everything above the limit has a colour; the millionth
    # of a step is for the rounding of this very line.
    start = 0.5 * steps_per_level + steps_per_limit + 1e-6
    step = np.ceil(levels * steps_per_level - start)
    return np.asarray(np.clip(step, 0, _STEPS), np.int32)


def overlay_rgb(
    pixels: ByteImage, score_map: Float32, limits: Limits, unit: float, opacity: float = 0.6
) -> ByteImage:
    """Blend a map (h, w) of raw distances over a picture of that size; returns a new picture."""
    if score_map.shape != pixels.shape[:2]:
        raise ValueError(f"map {score_map.shape} does not fit picture {pixels.shape[:2]}")
    # Only what may be coloured is looked at: a level below the limit everything is transparent.
    coldest = limits.review - unit * SPAN / (LEVELS - 1)
    warm = np.flatnonzero(~(score_map <= coldest))  # where the map is not a number, too
    out = pixels.copy()
    if warm.size:
        levels = quantise(score_map.reshape(-1)[warm], unit).astype(np.float64)
        step = _steps(levels, limits, unit)
        alpha = np.rint(_SCALE[:, 3] * min(max(opacity, 0.0), 1.0)).astype(np.float32) / 255.0
        colour = np.rint(_SCALE[:, :3]).astype(np.float32) * alpha[:, None]
        flat = out.reshape(-1, 3)
        blended = flat.take(warm, axis=0) * (1.0 - alpha)[:, None].take(step, axis=0)
        blended += colour.take(step, axis=0)
        flat[warm] = np.rint(blended, out=blended).astype(np.uint8)
    return out
