"""Header: what a picture file announces about itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Damaged(Exception):  # noqa: N818 - becomes a sentence in decode.py, never seen by a person
    """The bytes end too early, or are not the picture they announce."""


class Unsupported(Exception):  # noqa: N818
    """A whole picture of a kind this program does not read."""


class NoBrightnessScale(Unsupported):
    """Floating-point, signed or 32-bit pixels: nobody can say which number is white."""


class Kind(StrEnum):
    """The file formats this program reads."""

    PNG = "PNG"
    JPEG = "JPEG"
    BMP = "BMP"
    TIFF = "TIFF"
    WEBP = "WebP"


@dataclass(frozen=True)
class Header:
    """Width and height in pixels as stored, and how the stored picture has to be turned.

    ``orientation`` is the EXIF number 1..8 (1: as stored). ``bits`` per channel; ``inverted``: 0 is
    white. ``plain``: every decoder agrees on this kind of file, so the fastest one may read it.
    ``progressive``: a JPEG that sharpens scan by scan, so missing data does not show as a gap.
    ``pages``: pictures in the file, thumbnails not counted. ``alpha``: it can hold transparency.
    """

    kind: Kind
    width: int
    height: int
    orientation: int = 1
    bits: int = 8
    inverted: bool = False
    plain: bool = True
    progressive: bool = False
    pages: int = 1
    alpha: bool = False

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height after turning the picture upright."""
        sideways = self.orientation >= 5
        return (self.height, self.width) if sideways else (self.width, self.height)
