"""An ONNX network as a backbone: what comes out of it, on both runtimes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.errors import BackboneError, RequestError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.onnx_order import OnnxOrder
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.engine.backbones.catalogue import suited
from deeprx_gui.engine.backbones.convert import read_state_dict
from deeprx_gui.engine.backbones.function_names import FUNCTION_NAMES
from deeprx_gui.engine.backbones.functions import FUNCTIONS as TORCH
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.onnx_file import read_onnx
from deeprx_gui.engine.backbones.onnx_translate import translate
from deeprx_gui.engine.backbones.plan import NetworkPlan
from deeprx_gui.engine.backbones.plan_network import PlanNetwork
from deeprx_gui.engine.backbones.torchvision_trunks import build_resnet
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.runtimes.openvino_functions import FUNCTIONS as OPENVINO
from deeprx_gui.engine.runtimes.quiet_openvino import ops, ov
from tests.engine.onnx_writer import OnnxWriter, write_resnet18, write_vit

TRUNK = Path(__file__).parents[3] / "shared" / "weights" / "resnet18_trunk.pth"
RUNTIMES = ("openvino-cpu", "torch-cpu")
F32 = {"INFERENCE_PRECISION_HINT": "f32"}


def stages(state: dict[str, torch.Tensor] | None) -> list[nn.Module]:
    """ResNet-18 up to layer3, with weights or random ones."""
    torch.manual_seed(3)
    found = [stage for stride, stage in build_resnet("resnet18").items() if stride <= 16]
    for stage in found:
        if state is not None:
            own = stage.state_dict()
            stage.load_state_dict({k: v for k, v in state.items() if k in own}, strict=False)
        stage.eval()
    return found


def small_net(sides: tuple[int | str, ...] = (1, 3, 64, 64)) -> bytes:
    """Two convolutions with stride 4 each; ``fine`` and ``coarse`` are their ReLUs."""
    rng = np.random.default_rng(2)
    writer = OnnxWriter(sides)
    x = "image"
    for name, inputs, outputs in (("fine", 3, 8), ("coarse", 8, 12)):
        weight = rng.normal(0, 0.2, (outputs, inputs, 5, 5)).astype(np.float32)
        x = writer.node("Conv", [x, weight], strides=[4, 4], pads=[2, 2, 2, 2])
        x = writer.node("Relu", [x], name)
    return writer.model(x)


@pytest.mark.skipif(not TRUNK.exists(), reason="needs the shared weights")
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_exported_resnet18_is_the_built_in_one(
    library: BackboneLibrary, tmp_path: Path, picture: ByteImage, runtime: str
) -> None:
    library.import_file(TRUNK)
    file = tmp_path / "exported.onnx"
    file.write_bytes(write_resnet18(stages(read_state_dict(TRUNK, "")), (1, 3, 224, 224)))
    library.import_onnx(file, OnnxOrder(("layer1", "layer2", "layer3")))
    engines = EnginePool(library, runtime)
    here = replace(FitSettings(backbone="resnet18"), taps=(4, 8, 16))
    for size in (128, 192):
        chosen = replace(here, preprocessing=Preprocessing(size))
        built_in = engines.for_fit(chosen).look(picture).maps
        imported = engines.for_fit(replace(chosen, backbone="exported")).look(picture).maps
        for a, b in zip(built_in, imported, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-4)


def reader_of_openvino(file: Path, names: tuple[str, ...], x: Float32) -> dict[str, Float32]:
    """What OpenVINO's own ONNX reader makes of a file: an implementation that is not ours."""
    core = ov.Core()
    model = core.read_model(str(file))
    for name in names:
        model.add_outputs([name])
    results = core.compile_model(model, "CPU", F32)([x])
    return {n: v for port, v in results.items() for n in port.names}


