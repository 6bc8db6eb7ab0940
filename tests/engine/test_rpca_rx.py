"""rpca-rx: the pursuit recovers what it must, the residual's score, memory, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from deeprx_gui.domain.arrays import Float32, Float64
from deeprx_gui.domain.errors import FitError, ProfileError
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.rpca_rx import SPEC
from deeprx_gui.engine.detectors.stored_statistics import AnyArray
from deeprx_gui.engine.robust_pca import basis_of, low_rank_part
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.detector_oracles import head_of, learnt


def low_and_sparse(seed: int) -> tuple[Float64, Float64]:
    """A matrix of rank 2 and a sparse one with large entries, as in section 4 of the paper."""
    rng = np.random.default_rng(seed)
    low = rng.normal(size=(300, 2)) @ rng.normal(size=(2, 80))
    sparse = np.where(rng.random((300, 80)) < 0.05, rng.choice([-10, 10], (300, 80)), 0)
    return np.asarray(low, np.float64), sparse.astype(np.float64)


def naive_pursuit(data: Float64) -> Float64:
    """The same iteration with a full singular value decomposition in float64."""
    share = 1 / np.sqrt(max(data.shape))
    top = np.linalg.norm(data, 2)
    y, s, mu = data / max(top, np.abs(data).max() / share), np.zeros_like(data), 1.25 / top
    low = s
    for _ in range(60):
        u, d, vt = np.linalg.svd(data - s + y / mu, full_matrices=False)
        low = (u * np.maximum(d - 1 / mu, 0)) @ vt
        t = data - low + y / mu
        s = np.sign(t) * np.maximum(np.abs(t) - share / mu, 0)
        y = y + mu * (data - low - s)
        mu = min(mu * 1.5, 1.25 / top * 1e7)
    return np.asarray(low)


@settings(max_examples=5)
@given(st.integers(0, 1000))
def test_the_pursuit_recovers_low_rank_under_gross_errors(seed: int) -> None:
    low, sparse = low_and_sparse(seed)
    found = low_rank_part((low + sparse).astype(np.float32))
    assert np.linalg.norm(found - low) < 1e-2 * np.linalg.norm(low)
    assert np.allclose(
        found, naive_pursuit(np.asarray(low + sparse, np.float64)), atol=5e-3 * np.abs(low).max()
    )


def test_the_basis_is_orthonormal_and_spans_the_columns() -> None:
    low, _ = low_and_sparse(1)
    basis = basis_of(low.astype(np.float32))
    assert basis.shape == (300, 2)
    assert np.allclose(basis.T @ basis, np.eye(2), atol=1e-5)
    assert np.allclose(basis @ (basis.T @ low), low, atol=1e-4)
    assert basis_of(np.zeros((5, 3), np.float32)).shape == (5, 0)
    assert not low_rank_part(np.zeros((5, 3), np.float32)).any()


def picture(seed: int, height: int = 16, width: int = 24) -> TapMaps:
    """A scene under changing light, with noise: rank two, as colours 0..255."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / width
    scene = 100 + 60 * np.sin(9 * x) * np.cos(7 * y)
    light = rng.uniform(0.8, 1.2) * scene + rng.uniform(-20, 20) * x
    noise = rng.normal(0, 1, (3, height, width))
    return TapMaps(((light[None] + noise).astype(np.float32),))


PICTURES = [picture(seed) for seed in range(14)]
UNSEEN = picture(99)


def with_spot(taps: TapMaps) -> TapMaps:
    pixels: Float32 = taps.maps[0].copy()
    pixels[0, 5:8, 10:13] += 30
    return TapMaps((pixels,))


def test_light_is_explained_and_a_spot_is_not() -> None:
    head = head_of(SPEC, PICTURES)
    plain, spotted = head.score_map(UNSEEN), head.score_map(with_spot(UNSEEN))
    assert plain.max() < 10
    assert spotted[5:8, 10:13].min() > 1.5 * plain.max()


