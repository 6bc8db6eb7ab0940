"""The torchvision classes, cut into stages. Imports torch and torchvision."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from torch import nn
from torchvision import models

_RESNETS = {
    "resnet18": models.resnet18,
    "resnet50": models.resnet50,
    "wide-resnet50-2": models.wide_resnet50_2,
}


def build_resnet(name: str) -> Mapping[int, nn.Module]:
    """Return stages ending at layer1 (stride 4) to layer4 (stride 32)."""
    net = _RESNETS[name](weights=None)
    first = OrderedDict(
        [(part, getattr(net, part)) for part in ("conv1", "bn1", "relu", "maxpool", "layer1")]
    )
    stages: dict[int, nn.Module] = {4: nn.Sequential(first)}
    for stride, layer in ((8, "layer2"), (16, "layer3"), (32, "layer4")):
        stages[stride] = nn.Sequential(OrderedDict([(layer, getattr(net, layer))]))
    return stages


def build_vgg16(_name: str) -> Mapping[int, nn.Module]:
    """Return stages ending at the last ReLU before each pooling (strides 1 to 16)."""
    features = models.vgg16(weights=None).features
    stages: dict[int, nn.Module] = {}
    part: list[tuple[str, nn.Module]] = []
    stride = 1
    for index, layer in enumerate(features):
        if isinstance(layer, nn.MaxPool2d):
            inner = nn.Sequential(OrderedDict(part))
            stages[stride] = nn.Sequential(OrderedDict([("features", inner)]))
            part, stride = [], stride * 2
        part.append((str(index), layer))
    return stages
