"""Defect masks: which pixels one marks, and how to tell one from the picture of a part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from deeprx_gui.capture.decode import decode, decode_mask
from deeprx_gui.capture.files import read_bytes
from deeprx_gui.capture.formats.header import Damaged, Header, Unsupported
from deeprx_gui.capture.formats.table import find_format, read_header
from deeprx_gui.domain.arrays import Bools
from deeprx_gui.domain.errors import ImageError

_FEW = 8
_NEARLY_ALL = 0.995
_SAMPLE = 250_000
_SAME_SHAPE = 0.02


class MaskMismatch(Exception):  # noqa: N818 - becomes a sentence where the picture is known
    """A mask that cannot belong to its picture: it has another shape."""


def looks_like_mask(path: Path) -> bool:
    """Whether nearly all pixels have one of a few colours, as no photograph has.

    The soft edges of a mask that was resized or stored as JPEG do not matter. False for what
    cannot be read.
    """
    try:
        pixels = decode(path).pixels
    except ImageError:
        return False
    step = max(1, round((pixels.shape[0] * pixels.shape[1] / _SAMPLE) ** 0.5))
    some = pixels[::step, ::step].astype(np.uint32) >> 3  # the noise of JPEG
    colours = some[..., 0] << 10 | some[..., 1] << 5 | some[..., 2]
    counts = np.sort(np.unique(colours, return_counts=True)[1])[::-1]
    return bool(counts[:_FEW].sum() >= _NEARLY_ALL * colours.size)


def mask_for(picture: Path, masks: tuple[Path, ...]) -> Bools:
    """Return what the masks of a picture mark together, in the proportions of the upright picture.

    A picture that its EXIF says to turn has masks drawn before or after turning: where the shape
    tells, the mask is turned with it. Raises ImageError when a mask cannot be read, and
    MaskMismatch for another shape.
    """
    header = _header(picture)
    whole: Bools | None = None
    for path in masks:
        marked = _upright(decode_mask(path), header)
        if whole is not None and whole.shape != marked.shape:
            raise MaskMismatch
        whole = marked if whole is None else whole | marked
    assert whole is not None
    return whole


def _header(path: Path) -> Header | None:
    """Return a picture's header; ``None`` for one that cannot be read: judging it says why."""
    try:
        data = read_bytes(path)
        form = find_format(data)
        return None if form is None else read_header(form, data)
    except (ImageError, Damaged, Unsupported):
        return None


def _upright(marked: Bools, header: Header | None) -> Bools:
    if header is None:
        return marked
    width, height = header.upright_size
    if _alike(marked.shape, (height, width)):
        return marked
    if header.orientation > 4 and _alike(marked.shape, (width, height)):
        return _turned(marked, header.orientation)
    raise MaskMismatch


def _alike(shape: tuple[int, ...], other: tuple[int, int]) -> bool:
    """Whether two shapes have the same proportions, up to rounding."""
    slack = max(_SAME_SHAPE, 1 / min(shape[0], shape[1], *other))
    return abs(shape[0] * other[1] / (shape[1] * other[0]) - 1) <= slack


def _turned(marked: Bools, orientation: int) -> Bools:
    """Turn by an EXIF number 5..8, as the picture was turned."""
    turned: npt.NDArray[np.bool_] = {
        5: marked.T,
        6: np.rot90(marked, -1),
        7: np.rot90(marked.T, 2),
        8: np.rot90(marked, 1),
    }[orientation]
    return np.ascontiguousarray(turned)


def covers_the_rim(marked: Bools) -> bool:
    """Whether a mask marks most of the picture and nearly all of its rim.

    ``marked``: (height, width), true where the mask marks a defect. Such a mask may be inverted,
    black on white.
    """
    rim = np.concatenate([marked[0], marked[-1], marked[:, 0], marked[:, -1]])
    return bool(marked.mean() > 0.5 and rim.mean() > 0.9)
