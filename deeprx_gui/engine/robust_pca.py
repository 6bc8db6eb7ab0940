"""Principal component pursuit: a matrix as the sum of one of low rank and one that is sparse.

min ‖L‖₊ + λ‖S‖₁ with D = L + S and λ = 1/√max(m, n): Candès, Li, Ma & Wright, "Robust principal
component analysis?" (JACM 2011), by the inexact augmented Lagrange multipliers of Lin, Chen & Ma,
"The augmented Lagrange multiplier method for exact recovery of corrupted low-rank matrices" (2010,
algorithm 5).
"""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.arrays import Float32, Float64

_GROWTH = 1.5
_ENOUGH = 1e-5
_MOST_STEPS = 100
_NEGLIGIBLE = 1e-6
"""A singular value below this share of the largest is rounding in float32."""


def low_rank_part(data: Float32) -> Float32:
    """Return L of the columns of ``data`` (m, n), m >> n, shape (m, n), float32.

    Besides ``data`` it takes memory for five matrices of its size.
    """
    rows, columns = data.shape
    share = 1 / np.sqrt(max(rows, columns))
    spectral = float(np.sqrt(max(0.0, _spectrum(data)[0][-1])))
    if spectral == 0:
        return np.zeros_like(data)
    multiplier = data / np.float32(max(spectral, float(np.abs(data).max()) / share))
    sparse = np.zeros_like(data)
    low = np.zeros_like(data)
    pull = 1.25 / spectral
    most, size = pull * 1e7, float(np.linalg.norm(data))
    for _ in range(_MOST_STEPS):
        target = multiplier / np.float32(pull)
        target += data
        low = _shrink_spectrum(target - sparse, 1 / pull)
        target -= low
        sparse = _shrink(target, np.float32(share / pull))
        rest = data - low
        rest -= sparse
        if np.linalg.norm(rest) <= _ENOUGH * size:
            break
        rest *= np.float32(pull)
        multiplier += rest
        pull = min(pull * _GROWTH, most)
    return low


def basis_of(data: Float32) -> Float32:
    """Return an orthonormal basis of the columns of ``data`` (m, n): shape (m, rank), float32."""
    squares, vectors = _spectrum(data)
    kept = squares > squares[-1] * _NEGLIGIBLE
    if not kept.any():
        return np.zeros((len(data), 0), np.float32)
    turned = (vectors[:, kept] / np.sqrt(squares[kept])).astype(np.float32)
    rough = np.asarray(data @ turned, np.float32)
    return np.asarray(np.linalg.qr(rough)[0], np.float32)  # exact where float32 had rounded


def _spectrum(data: Float32) -> tuple[Float64, Float64]:
    """Return squared singular values, ascending, and the right vectors, from the small Gram."""
    squares, vectors = np.linalg.eigh((data.T @ data).astype(np.float64))
    return squares, vectors


def _shrink_spectrum(data: Float32, by: float) -> Float32:
    """Return ``data`` with every singular value smaller by ``by``, at least 0."""
    squares, vectors = _spectrum(data)
    values = np.sqrt(np.maximum(squares, 0))
    kept = values > by
    v = vectors[:, kept]
    mixing = (v * (1 - by / values[kept])) @ v.T
    return np.asarray(data @ mixing.astype(np.float32), np.float32)


def _shrink(data: Float32, by: np.float32) -> Float32:
    """Return ``data`` with every number nearer to 0 by ``by``."""
    return np.asarray(data - np.clip(data, -by, by), np.float32)
