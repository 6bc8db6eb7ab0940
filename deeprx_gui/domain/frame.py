"""Frame: one picture to be judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import ByteImage


@dataclass(frozen=True)
class Stored:
    """What a file held beside the pixels that are judged.

    ``pages``: pictures in it, of which the first counts. ``transparent``: some pixels were not
    opaque. ``share``: its numbers reach no more than 1 / ``share`` of what they could (1, 4, 16,
    64: 16, 14, 12, 10 bits).
    """

    pages: int = 1
    transparent: bool = False
    share: int = 1


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture: RGB ``uint8`` of shape (height, width, 3), contiguous and read-only.

    ``source`` says where it came from: a path, or the name of a camera.
    """

    pixels: ByteImage
    source: str
    stored: Stored = Stored()

    def __post_init__(self) -> None:
        p = self.pixels
        if p.dtype != np.uint8 or p.ndim != 3 or p.shape[2] != 3 or 0 in p.shape:
            raise ValueError(f"a frame is RGB uint8 (h, w, 3), not {p.dtype} {p.shape}")
        if not p.flags.c_contiguous:
            p = np.ascontiguousarray(p)
            object.__setattr__(self, "pixels", p)
        p.flags.writeable = False

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])
