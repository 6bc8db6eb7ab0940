"""What a detector is: it fits a stream of feature maps and makes a head from what it learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from deeprx_gui.domain.message import Message
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.tap_maps import TapMaps


class Accumulator(Protocol):
    """Learns from feature maps, one picture at a time; parts can be merged and taken out again."""

    def add(self, taps: TapMaps) -> None:
        """Take in one picture."""
        ...

    def without(self, other: Self) -> Self:
        """Return what would have been learnt without the pictures ``other`` has seen."""
        ...

    def merge(self, other: Self) -> None:
        """Take in everything ``other`` has seen."""
        ...

    def statistics(self) -> Statistics:
        """Return what was learnt. Raises FitError when it cannot support a detector."""
        ...


class AccumulatorMaker(Protocol):
    """Makes an empty accumulator for taps with these channel counts, coarsest first."""

    def __call__(self, channels: tuple[int, ...], settings: Mapping[str, object]) -> Accumulator:
        """Return an empty accumulator."""
        ...


class HeadMaker(Protocol):
    """Makes the head from statistics."""

    def __call__(self, statistics: Statistics, settings: Mapping[str, object]) -> Head:
        """Return the head. Raises FitError or ProfileError when the statistics make none."""
        ...


class SettingsCheck(Protocol):
    """Fills in defaults; raises RequestError for an unknown or impossible setting."""

    def __call__(self, settings: Mapping[str, object]) -> Mapping[str, object]:
        """Return the complete settings."""
        ...


@dataclass(frozen=True)
class DetectorSpec:
    """One entry of the table of detectors."""

    name: str
    title: Message
    hint: Message
    check: SettingsCheck
    accumulator: AccumulatorMaker
    head: HeadMaker
