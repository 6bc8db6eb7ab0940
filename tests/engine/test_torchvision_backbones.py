"""The torchvision backbones compute what torchvision computes, at every tap."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.engine.backbones import mirror_padding
from deeprx_gui.engine.backbones.catalogue import BACKBONES, BackboneSpec
from deeprx_gui.engine.backbones.fetch import weights_url
from deeprx_gui.engine.backbones.network import build_network
from deeprx_gui.engine.backbones.weights import Weights
from deeprx_gui.engine.runtimes.torch_runtime import open_cpu
from tests.engine.oracles import TORCHVISION, mirrored, torchvision_models

States = dict[str, dict[str, Tensor]]


def torchvision_network(name: str, state: dict[str, Tensor]) -> nn.Module:
    with torch.device("meta"):
        network = getattr(torchvision_models(), TORCHVISION[name])(weights=None)
    if name == "vgg16":
        network.classifier = nn.Identity()
    network.to_empty(device="cpu").load_state_dict(state)
    out: nn.Module = network.eval()
    return out


def torchvision_taps(name: str, network: nn.Module, x: Tensor) -> dict[int, Tensor]:
    """The forward pass of torchvision, with its maps caught on the way."""
    if name == "vgg16":
        return dict(_before_each_pooling(network, x))
    caught: dict[int, Tensor] = {}
    for stride, layer in ((4, "layer1"), (8, "layer2"), (16, "layer3"), (32, "layer4")):
        network.get_submodule(layer).register_forward_hook(_catcher(caught, stride))
    with torch.inference_mode():
        network(x)
    return caught


def _before_each_pooling(network: nn.Module, x: Tensor) -> Iterator[tuple[int, Tensor]]:
    stride = 1
    with torch.inference_mode():
        for layer in network.get_submodule("features").children():
            if isinstance(layer, nn.MaxPool2d):
                yield stride, x
                stride *= 2
            x = layer(x)


def _catcher(caught: dict[int, Tensor], stride: int) -> Callable[..., None]:
    def catch(_module: nn.Module, _given: object, out: Tensor) -> None:
        caught[stride] = out

    return catch


@pytest.fixture(params=list(TORCHVISION))
def spec(request: pytest.FixtureRequest) -> BackboneSpec:
    return BACKBONES[request.param]


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def assert_same(ours: Tensor, theirs: Tensor) -> None:
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() <= 1e-4 * theirs.abs().max()


def test_features_equal_torchvisions_with_mirrored_borders(
    spec: BackboneSpec, random_states: States
) -> None:
    x = noise(1, 3, 64, 96)
    state = random_states[spec.name]
    taps = tuple(spec.channels)
    with torch.inference_mode():
        ours = build_network(spec, taps, state)(x)
    theirs = torchvision_taps(spec.name, mirrored(torchvision_network(spec.name, state)), x)
    assert [m.shape[1] for m in ours] == list(spec.channels.values())
    for stride, found in zip(taps, ours, strict=True):
        assert found.shape[-2:] == (64 // stride, 96 // stride)
        assert_same(found, theirs[stride])


def test_with_zeros_at_the_borders_it_is_torchvision_as_published(
    random_states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_padding, "mirror_pad", nn.functional.pad)
    spec, state, x = BACKBONES["resnet18"], random_states["resnet18"], noise(1, 3, 64, 64)
    with torch.inference_mode():
        ours = build_network(spec, (4, 8, 16, 32), state)(x)
    theirs = torchvision_taps("resnet18", torchvision_network("resnet18", state), x)
    for found, stride in zip(ours, (4, 8, 16, 32), strict=True):
        assert_same(found, theirs[stride])


def test_far_from_the_border_mirrors_and_zeros_agree(random_states: States) -> None:
    spec, state, x = BACKBONES["resnet18"], random_states["resnet18"], noise(1, 3, 192, 192)
    with torch.inference_mode():
        (ours,) = build_network(spec, (8,), state)(x)
    theirs = torchvision_taps("resnet18", torchvision_network("resnet18", state), x)[8]
    inside = (..., slice(8, -8), slice(8, -8))  # the field of layer2 reaches 49 pixels out
    assert_same(ours[inside], theirs[inside])
    assert (ours[..., 0, :] - theirs[..., 0, :]).abs().max() > 1e-2


def test_the_runtime_normalises_as_torchvision_asks_and_folds_without_change(
    spec: BackboneSpec, random_states: States, picture: ByteImage, tmp_path: Path
) -> None:
    taps, state = spec.default_taps, random_states[spec.name]
    file = tmp_path / "trunk.safetensors"
    network = build_network(spec, taps, state)
    save_file(network.state_dict(), file)
    sha256 = _sha256(file)
    found = open_cpu(Weights(spec, file, sha256, sha256, 16, converted=True), taps).taps(picture)
    transform = torchvision_models().get_weight(str(spec.fetch)).transforms()
    x = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255.0
    mean, std = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (transform.mean, transform.std))
    with torch.inference_mode():
        expected = network((x - mean) / std)
    assert [m.dtype for m in found.maps] == [np.float32, np.float32]
    for ours, theirs in zip(found.maps, reversed(expected), strict=True):
        assert ours.flags.c_contiguous
        assert_same(torch.from_numpy(ours), theirs[0])


def test_published_hashes_and_addresses_are_torchvisions(spec: BackboneSpec) -> None:
    enum = torchvision_models().get_model_weights(TORCHVISION[spec.name])
    torchvisions = {entry.url.rsplit("-", 1)[1].removesuffix(".pth") for entry in enum}
    complete = {p.sha256 for p in spec.published if p.note.startswith("torchvision")}
    assert complete
    assert complete <= torchvisions
    assert weights_url(spec).endswith(f"-{spec.published[0].sha256}.pth")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
