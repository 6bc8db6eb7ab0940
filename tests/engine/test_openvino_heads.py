"""The distance head as an OpenVINO graph equals the numpy head on every choice of grids."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.detectors.deep_rx_local import SPEC as LOCAL
from deeprx_gui.engine.heads import Head, MahalanobisHead, SupportsHomeGrid
from deeprx_gui.engine.runtimes.openvino_heads import HEADS, fingerprint
from deeprx_gui.engine.runtimes.quiet_openvino import ops, ov
from deeprx_gui.engine.runtimes.torch_runtime import HEADS as TORCH_HEADS
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.detector_oracles import head_of as head_of_detector
from tests.engine.oracles import Shape, gaussian_of, head_of, made_taps
from tests.engine.test_heads import GRIDS, SHRINKAGE


def in_openvino(head: Head, taps: TapMaps) -> Float32:
    inputs = [ops.parameter([1, *m.shape], ov.Type.f32) for m in taps.maps]
    graph = ov.Model([ops.result(HEADS[type(head)](head, inputs))], inputs, "head")
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    request = ov.Core().compile_model(graph, "CPU", settings).create_infer_request()
    request.infer([m[None] for m in taps.maps])
    return np.array(request.get_output_tensor(0).data[0])


def in_torch(head: Head, taps: TapMaps) -> Float32:
    device = torch.device("cpu")
    maps = [torch.from_numpy(m) for m in taps.maps]
    return np.asarray(TORCH_HEADS[type(head)](head, device)(maps).numpy(), np.float32)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("shapes", list(GRIDS.values()), ids=list(GRIDS))
def test_it_equals_the_numpy_head(shapes: list[Shape], *, squared: bool) -> None:
    pictures = [made_taps(shapes, seed) for seed in range(20)]
    unseen = made_taps(shapes, seed=99, mean=5.0)
    head = head_of(unseen, gaussian_of(pictures), SHRINKAGE, squared=squared)
    found = in_openvino(head, unseen)
    assert found.dtype == np.float32
    assert found.shape == unseen.grid
    assert np.allclose(found, head.score_map(unseen), rtol=2e-5)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("shapes", list(GRIDS.values()), ids=list(GRIDS))
def test_the_head_of_positions_equals_numpys(shapes: list[Shape], *, squared: bool) -> None:
    pictures = [made_taps(shapes, seed) for seed in range(20)]
    unseen = made_taps(shapes, seed=99, mean=5.0)
    settings: dict[str, object] = {"shrinkage": SHRINKAGE, "squared": squared}
    head = head_of_detector(LOCAL, pictures, settings)
    assert isinstance(head, SupportsHomeGrid)
    assert head.home == tuple(m.shape[1:] for m in unseen.maps)
    expected = head.score_map(unseen)
    for runtime in (in_openvino, in_torch):
        found = runtime(head, unseen)
        assert found.shape == unseen.grid
        assert np.allclose(found, expected, rtol=2e-5)


def test_heads_are_told_apart_by_their_numbers() -> None:
    taps = made_taps([(7, 4, 4), (5, 8, 8)])
    gaussian = gaussian_of([made_taps([(7, 4, 4), (5, 8, 8)], seed) for seed in range(9)])
    head = head_of(taps, gaussian, SHRINKAGE)
    assert fingerprint(head) == fingerprint(head_of(taps, gaussian, SHRINKAGE))
    assert fingerprint(head) != fingerprint(head_of(taps, gaussian, SHRINKAGE, squared=True))
    assert fingerprint(head) != fingerprint(head_of(taps, gaussian, 2 * SHRINKAGE))
    assert MahalanobisHead in HEADS
