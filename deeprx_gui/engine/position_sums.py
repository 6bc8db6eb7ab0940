"""What is known of each position: sums of pictures, or the pictures themselves where they are few.

Both give exactly the same answers. Sums take positions x d² numbers whatever the pictures; pictures
take positions x d each and are the smaller of the two while they are fewer than d.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from deeprx_gui.domain.arrays import Float32, Float64

AnyFloat = NDArray[np.floating[Any]]
_BLOCK = 16
"""So many pictures are collected before the sums are touched: they are large, and slow to walk."""
CHUNK = 128
"""So many positions are worked on at a time, so that what is made on the way stays small."""
_SAME = 1e-4
"""The same picture's features differ by at most this share of their largest."""


def chunks(positions: int) -> Iterator[slice]:
    """Yield the positions in runs of ``CHUNK``."""
    for start in range(0, positions, CHUNK):
        yield slice(start, min(start + CHUNK, positions))


class PositionStore(Protocol):
    """Pictures (positions, d) that can be added, merged and taken out again exactly."""

    @property
    def images(self) -> int:
        """How many pictures are in it."""
        ...

    @property
    def mean(self) -> Float64:
        """Mean of each position, shape (positions, d)."""
        ...

    def add(self, features: Float32) -> None:
        """Take in one picture (positions, d).

        Raises ValueError when its shape is another or it is not finite.
        """
        ...

    def empty(self) -> Self:
        """Return one of the same shape and type with no picture in it."""
        ...

    def merge(self, other: Self) -> None:
        """Take in everything ``other`` has seen."""
        ...

    def subtract(self, other: Self) -> None:
        """Take out what ``other`` has seen; raises ValueError when it was never added."""
        ...

    def scatter(self, where: slice) -> Float64:
        """Return Σ_i (x_i-m)(x_i-m)ᵀ of some positions, shape (p, d, d)."""
        ...

    def deviations(self, where: slice) -> Float64 | None:
        """Return x_i-m of some positions, shape (p, images, d), where pictures are kept."""
        ...

    def arrays(self) -> dict[str, AnyFloat]:
        """Return what must be saved."""
        ...


class PositionSums:
    """Mean and scatter of each position, updated by Chan, Golub & LeVeque (1979)."""

    def __init__(self, positions: int, dimension: int, dtype: DTypeLike = np.float64) -> None:
        self._seen = 0
        self._mean: Float64 = np.zeros((positions, dimension))
        self._scatter: AnyFloat = np.zeros((positions, dimension, dimension), dtype)
        self._waiting: list[Float32] = []

    @classmethod
    def restore(cls, images: int, mean: Float64, packed: AnyFloat) -> PositionSums:
        """Rebuild from ``arrays``, which have been checked.

        ``mean``: (positions, d); ``packed``: lower triangles, (positions, d (d + 1) / 2).
        """
        positions, dimension = mean.shape
        out = cls(positions, dimension, packed.dtype)
        out._seen, out._mean = images, mean
        rows, columns = np.tril_indices(dimension)
        out._scatter[:, rows, columns] = packed
        out._scatter[:, columns, rows] = packed
        return out

    @property
    def images(self) -> int:
        """How many pictures are in it."""
        return self._seen + len(self._waiting)

    @property
    def mean(self) -> Float64:
        """Mean of each position, shape (positions, d)."""
        self._settle()
        return self._mean

    def add(self, features: Float32) -> None:
        """Take in one picture (positions, d)."""
        _check(features, self._mean.shape)
        self._waiting.append(features)
        if len(self._waiting) == _BLOCK:
            self._settle()

    def empty(self) -> PositionSums:
        """Return one of the same shape and type with no picture in it."""
        positions, dimension = self._mean.shape
        return PositionSums(positions, dimension, self._scatter.dtype)

    def merge(self, other: PositionSums) -> None:
        """Take in everything ``other`` has seen."""
        self._settle()
        other._settle()
        if other._seen == 0:
            return
        total = self._seen + other._seen
        delta = np.asarray(other._mean - self._mean, np.float64)
        self._scatter += other._scatter
        self._add_outer(delta[:, None], self._seen * other._seen / total)
        self._mean = self._mean + delta * (other._seen / total)
        self._seen = total

    def subtract(self, other: PositionSums) -> None:
        """Take out everything ``other`` has seen; at least one picture must be left."""
        self._settle()
        other._settle()
        left = self._seen - other._seen
        if left < 1:
            raise ValueError("at least one picture must be kept")
        if other._seen == 0:
            return
        self._mean = self._mean + (self._mean - other._mean) * (other._seen / left)
        self._scatter -= other._scatter
        delta = np.asarray(other._mean - self._mean, np.float64)
        self._add_outer(delta[:, None], -left * other._seen / self._seen)
        self._seen = left

    def scatter(self, where: slice) -> Float64:
        """Return the scatter of some positions, shape (p, d, d)."""
        self._settle()
        return self._scatter[where].astype(np.float64)

    def deviations(self, where: slice) -> None:
        """Return ``None``: no pictures are kept."""

    def arrays(self) -> dict[str, AnyFloat]:
        """Return the means and the scatters' lower triangles, in the precision they were summed."""
        self._settle()
        rows, columns = np.tril_indices(self._mean.shape[1])
        packed = np.empty((len(self._mean), len(rows)), self._scatter.dtype)
        for where in chunks(len(self._mean)):
            packed[where] = self._scatter[where][:, rows, columns]
        return {"mean": self._mean, "scatter": packed}

    def _settle(self) -> None:
        """Take in what is waiting, all at once: x around its own mean, then that mean."""
        if not self._waiting:
            return
        count, self._waiting, waiting = len(self._waiting), [], self._waiting
        total = self._seen + count
        for where in chunks(len(self._mean)):
            x = np.stack([picture[where] for picture in waiting], axis=1).astype(np.float64)
            middle = x.mean(axis=1, keepdims=True)
            x -= middle
            delta = middle[:, 0] - self._mean[where]
            rows = np.concatenate([x, delta[:, None] * np.sqrt(self._seen * count / total)], axis=1)
            self._scatter[where] += np.matmul(rows.transpose(0, 2, 1), rows)
            self._mean[where] += delta * (count / total)
        self._seen = total

    def _add_outer(self, rows: Float64, factor: float) -> None:
        for where in chunks(len(rows)):
            r = rows[where]
            self._scatter[where] += factor * np.matmul(r.transpose(0, 2, 1), r)