def test_translated_as_openvino_reads_it(tmp_path: Path) -> None:
    """Without mirrored borders, which the file does not have: the same features."""
    file = tmp_path / "net.onnx"
    file.write_bytes(write_resnet18(stages(None), (1, 3, 64, 64)))
    x = np.random.default_rng(1).normal(size=(1, 3, 64, 64)).astype(np.float32)
    found = translate(read_onnx(file), (64, 64), ("layer2", "layer3"), mirror=False)
    plan = NetworkPlan(found.steps, found.taps, (0, 0, 0), (1, 1, 1))
    ours = PlanNetwork(plan, (8, 16))(torch.from_numpy(x))
    theirs = reader_of_openvino(file, ("layer2", "layer3"), x)
    for mine, name in zip(ours, ("layer2", "layer3"), strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), theirs[name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_vision_transformer_gives_its_tokens_as_a_grid(
    library: BackboneLibrary, tmp_path: Path, picture: ByteImage, runtime: str
) -> None:
    file = tmp_path / "vit.onnx"
    file.write_bytes(write_vit())
    contents = library.look_into(file)
    assert contents.size == 64
    tokens = {layer.name: layer for layer in contents.layers if layer.tokens}
    assert (tokens["block2"].stride, tokens["block2"].channels) == (16, 24)
    status = library.import_onnx(file, OnnxOrder(("block1", "block2"), (0.5,) * 3, (0.5,) * 3))
    assert (status.taps, status.size) == ((16,), 64)
    engine = EnginePool(library, runtime).for_fit(suited(FitSettings(backbone="vit")))
    (maps,) = engine.look(picture).maps
    assert maps.shape == (48, 4, 4)
    pixels = engine.prepare(picture).astype(np.float32)
    x = np.ascontiguousarray(((pixels - 127.5) / 127.5).transpose(2, 0, 1)[None], np.float32)
    theirs = reader_of_openvino(file, ("block1", "block2"), x)
    wanted = np.concatenate(
        [theirs[name][0, 3:].T.reshape(24, 4, 4) for name in ("block1", "block2")]
    )
    np.testing.assert_allclose(maps, wanted, rtol=1e-3, atol=1e-4)


def test_a_size_it_does_not_take_is_refused(library: BackboneLibrary, tmp_path: Path) -> None:
    file = tmp_path / "vit.onnx"
    file.write_bytes(write_vit())
    library.import_onnx(file, OnnxOrder(("block2",)))
    with pytest.raises(RequestError, match="64 × 64 pixels only"):
        EnginePool(library).for_fit(FitSettings(backbone="vit", taps=(16,)))


def test_strides_and_channels_are_found(library: BackboneLibrary, tmp_path: Path) -> None:
    file = tmp_path / "正常 net.onnx"
    file.write_bytes(small_net(("batch", 3, "height", "width")))
    status = library.import_onnx(
        file, OnnxOrder(("node_fine", "coarse"), licence="MIT", mean=(127,) * 3, std=(128,) * 3)
    )
    assert (status.name, status.taps, status.licence) == ("正常-net", (4, 16), "MIT")
    found = library.find(status.name)
    assert (found.spec.channels, found.spec.mean) == ({4: 8, 16: 12}, (127, 127, 127))
    network = found.spec.imported
    assert network is not None
    assert (network.size, network.multiple, network.whole) == (None, 16, False)
    assert network.words.startswith('deeprx backbones import "正常 net.onnx" --taps node_fine')
    again = BackboneLibrary(library._folder)
    assert status in again.list()


def test_sides_may_have_to_be_larger_multiples(library: BackboneLibrary, tmp_path: Path) -> None:
    """A map that goes down to stride 32 and up again fits only pictures of multiples of 32."""
    writer = OnnxWriter((1, 3, 64, 64))
    rng = np.random.default_rng(4)
    weight = rng.normal(0, 0.1, (6, 3, 8, 8)).astype(np.float32)
    fine = writer.node("Conv", ["image", weight], strides=[8, 8])
    deep = writer.node("MaxPool", [fine], kernel_shape=[4, 4], strides=[4, 4])
    scales = np.array([1, 1, 4, 4], np.float32)
    up = writer.node("Resize", [deep, "", scales], mode="linear")
    file = tmp_path / "pyramid.onnx"
    file.write_bytes(writer.model(writer.node("Add", [fine, up], "out")))
    library.import_onnx(file, OnnxOrder(("out",)))
    network = library.find("pyramid").spec.imported
    assert network is not None
    assert network.multiple == 32
    picture = np.zeros((100, 140, 3), np.uint8)
    maps = EnginePool(library).for_fit(FitSettings(backbone="pyramid", taps=(8,))).look(picture)
    assert all(side % 4 == 0 for side in maps.grid)
    with pytest.raises(BackboneError, match="any multiples of 8"):
        library.import_onnx(file, OnnxOrder(("out",), multiple=8, name="second"))


def test_a_network_that_sees_everything_is_not_cut_into_tiles(
    library: BackboneLibrary, tmp_path: Path
) -> None:
    writer = OnnxWriter((1, 3, 64, 64))
    weight = np.random.default_rng(4).normal(0, 0.1, (6, 3, 8, 8)).astype(np.float32)
    x = writer.node("Conv", ["image", weight], strides=[8, 8])
    gate = writer.node("Sigmoid", [writer.node("GlobalAveragePool", [x])])
    file = tmp_path / "gated.onnx"
    file.write_bytes(writer.model(writer.node("Mul", [x, gate], "out")))
    library.import_onnx(file, OnnxOrder(("out",)))
    network = library.find("gated").spec.imported
    assert network is not None
    assert network.whole


def test_another_network_never_takes_its_place(library: BackboneLibrary, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(small_net())
    first = library.import_onnx(file, OnnxOrder(("fine", "coarse")))
    assert library.import_onnx(file, OnnxOrder(("fine", "coarse"))) == first
    with pytest.raises(RequestError, match="Another network was imported as “net”"):
        library.import_onnx(file, OnnxOrder(("coarse",)))
    for name in ("resnet18", "pixels", "../x", ".."):
        with pytest.raises(RequestError, match="cannot be the name"):
            library.import_onnx(file, OnnxOrder(("coarse",), name=name))


def test_a_damaged_plan_says_how_to_import_again(library: BackboneLibrary, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(small_net())
    library.import_onnx(file, OnnxOrder(("coarse",)))
    plan = library.find("net").file
    data = bytearray(plan.read_bytes())
    data[-9] ^= 1
    plan.write_bytes(bytes(data))
    with pytest.raises(BackboneError, match=r"Import it again: deeprx backbones import net\.onnx"):
        EnginePool(library).for_fit(FitSettings(backbone="net", taps=(16,)))
    plan.unlink()
    with pytest.raises(BackboneError, match="not on this PC any more"):
        library.find("net")


NUMBERS: dict[str, dict[str, object]] = {
    "clamp": {"low": -0.5, "high": 0.7},
    "hard_sigmoid": {"alpha": 0.2, "beta": 0.5},
    "leaky_relu": {"slope": 0.1},
    "elu": {"alpha": 1.0},
    "gelu": {"tanh": True},
    "softmax": {"axis": 3},
    "mean": {"axes": (2, 3), "keep": True},
    "sum": {"axes": (1,), "keep": False},
    "largest": {"axes": (2, 3), "keep": True},
    "normalise": {"axes": (1,), "epsilon": 1e-6},
    "reshape": {"shape": (1, 3, 16, 12)},
    "transpose": {"order": (0, 2, 3, 1)},
    "slice": {"axis": 1, "begin": 1, "end": 6, "step": 2},
    "concat": {"axis": 1},
    "expand": {"shape": (1, 6, 8, 12)},
    "gather": {"axis": 2, "indices": (3, 1, 7)},
    "pad": {"begin": (0, 0, 1, 2), "end": (0, 0, 2, 1), "mode": "reflect", "value": 0.0},
    "convolve": {"stride": (2, 1), "dilation": (1, 2), "groups": 2},
    "average_pool": {
        "kernel": (3, 3), "stride": (2, 2), "pads": (1, 1, 0, 1), "count_pad": False
    },
    "max_pool": {"kernel": (3, 3), "stride": (2, 2), "pads": (1, 0, 1, 1)},
    "resize": {"scale": (2, 3), "mode": "nearest"},
}  # fmt: skip


@pytest.mark.parametrize("function", sorted(FUNCTION_NAMES))
def test_a_function_is_the_same_on_both_runtimes(function: str) -> None:
    rng = np.random.default_rng(5)
    maps: Float32 = rng.normal(size=(1, 6, 8, 12)).astype(np.float32)
    above: Float32 = (np.abs(maps) + 0.1).astype(np.float32)
    inputs: tuple[Float32, ...] = {
        "concat": (maps, maps),
        "convolve": (maps, rng.normal(size=(4, 3, 3, 2)).astype(np.float32)),
        "expand": (maps[:, :, :1],),
        "matmul": (maps, maps.transpose(0, 1, 3, 2)),
        "power": (above, np.full(1, 1.5, np.float32)),
        "log": (above,),
        "sqrt": (above,),
    }.get(function, (maps,))
    if function in {"add", "subtract", "multiply", "divide", "maximum", "minimum"}:
        inputs = (maps, above[:, :1])
    numbers = NUMBERS.get(function, {})
    arrays = [np.ascontiguousarray(a) for a in inputs]
    ours = TORCH[function]([torch.from_numpy(a) for a in arrays], numbers)  # type: ignore[arg-type]
    first = ops.parameter(list(arrays[0].shape))
    rest = [ops.constant(a) for a in arrays[1:]]
    model = ov.Model([ops.result(OPENVINO[function]([first, *rest], numbers))], [first], "one")
    (theirs,) = ov.Core().compile_model(model, "CPU", F32)([arrays[0]]).values()
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-5, atol=1e-5)


def test_both_tables_are_complete() -> None:
    assert set(TORCH) == set(OPENVINO) == FUNCTION_NAMES
