"""What a detector is: it fits a stream of feature maps and makes a head from what it learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.detector import DetectorInfo
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors.settings import Settings, check_settings
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.tap_maps import TapMaps


@dataclass(frozen=True)
class FitExtent:
    """How much there is to learn from, known before the first picture is learnt.

    ``channels`` per tap, coarsest first; ``grid`` the finest one (height, width); ``images`` the
    number of normal images.
    """

    channels: tuple[int, ...]
    grid: tuple[int, int]
    images: int

    @property
    def positions(self) -> int:
        """Number of positions of the finest grid."""
        return self.grid[0] * self.grid[1]


class Accumulator(Protocol):
    """Learns from feature maps, one picture at a time; parts can be merged and taken out again."""

    def add(self, taps: TapMaps) -> None:
        """Take in one picture."""
        ...

    def empty(self) -> Self:
        """Return an accumulator that has seen nothing and can be merged into or out of this one."""
        ...

    def without(self, other: Self) -> Self:
        """Return what would have been learnt without the pictures ``other`` has seen.

        Raises TypeError where the detector has no exact downdate (``exact_downdate``).
        """
        ...

    def merge(self, other: Self) -> None:
        """Take in everything ``other`` has seen."""
        ...

    def statistics(self) -> Statistics:
        """Return what was learnt. Raises FitError when it cannot support a detector."""
        ...


class AccumulatorMaker(Protocol):
    """Makes an empty accumulator for taps with these channel counts, coarsest first."""

    def __call__(self, channels: tuple[int, ...], settings: Settings) -> Accumulator:
        """Return an empty accumulator."""
        ...


class HeadMaker(Protocol):
    """Makes the head from statistics."""

    def __call__(self, statistics: Statistics, settings: Settings) -> Head:
        """Return the head. Raises FitError or ProfileError when the statistics make none."""
        ...


@runtime_checkable
class SupportsHeldOut(Protocol):
    """An accumulator with its own short cut to held-out maps, equal to fits without the group."""

    def held_out_maps(
        self, read: Callable[[int], TapMaps], groups: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, Float32]]:
        """Yield (index, raw score map) of every member of ``groups``; ``read`` gives its maps."""
        ...


def _unchanged(settings: Settings, _extent: FitExtent) -> Settings:
    return settings


@dataclass(frozen=True, kw_only=True)
class DetectorSpec(DetectorInfo):
    """One entry of the table of detectors.

    ``exact_downdate``: pictures can be taken out again exactly; otherwise held-out scores come from
    refits. ``settle`` turns complete settings into those of one fit: what was left to the program
    is decided, from the extent alone, so that it can be announced beforehand; raises FitError when
    the fit would not stay within its memory; ``settled`` names what it decides. ``resume`` goes on
    learning where a fit ended, from its statistics alone, as if the new pictures had been among its
    own; ``None`` where statistics do not hold what that needs. ``megabytes`` is
    the memory a fit takes at its peak beyond program and backbone, ``operations`` the arithmetic of
    a whole fit, held-out scores included, beyond the backbone's.
    """

    accumulator: AccumulatorMaker
    head: HeadMaker
    megabytes: Callable[[Settings, FitExtent], float]
    operations: Callable[[Settings, FitExtent], float]
    exact_downdate: bool = True
    resume: Callable[[Statistics, Settings], Accumulator] | None = None
    settle: Callable[[Settings, FitExtent], Settings] = _unchanged
    settled: frozenset[str] = frozenset()

    def check(self, settings: Settings) -> Settings:
        """Return the complete settings; raises RequestError for an unknown or impossible one."""
        return check_settings(self.name, self.fields, settings)
