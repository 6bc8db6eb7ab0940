"""View: which part of the picture counts, where the part must lie, how large a pixel is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from deeprx_gui.domain.arrays import ByteImage

Point = tuple[float, float]
"""(x, y) as shares of the picture's width and height, 0..1."""


class ShapeKind(StrEnum):
    """What was drawn."""

    RECTANGLE = "rectangle"
    POLYGON = "polygon"


@dataclass(frozen=True)
class Shape:
    """One drawn shape: two opposite corners of a rectangle, or three or more of a polygon."""

    kind: ShapeKind
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Region:
    """What counts: the union of ``inside`` (empty: the whole picture) without ``ignore``."""

    inside: tuple[Shape, ...] = ()
    ignore: tuple[Shape, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.inside and not self.ignore


@dataclass(frozen=True, eq=False)
class Positioning:
    """How a part that lies elsewhere is brought to its place before anything is looked at.

    ``reference`` is a reduced picture of a normal image, in which ``window`` (a rectangle, shares
    of the picture) is what is looked for. ``shift`` is the farthest move as a share of the longer
    side, ``turn`` the largest rotation in degrees either way. A match below ``quality`` (0..1)
    means that the part is not in place: no score, verdict ERROR with that reason.
    """

    reference: ByteImage
    window: Shape
    shift: float = 0.1
    turn: float = 5.0
    quality: float = 0.5


@dataclass(frozen=True)
class View:
    """Region, positioning (``None``: parts are taken as they lie) and scale.

    ``mm_per_pixel`` is millimetres per pixel of the original picture, ``None`` when not given.
    Everything is in the coordinates of the picture after positioning.
    """

    region: Region = field(default_factory=Region)
    positioning: Positioning | None = None
    mm_per_pixel: float | None = None

    @property
    def plain(self) -> bool:
        """Whether pictures are looked at whole and as they lie."""
        return self.region.whole and self.positioning is None


WHOLE = View()
"""The whole picture, as it lies, without a scale."""
