"""The one decoder: any picture file becomes a ``Frame``, or a sentence that says what to do.

The content decides, never the suffix. What is fixed, so that the same file gives the same pixels
on every PC and in every run:

* Grey and palette pictures become RGB. CMYK becomes RGB without a colour profile.
* Transparency is dropped: the colours that the camera stored are kept, nothing is painted behind.
* 16-bit pictures keep their upper 8 bits (the full range of the file, never of the picture);
  floating-point pictures are refused, because nobody can say which number is white.
* EXIF orientation is applied; colour profiles and gamma are not. The first page or picture counts.
* A file that is not whole is refused; no decoder's guess about missing rows is ever judged.

All functions may be called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from deeprx_gui.capture import image_errors, pixels
from deeprx_gui.capture.files import read_bytes, short_name
from deeprx_gui.capture.formats.header import (
    Damaged,
    Header,
    NoBrightnessScale,
    Unsupported,
)
from deeprx_gui.capture.formats.table import Format, find_format, read_header
from deeprx_gui.capture.mask_pixels import marked_pixels
from deeprx_gui.domain.arrays import Bools, ByteImage
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame, Stored

_MOST_PIXELS = image_errors.MOST_MEGAPIXELS * 1_000_000
_MOST_SIDE = 65_535
_HEAD = 1 << 18
"""Bytes that hold the header of nearly every JPEG, BMP and TIFF."""


def decode(path: Path) -> Frame:
    """Read a picture file; raises ImageError when it cannot be read or is not whole."""
    return decode_bytes(read_bytes(path), str(path))


def decode_bytes(data: bytes, source: str) -> Frame:
    """Read a picture from the bytes of a file; ``source`` names it in the frame and in errors."""
    with _sentences(source):
        header = _checked(data, source)
        stored = pixels.read_pixels(data, header)
        facts = Stored(header.pages, stored.transparent, pixels.unused(stored.pixels, header.bits))
        return Frame(pixels.to_bytes(stored.pixels, header.bits), source, facts)


def read_size(path: Path) -> tuple[int, int]:
    """Return width and height in pixels of the upright picture without decoding it.

    Raises ImageError when the file cannot be read or is not a picture.
    """
    head = read_bytes(path, _HEAD)
    with _sentences(str(path)):
        try:
            return read_header(_format(head, str(path)), head).upright_size
        except Damaged:
            if len(head) < _HEAD:
                raise
        data = read_bytes(path)
        return read_header(_format(data, str(path)), data).upright_size


def size_in(data: bytes, source: str) -> tuple[int, int]:
    """Return width and height in pixels, upright, of a picture from the bytes of a whole file.

    Nothing is decoded. ``source`` names it in errors; raises ImageError.
    """
    with _sentences(source):
        return read_header(_format(data, source), data).upright_size


def thumbnail(path: Path, side: int) -> ByteImage:
    """Return the picture reduced to fit a square of ``side`` pixels, RGB (h, w, 3).

    Averaged over areas, upright, in proportion; a smaller picture is returned as it is.
    Raises ImageError.
    """
    data = read_bytes(path)
    with _sentences(str(path)):
        header = _checked(data, str(path))
        found = pixels.to_bytes(pixels.read_reduced(data, header, side), header.bits)
    width, height = header.upright_size
    scale = side / max(width, height)
    if scale >= 1:
        return found
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_AREA), np.uint8)


def decode_mask(path: Path) -> Bools:
    """Return where a mask picture marks a defect, shape (h, w); raises ImageError.

    Any depth and colours will do: ``mask_pixels`` says what counts.
    """
    data = read_bytes(path)
    with _sentences(str(path)):
        header = _checked(data, str(path))
        return marked_pixels(pixels.read_pixels(data, header).pixels, header.bits)


def _format(data: bytes, source: str) -> Format:
    form = find_format(data)
    if form is None:
        raise image_errors.not_a_picture(short_name(source))
    return form


def _checked(data: bytes, source: str) -> Header:
    """Read the header, refuse what is too large to decode, then check that the file is whole."""
    form = _format(data, source)
    header = read_header(form, data)
    too_many = header.width * header.height > _MOST_PIXELS
    if too_many or max(header.width, header.height) > _MOST_SIDE:
        raise image_errors.too_many_pixels(short_name(source), header.width, header.height)
    form.check(data)
    return header


@contextmanager
def _sentences(source: str) -> Iterator[None]:
    """Turn what the readers found into a sentence about this file."""
    name = short_name(source)
    try:
        yield
    except ImageError:
        raise
    except Damaged as error:
        raise image_errors.damaged(name) from error
    except NoBrightnessScale as error:
        raise image_errors.no_brightness_scale(name) from error
    except Unsupported as error:
        raise image_errors.unsupported(name) from error
    except MemoryError as error:
        raise image_errors.no_memory(name) from error
