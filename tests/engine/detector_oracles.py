"""The detectors that know positions, written down naively in float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors.base import Accumulator, DetectorSpec
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.oracles import dense


def learnt(
    spec: DetectorSpec, pictures: Sequence[TapMaps], settings: dict[str, object] | None = None
) -> Accumulator:
    """An accumulator that has seen these pictures, one after another."""
    out = spec.accumulator(pictures[0].channels, spec.check(settings or {}))
    for picture in pictures:
        out.add(picture)
    return out


def head_of(
    spec: DetectorSpec, pictures: Sequence[TapMaps], settings: dict[str, object] | None = None
) -> Head:
    """The head learnt from these pictures."""
    full = spec.check(settings or {})
    return spec.head(learnt(spec, pictures, settings).statistics(), full)


def stacked(pictures: Sequence[TapMaps]) -> Float64:
    """Features of pictures with the same grids: shape (pictures, positions, channels)."""
    return np.stack([dense(picture) for picture in pictures])


def within_covariance(pictures: Sequence[TapMaps]) -> Float64:
    """The covariance of what differs from the mean of its position, (n-1) per position."""
    x = stacked(pictures)
    away = x - x.mean(axis=0)
    freedom = (len(x) - 1) * x.shape[1]
    return np.asarray(np.einsum("npi,npj->ij", away, away) / freedom)


def shrunk(covariance: Float64, shrinkage: float) -> Float64:
    """(1-a) S + a (tr S / d) I."""
    d = len(covariance)
    target = np.trace(covariance) / d * np.eye(d)
    return np.asarray((1 - shrinkage) * covariance + shrinkage * target)


def local_distances(pictures: Sequence[TapMaps], unseen: TapMaps, shrinkage: float) -> Float64:
    """Distances by the definition of deep-rx-local, with the inverse written out."""
    inverse = np.linalg.inv(shrunk(within_covariance(pictures), shrinkage))
    away = dense(unseen) - stacked(pictures).mean(axis=0)
    squares = np.einsum("pi,ij,pj->p", away, inverse, away)
    return np.asarray(np.sqrt(squares).reshape(unseen.grid))


def position_distances(
    pictures: Sequence[TapMaps], unseen: TapMaps, *, prior: str, ridge: float = 0.01
) -> Float64:
    """Distances by the definition of padim with all channels, inverses written out."""
    x = stacked(pictures)
    away = x - x.mean(axis=0)
    scatters = np.einsum("npi,npj->pij", away, away)
    freedom, weight = len(x) - 1, 20.0
    if prior == "identity":
        covariances = scatters / freedom + ridge * np.eye(x.shape[2])
    else:
        pooled = shrunk(within_covariance(pictures), 1e-3)
        covariances = (scatters + weight * pooled) / (freedom + weight)
    f = dense(unseen) - x.mean(axis=0)
    squares = np.einsum("pi,pij,pj->p", f, np.linalg.inv(covariances), f)
    return np.asarray(np.sqrt(squares).reshape(unseen.grid))


def antialiased(maps: Float64, height: int, width: int) -> Float64:
    """What torch's antialiased bilinear interpolation makes of maps (channels, h, w)."""
    x = torch.from_numpy(maps.astype(np.float64))[None]
    y = torch.nn.functional.interpolate(
        x, (height, width), mode="bilinear", align_corners=False, antialias=True
    )
    return np.asarray(y[0].numpy())


def same_statistics(a: Statistics, b: Statistics, tolerance: float = 1e-9) -> bool:
    """Whether counts are equal and arrays agree, relative to each array's largest number."""
    return a.counts == b.counts and all(
        np.allclose(a.arrays[k], b.arrays[k], rtol=0, atol=tolerance * np.abs(a.arrays[k]).max())
        for k in a.arrays
    )
