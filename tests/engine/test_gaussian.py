"""RunningGaussian: streaming gives what a batch gives, and what scikit-learn gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.covariance import EmpiricalCovariance, LedoitWolf, shrunk_covariance

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.engine.gaussian import RunningGaussian

TIGHT = 1e-9


def correlated(n: int, d: int, seed: int = 0) -> Float64:
    """Rows with correlated columns of different scales and means."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(d, d)) * np.logspace(-1, 1, d)
    return np.asarray(rng.normal(size=(n, d)) @ mixing + rng.normal(size=d) * 20)


def distances(gaussian: RunningGaussian, rows: Float64, shrinkage: float = 0.0) -> Float64:
    """d² of each row as the detector computes it."""
    whitened = (rows - gaussian.mean) @ gaussian.whitener(shrinkage).T
    return np.asarray(np.square(whitened).sum(axis=1))


def assert_equal(a: RunningGaussian, b: RunningGaussian, tolerance: float = TIGHT) -> None:
    """Same count, mean and scatter, measured in the spread of each column."""
    spread = np.sqrt(np.diag(b.scatter) / b.count) + 1e-300
    assert a.count == b.count
    assert np.abs((a.mean - b.mean) / spread).max() < tolerance
    assert np.abs((a.scatter - b.scatter) / np.outer(spread, spread)).max() < tolerance * b.count


def test_many_batches_equal_one() -> None:
    rows = correlated(301, 7)
    running = RunningGaussian(7)
    for part in np.array_split(rows, 13):
        running.add(part)
    assert_equal(running, RunningGaussian.of(rows))
    assert np.allclose(running.mean, rows.mean(axis=0), rtol=TIGHT, atol=0)
    assert np.allclose(running.covariance(), np.cov(rows.T, bias=True), rtol=TIGHT, atol=0)


def test_one_row_at_a_time_equals_one_batch() -> None:
    rows = correlated(90, 4, seed=3)
    running = RunningGaussian(4)
    for row in rows:
        running.add(row[None])
    assert_equal(running, RunningGaussian.of(rows))


def test_merged_parts_equal_the_whole() -> None:
    rows = correlated(120, 5, seed=1)
    parts = [RunningGaussian.of(part) for part in np.array_split(rows, 4)]
    left, right = parts[0].copy(), parts[2].copy()
    left.merge(parts[1])
    right.merge(parts[3])
    right.merge(left)
    assert_equal(right, RunningGaussian.of(rows))
    assert_equal(parts[0], RunningGaussian.of(rows[:30]))  # a copy was merged into, not the part


def test_what_was_added_can_be_taken_out() -> None:
    rows, guests = correlated(150, 6, seed=2), 5 * correlated(40, 6, seed=9) + 100
    running = RunningGaussian.of(rows)
    running.add(guests)
    running.remove(guests)
    assert_equal(running, RunningGaussian.of(rows))
    running.subtract(RunningGaussian.of(rows[100:]))
    assert_equal(running, RunningGaussian.of(rows[:100]))


def test_float32_rows_are_summed_in_float64() -> None:
    rows = (correlated(4000, 3) + 1000).astype(np.float32)
    running = RunningGaussian(3)
    for part in np.array_split(rows, 40):
        running.add(part)
    assert_equal(running, RunningGaussian.of(rows.astype(np.float64)))


def test_covariance_and_distances_equal_scikit_learn() -> None:
    rows = correlated(200, 8, seed=4)
    theirs = EmpiricalCovariance().fit(rows)
    ours = RunningGaussian.of(rows)
    assert np.allclose(ours.mean, theirs.location_, rtol=TIGHT, atol=0)
    assert np.allclose(ours.covariance(), theirs.covariance_, rtol=TIGHT, atol=0)
    assert np.allclose(distances(ours, rows), theirs.mahalanobis(rows), rtol=1e-7, atol=0)


@pytest.mark.parametrize("shrinkage", [0.0, 1e-3, 0.37, 1.0])
def test_shrinkage_is_that_of_scikit_learn(shrinkage: float) -> None:
    rows = correlated(60, 8, seed=5)
    theirs = shrunk_covariance(EmpiricalCovariance().fit(rows).covariance_, shrinkage)
    ours = RunningGaussian.of(rows).covariance(shrinkage)
    scale = np.sqrt(np.outer(np.diag(theirs), np.diag(theirs)))
    assert np.abs((ours - theirs) / scale).max() < TIGHT


def test_ledoit_wolf_with_the_same_shrinkage_gives_the_same_distances() -> None:
    rows = correlated(20, 12, seed=6)  # few rows: where shrinkage matters
    theirs = LedoitWolf().fit(rows)
    assert 0 < theirs.shrinkage_ < 1
    ours = RunningGaussian.of(rows)
    assert np.allclose(ours.covariance(theirs.shrinkage_), theirs.covariance_, rtol=1e-8)
    measured = distances(ours, rows, theirs.shrinkage_)
    assert np.allclose(measured, theirs.mahalanobis(rows), rtol=1e-8)


