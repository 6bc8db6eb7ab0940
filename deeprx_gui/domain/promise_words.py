"""Which kind of promise stands behind a limit: an order of scores, or a tail with a band."""

from __future__ import annotations

from collections.abc import Callable

from deeprx_gui.domain.limits import Promise
from deeprx_gui.domain.message import Message, say


def promise_basis(promise: Promise, share: Callable[[float], str]) -> Message:
    """Say what a promise rests on; ``share`` writes a share 0..1 with its sign."""
    if promise.tail is not None:
        return say(
            "curve through the highest of {n} held-out scores: {low} to {high} in nine of ten "
            "cases",
            n=promise.normals,
            low=share(promise.tail.low),
            high=share(promise.tail.high),
        )
    return say(
        "rank {rank} of {n} held-out scores: {rank} / ({n} + 1)",
        rank=promise.rank,
        n=promise.normals,
    )
