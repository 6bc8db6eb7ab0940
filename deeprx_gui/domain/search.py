"""Search: which settings find most within a takt, what was tried, and why this choice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

import numpy as np

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message, say

TAIL = 0.1
"""The limits that count are those that this share of the held-out normals would set."""
FEWEST_DEFECTS = 12
"""Fewer bad pictures, planted or real, do not tell settings apart."""
FEW_NORMALS = 10
_EQUAL = 0.01
KEY = "chosen"
"""Under this key a profile's file says how its settings were chosen."""


@dataclass(frozen=True)
class Chosen:
    """What the search chose, and how sure that is.

    ``found`` of ``of`` bad pictures lie above the promised limit; ``real``: pictures of bad parts,
    otherwise defects planted in normal images. ``ms``: time per picture on this PC. ``tried``: how
    many settings were. ``sure``: bad parts set the choice apart from the others.
    """

    detector: str
    backbone: str
    size: int
    normalise: str
    reduce: str
    found: int
    of: int
    real: bool
    ms: float
    takt_ms: float
    tried: int
    sure: bool

    def to_raw(self) -> dict[str, object]:
        """Return a JSON-able dictionary."""
        return asdict(self)

    @classmethod
    def from_raw(cls, raw: object) -> Chosen | None:
        """Read what ``to_raw`` wrote; ``None`` for anything else, a file may hold what it likes."""
        if not isinstance(raw, Mapping):
            return None
        answers: dict[str, object] = {}
        for field in fields(cls):
            value = raw.get(field.name)
            kind = _KINDS[str(field.type)]
            if isinstance(value, bool) is not (kind is bool) or not isinstance(value, kind):
                return None
            if isinstance(value, int | float) and not math.isfinite(value):
                return None
            answers[field.name] = value
        return cls(**answers)  # type: ignore[arg-type] # each was checked above


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "bool": bool,
    "float": (int, float),
}


@dataclass(frozen=True)
class TrialRow:
    """One setting of the search.

    ``found``: share of the bad pictures above the promised limit, 0..1; ``merit``: the same,
    averaged over the limits of the highest tenth of the normal images, which is what decides.
    ``not_tried`` says why it was left out; the figures are 0 then.
    """

    settings: FitSettings
    found: float = 0.0
    merit: float = 0.0
    spread: float = 0.0
    ms: float = 0.0
    megabytes: float = 0.0
    not_tried: Message | None = None


@dataclass(frozen=True)
class SearchOutcome:
    """``settings`` are complete, without a takt: learn with them. ``rows``: all that was tried."""

    settings: FitSettings
    chosen: Chosen
    rows: tuple[TrialRow, ...]


def found_at_tail(normal: Sequence[float], bad: Sequence[float]) -> tuple[float, float]:
    """Return the mean share of ``bad`` found, and its standard error.

    The mean is over the limits that the highest tenth of the held-out normal scores would set:
    one odd normal image then does not decide alone. The partial area under the ROC curve
    (McClish, "Analyzing a portion of the ROC curve", 1989), taken in steps.
    """
    if not len(normal) or not len(bad):
        return 0.0, 0.0
    ranked = np.sort(np.asarray(normal, np.float64))[::-1]
    limits = ranked[: max(1, math.ceil(TAIL * len(ranked)))]
    each = (np.asarray(bad, np.float64)[:, None] > limits).mean(axis=1)
    return float(each.mean()), float(each.std() / math.sqrt(len(each)))


def best_of(rows: Sequence[TrialRow]) -> TrialRow | None:
    """Return the row that finds most; among equals the quickest. ``None`` when none was tried."""
    tried = [row for row in rows if row.not_tried is None]
    if not tried:
        return None
    most = max(row.merit for row in tried)
    return min((row for row in tried if row.merit >= most - _EQUAL), key=lambda row: row.ms)


def is_sure(best: TrialRow, rows: Sequence[TrialRow], *, defects: int, normals: int) -> bool:
    """Say whether the pictures tell the best setting from others of another kind.

    Not with few of them, not when nearly nothing or nearly everything is found, and not when half
    of the settings are within chance of the best.
    """
    if defects < FEWEST_DEFECTS or normals < FEW_NORMALS or not 0.05 < best.merit < 0.97:
        return False
    tried = [row for row in rows if row.not_tried is None and row is not best]
    close = [row for row in tried if row.merit > best.merit - best.spread]
    return not tried or len(close) < max(1, len(tried) / 2)


def why(chosen: Chosen) -> Message:
    """Say in one sentence what was chosen and what for."""
    words = {
        "detector": chosen.detector,
        "backbone": chosen.backbone,
        "size": chosen.size,
        "found": chosen.found,
        "of": chosen.of,
        "ms": f"{chosen.ms:.0f}" if chosen.ms >= 10 else f"{chosen.ms:.1f}",
    }
    if chosen.of < FEWEST_DEFECTS and not chosen.real:
        return say(
            "Chosen by experience: {detector} with {backbone} at {size} px; {ms} ms per picture. "
            "There is no room for planted defects inside the region.",
            **words,
        )
    if chosen.real:
        return say(
            "{detector} with {backbone} at {size} px finds {found} of {of} bad parts; {ms} ms per "
            "picture.",
            **words,
        )
    return say(
        "{detector} with {backbone} at {size} px finds {found} of {of} planted defects; {ms} ms "
        "per picture.",
        **words,
    )


def doubt(chosen: Chosen) -> Message | None:
    """Say that the choice is not sure and what would help, ``None`` when it is."""
    if chosen.sure:
        return None
    if chosen.real:
        return say(
            "Not sure: other settings find about as many of these bad parts. More pictures of bad "
            "parts would tell."
        )
    return say(
        "Not sure: planted defects do not tell this setting from others. Show some bad parts (five "
        "help) and choose again."
    )


def concrete(settings: FitSettings) -> FitSettings:
    """Return settings that hold as they are: nothing is left to a search."""
    return replace(settings, takt_ms=None)


def with_choice(extra: Mapping[str, object], chosen: Chosen | None) -> dict[str, object]:
    """Return what a profile's file carries beside its own keys, with this choice or with none."""
    rest = {key: value for key, value in extra.items() if key != KEY}
    return rest if chosen is None else {**rest, KEY: chosen.to_raw()}


def choice_in(extra: Mapping[str, object]) -> Chosen | None:
    """Return how a profile's settings were chosen, ``None`` when a person chose them."""
    return Chosen.from_raw(extra.get(KEY))