class PositionPictures:
    """The features of every picture themselves, in float32 or float16."""

    def __init__(
        self, positions: int, dimension: int, dtype: type[np.floating[Any]] = np.float32
    ) -> None:
        self._shape = (positions, dimension)
        self._dtype = dtype
        self._pictures: list[AnyFloat] = []

    @classmethod
    def restore(cls, pictures: Sequence[AnyFloat]) -> PositionPictures:
        """Rebuild from ``arrays``, at least one picture (positions, d), which have been checked."""
        positions, dimension = pictures[0].shape
        out = cls(positions, dimension, pictures[0].dtype.type)
        out._pictures = list(pictures)
        return out

    @property
    def images(self) -> int:
        """How many pictures are in it."""
        return len(self._pictures)

    @property
    def mean(self) -> Float64:
        """Mean of each position, shape (positions, d)."""
        total = np.zeros(self._shape)
        for picture in self._pictures:
            total += picture
        return np.asarray(total / max(1, len(self._pictures)), np.float64)

    def add(self, features: Float32) -> None:
        """Take in one picture (positions, d); half precision saturates instead of overflowing."""
        _check(features, self._shape)
        most = float(np.finfo(self._dtype).max)
        self._pictures.append(np.clip(features, -most, most).astype(self._dtype))

    def empty(self) -> PositionPictures:
        """Return one of the same shape and type with no picture in it."""
        return PositionPictures(*self._shape, self._dtype)

    def merge(self, other: PositionPictures) -> None:
        """Take in everything ``other`` has seen."""
        self._pictures.extend(other._pictures)

    def subtract(self, other: PositionPictures) -> None:
        """Take out the pictures of ``other``, known by their numbers; one must be left."""
        if other.images >= self.images:
            raise ValueError("at least one picture must be kept")
        kept = list(self._pictures)
        for gone in other._pictures:
            del kept[_place_of(gone, kept)]
        self._pictures = kept

    def scatter(self, where: slice) -> Float64:
        """Return the scatter of some positions, shape (p, d, d)."""
        x = self.deviations(where)
        return np.asarray(np.matmul(x.transpose(0, 2, 1), x), np.float64)

    def deviations(self, where: slice) -> Float64:
        """Return what differs from the mean, shape (p, images, d)."""
        x = np.stack([picture[where] for picture in self._pictures], axis=1).astype(np.float64)
        x -= x.mean(axis=1, keepdims=True)
        return x

    def arrays(self) -> dict[str, AnyFloat]:
        """Return all pictures, shape (images, positions, d)."""
        return {"pictures": np.stack(self._pictures)}


def _place_of(gone: AnyFloat, kept: Sequence[AnyFloat]) -> int:
    """Return where a picture is; computed again on other threads its last bits may differ."""
    exact = next((i for i, p in enumerate(kept) if np.array_equal(p, gone)), None)
    if exact is not None:
        return exact
    apart = [float(np.max(np.abs(p.astype(np.float32) - gone))) for p in kept]
    place = int(np.argmin(apart))
    if not apart[place] <= _SAME * max(1.0, float(np.max(np.abs(gone)))):
        raise ValueError("a picture can only be taken out when it was added before")
    return place


def _check(features: Float32, shape: tuple[int, ...]) -> None:
    if features.shape != shape:
        raise ValueError(f"features must be {shape}, not {features.shape}")
    if not np.isfinite(features).all():
        raise ValueError("features must be finite")
