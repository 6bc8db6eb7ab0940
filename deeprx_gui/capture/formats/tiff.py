"""TIFF: the tags of the page that counts (TIFF 6.0; BigTIFF)."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.capture.formats.header import (
    Damaged,
    Header,
    Kind,
    NoBrightnessScale,
    Unsupported,
)
from deeprx_gui.capture.formats.ifd import ORIENTATION, Tags, byte_order, read_ifd, turn

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
FILL_ORDER, SAMPLES, ROWS_PER_STRIP, PLANAR, PREDICTOR = 266, 277, 278, 284, 317
STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES = 273, 279, 324, 325
TILE_WIDTH, TILE_HEIGHT, COLOUR_MAP, EXTRA, SAMPLE_FORMAT = 322, 323, 320, 338, 339
JPEG_TABLES = 347
_SUBFILE, _OLD_SUBFILE, _MOST_VALUE = 254, 255, 281
_HEADER = (
    WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER, SAMPLES, ROWS_PER_STRIP, PLANAR,
    PREDICTOR, TILE_WIDTH, TILE_HEIGHT, EXTRA, SAMPLE_FORMAT, ORIENTATION, _SUBFILE, _OLD_SUBFILE,
    _MOST_VALUE,
)  # fmt: skip
_LONG = (STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES, COLOUR_MAP, JPEG_TABLES)
_REDUCED, _MASK = 1, 4
_OLD_REDUCED = 2
_UNSIGNED, _UNDEFINED = 1, 4
_WHITE_IS_ZERO = 0
_MOST_PAGES = 1000
_LEFT_OUT_ABOVE = 16
_MEANT = {(1 << bits) - 1: bits for bits in (10, 12, 14)}
"""The largest value a camera of so many bits can give: what a writer that means it puts there."""


@dataclass(frozen=True)
class Page:
    """One directory: its tags and where it lies."""

    tags: Tags
    at: int | None

    @property
    def aside(self) -> bool:
        """Whether it says of itself that it is a thumbnail or a mask of another page."""
        kind = self.tags.get(_SUBFILE, (0,))[0]
        old = self.tags.get(_OLD_SUBFILE, (0,))[0]
        return bool(kind & (_REDUCED | _MASK)) or old == _OLD_REDUCED


def pages(data: bytes) -> list[Page]:
    """Return the pages in their order; what follows a broken link is left out.

    Raises ``Damaged`` where the page that counts lies behind such a link.
    """
    first = read_ifd(data, _HEADER)
    found = [Page(first.tags, None)]
    seen, following = {0}, first.next
    while following not in seen and len(found) < _MOST_PAGES:
        seen.add(following)
        try:
            directory = read_ifd(data, _HEADER, following)
        except Damaged:
            if all(page.aside for page in found):
                raise
            break
        found.append(Page(directory.tags, following))
        following = directory.next
    return found


def page_of(found: list[Page]) -> Page:
    """Return the page that counts: the first that is neither a thumbnail nor a mask.

    Where all say that they are, the largest is meant: some writers mark every page like the first.
    """
    return next(
        (page for page in found if not page.aside and WIDTH in page.tags),
        max(found, key=lambda page: page.tags.get(WIDTH, (0,))[0]),
    )


def all_tags(data: bytes, page: Page) -> Tags:
    """Return the tags of a page with its long ones: where the pixels lie."""
    return read_ifd(data, (*_HEADER, *_LONG), page.at, most=len(data)).tags


def header(data: bytes) -> Header:
    """Read size, depth and orientation of the page that counts.

    Raises ``NoBrightnessScale`` for pixels that are not unsigned numbers of at most 16 bits.
    """
    found = pages(data)
    tags = page_of(found).tags
    if WIDTH not in tags or HEIGHT not in tags:
        raise Damaged("no size")
    depths = set(tags.get(BITS, (1,)))
    bits = max(depths)
    formats = set(tags.get(SAMPLE_FORMAT, (_UNSIGNED,)))
    if bits > _LEFT_OUT_ABOVE or not formats <= {_UNSIGNED, _UNDEFINED}:
        raise NoBrightnessScale(f"{bits} bits, sample format {sorted(formats)}")
    if len(depths) > 1 or bits == 0:
        raise Unsupported(f"{sorted(depths)} bits")
    most = tags.get(_MOST_VALUE, (0,))
    meant = _MEANT.get(max(most), bits) if bits == _LEFT_OUT_ABOVE else bits
    return Header(
        Kind.TIFF,
        tags[WIDTH][0],
        tags[HEIGHT][0],
        turn(tags),
        max(meant, 8),
        tags.get(PHOTOMETRIC, (1,))[0] == _WHITE_IS_ZERO,
        plain=False,
        pages=max(1, sum(not page.aside for page in found)),
    )


def check(data: bytes) -> None:
    """Nothing to compare here: ``tiff_pixels`` refuses what is missing while it unpacks."""
    byte_order(data)
