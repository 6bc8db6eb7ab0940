"""What the tests of jobs share."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.domain.progress import Progress
from deeprx_gui.results.encode import encode_png
from tests.engine.parts import part

T = TypeVar("T")

SETTINGS = FitSettings(preprocessing=Preprocessing(size=64), limit="rank")
"""Small enough for a test: an 8 x 8 grid."""


def drive(job: Generator[Progress, None, T]) -> tuple[list[Progress], T]:
    """Run a job to its end: everything it reported, and its result."""
    told = []
    while True:
        try:
            told.append(next(job))
        except StopIteration as end:
            value: T = end.value
            return told, value


def save(path: Path, pixels: ByteImage) -> Path:
    """Write a picture as PNG."""
    path.write_bytes(encode_png(pixels))
    return path


def save_parts(
    folder: Path, count: int, *, first: int = 0, height: int = 64, width: int = 64
) -> list[Path]:
    """Write ``count`` good parts, numbered from ``first``."""
    numbers = range(first, first + count)
    return [save(folder / f"{i:03}.png", part(i, height, width)) for i in numbers]


def request_for(files: Sequence[Path], **changes: Any) -> FitRequest:
    """Learn these files as “Plate”, with small pictures."""
    given = {"name": "Plate", "images": tuple(files), "settings": SETTINGS, "who": "佐藤"}
    return FitRequest(**{**given, **changes})
