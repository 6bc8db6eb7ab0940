"""Overlay pictures as files: each picture with its heat map and its verdict below."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.heat import overlay_rgb
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.encode import (
    Colour,
    encode_jpeg,
    encode_png,
    stretch_map,
    with_caption,
)
from deeprx_gui.results.writing import write_file

_COLOURS: Final[Mapping[Verdict, Colour]] = {
    Verdict.OK: (79, 209, 192),
    Verdict.REVIEW: (245, 184, 74),
    Verdict.NG: (255, 138, 122),
    Verdict.ERROR: (195, 166, 242),
}
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_LONGEST_NAME = 160
"""Bytes of a file name before what is added to it; file systems allow 255."""
_NOTE = b"Deep RX Inspector overlay of "


class OverlayWriter:
    """Writes overlay pictures into one folder; names never collide and nothing foreign is lost.

    Every file carries a mark that says which picture it was made of. A repeated export replaces its
    own files; any other file of the same name stays, and the new one gets another name.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        unit: float,
        *,
        opacity: float = 0.6,
        caption: bool = True,
        suffix: str = ".jpg",
        below: bool = False,
    ) -> None:
        if suffix not in (".jpg", ".png"):
            raise ValueError(f"overlays are .jpg or .png, not {suffix}")
        self._folder, self._limits, self._unit = folder, limits.shown_in(unit), unit
        self._below = below
        self._opacity, self._caption, self._suffix = opacity, caption, suffix
        self._written: dict[str, str] = {}

    def write(self, result: ScoredImage, frame: Frame) -> Path:
        """Write one overlay and return where; ``frame`` is the decoded picture of ``result``.

        A result without a score is written as it is, with its verdict ERROR.
        Raises StorageError when the folder cannot be written.
        """
        picture = overlay_picture(
            frame.pixels,
            result,
            self._limits,
            self._unit,
            opacity=self._opacity,
            below=self._below,
        )
        if self._caption:
            picture = captioned(picture, result, self._limits)
        source = hashlib.sha256(os.fsencode(os.path.abspath(result.path))).hexdigest()  # noqa: PTH100
        path = self._place(result.path, source)
        write_file(path, _marked(picture, self._suffix, source), flush=False)
        self._written[path.name.casefold()] = source
        return path

    def _place(self, path: Path, source: str) -> Path:
        """Return the first name that is free, or already belongs to this very picture."""
        for name in _names(path):
            target = self._folder / (name + self._suffix)
            owner = self._written.get(target.name.casefold()) or _owner(target)
            if owner is None or owner == source:
                return target
        raise AssertionError("names never run out")


def overlay_picture(
    pixels: ByteImage,
    result: ScoredImage,
    limits: Limits,
    unit: float,
    *,
    opacity: float = 0.6,
    below: bool = False,
) -> ByteImage:
    """Return the picture blended with its heat map, or as it is when there is no score.

    ``unit`` is the profile's suggested review limit, the scale of the colours. ``below``: with the
    quiet scale up to the limit.
    """
    if result.score is None:
        return pixels
    height, width = pixels.shape[:2]
    grown = stretch_map(result.score.map, height, width)
    return overlay_rgb(pixels, grown, limits, unit, opacity, below=below)


def captioned(pixels: ByteImage, result: ScoredImage, limits: Limits) -> ByteImage:
    """Return the picture with a strip below: the verdict, and the score in × limit."""
    verdict = judge(result.value, limits)
    text = ""
    if result.score is not None:
        text = tr("{times} × limit", times=times_limit_text(limits.times(result.value)))
    return with_caption(pixels, render(VERDICT_WORDS[verdict]), text, _COLOURS[verdict])


def _names(path: Path) -> Iterator[str]:
    """Yield names for a picture's overlay: its own, with its folder's, then numbered."""
    stem, parent = _clean(path.stem), _clean(path.parent.name)
    yield f"{stem}_overlay"
    if parent:
        stem = f"{stem}_{parent}"
        yield f"{stem}_overlay"
    number = 2
    while True:
        yield f"{stem}_{number}_overlay"
        number += 1


def _clean(name: str) -> str:
    """Return a name that every file system takes, short enough to add to it."""
    kept = _FORBIDDEN.sub("_", name)
    while len(os.fsencode(kept)) > _LONGEST_NAME // 2:
        kept = kept[:-1]
    return kept


def _marked(picture: ByteImage, suffix: str, source: str) -> bytes:
    """Encode a picture with a comment that names, as a hash, the picture it was made of."""
    note = _NOTE + source.encode()
    if suffix == ".jpg":
        data = encode_jpeg(picture)
        after = 4 + int.from_bytes(data[4:6], "big")  # the JFIF header has to come first
        comment = b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note
        return data[:after] + comment + data[after:]
    body = b"tEXtComment\0" + note
    data = encode_png(picture)
    chunk = struct.pack(">L", len(body) - 4) + body + struct.pack(">L", zlib.crc32(body))
    return data[:33] + chunk + data[33:]


def _owner(target: Path) -> str | None:
    """Return the mark of an existing file, "" when it has none; ``None`` when there is no file."""
    try:
        with open(openable(target), "rb") as stream:  # noqa: PTH123
            head = stream.read(300)
    except FileNotFoundError:
        return None
    except OSError:
        return ""  # something is there that cannot be read: not ours to replace
    at = head.find(_NOTE)
    return head[at + len(_NOTE) :][:64].decode("ascii", "replace") if at >= 0 else ""
