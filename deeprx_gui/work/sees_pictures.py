"""Pictures of the smallest planted defect that is seen: where it is, and the place magnified."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.sees import SmallestSeen
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.work.limit_pictures import framed

SIDE = 420
"""The longer side of each picture in pixels, at most."""
_AROUND = 4.0
"""So many times the defect is shown around it."""
_LEAST = 32
_GAP = 12


@dataclass(frozen=True, eq=False)
class SeenPicture:
    """``whole``: the picture with a frame around the defect; ``detail``: the place, magnified."""

    whole: ByteImage
    detail: ByteImage


def seen_picture(seen: SmallestSeen) -> SeenPicture | None:
    """Return what to show of one kind, ``None`` where none is seen."""
    if seen.picture is None or seen.mask is None:
        return None
    rows, columns = (np.nonzero(seen.mask.any(axis=axis))[0] for axis in (1, 0))
    height, width = seen.mask.shape
    box = (
        float(columns[0]) / width,
        float(rows[0]) / height,
        float(columns[-1] + 1) / width,
        float(rows[-1] + 1) / height,
    )
    longest = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    side = min(max(round(_AROUND * float(longest)), _LEAST), height, width)
    top = _start((int(rows[0]) + int(rows[-1])) // 2, side, height)
    left = _start((int(columns[0]) + int(columns[-1])) // 2, side, width)
    detail = np.ascontiguousarray(seen.picture[top : top + side, left : left + side])
    scale = SIDE / max(height, width)
    small = resize_area(seen.picture, max(1, round(height * scale)), max(1, round(width * scale)))
    return SeenPicture(framed(small, box), resize_area(detail, SIDE, SIDE))


def side_by_side(seen: SmallestSeen) -> ByteImage | None:
    """Return both in one picture, ``None`` where none is seen."""
    shown = seen_picture(seen)
    if shown is None:
        return None
    both = np.full((SIDE, shown.whole.shape[1] + _GAP + SIDE, 3), 255, np.uint8)
    both[: shown.whole.shape[0], : shown.whole.shape[1]] = shown.whole
    both[:, -SIDE:] = shown.detail
    return both


def _start(middle: int, side: int, most: int) -> int:
    return min(max(middle - side // 2, 0), most - side)
