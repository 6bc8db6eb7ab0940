"""Writing a torch network down as a plan. Imports torch.

``torch.fx`` runs the network with stand-ins for the maps and notes every operation; the Python code
of the network stays the only description of it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import cast

import numpy as np
import torch.nn.functional as nnf
from torch import fx, nn

from deeprx_gui.engine.backbones.catalogue import BackboneSpec
from deeprx_gui.engine.backbones.efficientnet_lite import SameConv2d
from deeprx_gui.engine.backbones.loading import load_network
from deeprx_gui.engine.backbones.mirror_padding import MirrorConv2d
from deeprx_gui.engine.backbones.network import Trunk
from deeprx_gui.engine.backbones.plan import PIXELS, Add, Clip, Conv, MaxPool, NetworkPlan, Step
from deeprx_gui.engine.backbones.weights import Weights


def plan_of(weights: Weights) -> NetworkPlan:
    """Return the plan of a backbone with every tap its weights reach.

    Raises BackboneError when the weights file is damaged.
    """
    taps = tuple(stride for stride in weights.spec.channels if stride <= weights.max_stride)
    return write_down(load_network(weights, taps), weights.spec)


def write_down(network: Trunk, spec: BackboneSpec) -> NetworkPlan:
    """Return the plan of a network without batch norms.

    Raises NotImplementedError for an operation that no plan knows: a mistake of ours, not of the
    person who uses the program.
    """
    writer = _Writer(dict(network.named_modules()))
    for node in _Tracer().trace(network).nodes:
        writer.note(node)
    strides = [stride for stride in network.strides if stride in network.taps]
    return NetworkPlan(
        tuple(writer.steps), dict(zip(strides, writer.outputs, strict=True)), spec.mean, spec.std
    )


class _Tracer(fx.Tracer):
    """Takes a convolution as one operation, also where its class is ours."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.Conv2d) or super().is_leaf_module(m, module_qualified_name)


class _Writer:
    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        self.steps: list[Step] = []
        self.outputs: list[int] = []
        self._modules = modules
        self._value: dict[fx.Node, int] = {}

    def note(self, node: fx.Node) -> None:
        sources = [self._value[a] for a in node.args if isinstance(a, fx.Node)]
        if node.op == "placeholder":
            self._value[node] = PIXELS
        elif node.op == "output":
            self.outputs = [
                self._value[cast("fx.Node", a)] for a in cast("list[object]", node.args[0])
            ]
        elif node.op == "call_module":
            module = self._modules[str(node.target)]
            if isinstance(module, nn.Identity):
                self._value[node] = sources[0]
            else:
                self._add(node, _module_step(module, sources[0]))
        else:
            step = _FUNCTIONS.get(node.target)
            if step is None:
                raise NotImplementedError(f"{node.op} {node.target}")
            self._add(node, step(*sources))

    def _add(self, node: fx.Node, step: Step) -> None:
        self.steps.append(step)
        self._value[node] = len(self.steps) - 1


_FUNCTIONS: Mapping[object, Callable[..., Step]] = {
    operator.add: Add,
    operator.iadd: Add,
    nnf.relu6: lambda source: Clip(source, 6.0),
}


def _module_step(module: nn.Module, source: int) -> Step:
    if isinstance(module, nn.Conv2d):
        return _conv(module, source)
    if isinstance(module, nn.ReLU6):
        return Clip(source, 6.0)
    if isinstance(module, nn.ReLU):
        return Clip(source, None)
    if isinstance(module, nn.MaxPool2d) and not module.ceil_mode and module.dilation == 1:
        sizes = (module.kernel_size, module.stride, module.padding)
        return MaxPool(source, *(_one(size) for size in sizes))
    raise NotImplementedError(f"{type(module).__name__}: {module}")


def _conv(module: nn.Conv2d, source: int) -> Conv:
    kernel, stride = _one(module.kernel_size), _one(module.stride)
    if _one(module.dilation) != 1:
        raise NotImplementedError(f"{module}")
    before = after = 0
    if isinstance(module, SameConv2d):
        total = max(kernel - stride, 0)
        before, after = total // 2, total - total // 2
    elif isinstance(module, MirrorConv2d):
        before = after = _one(module.mirrored)
    elif _one(cast("int | tuple[int, int]", module.padding)) != 0:
        raise NotImplementedError(f"{module} sees zeros beyond the border")
    bias = module.bias
    return Conv(
        source,
        np.ascontiguousarray(module.weight.detach().numpy(), np.float32),
        np.zeros(module.out_channels, np.float32)
        if bias is None
        else np.ascontiguousarray(bias.detach().numpy(), np.float32),
        stride,
        module.groups,
        before,
        after,
    )


def _one(size: int | tuple[int, ...]) -> int:
    """Return the one number of a size that is the same along height and width."""
    numbers = {size} if isinstance(size, int) else set(size)
    if len(numbers) != 1:
        raise NotImplementedError(f"a size of {size}")
    return int(numbers.pop())
