"""Stored: what a reader found in a file, before it is turned upright and made 8 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.unsignedinteger[Any]]
"""RGB (h, w, 3) with 8 or 16 bits."""


@dataclass(frozen=True, eq=False)
class Stored:
    """``transparent``: some of it is not opaque, and that was dropped."""

    pixels: Pixels
    transparent: bool = False
