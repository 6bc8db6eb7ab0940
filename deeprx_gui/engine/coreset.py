"""Coreset: a few rows that stand for a stream of many, so that none is far from one of them.

Greedy k-centre (Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985) as in
PatchCore, in a stream after the idea of Charikar, Chekuri, Feder & Motwani, "Incremental clustering
and dynamic information retrieval" (1997): a row within the radius of what is kept is not news;
twice as many rows as wanted are collected, then thinned to the wanted number, which sets the next
radius. Distances are taken after a random projection (Johnson & Lindenstrauss 1984).
"""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.arrays import Float32, Ints

_GROWTH = 2
"""So many times the wanted rows are collected before they are thinned."""


def projection(dimension: int, most: int, seed: int) -> Float32:
    """Return the random matrix (dimension, at most ``most``); the identity where it would not help.

    Distances are kept on average.
    """
    if dimension <= most:
        return np.eye(dimension, dtype=np.float32)
    random = np.random.default_rng(seed).standard_normal((dimension, most))
    return np.asarray(random / np.sqrt(most), np.float32)


def greedy(points: Float32, wanted: int) -> tuple[Ints, float]:
    """Choose ``wanted`` of the points (n, d): each the farthest from those before it.

    The first is the one farthest from their mean. Returns the chosen, in order, and the squared
    radius: no point is farther from a chosen one.
    """
    points = points - points.mean(axis=0)
    norms = np.einsum("nd,nd->n", points, points)
    nearest = np.full(len(points), np.inf, np.float32)
    chosen = np.empty(min(wanted, len(points)), np.intp)
    farthest = int(norms.argmax())
    for k in range(len(chosen)):
        chosen[k] = farthest
        distance = points @ (-2 * points[farthest])
        distance += norms
        distance += norms[farthest]
        np.minimum(nearest, distance, out=nearest)
        nearest[farthest] = 0  # exactly: rounding must not choose it again
        farthest = int(nearest.argmax())
    return chosen, max(0.0, float(nearest[farthest]))


def squared_to_nearest(rows: Float32, bank: Float32) -> Float32:
    """Return the squared distance of each row (n, d) to the nearest of the bank (m, d)."""
    products = rows @ bank.T
    products *= -2
    products += np.einsum("md,md->m", bank, bank)
    nearest = products.min(axis=1) + np.einsum("nd,nd->n", rows, rows)
    return np.asarray(np.maximum(nearest, 0), np.float32)


class Coreset:
    """At most ``wanted`` rows out of a stream; memory for about twice as many.

    All parts that are to be merged share the same ``shadow``, the matrix (d, k) of ``projection``.
    """

    def __init__(self, wanted: int, shadow: Float32) -> None:
        self._wanted, self._shadow = wanted, shadow
        self._rows: Float32 = np.empty((0, len(shadow)), np.float32)
        self._shadows: Float32 = np.empty((0, shadow.shape[1]), np.float32)
        self._radius = 0.0

    def empty(self) -> Coreset:
        """Return one with the same projection that has seen nothing."""
        return Coreset(self._wanted, self._shadow)

    def add(self, rows: Float32) -> None:
        """Take in rows (n, d); raises ValueError when they are not finite."""
        if not np.isfinite(rows).all():
            raise ValueError("features must be finite")
        limit = _GROWTH * self._wanted
        for start in range(0, len(rows), limit):
            self._take(rows[start : start + limit], rows[start : start + limit] @ self._shadow)

    def merge(self, other: Coreset) -> None:
        """Take in the rows of another, and how far they stand for what it has seen."""
        if not len(other._rows):
            return
        if not len(self._rows):
            self._rows, self._shadows = other._rows, other._shadows
            self._radius = max(self._radius, other._radius)
            return
        self._radius = max(self._radius, other._radius)
        self._take(other._rows, other._shadows)

    def rows(self) -> Float32:
        """Return at most ``wanted`` rows (n, channels)."""
        if len(self._rows) > self._wanted:
            chosen, _ = greedy(self._shadows, self._wanted)
            return self._rows[chosen]
        return self._rows

    def _take(self, rows: Float32, shadows: Float32) -> None:
        if self._radius > 0:
            news = squared_to_nearest(shadows, self._shadows) > self._radius
            rows, shadows = rows[news], shadows[news]
        self._rows = np.concatenate([self._rows, rows])
        self._shadows = np.concatenate([self._shadows, shadows])
        if len(self._rows) > _GROWTH * self._wanted:
            chosen, radius = greedy(self._shadows, self._wanted)
            self._rows, self._shadows = self._rows[chosen], self._shadows[chosen]
            self._radius = max(self._radius, radius)
