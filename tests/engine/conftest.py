"""Backbones with made-up weights, and pictures made in the test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.engine.backbones.library import BackboneLibrary
from tests.engine.oracles import TORCHVISION, torchvision_models
from tests.engine.weights_files import Publish, announce


@pytest.fixture
def library(tmp_path: Path) -> BackboneLibrary:
    """A library with nothing but what came with installed packages."""
    return BackboneLibrary(tmp_path / "バックボーン 1")


@pytest.fixture
def picture() -> ByteImage:
    """RGB, 64 rows and 96 columns, every channel different, no symmetry."""
    y, x, channel = np.mgrid[0:64, 0:96, 0:3]
    return np.asarray((x * 3 + y * 5 + channel * 40 + (x * y) % 17) % 256, np.uint8)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Save anything with torch as a weights file that the catalogue knows."""

    def _publish(name: str, what: object) -> Path:
        file = tmp_path / f"{name}.pth"
        torch.save(what, file)
        announce(monkeypatch, name, file)
        return file

    return _publish


@pytest.fixture(scope="session")
def random_states() -> dict[str, dict[str, Tensor]]:
    """A complete state dict per torchvision backbone, made when first asked for."""
    return _States()


class _States(dict[str, dict[str, Tensor]]):
    def __missing__(self, name: str) -> dict[str, Tensor]:
        with torch.device("meta"):
            shapes = getattr(torchvision_models(), TORCHVISION[name])(weights=None).state_dict()
        random = torch.Generator().manual_seed(len(name))
        self[name] = {
            key: _made(key, shape, random)
            for key, shape in shapes.items()
            if not key.startswith("classifier")  # VGG's 500 MB that no tap needs
        }
        return self[name]


def _made(key: str, like: Tensor, random: torch.Generator) -> Tensor:
    """Numbers that keep the signal alive through many layers; no batch norm is the identity."""
    if key.endswith("num_batches_tracked"):
        return torch.zeros((), dtype=torch.long)
    made = torch.randn(like.shape, generator=random)
    if like.ndim >= 2:
        made *= (2.0 / like[0].numel()) ** 0.5
        return made
    if key.endswith(("running_var", "weight")):
        return 0.5 + made.abs()
    return 0.1 * made
