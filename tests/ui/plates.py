"""Drawn parts for stories with the real engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.results.encode import encode_png


def part(seed: int, *, scratched: bool = False) -> ByteImage:
    """Draw a plate with two holes, a little different each time, perhaps with a scratch."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:96, 0:96]
    picture = 150 + 12 * np.sin(x / 5 + rng.normal(0, 0.2)) + rng.normal(0, 3, (96, 96))
    for cx in (28, 68):
        hole = (x - cx - rng.normal(0, 0.5)) ** 2 + (y - 48) ** 2 < 120
        picture[hole] = 40
    if scratched:
        picture[np.abs(y - x - 6) < 3] = 250
    return np.repeat(picture.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def write(folder: Path, pictures: list[ByteImage]) -> None:
    folder.mkdir(parents=True)
    for number, pixels in enumerate(pictures):
        (folder / f"{number}.png").write_bytes(encode_png(pixels))
