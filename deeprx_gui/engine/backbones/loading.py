"""Loading weights into a torch network, and making it ready to run. Imports torch."""

from __future__ import annotations

from safetensors.torch import load_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from deeprx_gui.engine.backbones.convert import read_state_dict
from deeprx_gui.engine.backbones.network import Trunk, build_network
from deeprx_gui.engine.backbones.weights import Weights, check_unchanged


def load_network(weights: Weights, taps: tuple[int, ...]) -> Trunk:
    """Check the file's hash, build the network up to its coarsest tap and fold the batch norms in.

    Raises BackboneError when the file is not what was installed.
    """
    check_unchanged(weights)
    if weights.converted:
        state = load_file(weights.file)
    else:
        state = read_state_dict(weights.file, weights.spec.name)
    network = build_network(weights.spec, taps, state)
    fuse(network)
    return network


def fuse(module: nn.Module) -> None:
    """Fold every batch norm into the convolution before it (they follow each other by order)."""
    before: tuple[str, nn.Conv2d] | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv2d):
            before = (name, child)
        elif isinstance(child, nn.BatchNorm2d) and before is not None:
            setattr(module, before[0], fuse_conv_bn_eval(before[1], child))
            setattr(module, name, nn.Identity())
            before = None
        else:
            before = None
            fuse(child)
