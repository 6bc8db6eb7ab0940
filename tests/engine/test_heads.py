"""The distance head: whitening on coarse grids equals the plain formula everywhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.heads import MahalanobisHead
from deeprx_gui.engine.runtimes.torch_runtime import HEADS, mahalanobis
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.oracles import Shape, gaussian_of, head_of, made_taps, squared_distances

SHRINKAGE = 1e-3
GRIDS: dict[str, list[Shape]] = {
    "one tap": [(5, 9, 9)],
    "two taps": [(7, 4, 4), (5, 8, 8)],
    "two taps, odd grids": [(7, 3, 5), (5, 5, 9)],
    "three taps": [(6, 2, 3), (5, 4, 6), (4, 8, 12)],
    "three taps, odd grids, one cell": [(6, 1, 1), (5, 3, 2), (4, 7, 5)],
    "equal grids": [(3, 6, 6), (4, 6, 6)],
    "a strip": [(6, 1, 16), (3, 2, 32)],
}
DEVICES = [
    pytest.param("cpu"),
    pytest.param("cuda", marks=pytest.mark.cuda),
]


@pytest.fixture(params=list(GRIDS.values()), ids=list(GRIDS))
def shapes(request: pytest.FixtureRequest) -> list[Shape]:
    grid: list[Shape] = request.param
    return grid


def on_device(head: MahalanobisHead, taps: TapMaps, device: str) -> Float32:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA card")
    where = torch.device(device)
    with torch.inference_mode():
        found = mahalanobis(head, where)([torch.from_numpy(m).to(where) for m in taps.maps])
        return np.asarray(found.cpu().numpy(), np.float32)


@pytest.mark.parametrize("squared", [False, True])
def test_numpy_head_equals_the_naive_dense_computation(
    shapes: list[Shape], *, squared: bool
) -> None:
    pictures = [made_taps(shapes, seed) for seed in range(20)]
    gaussian = gaussian_of(pictures)
    unseen = made_taps(shapes, seed=99, mean=5.0)
    expected = squared_distances(unseen, gaussian, SHRINKAGE)
    found = head_of(unseen, gaussian, SHRINKAGE, squared=squared).score_map(unseen)
    assert found.dtype == np.float32
    assert found.shape == unseen.grid
    assert np.allclose(found, expected if squared else np.sqrt(expected), rtol=2e-5)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("squared", [False, True])
def test_torch_head_equals_numpy_head(shapes: list[Shape], device: str, *, squared: bool) -> None:
    pictures = [made_taps(shapes, seed) for seed in range(20)]
    unseen = made_taps(shapes, seed=99, mean=5.0)
    head = head_of(unseen, gaussian_of(pictures), SHRINKAGE, squared=squared)
    assert np.allclose(on_device(head, unseen, device), head.score_map(unseen), rtol=2e-5)


@pytest.mark.parametrize("device", DEVICES)
def test_a_large_mean_costs_few_digits(device: str) -> None:
    shapes: list[Shape] = [(8, 4, 4), (6, 8, 8)]
    pictures = [made_taps(shapes, seed, mean=100.0) for seed in range(20)]
    gaussian = gaussian_of(pictures)
    unseen = made_taps(shapes, seed=7, mean=101.0)
    head = head_of(unseen, gaussian, SHRINKAGE)
    expected = np.sqrt(squared_distances(unseen, gaussian, SHRINKAGE))
    assert np.allclose(head.score_map(unseen), expected, rtol=2e-3)
    assert np.allclose(on_device(head, unseen, device), expected, rtol=2e-3)


def test_torch_computes_this_head_itself() -> None:
    assert MahalanobisHead in HEADS


def test_squared_is_the_square() -> None:
    shapes = GRIDS["two taps"]
    taps = made_taps(shapes)
    gaussian = gaussian_of([made_taps(shapes, seed) for seed in range(9)])
    d = head_of(taps, gaussian, SHRINKAGE).score_map(taps)
    d2 = head_of(taps, gaussian, SHRINKAGE, squared=True).score_map(taps)
    assert np.allclose(np.square(d), d2, rtol=1e-6)


def test_the_mean_itself_has_distance_zero() -> None:
    taps = made_taps(GRIDS["two taps"], mean=50.0)
    gaussian = gaussian_of([taps])
    coarse, fine = taps.maps
    at_mean = TapMaps(
        (
            np.broadcast_to(gaussian.mean[: len(coarse), None, None], coarse.shape).astype("f4"),
            np.broadcast_to(gaussian.mean[len(coarse) :, None, None], fine.shape).astype("f4"),
        )
    )
    found = head_of(taps, gaussian, SHRINKAGE).score_map(at_mean)
    assert found.max() < 0.01


def test_coarse_taps_are_whitened_on_their_own_grid() -> None:
    head = head_of(taps := made_taps([(7, 4, 4), (5, 8, 8)]), gaussian_of([taps]), SHRINKAGE)
    coarse, fine = head.blocks
    assert coarse.weight.shape == (12, 7)
    assert (fine.first_row, fine.weight.shape) == (7, (5, 5))  # the rows above are zero: skipped


def test_one_hot_position_is_the_hottest_of_the_map() -> None:
    shapes = GRIDS["two taps"]
    gaussian = gaussian_of([made_taps(shapes, seed) for seed in range(9)])
    taps = made_taps(shapes, seed=50)
    taps.maps[1][:, 2, 6] += 30
    found = head_of(taps, gaussian, SHRINKAGE).score_map(taps)
    assert divmod(int(found.argmax()), 8) == (2, 6)
