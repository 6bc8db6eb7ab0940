"""Sample parts drawn by the program itself: for the demo, and for checks of the program.

A milled plate with a bore, two slots and a brushed surface; light, position and grain differ from
part to part as they do on a line. Defective ones have a scratch, a dent, a stain or a closed slot.
The same pixels every time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from deeprx_gui.atomic import reporting, write_over
from deeprx_gui.capture.dataset import GOOD, Dataset, LabelledImage
from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.results.encode import encode_png

SIDE = 320
_SAMPLE_SIDE = 192
_CENTRE = SIDE / 2
_DONE = "drawn-1"
"""Written last: with it, the folder holds all pictures of this version of the drawing."""


def drawn_dataset(folder: Path, normals: int, unseen_good: int, unseen_bad: int) -> Dataset:
    """Return that many parts, drawn into ``folder`` unless they are there. Raises StorageError."""
    kinds = list(DEFECTS)
    names = [f"good-{n:03d}" for n in range(normals + unseen_good)]
    bad = [(f"{kinds[n % len(kinds)]}-{n:03d}", kinds[n % len(kinds)]) for n in range(unseen_bad)]
    mark = folder / f"{_DONE}-{normals}-{unseen_good}-{unseen_bad}"
    good_files = [folder / f"{name}.png" for name in names]
    bad_files = [folder / f"{name}.png" for name, _ in bad]
    if not mark.exists() or not all(f.exists() for f in (*good_files, *bad_files)):
        with reporting(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(good_files):
            write_over(file, encode_png(draw_part(number)))
        for number, (file, (_, kind)) in enumerate(zip(bad_files, bad, strict=True)):
            write_over(file, encode_png(draw_part(10_000 + number, kind)))
        write_over(mark, b"")
    unseen = [LabelledImage(f, GOOD, bad=False) for f in good_files[normals:]]
    unseen += [LabelledImage(f, k, bad=True) for f, (_, k) in zip(bad_files, bad, strict=True)]
    return Dataset("drawn-parts", tuple(good_files[:normals]), tuple(unseen))


def draw_part(seed: int, defect: str | None = None) -> ByteImage:
    """Draw one part, RGB; ``defect``: a key of ``DEFECTS``."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    x, y = x - _CENTRE - rng.normal(0, 0.7), y - _CENTRE - rng.normal(0, 0.7)
    plate = _inside(120 - np.maximum(np.abs(x), np.abs(y)))
    bore = _inside(34 - np.hypot(x, y))
    left, right = (_inside(8 - _to_line(x, y, side, 52)) for side in (-78.0, 78.0))
    if defect == "closed-slot":
        right = right * _inside(-y - 8)
    brushed = rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32)
    brushed = _smooth_along(brushed, 24) * 16 + rng.normal(0, 2.2, (SIDE, SIDE)).astype(np.float32)
    light = rng.normal(1, 0.02) * (1 + 0.07 * (x - y) / SIDE)
    ring = np.exp(-(((np.hypot(x, y) - 40) / 3) ** 2)) * 26
    metal = (168 + brushed - ring) * light
    if defect is not None:
        metal = DEFECTS[defect](metal, x, y, rng)
    holes = np.maximum(bore, np.maximum(left, right))
    ground = 34 + rng.normal(0, 1.5, (SIDE, SIDE)).astype(np.float32)
    shown = plate * (1 - holes)
    grey = shown * metal + (1 - shown) * ground
    tint = np.array([0.98, 1.0, 1.03], np.float32)
    pixels: ByteImage = np.clip(grey[:, :, None] * tint, 0, 255).astype(np.uint8)
    return pixels


def sample_part(number: int, *, defect: bool = False) -> ByteImage:
    """Return a ribbed plate, 192 x 192, RGB, from whole numbers only; the defect is a dark groove.

    The same pixels on every PC, for ever: what must score the same everywhere is learnt from it
    (self-test, reference scores, benchmark). ``draw_part`` looks like a part, but its last bit is
    left to the processor and to numpy.
    """
    y, x = np.mgrid[0:_SAMPLE_SIDE, 0:_SAMPLE_SIDE].astype(np.uint32)
    ribs = np.abs((x * 5 + y * 2) % 120 - 60.0).astype(np.uint32)
    # The grain of the material: a small generator of our own, so that no library can change it.
    grain = x * np.uint32(374761393) + y * np.uint32(668265263) + np.uint32(number * 97 + 13)
    grain = (grain ^ (grain >> np.uint32(13))) * np.uint32(1274126177)
    grey = 70 + ribs + (grain >> np.uint32(16)) % 24
    if defect:
        grey[80:96, 60:130] = 8
    return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)


def _scratch(metal: Float32, x: Float32, y: Float32, rng: np.random.Generator) -> Float32:
    angle, offset = rng.uniform(0.3, 1.2), rng.uniform(50, 80) * rng.choice((-1, 1))
    across = np.abs(x * np.sin(angle) - y * np.cos(angle) - offset)
    along = np.abs(x * np.cos(angle) + y * np.sin(angle))
    return metal + 70 * _inside(1.6 - across) * _inside(rng.uniform(22, 45) - along)


def _dent(metal: Float32, x: Float32, y: Float32, rng: np.random.Generator) -> Float32:
    at = _away_from_holes(rng)
    u, v = (x - at[0]) / 9, (y - at[1]) / 9
    dented: Float32 = metal + 60 * (u + v) * np.exp(-(u**2 + v**2))
    return dented


def _stain(metal: Float32, x: Float32, y: Float32, rng: np.random.Generator) -> Float32:
    at = _away_from_holes(rng)
    far = np.hypot((x - at[0]) * rng.uniform(0.7, 1.3), y - at[1])
    spot = _inside((rng.uniform(9, 15) - far) / 3)
    darker: Float32 = metal * (1 - 0.28 * spot)
    return darker


def _nothing(metal: Float32, _x: Float32, _y: Float32, _rng: np.random.Generator) -> Float32:
    return metal  # a closed slot is not on the metal


DEFECTS: dict[str, Callable[[Float32, Float32, Float32, np.random.Generator], Float32]] = {
    "scratch": _scratch,
    "dent": _dent,
    "stain": _stain,
    "closed-slot": _nothing,
}


def _away_from_holes(rng: np.random.Generator) -> tuple[float, float]:
    side = rng.choice((-1, 1), 2)
    return float(side[0] * rng.uniform(20, 60)), float(side[1] * rng.uniform(72, 100))


def _inside(distance: Float32) -> Float32:
    """Return 1 inside, 0 outside, a soft edge of one pixel between."""
    return np.clip(distance + 0.5, 0, 1)


def _to_line(x: Float32, y: Float32, at: float, half: float) -> Float32:
    """Return the distance to an upright line of length 2 x ``half`` at ``x = at``."""
    return np.hypot(x - at, np.maximum(np.abs(y) - half, 0))


def _smooth_along(noise: Float32, width: int) -> Float32:
    """Average along rows, round the edge: brush marks."""
    sums = np.cumsum(np.concatenate((noise, noise[:, :width]), axis=1), axis=1)
    return (sums[:, width:] - sums[:, :-width]) / width
