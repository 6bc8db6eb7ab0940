"""Which of a few pictures looks most like another one: for looking at both side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32, Ints

_SIDE = 24
_SAMPLES = 8
"""Samples per signature cell and axis: a 4,000 pixel picture costs no more than a small one."""


def signature(pixels: ByteImage) -> Float32:
    """Return a picture's coarse look: a unit vector of ``3 * 24 * 24`` numbers with mean 0.

    Proportions are squashed to a square. A picture of one colour gives the zero vector.
    """
    rows, columns = (_cells(n) for n in pixels.shape[:2])
    # Sample by sample, whole rows first: several times as fast as numpy's mean over two axes.
    tall = sum(pixels[rows[k]].astype(np.float32) for k in range(_SAMPLES))
    total = sum(tall[:, columns[k]] for k in range(_SAMPLES))
    small = np.asarray(total, np.float32).ravel() / np.float32(_SAMPLES**2)
    small -= small.mean()
    norm = float(np.linalg.norm(small))
    return small / norm if norm > 1e-3 else np.zeros_like(small)


def most_similar(target: Float32, others: Sequence[Float32]) -> int | None:
    """Return the index of the signature (n,) most correlated with ``target``; ``None``: none."""
    if not others:
        return None
    return int(np.argmax(np.stack(others) @ target))


def _cells(length: int) -> Ints:
    """Return the rows (or columns) to sample, evenly over ``length``; shape (samples, cells)."""
    n = _SIDE * _SAMPLES
    return ((np.arange(n) + 0.5) * (length / n)).astype(np.intp).reshape(_SIDE, _SAMPLES).T
