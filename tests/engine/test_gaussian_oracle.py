"""RunningGaussian against arithmetic with 50 digits, on data that defeats textbook formulas."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.engine.gaussian import RunningGaussian

ROWS, COLUMNS = 48, 6
DIGITS = 50


def ill_conditioned(seed: int) -> Float64:
    """Means of 10⁶, spreads from 10⁻³ to 10³, and two columns alike to one part in a thousand."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(ROWS, COLUMNS))
    z[:, 5] = z[:, 4] + 1e-3 * z[:, 5]
    return np.asarray(1e6 + z * 10.0 ** np.linspace(-3, 3, COLUMNS))


class Exact:
    """Mean, scatter and squared distances of rows, with 50 digits, by definition."""

    def __init__(self, rows: Float64) -> None:
        with mpmath.workdps(DIGITS):
            x = [[mpmath.mpf(float(v)) for v in row] for row in rows]
            n = len(x)
            self.mean = [mpmath.fsum(column) / n for column in zip(*x, strict=True)]
            centred = [[v - m for v, m in zip(row, self.mean, strict=True)] for row in x]
            d = len(self.mean)
            self.scatter = mpmath.matrix(d, d)
            for i in range(d):
                for j in range(d):
                    self.scatter[i, j] = mpmath.fsum(row[i] * row[j] for row in centred)
            inverse = mpmath.inverse(self.scatter / n)
            self.squares = [
                (mpmath.matrix([row]) * inverse * mpmath.matrix(row))[0] for row in centred
            ]

    def scatter_error(self, gaussian: RunningGaussian) -> float:
        """Greatest error of an entry, relative to the spreads of its row and column."""
        with mpmath.workdps(DIGITS):
            return max(
                self._relative(gaussian.scatter[i, j], i, j)
                for i in range(COLUMNS)
                for j in range(COLUMNS)
            )

    def _relative(self, value: float, i: int, j: int) -> float:
        scale = mpmath.sqrt(self.scatter[i, i] * self.scatter[j, j])
        return float(abs((mpmath.mpf(float(value)) - self.scatter[i, j]) / scale))


def errors(found: Any, exact: list[Any]) -> float:
    """Greatest relative error."""
    with mpmath.workdps(DIGITS):
        return max(
            float(abs((mpmath.mpf(float(f)) - e) / e)) for f, e in zip(found, exact, strict=True)
        )


def streamed(rows: Float64, batch: int) -> RunningGaussian:
    out = RunningGaussian(rows.shape[1])
    for start in range(0, len(rows), batch):
        out.add(rows[start : start + batch])
    return out


def squared_distances(gaussian: RunningGaussian, rows: Float64) -> Float64:
    whitened = (rows - gaussian.mean) @ gaussian.whitener(0.0).T
    return np.asarray(np.square(whitened).sum(axis=1))


@pytest.mark.parametrize("batch", [1, 5, ROWS])
def test_mean_and_covariance_keep_nine_digits_and_more(batch: int) -> None:
    rows = ill_conditioned(batch)
    exact = Exact(rows)
    gaussian = streamed(rows, batch)
    assert errors(gaussian.mean, exact.mean) < 1e-15
    assert exact.scatter_error(gaussian) < 1e-13


def test_the_textbook_formula_would_fail_here() -> None:
    rows = ill_conditioned(0)
    exact = Exact(rows)
    naive = RunningGaussian(COLUMNS)
    naive.scatter = rows.T @ rows - len(rows) * np.outer(rows.mean(axis=0), rows.mean(axis=0))
    assert exact.scatter_error(naive) > 1e-2


def test_taking_out_keeps_nine_digits() -> None:
    rows, guests = ill_conditioned(1), ill_conditioned(2)
    gaussian = streamed(rows, 7)
    gaussian.add(guests)
    gaussian.remove(guests)
    assert Exact(rows).scatter_error(gaussian) < 1e-13


def test_distances_keep_nine_digits() -> None:
    # Columns alike to 10⁻³ square to a condition of 10⁷ however they are scaled.
    rows = ill_conditioned(3)
    found = squared_distances(streamed(rows, 6), rows)
    assert errors(found, Exact(rows).squares) < 1e-9 * 20
