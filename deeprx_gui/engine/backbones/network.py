"""Building a backbone in torch and putting weights into it. Imports torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones.catalogue import BackboneSpec
from deeprx_gui.engine.backbones.mirror_padding import mirror_borders
from deeprx_gui.engine.torch_import import import_torch_module


class Trunk(nn.Module):
    """A backbone up to its coarsest tap: normalised pixels (n, 3, h, w) -> one map per tap.

    ``stages`` run one after the other; after stage ``i`` the map at ``taps[i]`` is given out when
    that stride was asked for. Maps come finest first.
    """

    def __init__(self, stages: Mapping[int, nn.Module], taps: tuple[int, ...]) -> None:
        super().__init__()
        deepest = max(taps)
        self.strides = [stride for stride in stages if stride <= deepest]
        self.taps = set(taps)
        self.stages = nn.ModuleList([stages[stride] for stride in self.strides])

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the maps (n, channels, h, w) at the taps, finest first."""
        out = []
        for stride, stage in zip(self.strides, self.stages, strict=True):
            x = stage(x)
            if stride in self.taps:
                out.append(x)
        return out


def build_network(spec: BackboneSpec, taps: tuple[int, ...], state: Mapping[str, Tensor]) -> Trunk:
    """Build the network up to ``max(taps)`` in evaluation mode with ``state`` loaded.

    ``state`` has either the publisher's names or the names of ``Trunk`` (our safetensors files);
    a tensor's shape is that of the layer, such as (outputs, inputs, height, width), in float32.
    Raises BackboneError when a tensor is missing, has another shape, or is not finite.
    """
    module, _, function = spec.build.partition(":")
    build: Callable[[str], Mapping[int, nn.Module]]
    build = getattr(import_torch_module(module), function)
    with torch.device("meta"):  # shapes only: random start values would cost seconds and memory
        network = Trunk(build(spec.name), taps)
    mirror_borders(network)
    ours = any(key.startswith("stages.") for key in state)
    wanted: dict[str, Tensor] = {}
    for key, tensor in network.state_dict().items():
        if key.endswith("num_batches_tracked"):
            wanted[key] = torch.zeros(tensor.shape, dtype=tensor.dtype)
            continue
        # Children keep the publisher's names, so only "stages.<i>." stands before them.
        name = key if ours else key.split(".", 2)[2]
        given = state.get(name)
        if given is None or given.shape != tensor.shape or not torch.isfinite(given).all():
            raise BackboneError(
                say(
                    "The weights file for {name} does not fit the network (tensor {tensor}). "
                    "Download it again.",
                    name=spec.name,
                    tensor=name,
                )
            )
        wanted[key] = given.to(torch.float32)
    # Put in place, not copied into empty tensors: making those out of shapes would import sympy.
    network.load_state_dict(wanted, assign=True)
    return network.eval().requires_grad_(False)
