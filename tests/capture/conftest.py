"""Pictures made in the test: smooth enough for JPEG, every channel different, no symmetry."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


@pytest.fixture
def scene() -> Bytes:
    """An RGB picture of 37 rows and 53 columns (odd on purpose) that looks different each way."""
    y, x = np.mgrid[0:37, 0:53].astype(np.float64)
    red = 40 + 3.5 * x
    green = 220 - 4.5 * y
    blue = 128 + 90 * np.sin(x / 9.0) * np.cos(y / 7.0)
    return np.asarray(np.stack([red, green, blue], axis=2).clip(0, 255), np.uint8)


@pytest.fixture
def grey(scene: Bytes) -> Bytes:
    """The same in grey, shape (37, 53)."""
    return scene[:, :, 2].copy()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """``save(name, array or PIL image, format, **options)`` writes a file, returns its path."""

    def _save(name: str, what: Any, form: str | None = None, **options: Any) -> Path:
        path = tmp_path / name
        image = what if isinstance(what, Image.Image) else Image.fromarray(what)
        image.save(path, form, **options)
        return path

    return _save


def encoded(what: Any, form: str, **options: Any) -> bytes:
    """The bytes of a picture file that Pillow writes."""
    image = what if isinstance(what, Image.Image) else Image.fromarray(what)
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()
