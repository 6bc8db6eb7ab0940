"""Coreset: the greedy choice, what it covers, and that a stream loses little of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.arrays import Float32, Float64
from deeprx_gui.engine.coreset import Coreset, greedy, projection, squared_to_nearest


def points(count: int, seed: int, d: int = 4) -> Float32:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=(count, d)) * 3 + 20, np.float32)


def radius(rows: Float32, bank: Float32) -> float:
    """How far the farthest row is from the bank, naively."""
    r, b = rows.astype(np.float64), bank.astype(np.float64)
    return float(np.linalg.norm(r[:, None] - b[None], axis=2).min(axis=1).max())


def naive_greedy(rows: Float32, wanted: int) -> list[int]:
    x: Float64 = rows.astype(np.float64)
    chosen = [int(np.linalg.norm(x - x.mean(0), axis=1).argmax())]
    while len(chosen) < wanted:
        away = np.linalg.norm(x[:, None] - x[chosen][None], axis=2).min(axis=1)
        chosen.append(int(away.argmax()))
    return chosen


@given(count=st.integers(3, 40), seed=st.integers(0, 1000))
def test_each_is_the_farthest_from_those_before(count: int, seed: int) -> None:
    rows = points(count, seed)
    wanted = max(2, count // 3)
    chosen, squared = greedy(rows, wanted)
    assert chosen.tolist() == naive_greedy(rows, wanted)
    assert np.sqrt(squared) == pytest.approx(radius(rows, rows[chosen]), rel=1e-3)


def test_doubles_are_chosen_only_when_nothing_else_is_left() -> None:
    rows = np.concatenate([points(5, 1)] * 4)
    chosen, squared = greedy(rows, 5)
    assert len({tuple(row) for row in rows[chosen].tolist()}) == 5
    assert squared < 1e-3


@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=6),
    seed=st.integers(0, 1000),
    cut=st.integers(0, 6),
)
def test_a_stream_covers_nearly_as_well_as_all_at_once(
    sizes: list[int], seed: int, cut: int
) -> None:
    """Merged parts or one stream: never more than a few times the best possible radius."""
    parts = [points(size, seed + i) for i, size in enumerate(sizes)]
    rows = np.concatenate(parts)
    first, second = (Coreset(10, np.eye(4, dtype=np.float32)) for _ in range(2))
    for i, part in enumerate(parts):
        (first if i < cut else second).add(part)
    first.merge(second)
    bank = first.rows()
    assert 1 <= len(bank) <= 10
    at_once = radius(rows, rows[greedy(rows, 10)[0]])
    assert radius(rows, bank) <= 4 * at_once + 1e-3
    assert all((rows == row).all(axis=1).any() for row in bank)


def test_memory_does_not_grow_with_the_stream() -> None:
    coreset = Coreset(10, projection(4, 2, seed=0))
    for seed in range(50):
        coreset.add(points(30, seed))
        assert len(vars(coreset)["_rows"]) <= 20
    assert coreset.rows().shape == (10, 4)


def test_the_projection_keeps_distances_on_average_and_follows_its_seed() -> None:
    rows = points(60, 3, d=300)
    shadow = projection(300, 64, seed=5)
    a, b = rows[:30], rows[30:]
    ratio = np.linalg.norm((a - b) @ shadow, axis=1) / np.linalg.norm(a - b, axis=1)
    assert ratio.mean() == pytest.approx(1, abs=0.05)
    assert np.array_equal(shadow, projection(300, 64, seed=5))
    assert not np.array_equal(shadow, projection(300, 64, seed=6))
    assert np.array_equal(projection(8, 64, seed=5), np.eye(8))


def test_distances_to_the_nearest() -> None:
    rows, bank = points(20, 1), points(9, 2)
    wanted = ((rows[:, None] - bank[None]) ** 2).sum(axis=2).min(axis=1)
    assert np.allclose(squared_to_nearest(rows, bank), wanted, rtol=1e-3, atol=1e-3)


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Coreset(3, np.eye(4, dtype=np.float32)).add(np.full((1, 4), np.nan, np.float32))
