"""RunningWithinCovariance: the definition, and what adding.

Removing and merging must not change.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.engine.within_covariance import RunningWithinCovariance

PICTURES = st.integers(2, 12)
SEEDS = st.integers(0, 10_000)


def pictures(count: int, seed: int, d: int = 3, positions: int = 5) -> list[Float64]:
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(d, positions)) * 10 + 100
    return [np.asarray(means + rng.normal(size=(d, positions))) for _ in range(count)]


def learnt(given_: list[Float64]) -> RunningWithinCovariance:
    out = RunningWithinCovariance(3, 5)
    for picture in given_:
        out.add(picture)
    return out


def same(a: RunningWithinCovariance, b: RunningWithinCovariance) -> bool:
    scale = max(1.0, float(np.abs(a.scatter).max()))
    return (
        a.images == b.images
        and np.allclose(a.mean, b.mean, rtol=1e-12)
        and np.allclose(a.scatter, b.scatter, rtol=0, atol=1e-9 * scale)
    )


@given(PICTURES, SEEDS)
def test_it_equals_the_definition(count: int, seed: int) -> None:
    x = np.stack(pictures(count, seed))
    found = learnt(list(x))
    away = x - x.mean(axis=0)
    assert np.allclose(found.mean, x.mean(axis=0), rtol=1e-12)
    assert np.allclose(found.scatter, np.einsum("nip,njp->ij", away, away), atol=1e-8)
    covariance = found.gaussian().covariance()
    assert np.allclose(covariance * (count - 1) * 5, found.scatter, atol=1e-8)


@given(PICTURES, SEEDS)
def test_order_does_not_matter(count: int, seed: int) -> None:
    x = pictures(count, seed)
    assert same(learnt(x), learnt(x[::-1]))


@given(st.lists(PICTURES, min_size=2, max_size=4), SEEDS)
def test_merged_parts_are_the_whole(counts: list[int], seed: int) -> None:
    parts = [pictures(count, seed + i) for i, count in enumerate(counts)]
    merged = RunningWithinCovariance(3, 5)
    for part in parts:
        merged.merge(learnt(part))
    assert same(merged, learnt([x for part in parts for x in part]))


@given(PICTURES, PICTURES, SEEDS)
def test_what_was_added_can_be_taken_out(kept: int, extra: int, seed: int) -> None:
    stay, go = pictures(kept, seed), pictures(extra, seed + 1)
    both = learnt(stay + go)
    both.subtract(learnt(go))
    assert same(both, learnt(stay))


def test_a_large_mean_costs_nothing() -> None:
    x = pictures(50, 1)
    far = [np.asarray(picture + 1e6) for picture in x]
    assert np.allclose(learnt(far).scatter, learnt(x).scatter, rtol=1e-6)


def test_what_makes_no_sense_is_refused() -> None:
    one = learnt(pictures(1, 0))
    with pytest.raises(ValueError, match="two pictures"):
        one.gaussian()
    with pytest.raises(ValueError, match="at least one picture"):
        one.subtract(learnt(pictures(1, 0)))
    with pytest.raises(ValueError, match="features must be"):
        one.add(np.zeros((3, 6)))
    with pytest.raises(ValueError, match="finite"):
        one.add(np.full((3, 5), np.nan))
    with pytest.raises(ValueError, match="shapes differ"):
        one.merge(RunningWithinCovariance(5, 3))
    with pytest.raises(ValueError, match="at least 1"):
        RunningWithinCovariance(0, 5)
    assert one.images == 1
