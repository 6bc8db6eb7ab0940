"""Which pixels of a mask picture mark a defect, whatever its depth and colours."""

from __future__ import annotations

import numpy as np

from deeprx_gui.capture.formats.stored import Pixels
from deeprx_gui.domain.arrays import Bools

_CLASSES = 4
"""So many different greys at most are numbers of classes; more are soft edges."""


def marked_pixels(values: Pixels, bits: int) -> Bools:
    """Return where a mask, shape (h, w, 3), marks a defect.

    * A mask of black and white (or the greys between, where it was resized) is cut at mid-grey.
    * One whose brightest value is below that, or that has a few greys alone, holds class numbers:
      all but 0 count.
    * One in colours marks what is coloured, or white on black.
    """
    brightest = values.max(axis=2)
    middle = 1 << (bits - 1)
    if (values != values[..., :1]).any():
        coloured = brightest - values.min(axis=2) >= middle // 4
        return np.asarray(coloured | (brightest >= middle))
    if int(brightest.max()) < middle or _few(brightest):
        return np.asarray(brightest > 0)
    return np.asarray(brightest >= middle)


def _few(values: Pixels) -> bool:
    """Whether there are classes between black and the brightest, with sharp edges."""
    return 2 < len(np.unique(values)) <= _CLASSES
