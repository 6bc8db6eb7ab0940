"""ScoredImage: what a batch says about one picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.score import Score


class Label(StrEnum):
    """What a person says the part really is."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class ScoredImage:
    """One picture of a batch: a score, or the reason why there is none (verdict ERROR).

    ``causes``: what is to be said about the picture, not the part.
    """

    path: Path
    label: Label
    score: Score | None
    error: Message | None = None
    width: int = 0
    height: int = 0
    causes: tuple[Cause, ...] = ()

    @property
    def value(self) -> float:
        """The raw score, NaN when there is none."""
        return float("nan") if self.score is None else self.score.value


@dataclass(frozen=True)
class PendingImage:
    """One picture waiting to be scored."""

    path: Path
    label: Label = Label.UNKNOWN
