"""Every file format this program reads. Adding one is adding an entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deeprx_gui.capture.formats import bmp, jpeg, png, tiff, webp
from deeprx_gui.capture.formats.header import Damaged, Header


@dataclass(frozen=True)
class Format:
    """How a file starts, how its header is read, how it is checked to be whole."""

    signatures: tuple[bytes, ...]
    header: Callable[[bytes], Header]
    check: Callable[[bytes], None]


FORMATS: tuple[Format, ...] = (
    Format((png.SIGNATURE,), png.header, png.check),
    Format((jpeg.SIGNATURE,), jpeg.header, jpeg.check),
    Format((bmp.SIGNATURE,), bmp.header, bmp.check),
    Format(tiff.SIGNATURES, tiff.header, tiff.check),
    Format((webp.SIGNATURE,), webp.header, webp.check),
)


def find_format(data: bytes) -> Format | None:
    """Return the format whose signature the bytes start with; names and suffixes do not count."""
    if data[:4] == webp.SIGNATURE and data[8:12] != b"WEBP":
        return None  # RIFF also holds sound and video
    return next((f for f in FORMATS if data.startswith(f.signatures)), None)


def read_header(form: Format, data: bytes) -> Header:
    """Return the header; raises ``Damaged`` where it is incomplete or announces no pixels."""
    found = form.header(data)
    if found.width < 1 or found.height < 1:
        raise Damaged("no pixels")
    return found
