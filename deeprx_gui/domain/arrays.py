"""Array types used across the layers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ByteImage = NDArray[np.uint8]
"""RGB picture, shape (height, width, 3), values 0..255."""
Bytes2D = NDArray[np.uint8]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Ints64 = NDArray[np.int64]
