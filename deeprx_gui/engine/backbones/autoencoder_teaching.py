"""Teaching the autoencoder on normal images. Imports torch: only ever imported in a worker."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence

import numpy as np
import torch
from torch import Tensor

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.engine.backbones.adam import Adam
from deeprx_gui.engine.backbones.autoencoder import (
    ERROR_TAP,
    Arrays,
    AutoencoderNetwork,
    plan_of,
    untaught,
)
from deeprx_gui.engine.backbones.plan_network import PlanNetwork
from deeprx_gui.engine.backbones.teaching_progress import MOST_STEPS, SEED, TeachingStep

_BATCH = 4
_SIDE = 128
"""Side of the clippings it learns from."""
_RATE = 1e-3
_LOOK_EVERY = 20
_PATIENCE = 4
_WORTH = 0.99
"""An error counts as smaller from this factor on; ``_PATIENCE`` looks without one are the end."""
_MOST_WATCHED, _WATCHED_SIDE = 8, 256
_COLOURS_FROM = 32


def teach(
    pictures: Sequence[ByteImage],
    watched: Sequence[ByteImage],
    *,
    device: str = "cpu",
    seed: int = SEED,
    most_steps: int | None = None,
) -> Generator[TeachingStep, None, AutoencoderNetwork]:
    """Make the reconstruction error of ``pictures`` small for as long as that of ``watched`` falls.

    Both are prepared pixels, at least one each, sides multiples of 16. Returns the network as it
    was at the smallest error on ``watched``. The same pictures and ``seed`` give the same network
    on the same processor. Every yield is a cancel point.
    """
    most = MOST_STEPS if most_steps is None else most_steps
    rng = np.random.default_rng(seed)
    pupil = _TrainingState(untaught(*_colours(pictures), seed), torch.device(device))
    to_watch = [_middle(picture) for picture in _spread(watched, _MOST_WATCHED)]
    first = pupil.look(to_watch)
    patience = _Patience(first)
    best, error = pupil.arrays(), first
    yield TeachingStep(0, most, error)
    for step in range(1, most + 1):
        rate = _RATE * (1 + math.cos(math.pi * step / most)) / 2
        pupil.learn(_clippings(pictures, rng), rate)
        yield TeachingStep(step, most, error)
        if step % _LOOK_EVERY and step < most:
            continue
        error = pupil.look(to_watch)
        if error < patience.smallest:
            best = pupil.arrays()
        if patience.ends(error):
            break
    return AutoencoderNetwork.of(best)


class _TrainingState:
    """The network with what makes it learn."""

    def __init__(self, arrays: Arrays, device: torch.device) -> None:
        plan, self._layers = plan_of(arrays)
        self._start, self._device = arrays, device
        self._network = PlanNetwork(plan, (ERROR_TAP,)).to(device)
        self._mean, self._std = (
            torch.tensor(v, device=device)[:, None, None] for v in (plan.mean, plan.std)
        )
        numbers = [str(number) for number in self._layers]
        kept = (self._network.weights, self._network.biases)
        self._parameters = [group[n].requires_grad_() for group in kept for n in numbers]
        self._optimiser = Adam(self._parameters)

    def learn(self, pixels: ByteImage, rate: float) -> None:
        """Run one optimisation step on a batch (n, h, w, 3)."""
        self._optimiser.forget_gradients()
        self._error(pixels).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimiser.step(rate)

    def look(self, pictures: Sequence[ByteImage]) -> float:
        """Return the mean error on pictures it does not learn from."""
        with torch.no_grad():
            return sum(float(self._error(p[None])) for p in pictures) / len(pictures)

    def arrays(self) -> Arrays:
        """Copy out what was learnt so far."""
        taken = dict(self._start)
        for number, name in self._layers.items():
            taken[f"{name}.weight"] = _copied(self._network.weights[str(number)])
            taken[f"{name}.bias"] = _copied(self._network.biases[str(number)])
        return taken

    def _error(self, pixels: ByteImage) -> Tensor:
        x = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2).to(torch.float32)
        maps: list[Tensor] = self._network((x - self._mean) / self._std)
        return maps[0].mean()


class _Patience:
    """When to end: an error that is no number, or none that is clearly smaller for a while."""

    def __init__(self, error: float) -> None:
        self.smallest = self._mark = error
        self._waited = 0

    def ends(self, error: float) -> bool:
        if not math.isfinite(error):
            return True
        self.smallest = min(self.smallest, error)
        self._waited += 1
        if error < _WORTH * self._mark:
            self._mark, self._waited = error, 0
        return self._waited >= _PATIENCE


def _copied(value: Tensor) -> Float32:
    return np.array(value.detach().cpu().numpy(), np.float32)


def _colours(pictures: Sequence[ByteImage]) -> tuple[Float32, Float32]:
    """Return mean and standard deviation of each colour over some of the pictures."""
    pixels = [p[::4, ::4].reshape(-1, 3) for p in _spread(pictures, _COLOURS_FROM)]
    together = np.concatenate(pixels).astype(np.float64)
    return together.mean(axis=0).astype(np.float32), together.std(axis=0).astype(np.float32)


def _clippings(pictures: Sequence[ByteImage], rng: np.random.Generator) -> ByteImage:
    """Cut a batch out of pictures chosen at random, at random places; all of one size."""
    height = min(_SIDE, *(p.shape[0] for p in pictures), _SIDE)
    width = min(_SIDE, *(p.shape[1] for p in pictures), _SIDE)
    cut = []
    for number in rng.integers(len(pictures), size=_BATCH):
        picture = pictures[int(number)]
        top = int(rng.integers(picture.shape[0] - height + 1))
        left = int(rng.integers(picture.shape[1] - width + 1))
        cut.append(picture[top : top + height, left : left + width])
    return np.stack(cut)


def _middle(picture: ByteImage) -> ByteImage:
    """Return the centre crop of a large image, so that validation takes no longer than a step."""
    sides = [min(side, _WATCHED_SIDE) for side in picture.shape[:2]]
    top, left = ((whole - part) // 2 for whole, part in zip(picture.shape, sides, strict=False))
    return picture[top : top + sides[0], left : left + sides[1]].copy()


def _spread(pictures: Sequence[ByteImage], most: int) -> list[ByteImage]:
    count = min(len(pictures), most)
    return [pictures[i * len(pictures) // count] for i in range(count)]
