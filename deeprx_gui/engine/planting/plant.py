"""Plant one defect in a picture of a good part: the same seed gives the same pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Bools, ByteImage, Float32
from deeprx_gui.engine.planting.kinds import KINDS, Palette, Site, visible_at
from deeprx_gui.engine.resample import resize_area

_TRIES = 40
_COARSE = 64
"""Cells along the longer side of the map that says where something is to be seen."""
_VISIBLE = 0.5
"""A change below this share of what is just visible here is not seen: another place is tried."""
_GREY = 2.0
"""Colours closer than this on average: the camera sees no colour."""


@dataclass(frozen=True, eq=False)
class Planted:
    """A picture with a defect.

    ``mask``: pixels that differ from the good part. ``extent``: longest side of the defect in
    pixels of the picture. ``change``: mean difference in grey levels where it is.
    """

    pixels: ByteImage
    mask: Bools
    kind: str
    extent: float
    change: float


@dataclass(frozen=True)
class PlantOrder:
    """What is to be planted.

    ``size``: 0..1, from the kind's smallest to its largest, on a logarithmic scale. ``strength``:
    1 is just visible.
    """

    kind: str
    size: float
    strength: float
    seed: int

    def extent(self, room: Bools) -> float:
        """Return the longest side in pixels for the region ``room`` (height, width)."""
        low, high = KINDS[self.kind].sizes
        share = math.exp(math.log(low) + self.size * (math.log(high) - math.log(low)))
        return max(2.0, share * math.sqrt(float(room.sum())))


def is_grey(pixels: ByteImage) -> bool:
    """Say whether a picture shows no colours."""
    some = pixels[:: max(1, pixels.shape[0] // 64), :: max(1, pixels.shape[1] // 64)]
    spread = some.max(axis=2).astype(np.float32) - some.min(axis=2)
    return float(spread.mean()) < _GREY


def possible(pixels: ByteImage) -> tuple[str, ...]:
    """Return the kinds that can be planted in a picture: no colours where there are none."""
    grey = is_grey(pixels)
    return tuple(k.key for k in KINDS.values() if not (grey and k.needs is Palette.COLOUR))


def plant(pixels: ByteImage, order: PlantOrder, room: Bools | None = None) -> Planted | None:
    """Return the picture with one defect, ``None`` where there is no room for it.

    ``room`` (height, width): pixels that it may touch, all when ``None``. It lies where there is
    something to be seen rather than on an empty background, and where it changes the picture
    visibly.
    """
    if room is None:
        room = np.ones(pixels.shape[:2], np.bool_)
    if not room.any():
        return None
    kind = KINDS[order.kind]
    rng = np.random.default_rng(order.seed)
    extent = order.extent(room)
    side = min(2 * math.ceil(extent) + 5, *pixels.shape[:2])
    if extent > 0.8 * side:
        return None
    mask = np.asarray(kind.shape(side, extent, rng), np.float32)
    centres = _centres(pixels, room, side, rng)
    for corner in centres:
        here = _window(corner, side)
        if not room[here][mask > 0].all():
            continue
        window = pixels[here].astype(np.float32)
        site = Site(window, _another(pixels, side, rng), mask, extent, visible_at(window))
        new, change = _changed(site, kind.change(site, order.strength, rng))
        if change >= _VISIBLE * site.visible:
            return _placed(pixels, here, new, (kind.key, extent, change))
    return None


def _centres(
    pixels: ByteImage, room: Bools, side: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return corners of windows to try, likelier where the picture is lively."""
    height, width = room.shape
    scale = _COARSE / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    inside = resize_area(_as_picture(room), rows, columns)[..., 0].astype(np.float64) / 255
    weight = (inside * (0.5 + _liveliness(pixels, rows, columns))).ravel()
    if not weight.sum() > 0:
        weight = np.ones(rows * columns)
    cells = rng.choice(rows * columns, size=_TRIES, p=weight / weight.sum())
    y = (cells // columns + rng.random(_TRIES)) * height / rows - side / 2
    x = (cells % columns + rng.random(_TRIES)) * width / columns - side / 2
    tops = np.clip(np.rint(y), 0, height - side).astype(int)
    lefts = np.clip(np.rint(x), 0, width - side).astype(int)
    return [(int(t), int(left)) for t, left in zip(tops, lefts, strict=True)]


def _liveliness(pixels: ByteImage, rows: int, columns: int) -> Float32:
    """Return how much goes on around each cell: local deviation, smoothed widely, mean 4."""
    fine = resize_area(pixels, min(4 * rows, pixels.shape[0]), min(4 * columns, pixels.shape[1]))
    grey = fine.astype(np.float32).mean(axis=2)
    steps = np.abs(np.diff(grey, axis=0, append=grey[-1:])) + np.abs(
        np.diff(grey, axis=1, append=grey[:, -1:])
    )
    steps = np.minimum(steps, 20.0)
    cells = resize_area(
        np.repeat(np.rint(steps * 12).astype(np.uint8)[..., None], 3, axis=2), rows, columns
    )[..., 0].astype(np.float32)
    return np.asarray(4 * cells / max(1e-6, float(cells.mean())), np.float32)


def _as_picture(mask: Bools) -> ByteImage:
    return np.repeat((mask.astype(np.uint8) * np.uint8(255))[..., None], 3, axis=2)


def _another(pixels: ByteImage, side: int, rng: np.random.Generator) -> Float32:
    """Return a window from anywhere in the picture."""
    height, width = pixels.shape[:2]
    corner = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
    return pixels[_window(corner, side)].astype(np.float32)


def _changed(site: Site, wanted: Float32) -> tuple[ByteImage, float]:
    """Return the window with the change blended in, and the mean difference where it is."""
    blended = site.window + site.mask[..., None] * (wanted - site.window)
    new = np.clip(np.rint(blended), 0, 255).astype(np.uint8)
    core = site.mask >= min(0.5, float(site.mask.max()))
    return new, float(np.abs(new - site.window).max(axis=2)[core].mean())


def _placed(
    pixels: ByteImage, here: tuple[slice, slice], new: ByteImage, what: tuple[str, float, float]
) -> Planted:
    mask = np.zeros(pixels.shape[:2], np.bool_)
    mask[here] = (new != pixels[here]).any(axis=2)
    out = pixels.copy()
    out[here] = new
    return Planted(out, mask, *what)


def _window(corner: tuple[int, int], side: int) -> tuple[slice, slice]:
    return slice(corner[0], corner[0] + side), slice(corner[1], corner[1] + side)


def orders(count: int, kinds: tuple[str, ...], seed: int = 0) -> tuple[PlantOrder, ...]:
    """Return a mixture: kinds in turn, sizes spread evenly, strengths from just visible to clear.

    The same ``count``, ``kinds`` and ``seed`` give the same orders.
    """
    rng = np.random.default_rng(seed)
    sizes = (rng.permutation(count) + rng.random(count)) / max(1, count)
    strengths = np.exp2(3 * (rng.permutation(count) + rng.random(count)) / max(1, count))
    return tuple(
        PlantOrder(kinds[i % len(kinds)], float(sizes[i]), float(strengths[i]), seed * 100_003 + i)
        for i in range(count)
    )
