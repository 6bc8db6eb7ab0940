"""How a squared distance splits among the taps: which scale of the picture carries it.

For a Gaussian, let v(S) = δ_Sᵀ Σ_SS⁻¹ δ_S be the squared Mahalanobis distance that the taps S show
alone. Taking taps in one after the other splits d² = v(all) into conditional terms, none negative
(Mason, Tracy & Young, "Decomposition of T² for multivariate control chart interpretation", J.
Quality Technology 27, 1995). The split depends on the order, because neighbouring scales see much
of the same; the mean over all orders is Shapley's value ("A value for n-person games", 1953):

    φ_t = Σ_{S without t} |S|! (T-|S|-1)! / T! (v(S + t) - v(S))        Σ_t φ_t = d²

For the nearest of a bank d² = ‖f - m‖² is a sum over channels, so over taps, as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import factorial
from typing import Final, Protocol

import numpy as np

from deeprx_gui.domain.arrays import Float32, Float64, Ints
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.bank_head import BankHead, patches
from deeprx_gui.engine.detectors import deep_rx, deep_rx_local, padim, patchcore
from deeprx_gui.engine.detectors.settings import Settings, number
from deeprx_gui.engine.tap_maps import TapMaps

Cell = tuple[int, int]
"""Row and column on the grid of the detector's score map."""


class TapSplitter(Protocol):
    """Splits the squared distance at cells of one picture."""

    def grid(self, taps: TapMaps) -> Cell:
        """Return height and width of the score map of a picture."""
        ...

    def split(self, taps: TapMaps, cells: Sequence[Cell]) -> Float64:
        """Return what each tap has of d² at cells, shape (cells, taps), coarsest first."""
        ...


def shapley_split(deviation: Float64, covariance: Float64, blocks: Sequence[Ints]) -> Float64:
    """Return Shapley's split of δᵀ Σ⁻¹ δ among blocks of channels, none negative, shape (blocks,).

    ``deviation``: δ (d,); ``covariance``: Σ (d, d), positive definite; ``blocks``: the channels of
    each block, together all of them once. Raises numpy.linalg.LinAlgError where Σ is singular.
    """
    count = len(blocks)
    alone: dict[tuple[int, ...], float] = {(): 0.0}
    for size in range(1, count + 1):
        for chosen in combinations(range(count), size):
            channels = np.concatenate([blocks[b] for b in chosen])
            alone[chosen] = _squared(deviation[channels], covariance[np.ix_(channels, channels)])
    shares = np.zeros(count)
    for block in range(count):
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for others in combinations([b for b in range(count) if b != block], size):
                joined = tuple(sorted((*others, block)))
                shares[block] += weight * (alone[joined] - alone[others])
    return np.asarray(shares, np.float64)


def _squared(deviation: Float64, covariance: Float64) -> float:
    if not len(deviation):
        return 0.0
    white = np.linalg.solve(np.linalg.cholesky(covariance), deviation)
    return float(white @ white)


def blocks_of(channels: Sequence[int], chosen: Sequence[int] | None = None) -> list[Ints]:
    """Return the positions of each tap's channels among all, or among those ``chosen`` of them."""
    ends = np.cumsum(channels)
    numbers = np.arange(ends[-1]) if chosen is None else np.asarray(chosen)
    tap = np.searchsorted(ends, numbers, side="right")
    return [np.flatnonzero(tap == t) for t in range(len(channels))]


def _away(features: Float32, mean: Float64) -> Float64:
    return np.asarray(features.astype(np.float64) - mean, np.float64)


class _OneGaussian:
    """deep-rx: one mean and one covariance for all cells."""

    def __init__(self, statistics: Statistics, settings: Settings) -> None:
        gaussian = deep_rx.gaussian_of(statistics)
        self._mean = gaussian.mean
        self._covariance = gaussian.covariance(number(deep_rx.check(settings), "shrinkage"))
        self._blocks = blocks_of([int(c) for c in statistics.arrays["channels"]])

    def grid(self, taps: TapMaps) -> Cell:
        return taps.grid

    def split(self, taps: TapMaps, cells: Sequence[Cell]) -> Float64:
        features = taps.dense().reshape(-1, *taps.grid)
        deviations = [_away(features[:, y, x], self._mean) for y, x in cells]
        return np.stack([shapley_split(d, self._covariance, self._blocks) for d in deviations])


