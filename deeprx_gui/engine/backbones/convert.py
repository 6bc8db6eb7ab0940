"""From a publisher's weights file (torch) to a safetensors file of ours. Imports torch."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save

from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones.catalogue import BackboneSpec
from deeprx_gui.engine.backbones.network import build_network


def read_state_dict(file: Path, name: str) -> dict[str, torch.Tensor]:
    """Read a state dict with ``weights_only=True``: nothing in the file can run.

    Raises BackboneError when it is not a dictionary of finite tensors.
    """
    try:
        loaded = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise BackboneError(
            say("The weights file for {name} cannot be read. Download it again.", name=name)
        ) from error
    good = isinstance(loaded, dict) and all(
        isinstance(k, str) and isinstance(v, torch.Tensor) for k, v in loaded.items()
    )
    if not good:
        raise BackboneError(
            say("The weights file for {name} cannot be read. Download it again.", name=name)
        )
    return dict(loaded)


def to_safetensors(spec: BackboneSpec, file: Path, max_stride: int) -> bytes:
    """Return a file with the tensors of the layers up to ``max_stride``.

    Raises BackboneError if one is missing.
    """
    state = read_state_dict(file, spec.name)
    taps = tuple(stride for stride in spec.channels if stride <= max_stride)
    network = build_network(spec, taps, state)
    wanted = {
        key: value.detach().clone().contiguous()
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    # Not the library's own writer: it reports a full disk as an error of another kind.
    return save(wanted)
