"""A plan run by torch. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from deeprx_gui.engine.backbones.functions import FUNCTIONS
from deeprx_gui.engine.backbones.mirror_padding import mirror_pad
from deeprx_gui.engine.backbones.plan import (
    PIXELS,
    Add,
    Apply,
    Clip,
    Constant,
    Conv,
    MaxPool,
    NetworkPlan,
    Step,
    Upsample,
    sources_of,
)


class PlanNetwork(nn.Module):
    """The steps of a plan up to some taps: normalised pixels (n, 3, h, w) -> one map per tap.

    Maps come finest first. The weights of step ``i`` are the parameters ``weights[str(i)]`` and
    ``biases[str(i)]``, without gradients; the numbers of a constant are ``weights[str(i)]``.
    """

    def __init__(self, plan: NetworkPlan, taps: tuple[int, ...]) -> None:
        super().__init__()
        self._steps = plan.steps[: plan.needed(taps)]
        self._outputs = [plan.taps[stride] for stride in sorted(taps)]
        self._done = _last_uses(self._steps, self._outputs)
        self.weights, self.biases = nn.ParameterDict(), nn.ParameterDict()
        for number, step in enumerate(self._steps):
            if isinstance(step, Constant):
                value = torch.from_numpy(step.array.copy())
                self.weights[str(number)] = nn.Parameter(value, requires_grad=False)
            if isinstance(step, Conv):
                for kept, array in ((self.weights, step.weight), (self.biases, step.bias)):
                    value = torch.from_numpy(array.copy())
                    kept[str(number)] = nn.Parameter(value, requires_grad=False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the maps (n, channels, h, w) at the taps, finest first."""
        values = {PIXELS: x}
        for number, step in enumerate(self._steps):
            values[number] = self._run(number, step, values)
            for done in self._done[number]:
                del values[done]
        return [values[output] for output in self._outputs]

    def _run(self, number: int, step: Step, values: dict[int, Tensor]) -> Tensor:
        if isinstance(step, Constant):
            return cast("Tensor", self.weights[str(number)])
        if isinstance(step, Apply):
            return FUNCTIONS[step.function]([values[s] for s in step.sources], step.numbers)
        x = values[step.source]
        match step:
            case Conv():
                if step.before or step.after:
                    x = mirror_pad(x, (step.before, step.after) * 2)
                weight, bias = self.weights[str(number)], self.biases[str(number)]
                return nnf.conv2d(x, weight, bias, step.stride, groups=step.groups)
            case Clip(high=high):
                return nnf.relu(x) if high is None else x.clamp(0, high)
            case Add(other=other):
                return x + values[other]
            case MaxPool():
                return nnf.max_pool2d(x, step.kernel, step.stride, step.pad)
            case Upsample():
                return nnf.interpolate(x, scale_factor=2, mode="bilinear")


def _last_uses(steps: Sequence[Step], kept: Sequence[int]) -> list[list[int]]:
    """Return for each step the values nobody needs after it: maps of a deep network fill memory."""
    last = {source: number for number, step in enumerate(steps) for source in sources_of(step)}
    done: list[list[int]] = [[] for _ in steps]
    for value, number in last.items():
        if value not in kept:
            done[number].append(value)
    return done
