"""What several detectors share: reading statistics that a foreign file may have made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.errors import FitError, ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.reference_grids import ReferenceGrids

AnyArray = NDArray[Any]
_LARGEST_GRID = 1 << 16


def misfit() -> ProfileError:
    """The error for statistics that no fit of this program can have made."""
    return ProfileError(
        say("The statistics in this profile do not fit together. Roll back to an older revision.")
    )


def no_structure() -> FitError:
    """The error for normal images that are all of one colour."""
    return FitError(
        say(
            "The normal images show no structure at all (all of one colour). "
            "Check the camera and the lamp, then take the pictures again."
        )
    )


def too_alike() -> FitError:
    """The error for normal images without the usual differences between good parts."""
    return FitError(
        say(
            "The normal images vary too little to measure with. "
            "Add normal images that show the usual differences between good parts."
        )
    )


def arrays_of(statistics: Statistics, dimensions: Mapping[str, int]) -> list[AnyArray]:
    """Return the arrays with these names; raises ProfileError unless each has so many dimensions.

    Numbers must be finite and no side empty.
    """
    found = []
    for name, ndim in dimensions.items():
        array = statistics.arrays.get(name)
        if array is None or array.ndim != ndim or 0 in array.shape:
            raise misfit()
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise misfit()
        found.append(array)
    return found


def count_of(statistics: Statistics, name: str, least: int) -> int:
    """Return a count; raises ProfileError when it is missing or below ``least``."""
    count = statistics.counts.get(name, least - 1)
    if count < least:
        raise misfit()
    return count


def channels_of(array: AnyArray, dimension: int) -> tuple[int, ...]:
    """Return channels per tap, from whole numbers (taps,).

    Raises ProfileError unless they add up to ``dimension``.
    """
    if array.dtype.kind not in "iu":
        raise misfit()
    channels = tuple(int(c) for c in array)
    if min(channels) < 1 or sum(channels) != dimension:
        raise misfit()
    return channels


def pack(symmetric: Float64) -> Float64:
    """Return the lower triangle (d, d) by rows: d (d + 1) / 2 numbers."""
    return symmetric[np.tril_indices(len(symmetric))]


def unpack(packed: AnyArray, dimension: int) -> Float64:
    """Return the symmetric matrix (n, n); raises ProfileError when the length is wrong."""
    if packed.shape != (dimension * (dimension + 1) // 2,):
        raise misfit()
    rows, columns = np.tril_indices(dimension)
    out = np.empty((dimension, dimension))
    out[rows, columns] = packed
    out[columns, rows] = packed
    return out


def reference_of(grids: AnyArray, taps: int, positions: int) -> ReferenceGrids:
    """Return the reference grids, from whole numbers (taps, 2): height and width of each.

    Raises ProfileError unless they are so many, of this size.
    """
    whole = grids.dtype.kind in "iu" and grids.shape == (taps, 2)
    if not whole or grids.min() < 1 or grids.max() > _LARGEST_GRID:
        raise misfit()
    reference = ReferenceGrids.from_array(grids.astype(np.int64))
    if reference.positions != positions:
        raise misfit()
    return reference
