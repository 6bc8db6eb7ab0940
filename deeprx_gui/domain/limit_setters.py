"""Limit setters: the few normal images that set the limit, and what a person said about each.

What a profile's file carries for this stands under one key beside its own ones (``Profile.extra``).
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeGuard

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.doctor import Reason
from deeprx_gui.domain.influence import LimitInfluence, LimitWithout, influence
from deeprx_gui.domain.limits import LIMITS, Promise
from deeprx_gui.domain.part_words import shown_parts
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.suspects import suspects

KEY = "limit_setters"
"""Under this key a profile's file keeps the maps and the answers."""
LEAST_CHANGE = 0.01
"""An image sets the limit when the limit is at least this much lower without it."""
STEPS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""The false-call rates that one step more leads to."""
_MOST_CELLS = 64
_MOST_NAMES = 10_000


@dataclass(frozen=True)
class BadScores:
    """Scores of pictures that ought to lie above the limit, in units of the held-out scores.

    ``planted``: of defects planted in pictures of good parts, otherwise of bad parts.
    """

    scores: tuple[float, ...]
    planted: bool = False

    def to_raw(self) -> dict[str, object]:
        """Return a JSON-able dictionary."""
        return {"scores": list(self.scores), "planted": self.planted}


NO_BAD = BadScores(())
"""Nobody knows a bad part."""


@dataclass(frozen=True)
class LimitRecord:
    """What a fit leaves behind for asking about its limit, and the answers.

    ``rate`` and ``kind``: as asked of the fit. ``maps``: held-out score maps of the highest images
    by source, in units of their own score. ``kept``: images that a person called good parts;
    ``left_out``: images that a person took out because of this question. ``trial``: what the search
    for settings judged them by, where there was one. ``why_left_out``: the doctor's reason of those
    that it had named.
    """

    rate: float
    kind: str
    maps: Mapping[str, Float32] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    trial: BadScores | None = None
    why_left_out: Mapping[str, Reason] = field(default_factory=dict)

    def answered(
        self,
        *,
        kept: Iterable[str] = (),
        left_out: Iterable[str] = (),
        why: Mapping[str, Reason] | None = None,
        normals: Iterable[str],
    ) -> LimitRecord:
        """Return the record with more answers, about these normal images; ``why``: left out."""
        used = frozenset(normals)
        good = dict.fromkeys((*self.kept, *kept))
        gone = dict.fromkeys((*self.left_out, *left_out))
        return replace(
            self,
            kept=tuple(source for source in good if source in used),
            left_out=tuple(source for source in gone if source not in used),
            why_left_out={
                source: reason
                for source, reason in {**self.why_left_out, **(why or {})}.items()
                if source in gone and source not in used
            },
        )

    def to_raw(self) -> dict[str, object]:
        """Return a JSON-able dictionary."""
        return {
            "rate": self.rate,
            "kind": self.kind,
            "maps": {source: _packed(values) for source, values in self.maps.items()},
            "kept": list(self.kept),
            "left_out": list(self.left_out),
            "why_left_out": {s: reason.value for s, reason in self.why_left_out.items()},
            "trial": None if self.trial is None else self.trial.to_raw(),
        }


@dataclass(frozen=True)
class LimitSetter:
    """One normal image that sets the limit: what holds without it, and what was said about it."""

    source: str
    without: LimitWithout
    suspect: bool
    kept: bool


@dataclass(frozen=True)
class LimitQuestion:
    """The suggested NG limit, and who sets it.

    ``bad``: how many parts known to be bad were scored; ``misses``: how many of them pass;
    ``planted``: they are planted defects.
    """

    limit: float
    promise: Promise
    bad: int
    misses: int | None
    setters: tuple[LimitSetter, ...]
    planted: bool = False

    @property
    def open(self) -> tuple[LimitSetter, ...]:
        """Those that nobody has said anything about."""
        return tuple(setter for setter in self.setters if not setter.kept)


@dataclass(frozen=True)
class StepCost:
    """What allowing the next higher false-call rate finds: ``more`` of ``bad`` bad parts.

    ``planted``: they are planted defects.
    """

    now: float
    then: float
    more: int
    bad: int
    planted: bool = False


def record_of(profile: Profile) -> LimitRecord:
    """Return what the fit left; of an older file, what its promise says, without maps."""
    found = _record_from_raw(profile.extra.get(KEY))
    if found is not None:
        return found
    promise = profile.suggested.ng_promise
    return LimitRecord(0.01, "rank") if promise is None else LimitRecord(promise.rate, promise.kind)


def with_record(extra: Mapping[str, object], record: LimitRecord) -> dict[str, object]:
    """Return what a profile's file carries beside its own keys, with this record."""
    return {**extra, KEY: record.to_raw()}


def bad_known(
    profile: Profile, labelled: Sequence[float], planted: BadScores | None = None
) -> BadScores:
    """Return the scores to count with, of what is surest.

    ``labelled`` bad parts come first, then those of the search for settings, then ``planted``.
    """
    if len(labelled):
        return BadScores(tuple(map(float, labelled)))
    return record_of(profile).trial or planted or NO_BAD


