"""ONNX files that cannot be a backbone, or that want to do harm: a sentence for each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.errors import BackboneError, RequestError
from deeprx_gui.domain.onnx_order import OnnxOrder
from deeprx_gui.engine.backbones.library import BackboneLibrary
from tests.engine.onnx_writer import OnnxWriter, attribute, block, number, tensor, varint, write_vit
from tests.engine.test_onnx_import import small_net

ONE = np.ones((2, 3, 8, 8), np.float32)


def conv(writer: OnnxWriter) -> str:
    return writer.node("Conv", ["image", ONE], strides=[8, 8])


def with_nodes(kind: str, *more: object, sides: tuple[int | str, ...] = (1, 3, 64, 64)) -> bytes:
    writer = OnnxWriter(sides)
    return writer.model(writer.node(kind, [conv(writer), *more], "out"))  # type: ignore[list-item]


def two_inputs() -> bytes:
    writer = OnnxWriter()
    extra = block(11, block(1, "other"))
    writer.body += extra
    return writer.model(conv(writer))


def branching() -> bytes:
    writer = OnnxWriter()
    branch = block(1, "then_branch") + block(6, block(2, "inner")) + number(20, 5)
    writer.body += block(1, block(1, "image") + block(2, "out") + block(4, "If") + block(5, branch))
    return writer.model("out")


def outside(path: str) -> bytes:
    """Weights that lie in another file."""
    writer = OnnxWriter()
    where = block(1, "location") + block(2, path)
    data = b"".join(number(1, side) for side in (2, 3, 8, 8)) + number(2, 1) + block(8, "w")
    writer.body += block(5, data + block(13, where) + number(14, 1))
    return writer.model(writer.node("Conv", ["image", "w"], "out", strides=[8, 8]))


def bomb(kind: str) -> bytes:
    """A few bytes that want to become a hundred gigabytes."""
    writer = OnnxWriter()
    sides = np.array([300_000, 300_000], np.int64)
    filled = writer.node("ConstantOfShape" if kind == "fill" else "Expand", [
        sides if kind == "fill" else np.ones((1, 1), np.float32),
        *([] if kind == "fill" else [sides]),
    ])  # fmt: skip
    return writer.model(writer.node("Add", [conv(writer), filled], "out"))


def outer_product() -> bytes:
    writer = OnnxWriter()
    long = np.ones((100_000, 1), np.float32)
    wide = writer.node("MatMul", [long, np.ones((1, 100_000), np.float32)])
    return writer.model(writer.node("Add", [conv(writer), wide], "out"))


def lying_tensor() -> bytes:
    data = number(1, 2**40) + number(2, 1) + block(8, "w") + block(9, b"\0" * 16)
    return OnnxWriter(body=block(5, data)).model("out")


def not_finite() -> bytes:
    writer = OnnxWriter()
    return writer.model(
        writer.node("Conv", ["image", np.full((2, 3, 8, 8), np.nan, np.float32)], "out")
    )


def functions() -> bytes:
    return small_net() + block(25, block(1, "mine"))


def nested(depth: int) -> bytes:
    """Graphs inside graphs inside graphs."""
    data = b""
    for _ in range(depth):
        node = block(2, "out") + block(4, "If") + block(5, block(1, "b") + block(6, data))
        data = block(1, node)
    return block(7, data) + block(8, number(2, 17))


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "it is not an ONNX file"),
    "text": (lambda: b"no network, just a letter\n" * 9, "it is not an ONNX file"),
    "cut off": (lambda: small_net()[:-40], "it is not an ONNX file"),
    "endless number": (lambda: varint(7 << 3 | 2) + b"\xff" * 11, "it is not an ONNX file"),
    "lying tensor": (lying_tensor, "it is not an ONNX file"),
    "nested": (lambda: nested(3000), r"decides on its way what to do \(If, Loop\)"),
    "branching": (branching, "decides on its way"),
    "two inputs": (two_inputs, "it has 2 inputs"),
    "functions": (functions, "functions of its own"),
    "old": (lambda: OnnxWriter(opset=5).model("out"), "operators are of version 5"),
    "outside": (lambda: outside("weights.bin"), "its weights lie in another file"),
    "outside, absolute": (lambda: outside("/etc/passwd"), "its weights lie in another file"),
    "batch": (lambda: small_net((8, 3, 64, 64)), "its input is 8 × 3 × 64 × 64"),
    "grey": (lambda: small_net((1, 1, 64, 64)), "one picture of three colours"),
    "huge picture": (lambda: small_net((1, 3, 2**20, 2**20)), "made for pictures of 1048576"),
    "unknown": (lambda: with_nodes("TopSecret"), "the operator TopSecret, which is not known"),
    "of the contents": (lambda: with_nodes("Not"), "looks at what the picture shows"),
    "no grid": (lambda: with_nodes("Flatten"), "no grid over the picture"),
    "fill": (lambda: bomb("fill"), "too large"),
    "expand": (lambda: bomb("expand"), "too large"),
    "outer product": (outer_product, "too large"),
    "not finite": (not_finite, "not finite"),
    "misfit": (lambda: with_nodes("Add", np.ones((5, 7), np.float32)), "do not fit together"),
    "reshape": (lambda: with_nodes("Reshape", np.array([3, -1, -1])), "is not known here"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_a_backbone(library: BackboneLibrary, tmp_path: Path, name: str) -> None:
    make, sentence = BAD[name]
    file = tmp_path / "bad.onnx"
    file.write_bytes(make())
    start = time.monotonic()
    with pytest.raises(BackboneError, match=sentence):
        library.import_onnx(file, OnnxOrder(("out",)))
    assert time.monotonic() - start < 20
    assert not (library._folder / "imported").exists()


def test_only_files_are_read(library: BackboneLibrary, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.onnx"
    with pytest.raises(BackboneError, match="cannot be read"):
        library.look_into(pipe)
    with pytest.raises(BackboneError, match="not a file on a disk"):
        library.look_into(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)
        for path in (pipe, Path("/dev/zero")):
            with pytest.raises(BackboneError, match="not a file on a disk"):
                library.import_onnx(path, OnnxOrder(("out",)))


def test_a_layer_that_is_not_there(library: BackboneLibrary, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(small_net())
    with pytest.raises(BackboneError, match="it has no layer “layer9”"):
        library.import_onnx(file, OnnxOrder(("layer9",)))
    with pytest.raises(RequestError, match="at least one layer"):
        library.import_onnx(file, OnnxOrder(()))


def test_an_unknown_head_does_not_matter(library: BackboneLibrary, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(with_nodes("Mystery"))
    contents = library.look_into(file)
    assert [layer.stride for layer in contents.layers] == [8]
    library.import_onnx(file, OnnxOrder((contents.layers[0].name,)))


@pytest.mark.parametrize("std", [(0.0, 1.0, 1.0), (float("nan"),) * 3, (-1.0,) * 3])
def test_impossible_numbers(std: tuple[float, float, float]) -> None:
    with pytest.raises(RequestError, match="greater than 0"):
        OnnxOrder(("a",), std=std)


@pytest.mark.parametrize(
    ("mean", "std", "white", "scale"),
    [
        ((0.485,) * 3, (0.229,) * 3, None, 1),
        ((127.0,) * 3, (128.0,) * 3, None, 255),
        ((0.0,) * 3, (1.0,) * 3, None, 1),
        ((0.0,) * 3, (1.0,) * 3, 255, 255),
    ],
)
def test_what_a_white_pixel_is(
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    white: int | None,
    scale: int,
) -> None:
    order = OnnxOrder(("a",), mean, std, white)
    assert order.full_scale == scale
    assert order.pixel_std[0] == pytest.approx(std[0] * 255 / scale)


def test_damaged_at_random(library: BackboneLibrary, tmp_path: Path) -> None:
    """Whatever is changed in a file, a sentence comes out or a network, and nothing else."""
    rng = np.random.default_rng(8)
    whole = write_vit(32, 16, 8)
    file = tmp_path / "net.onnx"
    for _ in range(60):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), rng.integers(1, 6)):
            data[place] = rng.integers(0, 256)
        file.write_bytes(bytes(data))
        try:
            library.look_into(file)
        except BackboneError:
            continue


def test_the_writer_of_this_test_writes_all_kinds() -> None:
    assert tensor("w", np.ones(1, np.int32))
    assert attribute("a", 1.5)
