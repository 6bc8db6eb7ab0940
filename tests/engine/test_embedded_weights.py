"""The two built-in backbones: the right weights, and what they compute today stays so."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.engine.backbones.convert import read_state_dict
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.runtimes.torch_runtime import open_cpu

LITE = ("efficientnet-lite0", "efficientnet-lite2")
# Frozen from the first release: mean size, spread and one entry of each map for ``picture``.
FINGERPRINT = {
    "efficientnet-lite0": {8: (7.43764, 9.57587, -14.98128), 16: (4.39928, 5.58434, 2.8054)},
    "efficientnet-lite2": {8: (8.01181, 9.70741, 4.83631), 16: (4.61236, 5.80476, 0.89156)},
}
BLOCK_STRIDES = {  # index of each block that halves the map
    "efficientnet-lite0": {1: 4, 3: 8, 5: 16, 11: 32},
    "efficientnet-lite2": {1: 4, 4: 8, 7: 16, 15: 32},
}


@pytest.fixture(params=LITE)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_they_are_installed_and_unchanged(name: str, library: BackboneLibrary) -> None:
    status, weights = library.status(name), library.find(name)
    assert status.installed
    assert status.advice is None
    assert status.taps == (2, 4, 8, 16, 32)
    assert hashlib.sha256(weights.file.read_bytes()).hexdigest() == status.sha256
    assert status.sha256[:8] in weights.file.name  # as the publisher names the file
    assert library.list()[LITE.index(name)] == status


def test_every_tap_has_the_announced_shape(
    name: str, library: BackboneLibrary, picture: ByteImage
) -> None:
    weights = library.find(name)
    found = open_cpu(weights, (2, 4, 8, 16, 32)).taps(picture)
    shapes = {64 // m.shape[1]: m.shape for m in found.maps}
    assert list(shapes) == [32, 16, 8, 4, 2]  # coarsest first
    for stride, channels in weights.spec.channels.items():
        assert shapes[stride] == (channels, 64 // stride, 96 // stride)


def test_features_are_those_of_the_first_release(
    name: str, library: BackboneLibrary, picture: ByteImage
) -> None:
    found = open_cpu(library.find(name), (8, 16)).taps(picture)
    for m in found.maps:
        figures = (float(np.abs(m).mean()), float(m.std()), float(m[3, 1, 2]))
        assert figures == pytest.approx(FINGERPRINT[name][64 // m.shape[1]], rel=1e-4)


def test_features_equal_the_paper_written_as_functions(
    name: str, library: BackboneLibrary, picture: ByteImage
) -> None:
    weights = library.find(name)
    state = read_state_dict(weights.file, name)
    x = (torch.from_numpy(picture).permute(2, 0, 1)[None].float() - 127.0) / 128.0
    expected = functional_lite(state, BLOCK_STRIDES[name], x)
    found = open_cpu(weights, (2, 4, 8, 16, 32)).taps(picture)
    for ours in found.maps:
        theirs = expected[64 // ours.shape[1]].numpy()
        assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()


def functional_lite(
    state: dict[str, Tensor], halving: dict[int, int], x: Tensor
) -> dict[int, Tensor]:
    """EfficientNet-Lite from its state dict alone: the last map at each stride."""

    def norm(x: Tensor, key: str) -> Tensor:
        mean, var = state[f"{key}.running_mean"], state[f"{key}.running_var"]
        scale, shift = state[f"{key}.weight"], state[f"{key}.bias"]
        return nnf.batch_norm(x, mean, var, scale, shift, eps=1e-3)

    def same(x: Tensor, key: str, stride: int, groups: int = 1) -> Tensor:
        kernel = state[key]
        pads = []
        for size in (x.shape[3], x.shape[2]):
            wanted = math.ceil(size / stride)
            missing = max((wanted - 1) * stride + kernel.shape[-1] - size, 0)
            pads += [missing // 2, missing - missing // 2]
        mode = "reflect" if max(pads) < min(x.shape[2:]) else "replicate"
        return nnf.conv2d(nnf.pad(x, pads, mode=mode), kernel, stride=stride, groups=groups)

    maps: dict[int, Tensor] = {}
    x = nnf.relu6(norm(same(x, "_conv_stem.weight", 2), "_bn0"))
    at = 2
    for index in range(sum(key.endswith("_depthwise_conv.weight") for key in state)):
        block = f"_blocks.{index}."
        y = x
        if f"{block}_expand_conv.weight" in state:
            y = nnf.relu6(norm(same(y, f"{block}_expand_conv.weight", 1), f"{block}_bn0"))
        stride = 2 if index in halving else 1
        y = same(y, f"{block}_depthwise_conv.weight", stride, groups=y.shape[1])
        y = nnf.relu6(norm(y, f"{block}_bn1"))
        y = norm(same(y, f"{block}_project_conv.weight", 1), f"{block}_bn2")
        x = x + y if y.shape == x.shape else y
        at = halving.get(index, at)
        maps[at] = x
    return maps
