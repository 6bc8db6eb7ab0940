"""The networks whose weights torchvision publishes, cut into stages. Imports torch.

Written down here, a hundred lines, instead of importing torchvision: that would bring torch's
compiler along (a second at the first fit, 30 MB in the installed program). Names of modules are
torchvision's, so that its weights files load. ResNet: He et al. 2015, the stride of a bottleneck in
its 3 x 3; wide: Zagoruyko & Komodakis 2016; VGG: Simonyan & Zisserman 2014.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class _Shape:
    """``widen``: how much wider a block's output is than its middle; 1 means a basic block."""

    blocks: tuple[int, int, int, int]
    widen: int = 1
    middle: int = 1


_RESNETS = {
    "resnet18": _Shape((2, 2, 2, 2)),
    "resnet50": _Shape((3, 4, 6, 3), widen=4),
    "wide-resnet50-2": _Shape((3, 4, 6, 3), widen=4, middle=2),
}
_STEM, _WIDTHS = 64, (64, 128, 256, 512)
_VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


class BasicBlock(nn.Module):
    """Two convolutions 3 x 3 and the way around them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = _way_around(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps (n, outputs, h / stride, w / stride) of maps (n, inputs, h, w)."""
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out: Tensor = self.relu(y + (x if self.downsample is None else self.downsample(x)))
        return out


class Bottleneck(nn.Module):
    """Narrow, convolve 3 x 3, widen, and the way around them."""

    def __init__(self, inputs: int, middle: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, middle, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(middle)
        self.conv2 = nn.Conv2d(middle, middle, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(middle)
        self.conv3 = nn.Conv2d(middle, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _way_around(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps (n, outputs, h / stride, w / stride) of maps (n, inputs, h, w)."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(y)))))
        out: Tensor = self.relu(y + (x if self.downsample is None else self.downsample(x)))
        return out


def _way_around(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    """Return what fits the input to the output's shape, ``None`` where it fits already."""
    if inputs == outputs and stride == 1:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


def _layer(shape: _Shape, number: int, inputs: int) -> nn.Sequential:
    """Return ``layer<number + 1>``; all but the first begin with half the resolution."""
    width = _WIDTHS[number]
    outputs = width * shape.widen
    blocks: list[nn.Module] = []
    for index in range(shape.blocks[number]):
        stride = 2 if number > 0 and index == 0 else 1
        if shape.widen == 1:
            blocks.append(BasicBlock(inputs, outputs, stride))
        else:
            blocks.append(Bottleneck(inputs, width * shape.middle, outputs, stride))
        inputs = outputs
    return nn.Sequential(*blocks)


def build_resnet(name: str) -> Mapping[int, nn.Module]:
    """Return stages ending at layer1 (stride 4) to layer4 (stride 32)."""
    shape, inputs = _RESNETS[name], _STEM
    stages: dict[int, nn.Module] = {}
    for number, width in enumerate(_WIDTHS):
        parts: OrderedDict[str, nn.Module] = OrderedDict()
        if number == 0:
            parts["conv1"] = nn.Conv2d(3, _STEM, 7, 2, 3, bias=False)
            parts["bn1"] = nn.BatchNorm2d(_STEM)
            parts["relu"] = nn.ReLU(inplace=True)
            parts["maxpool"] = nn.MaxPool2d(3, 2, 1)
        parts[f"layer{number + 1}"] = _layer(shape, number, inputs)
        stages[4 * 2**number] = nn.Sequential(parts)
        inputs = width * shape.widen
    return stages


def build_vgg16(_name: str) -> Mapping[int, nn.Module]:
    """Return stages ending at the last ReLU before each pooling (strides 1 to 16)."""
    stages: dict[int, nn.Module] = {}
    inputs, index = 3, 0
    for number, widths in enumerate(_VGG16):
        layers: list[nn.Module] = [nn.MaxPool2d(2, 2)] if number else []
        for outputs in widths:
            layers += [nn.Conv2d(inputs, outputs, 3, 1, 1), nn.ReLU(inplace=True)]
            inputs = outputs
        named = OrderedDict((str(index + i), layer) for i, layer in enumerate(layers))
        index += len(layers)
        stages[2**number] = nn.Sequential(OrderedDict([("features", nn.Sequential(named))]))
    return stages
