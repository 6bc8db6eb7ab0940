"""The autoencoder as data: the weights a fit taught become a plan, and travel in the profile.

Encoder: four convolutions 4 x 4 with stride 2, each followed by a ReLU; its maps at strides 8 and
16 are taps. Decoder: twice up, a convolution 3 x 3, a ReLU, twice up, a convolution 3 x 3 to the 48
numbers of 4 x 4 pixels. Tap 4 is the reconstruction error: the mean over those 4 x 4 pixels of
|picture - reconstruction| per colour, and that is also what learning makes small. Needs no torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.backbones.plan import PIXELS, Add, Clip, Conv, NetworkPlan, Step, Upsample

PREFIX = "autoencoder."
"""How the names of its arrays begin among the statistics of a profile."""
STRIDE = 16
"""Sides of a picture must be multiples of this, whatever the taps."""
ERROR_TAP = 4
_BLOCK = 3 * ERROR_TAP**2
_FEWEST_GREY_LEVELS = 1.0
_ENCODER = ((32, 3, 4, 4), (64, 32, 4, 4), (96, 64, 4, 4), (128, 96, 4, 4))
_DECODER = ((64, 128, 3, 3), (_BLOCK, 64, 3, 3))
LAYERS: Mapping[str, tuple[int, ...]] = {
    **{f"encoder.{i}": shape for i, shape in enumerate(_ENCODER)},
    **{f"decoder.{i}": shape for i, shape in enumerate(_DECODER)},
}
"""The convolutions that learn: name -> shape of the weight."""
_LAST, _QUIET = "decoder.1", 0.1
"""Begun loud, the decoder learns to be silent first and, its ReLUs dead, nothing afterwards."""
_SHAPES: Mapping[str, tuple[int, ...]] = {
    "mean": (3,),
    "std": (3,),
    **{f"{name}.weight": shape for name, shape in LAYERS.items()},
    **{f"{name}.bias": shape[:1] for name, shape in LAYERS.items()},
}

Arrays = Mapping[str, Float32]


@dataclass(frozen=True, eq=False)
class AutoencoderNetwork:
    """A network taught by a fit. ``sha256`` names its weights, as a file's hash names others."""

    arrays: Arrays
    plan: NetworkPlan
    sha256: str

    @classmethod
    def of(cls, arrays: Arrays) -> AutoencoderNetwork:
        """Build the plan of float32 arrays. Raises ProfileError when they make none."""
        checked = _checked(arrays)
        return cls(checked, plan_of(checked)[0], _sha256(checked))

    @classmethod
    def in_profile(cls, statistics: Statistics, sha256: str) -> AutoencoderNetwork:
        """Take the network out of a profile's statistics.

        Raises ProfileError when it is not there whole, or not the one the profile names.
        """
        found = {
            name.removeprefix(PREFIX): array
            for name, array in statistics.arrays.items()
            if name.startswith(PREFIX)
        }
        network = cls.of(found)
        if network.sha256 != sha256:
            raise _misfit()
        return network

    def within(self, statistics: Statistics) -> Statistics:
        """Return a detector's statistics with this network beside them."""
        named = {PREFIX + name: array for name, array in self.arrays.items()}
        return Statistics({**statistics.arrays, **named}, statistics.counts)


def plan_of(arrays: Arrays) -> tuple[NetworkPlan, Mapping[int, str]]:
    """Return the plan, and which of its steps are which of ``LAYERS``."""
    steps: list[Step] = []
    learns: dict[int, str] = {}

    def add(step: Step, layer: str | None = None) -> int:
        steps.append(step)
        if layer is not None:
            learns[len(steps) - 1] = layer
        return len(steps) - 1

    def layer(name: str, source: int, stride: int) -> int:
        weight, bias = arrays[f"{name}.weight"], arrays[f"{name}.bias"]
        return add(Conv(source, weight, bias, stride, 1, 1, 1), name)

    at, taps = PIXELS, {}
    for number in range(len(_ENCODER)):
        at = add(Clip(layer(f"encoder.{number}", at, 2), None))
        taps[2 ** (number + 1)] = at
    at = add(Clip(layer("decoder.0", add(Upsample(at)), 1), None))
    at = layer("decoder.1", add(Upsample(at)), 1)
    rest = add(Add(at, add(_minus_pixels())))
    both = add(Clip(add(_plus_and_minus(rest)), None))
    error = add(_mean_by_colour(both))
    mean, std = (tuple(float(v) for v in arrays[key]) for key in ("mean", "std"))
    plan = NetworkPlan(
        tuple(steps),
        {ERROR_TAP: error, 8: taps[8], STRIDE: taps[STRIDE]},
        (mean[0], mean[1], mean[2]),
        (std[0], std[1], std[2]),
    )
    return plan, learns


def untaught(mean: Float32, std: Float32, seed: int) -> Arrays:
    """Return weights to start from, drawn after He et al. 2015.

    ``mean``, ``std``: of the pixels, per colour: shape (3,), grey levels 0..255.
    """
    rng = np.random.default_rng(seed)
    steady = np.maximum(std, _FEWEST_GREY_LEVELS)
    arrays = {"mean": mean.astype(np.float32), "std": steady.astype(np.float32)}
    for name, shape in LAYERS.items():
        spread = np.sqrt(2 / np.prod(shape[1:]))
        if name == _LAST:
            spread *= _QUIET
        arrays[f"{name}.weight"] = rng.normal(0, spread, shape).astype(np.float32)
        arrays[f"{name}.bias"] = np.zeros(shape[0], np.float32)
    return arrays


def _minus_pixels() -> Conv:
    """Minus the 4 x 4 pixels of each block, colour by colour, as 48 channels."""
    weight = -np.eye(_BLOCK, dtype=np.float32).reshape(_BLOCK, 3, ERROR_TAP, ERROR_TAP)
    return Conv(PIXELS, weight, np.zeros(_BLOCK, np.float32), ERROR_TAP, 1, 0, 0)


def _plus_and_minus(source: int) -> Conv:
    """The values and their negatives: the positive parts of both add up to |value|."""
    one = np.eye(_BLOCK, dtype=np.float32)
    weight = np.concatenate((one, -one))[:, :, None, None]
    return Conv(source, weight, np.zeros(2 * _BLOCK, np.float32), 1, 1, 0, 0)


def _mean_by_colour(source: int) -> Conv:
    share = np.repeat(np.eye(3, dtype=np.float32), ERROR_TAP**2, axis=1) / ERROR_TAP**2
    weight = np.tile(share, 2)[:, :, None, None]
    return Conv(source, np.ascontiguousarray(weight), np.zeros(3, np.float32), 1, 1, 0, 0)


def _checked(arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    """Return the arrays when they are exactly what a fit makes: a foreign file may say anything."""
    if {name: array.shape for name, array in arrays.items()} != dict(_SHAPES):
        raise _misfit()
    for array in arrays.values():
        if array.dtype != np.float32 or not np.isfinite(array).all():
            raise _misfit()
    if arrays["std"].min() < _FEWEST_GREY_LEVELS:
        raise _misfit()
    return {name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}


def _sha256(arrays: Arrays) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].shape} ".encode())
        digest.update(arrays[name].astype("<f4").data)
    return digest.hexdigest()


def _misfit() -> ProfileError:
    return ProfileError(
        say("The statistics in this profile do not fit together. Roll back to an older revision.")
    )
