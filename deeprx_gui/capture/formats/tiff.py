"""TIFF: the tags of the first page (TIFF 6.0; BigTIFF)."""

from __future__ import annotations

from deeprx_gui.capture.formats.header import Damaged, Header, Kind, NoBrightnessScale
from deeprx_gui.capture.formats.ifd import ORIENTATION, read_ifd, turn

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLE_FORMAT = 256, 257, 258, 262, 339
_UNSIGNED, _UNDEFINED = 1, 4
_WHITE_IS_ZERO = 0


def header(data: bytes) -> Header:
    """Read size, depth and orientation of the first page.

    Raises ``NoBrightnessScale`` for pixels that are not unsigned numbers of at most 16 bits.
    """
    wanted = (_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLE_FORMAT, ORIENTATION)
    tags = read_ifd(data, wanted)
    if _WIDTH not in tags or _HEIGHT not in tags:
        raise Damaged("no size")
    bits = max(tags.get(_BITS, (1,)))
    formats = set(tags.get(_SAMPLE_FORMAT, (_UNSIGNED,)))
    if bits > 16 or not formats <= {_UNSIGNED, _UNDEFINED}:
        raise NoBrightnessScale(f"{bits} bits, sample format {sorted(formats)}")
    inverted = tags.get(_PHOTOMETRIC, (1,))[0] == _WHITE_IS_ZERO
    width, height = tags[_WIDTH][0], tags[_HEIGHT][0]
    return Header(Kind.TIFF, width, height, turn(tags), max(bits, 8), inverted, plain=False)


def check(data: bytes) -> None:
    """Nothing to compare: TIFF has no checksum, and the decoder notices when strips are missing."""
