"""Compare: which detector, network and size suit the engineer's own pictures, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.scored import PendingImage


@dataclass(frozen=True)
class Combination:
    """One candidate: the names of a detector and of a backbone, as their tables know them.

    ``size``: the picture size, ``None`` for that of the request. ``preset``: with a preset's key
    that preset is the candidate and the other fields only say what it is known to consist of.
    """

    detector: str
    backbone: str
    size: int | None = None
    preset: str = ""


@dataclass(frozen=True)
class CompareRequest:
    """What is to be compared, on which pictures.

    ``normals`` are learnt from and give the held-out scores. ``labelled`` are further pictures
    with a label, good or bad; none may be given. ``settings`` holds for every combination: picture
    size, view, scoring and the promised rates; its own detector and backbone play no part, except
    that detector settings are kept for the detector they belong to.
    """

    normals: tuple[Path, ...]
    labelled: tuple[PendingImage, ...]
    combinations: tuple[Combination, ...]
    settings: FitSettings


@dataclass(frozen=True)
class CompareRow:
    """What came of one combination. Rates and areas are 0..1.

    ``false_call_rate`` is that of good parts that took no part in the fit: labelled ones where
    there are any, otherwise normal images held out. ``promised_false_call_rate`` is what the
    suggested limit promises. ``missed_rate``: bad parts judged OK under the suggested limits;
    ``miss_rate``: bad parts not judged NG. Both and ``auroc`` need labelled pictures, otherwise
    they are ``None``.
    ``ms_per_image`` is measured on this PC. ``peak_mb`` is the memory really taken,
    ``predicted_mb`` and ``predicted_seconds`` what was said beforehand; ``seconds`` is what it
    took. ``file_mb`` is the size of the profile. ``not_started`` says why the combination was left
    out; every measured number is then 0, the predicted ones are what stood against it. ``size``:
    the picture size. ``preset``: whose candidate it was, if a preset's. ``found``: share of planted
    defects above the promised limit, where there were no bad parts to count misses with.
    ``settings``: what was learnt with, to be taken over. ``limit_kind``: whether the limit rests on
    a rank or on a fitted tail; ``normalise``: how maps are normalised. Both empty when not run.
    """

    detector: str
    backbone: str
    false_call_rate: float
    promised_false_call_rate: float
    miss_rate: float | None
    auroc: float | None
    ms_per_image: float
    peak_mb: float
    predicted_mb: float
    predicted_seconds: float
    seconds: float
    file_mb: float
    needs_positioning: bool
    not_started: Message | None
    size: int = 0
    preset: str = ""
    found: float | None = None
    shares: tuple[float, ...] = ()
    settings: FitSettings | None = None
    limit_kind: str = ""
    normalise: str = ""
    missed_rate: float | None = None

    def is_of(self, asked: Combination) -> bool:
        """Say whether this row came of that candidate."""
        if self.preset or asked.preset:
            return self.preset == asked.preset
        same = (self.detector, self.backbone) == (asked.detector, asked.backbone)
        return same and asked.size in {None, self.size}

    @property
    def measured(self) -> bool:
        """Whether the combination was run and its numbers mean something."""
        return self.not_started is None


@dataclass(frozen=True)
class CompareOutcome:
    """One row per combination, in the order asked for.

    ``recommended`` is the index of the row to take, ``None`` when none can be recommended; ``why``
    says in one sentence why this one, or why none.
    """

    rows: tuple[CompareRow, ...]
    recommended: int | None
    why: Message