class _LocalMeans:
    """deep-rx-local: a mean for each cell, one covariance."""

    def __init__(self, statistics: Statistics, settings: Settings) -> None:
        within, self._reference, channels = deep_rx_local.within_of(statistics)
        shrinkage = number(deep_rx_local.check(settings), "shrinkage")
        self._covariance = within.gaussian().covariance(shrinkage)
        self._blocks = blocks_of(channels)
        region = deep_rx_local.region_of(statistics, within.mean.shape[1])
        self._means = within.mean
        if region is not None:
            self._means = np.zeros((len(within.mean), region.size))
            self._means[:, region] = within.mean

    def grid(self, taps: TapMaps) -> Cell:
        del taps
        return self._reference.grid

    def split(self, taps: TapMaps, cells: Sequence[Cell]) -> Float64:
        features = self._reference.bring(taps).dense()
        places = [y * self._reference.grid[1] + x for y, x in cells]
        deviations = [_away(features[:, p], self._means[:, p]) for p in places]
        return np.stack([shapley_split(d, self._covariance, self._blocks) for d in deviations])


class _LocalGaussians:
    """padim: a mean and a covariance for each cell."""

    def __init__(self, statistics: Statistics, settings: Settings) -> None:
        self._store, self._selection = padim.store_of(statistics)
        self._blend = padim.blend(self._store, padim.check(settings))
        dimension = len(self._selection.chosen)
        self._base = self._blend.b * self._blend.base(dimension)
        self._mean = self._store.mean
        self._blocks = blocks_of(self._selection.channels, [int(c) for c in self._selection.chosen])

    def grid(self, taps: TapMaps) -> Cell:
        del taps
        return self._selection.reference.grid

    def split(self, taps: TapMaps, cells: Sequence[Cell]) -> Float64:
        features = self._selection.features(taps)
        out = []
        for y, x in cells:
            p = y * self._selection.reference.grid[1] + x
            covariance = self._blend.a * self._store.scatter(slice(p, p + 1))[0] + self._base
            deviation = _away(features[p], self._mean[p])
            out.append(shapley_split(deviation, np.asarray(covariance), self._blocks))
        return np.stack(out)


class _Nearest:
    """patchcore: the squared differences to the nearest of the bank, tap by tap."""

    def __init__(self, statistics: Statistics, settings: Settings) -> None:
        self._head: BankHead = patchcore.head(statistics, settings)
        self._blocks = blocks_of(self._head.channels)

    def grid(self, taps: TapMaps) -> Cell:
        return taps.grid

    def split(self, taps: TapMaps, cells: Sequence[Cell]) -> Float64:
        rows = patches(taps)[[y * taps.grid[1] + x for y, x in cells]]
        _, nearest = self._head.nearest(rows)
        squares = (rows.astype(np.float64) - self._head.bank[nearest]) ** 2
        return np.stack([squares[:, block].sum(axis=1) for block in self._blocks], axis=1)


_SPLITTERS: Final[Mapping[str, Callable[[Statistics, Settings], TapSplitter]]] = {
    "deep-rx": _OneGaussian,
    "deep-rx-local": _LocalMeans,
    "padim": _LocalGaussians,
    "patchcore": _Nearest,
}


def tap_splitter(detector: str, statistics: Statistics, settings: Settings) -> TapSplitter | None:
    """Return what splits a detector's distance among taps, ``None`` where it knows no taps.

    Raises ProfileError when the statistics do not fit together.
    """
    make = _SPLITTERS.get(detector)
    return None if make is None else make(statistics, settings)
