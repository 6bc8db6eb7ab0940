"""Held-out trial: what a detector says of normals and of pictures made from them, learnt without.

Feature maps come from a spool, so that several detectors share them. Every picture is judged by
statistics that the normal image it was made from took no part in, nor its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deeprx_gui.domain.arrays import Bools, Float32
from deeprx_gui.engine.detectors.base import Accumulator, DetectorSpec
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.spool import Spool

FOLDS = 4
"""So many times a detector is learnt for a trial; a fit that is kept holds out more finely."""


@dataclass(frozen=True, eq=False)
class TrialMap:
    """One judged picture: its number in the spool, its raw score map, the cells that count."""

    number: int
    raw: Float32
    counted: Bools | None


def trial_heads(
    spec: DetectorSpec,
    settings: Mapping[str, object],
    spool: Spool,
    groups: Sequence[Sequence[int]],
) -> Iterator[Head]:
    """Yield a head per group, learnt from the normal images of the other groups.

    ``groups`` hold numbers in the spool. Raises FitError when a detector cannot learn from them.
    """
    if spec.exact_downdate:
        total = _learnt(spec, settings, spool, [i for group in groups for i in group])
        for group in groups:
            part = total.empty()
            for index in group:
                part.add(spool.read(index))
            yield spec.head(total.without(part).statistics(), settings)
            del part
        return
    parts = [_learnt(spec, settings, spool, group) for group in groups]
    for left_out in range(len(parts)):
        rest = parts[0].empty()
        for number, part in enumerate(parts):
            if number != left_out:
                rest.merge(part)
        yield spec.head(rest.statistics(), settings)


def judged(head: Head, spool: Spool, numbers: Sequence[int]) -> Iterator[TrialMap]:
    """Yield the raw maps of pictures of the spool."""
    for number in numbers:
        taps = spool.read(number)
        counted = None if taps.cells is None else taps.cells.counted
        yield TrialMap(number, head.score_map(taps), counted)


def _learnt(
    spec: DetectorSpec, settings: Mapping[str, object], spool: Spool, numbers: Sequence[int]
) -> Accumulator:
    accumulator: Accumulator | None = None
    for number in numbers:
        taps = spool.read(number)
        if accumulator is None:
            accumulator = spec.accumulator(taps.channels, settings)
        accumulator.add(taps)
    assert accumulator is not None
    return accumulator