def limit_question(profile: Profile, bad: BadScores = NO_BAD) -> LimitQuestion | None:
    """Return who sets the limit, highest gain first; ``None`` where no image has a held-out score.

    An image sets it when the limit is lower without it (``LEAST_CHANGE``), or when it is a suspect:
    of two alike neither moves the limit alone.
    """
    record = record_of(profile)
    held_out = [normal.held_out for normal in profile.normals]
    try:
        found: LimitInfluence = influence(
            held_out, record.rate, kind=record.kind, bad=bad.scores, parts=shown_parts(profile)
        )
    except ValueError:
        return None
    doubtful = frozenset(suspects(held_out, profile.suggested.review))
    setters = []
    for one in found.without:
        if one.relative > 1 - LEAST_CHANGE and one.index not in doubtful:
            continue
        source = profile.normals[one.index].source
        kept = source in record.kept
        setters.append(LimitSetter(source, one, one.index in doubtful, kept))
    return LimitQuestion(
        found.limit, found.promise, len(bad.scores), found.misses, tuple(setters), bad.planted
    )


def one_step_more(profile: Profile, bad: BadScores) -> StepCost | None:
    """Return what the next higher rate finds, ``None`` without bad parts or without a next rate."""
    record = record_of(profile)
    scores = shown_parts(profile).highest([normal.held_out for normal in profile.normals])
    ranked = sorted(scores, reverse=True)
    if not bad.scores or not ranked or not all(map(math.isfinite, ranked)):
        return None
    make = LIMITS[record.kind]
    limit, promise = make(ranked, record.rate)
    for rate in STEPS:
        if rate < promise.rate * 1.2:
            continue
        lower, then = make(ranked, rate)
        if lower < limit and then.rate > promise.rate:
            more = sum(lower < score <= limit for score in bad.scores)
            return StepCost(promise.rate, then.rate, more, len(bad.scores), bad.planted)
    return None


def small_map(values: Float32) -> Float32:
    """Return a score map (h, w) in at most 64 x 64 cells: the highest of what falls together."""
    for axis in (0, 1):
        cells = values.shape[axis]
        if cells > _MOST_CELLS:
            edges = np.linspace(0, cells, _MOST_CELLS, endpoint=False).astype(int)
            values = np.maximum.reduceat(values, edges, axis=axis)
    return values.astype(np.float32)


def _packed(values: Float32) -> dict[str, object]:
    top = float(values.max()) if values.size else 0.0
    levels = np.rint(np.clip(values / top if top > 0 else values * 0, 0, 1) * 255)
    cells = base64.b64encode(levels.astype(np.uint8).tobytes()).decode("ascii")
    return {"height": values.shape[0], "width": values.shape[1], "top": top, "cells": cells}


def _unpacked(raw: object) -> Float32 | None:
    """Read what ``_packed`` wrote; ``None`` for anything else."""
    if not isinstance(raw, Mapping):
        return None
    height, width, top, cells = (raw.get(key) for key in ("height", "width", "top", "cells"))
    if not (_is_side(height) and _is_side(width) and _is_number(top) and isinstance(cells, str)):
        return None
    try:
        levels = np.frombuffer(base64.b64decode(cells, validate=True), np.uint8)
        found = levels.reshape(height, width).astype(np.float32)
    except (binascii.Error, ValueError):
        return None
    return np.asarray(found * np.float32(top / 255), np.float32)


def _record_from_raw(raw: object) -> LimitRecord | None:
    """Read what ``to_raw`` wrote; ``None`` for anything else, a file may hold what it likes."""
    if not isinstance(raw, Mapping):
        return None
    rate, kind, maps = raw.get("rate"), raw.get("kind"), raw.get("maps")
    if not _is_number(rate) or not 0 < rate < 1:
        return None
    if not isinstance(kind, str) or kind not in LIMITS:
        return None
    found: dict[str, Float32] = {}
    for source, packed in maps.items() if isinstance(maps, Mapping) else ():
        values = _unpacked(packed)
        if values is not None:
            found[str(source)] = values
    return LimitRecord(
        float(rate),
        kind,
        found,
        _names(raw.get("kept")),
        _names(raw.get("left_out")),
        _bad_from_raw(raw.get("trial")),
        _reasons(raw.get("why_left_out")),
    )


def _reasons(raw: object) -> dict[str, Reason]:
    if not isinstance(raw, Mapping):
        return {}
    known = {reason.value: reason for reason in Reason}
    pairs = list(raw.items())[:_MOST_NAMES]
    return {
        source: known[value]
        for source, value in pairs
        if isinstance(source, str) and isinstance(value, str) and value in known
    }


def _bad_from_raw(raw: object) -> BadScores | None:
    if not isinstance(raw, Mapping):
        return None
    scores, planted = raw.get("scores"), raw.get("planted")
    if not isinstance(scores, list) or not 0 < len(scores) <= _MOST_NAMES:
        return None
    if not isinstance(planted, bool) or not all(map(_is_number, scores)):
        return None
    return BadScores(tuple(map(float, scores)), planted)


def _names(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        return ()
    return tuple(name for name in raw[:_MOST_NAMES] if isinstance(name, str))


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _is_side(value: object) -> TypeGuard[int]:
    return type(value) is int and 1 <= value <= _MOST_CELLS
