"""Kinds of planted defects: a table. A new one is a line here.

Sizes are shares of the side of a square as large as the region, their longest extent; drawn from
``sizes`` evenly on a logarithmic scale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.planting import shapes
from deeprx_gui.engine.resample import fill_in, smooth

FLOOR = 5.0
"""Grey levels that are just visible on a plain surface."""
MOST_NOISE = 35.0
"""Texture beyond this hides no more: next to a sharp edge a defect need not be as strong."""


class Palette(StrEnum):
    """What a kind needs of the picture."""

    ANY = "any"
    COLOUR = "colour"


@dataclass(frozen=True, eq=False)
class Site:
    """Where a defect is planted: RGB window (side, side, 3), another window, and a soft mask.

    ``visible``: grey levels that are just visible here.
    """

    window: Float32
    other: Float32
    mask: Float32
    extent: float
    visible: float


@dataclass(frozen=True)
class PlantedKind:
    """One kind: its shape, and what it does to the pixels of a site.

    ``change(site, strength, rng)`` returns the window as it would look where the mask is 1.
    """

    key: str
    title: Message
    sizes: tuple[float, float]
    shape: Callable[[int, float, np.random.Generator], Float32]
    change: Callable[[Site, float, np.random.Generator], Float32]
    needs: Palette = Palette.ANY


def visible_at(window: Float32) -> float:
    """Return the grey levels that are just visible on what a window (h, w, 3) shows."""
    grey = window.mean(axis=2)
    return FLOOR + 0.5 * min(MOST_NOISE, float(grey.std()))


def _shaded(site: Site, strength: float, rng: np.random.Generator) -> Float32:
    """Lighter or darker, whichever there is room for."""
    step = strength * site.visible
    level = float(site.window.mean())
    lighter = rng.random() < 0.5 if step < level < 255 - step else level < 127.5
    return site.window + np.float32(step if lighter else -step)


def _darker(site: Site, strength: float, rng: np.random.Generator) -> Float32:
    """Darker, or lighter where it is dark already."""
    del rng
    step = strength * site.visible
    return site.window + np.float32(-step if site.window.mean() > step else step)


def _tinted(site: Site, strength: float, rng: np.random.Generator) -> Float32:
    """Another colour of the same brightness."""
    tint = rng.normal(size=3)
    tint -= tint.mean()
    tint *= strength * site.visible / max(1e-6, float(np.abs(tint).max()))
    return site.window + tint.astype(np.float32)


def _removed(site: Site, strength: float, rng: np.random.Generator) -> Float32:
    """What its surroundings suggest, as if nothing had been there."""
    del strength, rng
    keep = site.mask <= 0
    return fill_in(np.clip(np.rint(site.window), 0, 255).astype(np.uint8), keep).astype(np.float32)


def _added(site: Site, strength: float, rng: np.random.Generator) -> Float32:
    """What another place of the picture shows."""
    del strength, rng
    return site.other


def _blurred(site: Site, strength: float, rng: np.random.Generator) -> Float32:
    """Out of focus, or smeared."""
    del rng
    sigma = max(1.0, 0.08 * strength * site.extent)
    return np.stack(
        [smooth(np.ascontiguousarray(site.window[..., c]), sigma) for c in range(3)], axis=2
    )


KINDS: Mapping[str, PlantedKind] = {
    kind.key: kind
    for kind in (
        PlantedKind("spot", say("spot"), (0.01, 0.12), shapes.disc, _shaded),
        PlantedKind("scratch", say("scratch"), (0.04, 0.4), shapes.line, _shaded),
        PlantedKind("crack", say("crack"), (0.04, 0.4), shapes.crack, _darker),
        PlantedKind("stain", say("stain"), (0.04, 0.3), shapes.blob, _shaded),
        PlantedKind("missing", say("missing piece"), (0.03, 0.25), shapes.blob, _removed),
        PlantedKind("added", say("added piece"), (0.02, 0.2), shapes.blob, _added),
        PlantedKind("blur", say("blurred place"), (0.05, 0.3), shapes.blob, _blurred),
        PlantedKind(
            "colour", say("wrong colour"), (0.02, 0.2), shapes.blob, _tinted, Palette.COLOUR
        ),
    )
}