def test_dirt_on_one_normal_picture_does_not_become_normal() -> None:
    clean, dirty = PICTURES, [with_spot(PICTURES[0]), *PICTURES[1:]]
    a, b = (head_of(SPEC, p).score_map(with_spot(UNSEEN))[6, 11] for p in (clean, dirty))
    assert b > 0.6 * a


def test_the_score_is_rx_of_the_residual() -> None:
    statistics = learnt(SPEC, PICTURES).statistics()
    basis = statistics.arrays["basis"].astype(np.float64)
    rest = [p.maps[0].ravel() - basis @ (basis.T @ p.maps[0].ravel()) for p in PICTURES]
    rows = np.concatenate([r.reshape(3, -1).T for r in rest])
    covariance = np.cov(rows.T, bias=True)
    covariance = (1 - 1e-3) * covariance + 1e-3 * np.trace(covariance) / 3 * np.eye(3)
    x = UNSEEN.maps[0].ravel()
    away = (x - basis @ (basis.T @ x)).reshape(3, -1).T - rows.mean(axis=0)
    wanted = np.sqrt(np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away))
    found = SPEC.head(statistics, {}).score_map(UNSEEN)
    assert np.allclose(found, wanted.reshape(16, 24), rtol=1e-2, atol=1e-3)


def test_pictures_are_reduced_to_what_fits_in_memory() -> None:
    extent = FitExtent((3,), (256, 256), 200)
    found = SPEC.settle(SPEC.check({}), extent)
    assert 5_000 < int(str(found["pixels"])) < 256 * 256
    assert SPEC.megabytes(found, extent) <= 300
    head = head_of(SPEC, PICTURES, {"pixels": 100})
    assert head.score_map(UNSEEN).shape == (8, 12)
    with pytest.raises(FitError, match="too many for rpca-rx"):
        SPEC.settle(SPEC.check({"megabytes": 20, "every": 1}), FitExtent((3,), (256, 256), 5000))


def test_of_very_many_pictures_only_some_are_kept() -> None:
    found = SPEC.settle(SPEC.check({}), FitExtent((3,), (256, 256), 5000))
    assert found["every"] == 17
    assert int(str(found["pixels"])) > 100 * 100
    third = learnt(SPEC, PICTURES, {"every": 3}).statistics()
    assert third.counts["images"] == 5
    wanted = learnt(SPEC, PICTURES[::3]).statistics()
    assert np.array_equal(third.arrays["basis"], wanted.arrays["basis"])


def test_statistics_survive_the_file_to_the_last_bit() -> None:
    before = learnt(SPEC, PICTURES).statistics()
    after = Statistics(load(save(dict(before.arrays))), before.counts)
    a, b = (SPEC.head(s, {}).score_map(UNSEEN) for s in (before, after))
    assert np.array_equal(a, b)


def test_what_cannot_be_learnt_from_is_refused() -> None:
    with pytest.raises(FitError, match="no structure"):
        learnt(SPEC, PICTURES[:1]).statistics()
    one, other = learnt(SPEC, PICTURES[:2]), learnt(SPEC, [picture(1, 8, 8)])
    with pytest.raises(TypeError, match="take pictures out"):
        one.without(one)
    with pytest.raises(ValueError, match="references differ"):
        one.merge(other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis": np.zeros((1151, 2), np.float32)},
        {"basis": np.zeros((1152, 2), np.int64)},
        {"mean": np.zeros(4)},
        {"scatter": np.zeros(5)},
        {"grids": np.array([[16, 25]])},
    ],
    ids=str,
)
def test_made_up_statistics_are_refused(wrong: dict[str, AnyArray]) -> None:
    good = learnt(SPEC, PICTURES).statistics()
    with pytest.raises(ProfileError, match="do not fit together"):
        SPEC.head(Statistics({**good.arrays, **wrong}, good.counts), {})
    with pytest.raises(ProfileError, match="do not fit together"):
        SPEC.head(replace(good, counts={}), {})
