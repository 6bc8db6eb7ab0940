"""From checked bytes to pixels, turned upright.

OpenCV reads what every decoder agrees on (``Header.plain``): pixel for pixel the same as Pillow,
and 1.1 to 2 times as fast. Pillow reads CMYK and progressive JPEG and animated WebP. BMP and TIFF
are read by ``formats``: there the libraries guess where they should refuse.
All let go of the interpreter lock while they decode.
"""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from deeprx_gui.capture.formats import bmp, jpeg, png, tiff_colours
from deeprx_gui.capture.formats.header import Damaged, Header, Kind, Unsupported
from deeprx_gui.capture.formats.stored import Pixels, Stored
from deeprx_gui.capture.image_errors import MOST_MEGAPIXELS
from deeprx_gui.domain.arrays import Bools, ByteImage

_FLAGS = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
_REDUCED = {
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_GREY = 128

# Sizes are judged from our own header reading, before Pillow sees the file; its warning would start
# below our limit. What OpenCV has to say to the console, our sentences say on the screen.
Image.MAX_IMAGE_PIXELS = MOST_MEGAPIXELS * 1_000_000
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def read_pixels(data: bytes, header: Header) -> Stored:
    """Return all pixels upright, RGB, in the depth of the file; transparency is dropped.

    Raises ``Damaged`` or ``Unsupported``.
    """
    if header.kind is Kind.BMP:
        stored = bmp.read(data)
    elif header.kind is Kind.TIFF:
        stored = tiff_colours.read(data, header, _jpeg_strip)
    elif header.alpha:
        stored = _with_alpha(data, header)
    else:
        stored = Stored(_read(data, header))
    pixels = upright(stored.pixels, header.orientation)
    if pixels.shape[1::-1] != header.upright_size:
        raise Damaged(f"{pixels.shape} is not {header.upright_size}")
    return Stored(pixels, stored.transparent)


def _read(data: bytes, header: Header) -> Pixels:
    if header.kind is Kind.PNG:
        return _by_opencv(png.bare(data), _FLAGS)
    if not header.plain or header.progressive:
        pixels = _by_pillow(data, header)
        if header.kind is Kind.JPEG:
            _refuse_dry(data, header, pixels)
        return pixels
    pixels = _by_opencv(data, _FLAGS)
    if header.kind is Kind.JPEG and _may_lack_data(pixels, data):
        _refuse_dry(data, header, _by_pillow(data, header))
    return pixels


def _with_alpha(data: bytes, header: Header) -> Stored:
    """Return the colours of a PNG or WebP as stored, and whether something hid them."""
    if not header.plain:
        return Stored(_by_pillow(data, header), transparent=True)
    bare = png.bare(data) if header.kind is Kind.PNG else data
    found = _imdecode(bare, cv2.IMREAD_UNCHANGED)
    if found.ndim != 3 or found.shape[2] != 4:  # one colour of a PNG counts as transparent
        return Stored(_by_opencv(bare, _FLAGS), transparent=True)
    hidden = bool((found[:, :, 3] != np.iinfo(found.dtype).max).any())
    return Stored(np.asarray(cv2.cvtColor(found, cv2.COLOR_BGRA2RGB), found.dtype), hidden)


def _jpeg_strip(data: bytes) -> Pixels:
    """Read a strip of a TIFF that is a JPEG, with all proofs of one that stands by itself."""
    header = jpeg.header(data)
    jpeg.check(data)
    return _read(data, header)


def read_reduced(data: bytes, header: Header, side: int) -> Pixels:
    """Return pixels upright, as many as a thumbnail of ``side`` needs, or more.

    JPEG is decoded at a half, a quarter or an eighth of its size (scaled in the cosine transform).
    """
    longest = max(header.width, header.height)
    factor = next((f for f in (8, 4, 2) if longest // f >= side), 1)
    if header.kind is not Kind.JPEG or not header.plain or factor == 1:
        return read_pixels(data, header).pixels
    pixels = _by_opencv(data, _REDUCED[factor] | cv2.IMREAD_IGNORE_ORIENTATION)
    if (pixels[-1, -1] == _GREY).all():
        return read_pixels(data, header).pixels  # it may have run dry: only whole blocks tell
    return upright(np.ascontiguousarray(pixels[:, :, ::-1]), header.orientation)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn stored pixels as EXIF orientation 1..8 says."""
    turned: Any = pixels
    if orientation >= 5:
        turned = turned.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    result: Pixels = np.ascontiguousarray(turned)
    return result


def to_bytes(pixels: Pixels, bits: int) -> ByteImage:
    """Return 8 bits per channel, in the shape given: the upper 8 of ``bits``.

    One fixed scale over all that the file can hold, never stretched to what a picture uses: the
    same grey must give the same number in every picture.
    """
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    return (pixels >> (bits - 8)).astype(np.uint8)


def _by_opencv(data: bytes, flags: int) -> Pixels:
    found = _imdecode(data, flags)
    if found.ndim != 3 or found.dtype not in (np.uint8, np.uint16):
        raise Unsupported(f"{found.dtype} {found.shape}")
    return found


def unused(pixels: Pixels, bits: int) -> int:
    """Return 1, 4, 16 or 64: the numbers reach no more than that part of what 16 bits hold."""
    if bits < 16:
        return 1
    reached = max(10, int(pixels.max()).bit_length())
    return 1 << (16 - reached) // 2 * 2


def _imdecode(data: bytes, flags: int) -> Pixels:
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise Damaged("OpenCV refuses it") from error
    if found is None:
        raise Damaged("OpenCV refuses it")
    return np.asarray(found, found.dtype)


def _may_lack_data(pixels: Pixels, data: bytes) -> bool:
    """Whether a JPEG shows a block of what decoders put in place of missing data.

    It can stand at the end only, or before any restart. Brightness decides: the colours of blocks
    beside it reach in.
    """
    height, width = pixels.shape[:2]
    last = pixels[(height - 1) // 8 * 8 :, (width - 1) // 8 * 8 :]
    if _is_grey(last).all():
        return True
    if min(height, width) < 8 or not jpeg.restarts(data):
        return False
    grey = _is_grey(pixels[: height // 8 * 8, : width // 8 * 8])
    blocks = grey.reshape(height // 8, 8, width // 8, 8)
    return bool(blocks.all(axis=(1, 3)).any())


def _is_grey(pixels: Pixels) -> Bools:
    brightness = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    return np.asarray(brightness - np.uint8(_GREY - 1) <= 2, np.bool_)


def _refuse_dry(data: bytes, header: Header, by_pillow: Pixels) -> None:
    """Refuse a JPEG that has too little coded data although its end marker is there.

    Decoders fill such a picture up with mid-grey blocks, or leave a progressive one blurred. A
    picture may end in just that grey, and blur cannot be seen; ``jpeg.with_filler`` is the proof.
    By Pillow, because OpenCV's codec would complain of the filler on the console.
    """
    if not np.array_equal(by_pillow, _by_pillow(jpeg.with_filler(data), header)):
        raise Damaged("too little coded data")


def _by_pillow(data: bytes, header: Header) -> Pixels:
    try:
        with Image.open(io.BytesIO(data), formats=(header.kind.upper(),)) as image:
            return _pillow_pixels(image, header)
    except (MemoryError, Unsupported):
        raise
    except UnidentifiedImageError as error:
        # Its header could be read, so it is whole but of a variety that Pillow does not know.
        raise Unsupported("Pillow does not know it") from error
    except Exception as error:
        # Pillow's readers let every kind of exception through when bytes are not what they expect.
        raise Damaged("Pillow refuses it") from error


def _pillow_pixels(image: Image.Image, header: Header) -> Pixels:
    image.load()
    if image.mode == "L":
        return np.asarray(cv2.cvtColor(np.asarray(image), cv2.COLOR_GRAY2RGB), np.uint8)
    if header.kind is Kind.JPEG and image.mode not in ("RGB", "CMYK"):
        raise Unsupported(f"mode {image.mode}")
    return np.asarray(image.convert("RGB"))
