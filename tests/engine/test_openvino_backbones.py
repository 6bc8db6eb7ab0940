"""OpenVINO computes the features that torch computes: every backbone, every tap, every size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.loading import fuse
from deeprx_gui.engine.backbones.network import build_network
from deeprx_gui.engine.backbones.plan import Conv, NetworkPlan
from deeprx_gui.engine.backbones.plan_of_network import plan_of, write_down
from deeprx_gui.engine.runtimes.openvino_compiler import Compiler
from deeprx_gui.engine.runtimes.openvino_graph import GraphBuilder, smallest_side
from deeprx_gui.engine.runtimes.openvino_runtime import OpenVinoExtractor
from deeprx_gui.engine.runtimes.torch_runtime import TorchExtractor, open_cpu
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.parts import texture

States = Mapping[str, dict[str, Tensor]]
SIZES = [(256, 256), (64, 96), (48, 208), (32, 32), (16, 48), (16, 16)]


def assert_same(found: TapMaps, expected: TapMaps) -> None:
    assert found.channels == expected.channels
    for ours, theirs in zip(found.maps, expected.maps, strict=True):
        assert ours.shape == theirs.shape
        assert ours.flags.c_contiguous
        assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()


def noise(height: int, width: int, seed: int = 3) -> ByteImage:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> tuple[OpenVinoExtractor, TorchExtractor]:
    weights = BackboneLibrary(tmp_path_factory.mktemp("none")).find("efficientnet-lite0")
    return OpenVinoExtractor(Compiler(plan_of(weights), (8, 16))), open_cpu(weights, (8, 16))


@pytest.mark.parametrize("size", SIZES)
def test_every_size_has_torchs_features(
    lite: tuple[OpenVinoExtractor, TorchExtractor], size: tuple[int, int]
) -> None:
    # From 48 pixels downwards maps get smaller than what is mirrored: the border is repeated there.
    ours, theirs = lite
    pixels = noise(*size)
    assert_same(ours.taps(pixels), theirs.taps(pixels))


def test_a_size_met_early_and_the_graph_for_all_sizes_agree_to_the_last_bit(
    lite: tuple[OpenVinoExtractor, TorchExtractor],
) -> None:
    plan = lite[0]._compiler.plan
    first = OpenVinoExtractor(Compiler(plan, (8, 16)))
    late = OpenVinoExtractor(Compiler(plan, (8, 16)))
    for other in (64, 80):
        late.taps(noise(other, 64))
    pixels = noise(96, 128)
    for ours, theirs in zip(first.taps(pixels).maps, late.taps(pixels).maps, strict=True):
        assert np.array_equal(ours, theirs)
    assert (96, 128) not in late._backbone._fixed  # it really was the general one


def test_sizes_may_alternate(lite: tuple[OpenVinoExtractor, TorchExtractor]) -> None:
    ours, theirs = lite
    for round_ in range(2):
        for size in SIZES:
            pixels = noise(*size, seed=round_)
            assert_same(ours.taps(pixels), theirs.taps(pixels))


def test_a_size_between_two_grids_is_refused(
    lite: tuple[OpenVinoExtractor, TorchExtractor],
) -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        lite[0].taps(noise(40, 64))


@pytest.mark.parametrize("taps", [(2,), (8,), (2, 4, 8, 16, 32), (4, 32)])
def test_any_choice_of_taps(library: BackboneLibrary, taps: tuple[int, ...]) -> None:
    weights = library.find("efficientnet-lite2")
    pixels = texture(5, 128)
    found = OpenVinoExtractor(Compiler(plan_of(weights), taps)).taps(pixels)
    assert_same(found, open_cpu(weights, taps).taps(pixels))


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "vgg16"])  # the wide one is a resnet50
def test_torchvisions_backbones(name: str, random_states: States, picture: ByteImage) -> None:
    spec = BACKBONES[name]
    taps = tuple(spec.channels)
    network = build_network(spec, taps, random_states[name])
    folded = build_network(spec, taps, random_states[name])
    fuse(folded)
    plan = write_down(folded, spec)
    assert dict(plan.taps).keys() == set(taps)
    x = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    mean, std = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (spec.mean, spec.std))
    with torch.inference_mode():
        expected = network((x - mean) / std)
    found = OpenVinoExtractor(Compiler(plan, taps)).taps(picture)
    assert_same(found, TapMaps(tuple(m[0].contiguous().numpy() for m in reversed(expected))))


def test_resnet18s_own_weights(shared_weights: Path, library: BackboneLibrary) -> None:
    library.import_file(shared_weights / "resnet18_trunk.pth")
    weights = library.find("resnet18")
    plan = plan_of(weights)
    assert set(plan.taps) == {4, 8, 16}  # as far as this file reaches
    pixels = texture(5, 128)
    expected = open_cpu(weights, (8, 16)).taps(pixels)
    assert_same(OpenVinoExtractor(Compiler(plan, (8, 16))).taps(pixels), expected)


def test_borders_are_mirrored_where_that_moves_the_fewest_bytes(library: BackboneLibrary) -> None:
    """The first wide maps are not copied for their border: the narrow ones before them are."""
    plan = plan_of(library.find("efficientnet-lite0"))
    graph = GraphBuilder(plan, (8, 16), (256, 256))
    model = graph.model(graph.taps)
    padded = [n.input(0).get_shape() for n in model.get_ops() if n.get_type_name() == "Pad"]
    wide = {shape[1] for shape in padded if shape[2] >= 64 and shape[3] >= 64}
    assert wide == {16, 24, 32}  # not the 96 and 144 channels after them
    convolutions = [s for s in plan.steps[: plan.needed((8, 16))] if isinstance(s, Conv)]
    assert len(padded) == sum(s.before + s.after > 0 for s in convolutions)


def test_the_smallest_side_that_can_be_mirrored(library: BackboneLibrary) -> None:
    plan: NetworkPlan = plan_of(library.find("efficientnet-lite0"))
    assert smallest_side(plan, (8, 16)) == 48  # 5x5 at stride 16 mirrors two of three positions
    assert smallest_side(plan, (2,)) == 4
