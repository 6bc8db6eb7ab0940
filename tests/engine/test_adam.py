"""Our Adam is torch's Adam."""

from __future__ import annotations

import math

import torch


def _losses(parameters: list[torch.Tensor], step: int) -> torch.Tensor:
    first, second = parameters
    x = torch.sin(torch.arange(12.0).reshape(3, 4) + step)
    return (first @ x - second).abs().mean() + 0.1 * second.pow(2).sum()


def test_a_hundred_steps_with_a_falling_rate_are_torchs_bit_for_bit() -> None:
    from deeprx_gui.engine.backbones.adam import Adam

    torch.manual_seed(3)
    start = [torch.randn(5, 3), torch.randn(5, 4)]
    ours = [p.clone().requires_grad_() for p in start]
    theirs = [p.clone().requires_grad_() for p in start]
    optimiser, torchs = Adam(ours), torch.optim.Adam(theirs, foreach=False)
    for step in range(100):
        rate = 1e-2 * (1 + math.cos(math.pi * step / 100)) / 2
        optimiser.forget_gradients()
        torch.autograd.backward(_losses(ours, step))
        optimiser.step(rate)
        torchs.param_groups[0]["lr"] = rate
        torchs.zero_grad()
        torch.autograd.backward(_losses(theirs, step))
        torchs.step()
    for mine, wanted, before in zip(ours, theirs, start, strict=True):
        assert torch.equal(mine, wanted)
        assert not torch.equal(mine, before)


def test_what_has_no_gradient_stays() -> None:
    from deeprx_gui.engine.backbones.adam import Adam

    alone = torch.ones(3, requires_grad=True)
    Adam([alone]).step(0.1)
    assert torch.equal(alone, torch.ones(3))