def test_whitener_is_lower_triangular_and_whitens() -> None:
    rows = correlated(500, 6, seed=7)
    gaussian = RunningGaussian.of(rows)
    whitener = gaussian.whitener(0.0)
    assert np.array_equal(whitener, np.tril(whitener))
    assert np.allclose(whitener @ gaussian.covariance() @ whitener.T, np.eye(6), atol=1e-9)


def test_a_duplicated_column_needs_and_gets_shrinkage() -> None:
    rows = correlated(50, 3, seed=8)
    rows = np.column_stack([rows, rows[:, 0], np.full(50, 7.0)])  # a twin and a flat column
    gaussian = RunningGaussian.of(rows)
    for shrinkage in (1e-6, 1e-3, 1.0):
        assert np.isfinite(distances(gaussian, rows, shrinkage)).all()
    with pytest.raises(np.linalg.LinAlgError):
        RunningGaussian.of(np.ones((5, 3))).whitener(1e-3)


def test_adding_more_rows_than_fit_in_one_go_keeps_the_memory() -> None:
    running = RunningGaussian(2)
    for seed in range(50):
        running.add(correlated(100, 2, seed))
    assert running.count == 5000
    assert running.scatter.nbytes + running.mean.nbytes == 8 * (4 + 2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_refused_and_change_nothing(bad: float) -> None:
    rows = correlated(10, 3)
    gaussian = RunningGaussian.of(rows)
    poisoned = rows.copy()
    poisoned[4, 1] = bad
    with pytest.raises(ValueError, match="finite"):
        gaussian.add(poisoned)
    assert_equal(gaussian, RunningGaussian.of(rows))


def test_one_row_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        RunningGaussian(2).add(np.array([[1.0, np.nan]]))


@pytest.mark.parametrize("shape", [(5, 4), (0, 3), (3,), (2, 3, 3)])
def test_rows_of_the_wrong_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rows must be"):
        RunningGaussian(3).add(np.zeros(shape))
    with pytest.raises(ValueError, match="rows must be"):
        RunningGaussian.of(np.zeros((0, 3)))


def test_impossible_requests_are_refused() -> None:
    gaussian = RunningGaussian.of(correlated(10, 3))
    with pytest.raises(ValueError, match="dimensions differ"):
        gaussian.merge(RunningGaussian(4))
    with pytest.raises(ValueError, match="at least one row"):
        gaussian.remove(correlated(10, 3))
    with pytest.raises(ValueError, match="at least 1"):
        RunningGaussian(0)
    with pytest.raises(ValueError, match="no rows"):
        RunningGaussian(3).covariance()


rows_of = st.builds(correlated, st.integers(12, 40), st.integers(1, 6), st.integers(0, 10_000))


@given(rows_of, st.permutations(range(5)))
def test_the_order_of_batches_does_not_matter(rows: Float64, order: list[int]) -> None:
    parts = np.array_split(rows, len(order))
    batches = [parts[i] for i in order]
    running = RunningGaussian(rows.shape[1])
    for batch in batches:
        running.add(batch)
    assert_equal(running, RunningGaussian.of(rows))


@given(rows_of, rows_of, st.floats(-1e3, 1e3))
def test_add_then_remove_is_the_identity(rows: Float64, guests: Float64, shift: float) -> None:
    d = min(rows.shape[1], guests.shape[1])
    base, extra = rows[:, :d], guests[:, :d] + shift
    running = RunningGaussian.of(base)
    before = np.diag(running.scatter).copy()
    running.add(extra)
    grown = (np.diag(running.scatter) / before).max()
    running.remove(extra)
    # Taking out costs as many digits as the guests' scatter exceeds what stays, and no more.
    assert_equal(running, RunningGaussian.of(base), TIGHT + 2e-15 * grown)


@given(rows_of)
def test_distances_of_the_fitted_rows_average_to_the_dimension(rows: Float64) -> None:
    d = rows.shape[1]
    assert np.isclose(distances(RunningGaussian.of(rows), rows).mean(), d, rtol=1e-6)


@given(rows_of, st.integers(0, 10_000))
def test_distances_do_not_depend_on_the_units(rows: Float64, seed: int) -> None:
    d = rows.shape[1]
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    mapping = turn * np.logspace(-2, 2, d)  # invertible, condition 10⁴
    moved = rows @ mapping + rng.normal(size=d) * 5
    before = distances(RunningGaussian.of(rows), rows)
    assert np.allclose(distances(RunningGaussian.of(moved), moved), before, rtol=1e-5, atol=1e-8)
