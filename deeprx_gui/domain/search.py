"""Search: which settings find most within a takt, what was tried, and why this choice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace

import numpy as np

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message, say

MOST_NORMALS = 60
"""More normal images than this are thinned out evenly: a trial tells settings apart with these."""
PLANTED = 96
"""So many defects are planted, spread over the normal images."""
TAIL = 0.1
"""The limits that count are those that this share of the held-out normals would set."""
FEWEST_DEFECTS = 12
"""Fewer bad pictures, planted or real, do not tell settings apart with certainty."""
FEWEST_REAL = 5
"""With so many pictures of bad parts they are used instead of planted defects."""
FEW_NORMALS = 10
EXPERIENCED = "patchcore"
"""The detector that finds most on most sets (docs/accuracy.md): others must beat it clearly."""
_EQUAL = 0.01
_BEYOND_CHANCE = 2.0  # standard errors
_LEAST, _MOST = 0.05, 0.97  # found: less or more tells settings no longer apart
KEY = "chosen"
"""Under this key a profile's file says how its settings were chosen."""


@dataclass(frozen=True)
class Chosen:
    """What the search chose, and how sure that is.

    ``found`` of ``of`` bad pictures lie above the promised limit; ``real``: pictures of bad parts,
    otherwise defects planted in normal images. ``ms``: time per picture on this PC. ``tried``: how
    many settings were. ``sure``: bad parts set the choice apart from the others. ``sigma``:
    smoothing in grid cells; files from before it was tried do not say it.
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
    sigma: float = 1.0

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
            if field.name not in raw and field.default is not MISSING:
                continue
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
    averaged over the limits of the highest tenth of the normal images, which is what decides;
    ``shares`` is that for each bad picture. ``not_tried`` says why it was left out; then nothing
    was found.
    """

    settings: FitSettings
    found: float = 0.0
    shares: tuple[float, ...] = ()
    ms: float = 0.0
    megabytes: float = 0.0
    not_tried: Message | None = None

    @property
    def merit(self) -> float:
        """The mean share found."""
        return sum(self.shares) / len(self.shares) if self.shares else 0.0


@dataclass(frozen=True)
class SearchOutcome:
    """``settings`` are complete, without a takt: learn with them. ``rows``: all that was tried.

    ``bad``: scores of the bad pictures with the chosen setting, in multiples of its NG limit;
    ``normal``: of the held-out normal parts, in the same.
    """

    settings: FitSettings
    chosen: Chosen
    rows: tuple[TrialRow, ...]
    bad: tuple[float, ...] = ()
    normal: tuple[float, ...] = ()


def found_at_tail(normal: Sequence[float], bad: Sequence[float]) -> tuple[float, ...]:
    """Return for each of ``bad`` the share of limits at which it is found, 0..1.

    The limits are those that the highest tenth of the held-out normal scores would set: one odd
    normal image then does not decide alone. Their mean is the partial area under the ROC curve
    (McClish, "Analyzing a portion of the ROC curve", 1989), taken in steps.
    """
    if not len(normal) or not len(bad):
        return ()
    ranked = np.sort(np.asarray(normal, np.float64))[::-1]
    limits = ranked[: max(1, math.ceil(TAIL * len(ranked)))]
    shares = (np.asarray(bad, np.float64)[:, None] > limits).mean(axis=1)
    return tuple(float(share) for share in shares)


def best_of(rows: Sequence[TrialRow]) -> TrialRow | None:
    """Return the row to take, ``None`` when none was tried.

    The one that finds most, unless ``EXPERIENCED`` finds as much within chance; among equals the
    quickest.
    """
    tried = [row for row in rows if row.not_tried is None]
    if not tried:
        return None
    most = max(tried, key=lambda row: row.merit)
    close = [row for row in tried if not is_behind(row, most)]
    known = [row for row in close if row.settings.detector.name == EXPERIENCED]
    wanted = known or close
    highest = max(row.merit for row in wanted)
    return min((row for row in wanted if row.merit >= highest - _EQUAL), key=lambda row: row.ms)


def is_behind(row: TrialRow, other: TrialRow) -> bool:
    """Say whether a row finds less than another beyond chance, on the same bad pictures."""
    if not row.shares or len(row.shares) != len(other.shares):
        return row.merit < other.merit
    difference = np.subtract(other.shares, row.shares)
    error = float(difference.std()) / math.sqrt(len(difference))
    return float(difference.mean()) > _BEYOND_CHANCE * error


def is_sure(best: TrialRow, rows: Sequence[TrialRow], *, normals: int) -> bool:
    """Say whether the pictures set this choice apart.

    Not with few of them, not when nearly nothing or nearly everything is found, and not when
    another detector finds as much within chance.
    """
    if len(best.shares) < FEWEST_DEFECTS or normals < FEW_NORMALS:
        return False
    if not _LEAST <= best.merit <= _MOST:
        return False
    others = (row for row in rows if row.settings.detector.name != best.settings.detector.name)
    return all(is_behind(row, best) for row in others if row.not_tried is None)


def why(chosen: Chosen) -> Message:
    """Say in one sentence what was chosen and what for, in a second one if it is too slow."""
    first = _why(chosen)
    if chosen.ms <= chosen.takt_ms:
        return first
    return say(
        "{first} {second}",
        first=first,
        second=say(
            "It is the quickest there is, and slower than the takt of {takt} ms: allow more time "
            "per picture, or use a faster PC.",
            takt=f"{chosen.takt_ms:g}",
        ),
    )


def summary(chosen: Chosen) -> Message:
    """Say the choice in a few words: what was chosen, what it finds, and whether that is sure."""
    words = {
        "detector": chosen.detector,
        "size": chosen.size,
        "found": chosen.found,
        "of": chosen.of,
    }
    if chosen.of < FEWEST_DEFECTS and not chosen.real:
        return say("Chosen by experience: {detector}, {size} px", **words)
    found = say("{detector}, {size} px: finds {found} of {of}", **words)
    return found if chosen.sure else say("Not sure: {choice}", choice=found)


def _why(chosen: Chosen) -> Message:
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
        "Not sure: planted defects do not tell this setting from others. Show some bad parts: "
        "check five, then learn again."
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
