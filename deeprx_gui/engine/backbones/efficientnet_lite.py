"""EfficientNet-Lite in torch, with the tensor names of the published weights. Imports torch.

Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (2019); the
Lite variants drop squeeze-and-excite and use ReLU6, batch-norm epsilon 1e-3 and the output sizes of
TensorFlow's "same" padding.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import torch.nn.functional as nnf
from torch import Tensor, nn

from deeprx_gui.engine.backbones.mirror_padding import mirror_pad

_EPSILON = 1e-3


@dataclass(frozen=True)
class _Group:
    """One row of the paper's table 1: ``repeats`` blocks of one kind at one width."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    width: int


_B0 = (
    _Group(1, 3, 1, 1, 16),
    _Group(2, 3, 2, 6, 24),
    _Group(2, 5, 2, 6, 40),
    _Group(3, 3, 2, 6, 80),
    _Group(3, 5, 1, 6, 112),
    _Group(4, 5, 2, 6, 192),
    _Group(1, 3, 1, 6, 320),
)
# name -> (width, depth) coefficients
_SCALES = {"efficientnet-lite0": (1.0, 1.0), "efficientnet-lite2": (1.1, 1.2)}


def _scaled_width(width: int, coefficient: float) -> int:
    """Scale to the nearest multiple of 8, never more than 10 % down."""
    scaled = width * coefficient
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


class SameConv2d(nn.Conv2d):
    """Convolution with the shape of TensorFlow's "same": the odd pixel goes right and bottom.

    What lies beyond the border is the mirror image, not zeros: docs/adr/0004-mirrored-borders.md.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Bring maps (n, inputs, h, w) to (n, outputs, ceil(h / stride), ceil(w / stride))."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        pads = []
        for size in (maps.shape[-1], maps.shape[-2]):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        x = mirror_pad(maps, pads) if any(pads) else maps
        return nnf.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class Block(nn.Module):
    """Inverted residual: expand 1x1, depthwise, project 1x1, skip where the shape allows."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = inputs * expand
        if expand != 1:
            self._expand_conv = nn.Conv2d(inputs, hidden, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(hidden, eps=_EPSILON)
        self._depthwise_conv = SameConv2d(hidden, hidden, kernel, stride, groups=hidden, bias=False)
        self._bn1 = nn.BatchNorm2d(hidden, eps=_EPSILON)
        self._project_conv = nn.Conv2d(hidden, outputs, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(outputs, eps=_EPSILON)
        self._expands, self._skips = expand != 1, stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Bring maps (n, inputs, h, w) to (n, outputs, ceil(h / stride), ceil(w / stride))."""
        y = nnf.relu6(self._bn0(self._expand_conv(x))) if self._expands else x
        y = nnf.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        out: Tensor = y + x if self._skips else y
        return out


def build(name: str) -> Mapping[int, nn.Module]:
    """Return the stages by the stride at their end: the last block at each stride is its tap."""
    width_by, depth_by = _SCALES[name]
    blocks: list[tuple[int, Block]] = []
    inputs, stride = 32, 2
    for index, group in enumerate(_B0):
        outputs = _scaled_width(group.width, width_by)
        # Lite keeps the first and the last group at their depth, and the stem at its width.
        fixed = index in (0, len(_B0) - 1)
        repeats = group.repeats if fixed else math.ceil(group.repeats * depth_by)
        for repeat in range(repeats):
            step = group.stride if repeat == 0 else 1
            stride *= step
            blocks.append((stride, Block(inputs, outputs, group.kernel, step, group.expand)))
            inputs = outputs
    stages: dict[int, nn.Module] = {}
    for at in sorted({s for s, _ in blocks}):
        children: OrderedDict[str, nn.Module] = OrderedDict()
        if at == 2:
            children["_conv_stem"] = SameConv2d(3, 32, 3, 2, bias=False)
            children["_bn0"] = nn.BatchNorm2d(32, eps=_EPSILON)
            children["relu"] = nn.ReLU6()
        here = [(str(i), block) for i, (s, block) in enumerate(blocks) if s == at]
        children["_blocks"] = nn.Sequential(OrderedDict(here))
        stages[at] = nn.Sequential(children)
    return stages
