"""The definitions, written down naively in float64: what the engine's shortcuts must equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from deeprx_gui.domain.arrays import Float32, Float64
from deeprx_gui.engine.gaussian import RunningGaussian
from deeprx_gui.engine.heads import MahalanobisHead
from deeprx_gui.engine.tap_maps import TapMaps

Shape = tuple[int, int, int]


def torchvision_models() -> Any:
    """Torchvision's own networks; it takes seconds to load, so only where it is asked."""
    from torchvision import models

    return models


def made_taps(shapes: Sequence[Shape], seed: int = 0, mean: float = 3.0) -> TapMaps:
    """Correlated feature maps of these shapes (channels, h, w), coarsest first."""
    rng = np.random.default_rng(seed)
    maps = []
    for channels, height, width in shapes:
        mixing = np.random.default_rng(channels).normal(size=(channels, channels))
        flat = mixing @ rng.normal(size=(channels, height * width)) + mean
        maps.append(flat.reshape(channels, height, width).astype(np.float32))
    return TapMaps(tuple(maps))


def interpolated(maps: Float32, height: int, width: int) -> Float64:
    """Bilinear interpolation by torch, half-pixel centres, in float64."""
    x = torch.from_numpy(maps.astype(np.float64))[None]
    y = torch.nn.functional.interpolate(x, (height, width), mode="bilinear", align_corners=False)
    return np.asarray(y[0].numpy(), np.float64)


def dense(taps: TapMaps) -> Float64:
    """All channels at every position of the finest grid: shape (positions, channels)."""
    height, width = taps.grid
    every = np.concatenate([interpolated(m, height, width) for m in taps.maps])
    return np.asarray(every.reshape(len(every), -1).T)


def gaussian_of(pictures: Sequence[TapMaps]) -> RunningGaussian:
    """One Gaussian over all positions of all pictures."""
    return RunningGaussian.of(np.concatenate([dense(t) for t in pictures]))


def squared_distances(taps: TapMaps, gaussian: RunningGaussian, shrinkage: float) -> Float64:
    """(f-μ)ᵀ Σ⁻¹ (f-μ) at every position, with the inverse written out; shape of the grid."""
    inverse = np.linalg.inv(gaussian.covariance(shrinkage))
    rows = dense(taps) - gaussian.mean
    return np.asarray(np.einsum("ni,ij,nj->n", rows, inverse, rows).reshape(taps.grid))


def head_of(
    taps: TapMaps, gaussian: RunningGaussian, shrinkage: float, *, squared: bool = False
) -> MahalanobisHead:
    """The head under test for this Gaussian."""
    whitener = gaussian.whitener(shrinkage)
    return MahalanobisHead.make(gaussian.mean, whitener, taps.channels, squared=squared)


TORCHVISION = {
    "resnet18": "resnet18",
    "resnet50": "resnet50",
    "wide-resnet50-2": "wide_resnet50_2",
    "vgg16": "vgg16",
}
"""Our names of torchvision's backbones, and torchvision's functions."""


def mirrored(network: torch.nn.Module) -> torch.nn.Module:
    """Give every padded convolution torch's own reflection padding."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.padding_mode = "reflect"
    return network
