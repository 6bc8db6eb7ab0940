"""ONNX files written by hand: networks for tests, and files that no honest program writes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from deeprx_gui.engine.backbones.torchvision_trunks import BasicBlock

Array = NDArray[Any]
_KINDS = {"float32": 1, "uint8": 2, "int32": 6, "int64": 7, "bool": 9, "float16": 10, "float64": 11}


def varint(value: int) -> bytes:
    """A whole number as it lies in the file."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(key: int, value: int) -> bytes:
    """A field that is a whole number."""
    return varint(key << 3) + varint(value)


def block(key: int, data: bytes | str) -> bytes:
    """A field that has a length."""
    data = data.encode() if isinstance(data, str) else data
    return varint(key << 3 | 2) + varint(len(data)) + data


def tensor(name: str, array: Array) -> bytes:
    """A tensor with raw bytes."""
    head = b"".join(number(1, side) for side in array.shape)
    kind = _KINDS[str(array.dtype)]
    return head + number(2, kind) + block(8, name) + block(9, np.ascontiguousarray(array).tobytes())


def attribute(name: str, value: object) -> bytes:
    """An attribute of a node."""
    head = block(1, name)
    match value:
        case int():
            return head + number(3, value) + number(20, 2)
        case float():
            return head + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
        case str():
            return head + block(4, value) + number(20, 3)
        case np.ndarray():
            return head + block(5, tensor("", value)) + number(20, 4)
        case list():
            return head + b"".join(number(8, int(v)) for v in value) + number(20, 7)
    raise TypeError(value)


def value_info(name: str, sides: Sequence[int | str]) -> bytes:
    """An input or output of float32."""
    dims = b"".join(block(1, block(2, s) if isinstance(s, str) else number(1, s)) for s in sides)
    return block(1, name) + block(2, block(1, number(1, 1) + block(2, dims)))


@dataclass
class OnnxWriter:
    """Collects nodes; ``model`` is the file. ``sides``: of the input ``image``."""

    sides: Sequence[int | str] = (1, 3, 64, 64)
    opset: int = 17
    body: bytes = b""
    outputs: list[str] = field(default_factory=list)
    made: int = 0

    def constant(self, array: Array) -> str:
        """Add weights; return their name."""
        self.made += 1
        self.body += block(5, tensor(f"w{self.made}", array))
        return f"w{self.made}"

    def node(self, kind: str, inputs: Sequence[str | Array], name: str = "", **more: object) -> str:
        """Add a node; arrays among the inputs become weights. Return its output's name."""
        names = [self.constant(i) if isinstance(i, np.ndarray) else i for i in inputs]
        self.made += 1
        out = name or f"v{self.made}"
        data = b"".join(block(1, n) for n in names) + block(2, out) + block(3, f"node_{out}")
        data += block(4, kind)
        data += b"".join(block(5, attribute(key, value)) for key, value in more.items())
        self.body += block(1, data)
        return out

    def model(self, *outputs: str) -> bytes:
        """Return the file's bytes."""
        graph = self.body + block(2, "net") + block(11, value_info("image", self.sides))
        graph += b"".join(block(12, value_info(name, ())) for name in outputs)
        return number(1, 8) + block(7, graph) + block(8, number(2, self.opset))


def _conv(writer: OnnxWriter, x: str, conv: nn.Conv2d) -> str:
    weights = [conv.weight.detach().numpy()]
    weights += [] if conv.bias is None else [conv.bias.detach().numpy()]
    pad, stride = int(conv.padding[0]), conv.stride[0]
    return writer.node(
        "Conv", [x, *weights], pads=[pad] * 4, strides=[stride] * 2, group=conv.groups
    )


def _norm(writer: OnnxWriter, x: str, norm: nn.BatchNorm2d) -> str:
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None
    assert variance is not None
    arrays = [t.detach().numpy() for t in (norm.weight, norm.bias, mean, variance)]
    return writer.node("BatchNormalization", [x, *arrays], epsilon=float(norm.eps))


def write_resnet18(stages: Sequence[nn.Module], sides: Sequence[int | str]) -> bytes:
    """Write stages of a ResNet-18 as an exporter does, zeros beyond the borders.

    The ends of its layers are named ``layer1``, ``layer2`` …
    """
    writer = OnnxWriter(sides)
    x = "image"
    for number_, stage in enumerate(stages, 1):
        for module in stage.children():
            if isinstance(module, nn.Sequential):
                for place, part in enumerate(module):
                    assert isinstance(part, BasicBlock)
                    last = place == len(module) - 1
                    x = _basic_block(writer, x, part, f"layer{number_}" if last else "")
            elif isinstance(module, nn.Conv2d):
                x = _conv(writer, x, module)
            elif isinstance(module, nn.BatchNorm2d):
                x = _norm(writer, x, module)
            elif isinstance(module, nn.ReLU):
                x = writer.node("Relu", [x])
            else:
                x = writer.node(
                    "MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]
                )
    return writer.model(x)


def _basic_block(writer: OnnxWriter, x: str, part: BasicBlock, name: str) -> str:
    y = writer.node("Relu", [_norm(writer, _conv(writer, x, part.conv1), part.bn1)])
    y = _norm(writer, _conv(writer, y, part.conv2), part.bn2)
    around = x
    if part.downsample is not None:
        conv, norm = part.downsample
        assert isinstance(conv, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        around = _norm(writer, _conv(writer, x, conv), norm)
    return writer.node("Relu", [writer.node("Add", [y, around])], name)


def write_vit(side: int = 64, patch: int = 16, width: int = 24, registers: int = 2) -> bytes:
    """Write a small random vision transformer with a class token and register tokens.

    Its blocks end in ``block1`` and ``block2``.
    """
    rng = np.random.default_rng(11)

    def random(*shape: int) -> Array:
        return rng.normal(0, 0.2, shape).astype(np.float32)

    writer = OnnxWriter((1, 3, side, side))
    count = (side // patch) ** 2
    x = writer.node(
        "Conv", ["image", random(width, 3, patch, patch), random(width)], strides=[patch] * 2
    )
    x = writer.node("Reshape", [x, np.array([1, width, -1])])
    x = writer.node("Transpose", [x], perm=[0, 2, 1])
    x = writer.node("Concat", [random(1, 1 + registers, width), x], axis=1)
    x = writer.node("Add", [x, random(1, count + 1 + registers, width)])
    for number_ in (1, 2):
        y = writer.node("LayerNormalization", [x, random(width), random(width)], axis=-1)
        q, k, v = (writer.node("MatMul", [y, random(width, width)]) for _ in range(3))
        scores = writer.node("MatMul", [q, writer.node("Transpose", [k], perm=[0, 2, 1])])
        scores = writer.node("Div", [scores, np.full((), width**0.5, np.float32)])
        y = writer.node("MatMul", [writer.node("Softmax", [scores], axis=-1), v])
        x = writer.node("Add", [x, y])
        y = writer.node("MatMul", [x, random(width, 2 * width)])
        half = writer.node("Div", [y, np.full((), 2**0.5, np.float32)])
        gate = writer.node("Add", [writer.node("Erf", [half]), np.full((), 1, np.float32)])
        y = writer.node("Mul", [writer.node("Mul", [y, gate]), np.full((), 0.5, np.float32)])
        y = writer.node("MatMul", [y, random(2 * width, width)])
        x = writer.node("Add", [x, y], f"block{number_}")
    return writer.model(x)
