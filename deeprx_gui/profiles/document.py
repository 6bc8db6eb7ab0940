"""``profile.json`` and back: a profile as a plain dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limit_samples import LimitSample
from deeprx_gui.domain.limits import FittedTail, HeldOutScheme, Limits, Promise
from deeprx_gui.domain.profile import (
    BackboneChoice,
    DetectorChoice,
    GoldenImage,
    Lineage,
    NormalImage,
    Preprocessing,
    Profile,
    RevisionOrigin,
    Scoring,
)
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.schema import CURRENT, FORMAT
from deeprx_gui.profiles.untrusted_input import Raw, golden_member, limit_sample_member
from deeprx_gui.profiles.view_document import view_from_raw, view_to_raw

_IDENTITY = {"normals": "source", "golden": "name", "limit_samples": "name"}
"""What tells the entries of a list apart, so that unknown keys return to the right one."""
_NOT_READ: ByteImage = np.zeros((0, 0, 3), np.uint8)


def to_raw(profile: Profile) -> Raw:
    """The dictionary for ``profile``, the unknown keys of its file put back in their places."""
    raw: Raw = {
        "format": FORMAT,
        "schema": CURRENT,
        "id": profile.id,
        "revision": profile.revision,
        "name": profile.name,
        "lineage": {
            "id": profile.lineage.id,
            "mark": profile.lineage.mark,
            "before": list(profile.lineage.before),
        },
        "preprocessing": {
            "size": profile.preprocessing.size,
            "keep_aspect": profile.preprocessing.keep_aspect,
        },
        "scoring": {
            "sigma": float(profile.scoring.sigma),
            "reduce": profile.scoring.reduce,
            "min_area": int(profile.scoring.min_area),
            "normalise": profile.scoring.normalise,
        },
        "view": view_to_raw(profile.view),
        "backbone": {
            "name": profile.backbone.name,
            "taps": list(profile.backbone.taps),
            "weights_sha256": profile.backbone.weights_sha256,
        },
        "detector": {"name": profile.detector.name, "settings": dict(profile.detector.settings)},
        "limits": _limits_to_raw(profile.limits),
        "suggested": _limits_to_raw(profile.suggested),
        "held_out_scheme": profile.held_out_scheme.value,
        "normals": [
            {
                "source": clean_text(normal.source),
                "held_out": None if normal.held_out is None else float(normal.held_out),
            }
            for normal in profile.normals
        ],
        "origin": {
            "who": profile.origin.who,
            "when": _aware(profile.origin.when).isoformat(),
            "why": profile.origin.why,
            "program": profile.origin.program,
            "runtime": profile.origin.runtime,
        },
        "statistics": {"counts": {k: int(n) for k, n in profile.statistics.counts.items()}},
        "golden": [
            {"name": clean_text(g.name), "member": golden_member(i), "score": float(g.score)}
            for i, g in enumerate(profile.golden)
        ],
    }
    if profile.limit_samples:
        raw["limit_samples"] = [
            {
                "name": clean_text(sample.name),
                "member": limit_sample_member(i),
                "expected": sample.expected.value,
                "note": clean_text(sample.note),
                "who": clean_text(sample.who),
                "when": _aware(sample.when).isoformat(),
            }
            for i, sample in enumerate(profile.limit_samples)
        ]
    _graft(raw, profile.extra)
    return raw


def from_raw(
    raw: Raw,
    *,
    arrays: Mapping[str, Any],
    pictures: Sequence[ByteImage],
    thumbnail: ByteImage | None,
    reference: ByteImage | None = None,
    samples: Sequence[bytes] = (),
) -> Profile:
    """Build the profile from a checked dictionary and the other parts of its file.

    ``pictures`` are the golden ones in order; with fewer pictures than entries (a glance at the
    file that leaves them out) the profile has as many golden images as there are pictures, and
    without ``reference`` an empty picture stands for the one that parts are looked for with.
    ``samples`` are the encoded pictures of the limit samples in order; those left out are empty.
    """
    origin = raw["origin"]
    profile = Profile(
        id=raw["id"],
        name=raw["name"],
        revision=raw["revision"],
        preprocessing=Preprocessing(
            raw["preprocessing"]["size"], raw["preprocessing"]["keep_aspect"]
        ),
        scoring=Scoring(
            float(raw["scoring"]["sigma"]),
            raw["scoring"]["reduce"],
            raw["scoring"]["min_area"],
            raw["scoring"]["normalise"],
        ),
        backbone=BackboneChoice(
            raw["backbone"]["name"],
            tuple(raw["backbone"]["taps"]),
            raw["backbone"]["weights_sha256"],
        ),
        detector=DetectorChoice(raw["detector"]["name"], raw["detector"]["settings"]),
        limits=_limits_from_raw(raw["limits"]),
        suggested=_limits_from_raw(raw["suggested"]),
        held_out_scheme=HeldOutScheme(raw["held_out_scheme"]),
        normals=tuple(
            NormalImage(n["source"], None if n["held_out"] is None else float(n["held_out"]))
            for n in raw["normals"]
        ),
        origin=RevisionOrigin(
            origin["who"],
            saved_time(origin["when"]),
            origin["why"],
            origin["program"],
            origin["runtime"],
        ),
        statistics=Statistics(arrays, raw["statistics"]["counts"]),
        golden=tuple(
            GoldenImage(entry["name"], pixels, float(entry["score"]))
            for entry, pixels in zip(raw["golden"], pictures, strict=False)
        ),
        thumbnail=thumbnail,
        view=view_from_raw(raw["view"], _NOT_READ if reference is None else reference),
        lineage=Lineage(
            raw["lineage"]["id"], raw["lineage"]["mark"], tuple(raw["lineage"]["before"])
        ),
        limit_samples=_samples_from_raw(raw.get("limit_samples", []), samples),
    )
    return replace(profile, extra=unknown_keys(raw, to_raw(profile)))


def _samples_from_raw(entries: Sequence[Raw], pictures: Sequence[bytes]) -> tuple[LimitSample, ...]:
    left_out = [b""] * (len(entries) - len(pictures))
    return tuple(
        LimitSample(
            entry["name"],
            Verdict(entry["expected"]),
            entry["note"],
            png,
            entry["who"],
            saved_time(entry["when"]),
        )
        for entry, png in zip(entries, (*pictures, *left_out), strict=True)
    )


def unknown_keys(raw: Raw, known: Raw) -> Raw:
    """The keys of ``raw`` that ``known`` (the same as this program writes it) does not have.

    This is what ``Profile.extra`` holds. A key inside a group stands under the group's name; a key
    inside a list entry under its place, ``{"normals": {"3": {"of": "a.png", "keys": {...}}}}``, so
    that it returns to that entry only while the entry is still about the same image.
    """
    extra: Raw = {}
    for key, value in raw.items():
        if key not in known:
            extra[key] = value
            continue
        mine = known[key]
        found: Raw = {}
        if isinstance(value, dict) and isinstance(mine, dict):
            found = unknown_keys(value, mine)
        elif isinstance(value, list) and key in _IDENTITY:
            for place, (entry, written) in enumerate(zip(value, mine, strict=False)):
                if keys := unknown_keys(entry, written):
                    found[str(place)] = {"of": entry[_IDENTITY[key]], "keys": keys}
        if found:
            extra[key] = found
    return extra


def _graft(raw: Raw, extra: Mapping[str, Any]) -> None:
    """Put unknown keys back; a key this program knows is never overwritten."""
    for key, value in extra.items():
        mine = raw.setdefault(key, value)
        if mine is value or not isinstance(value, Mapping):
            continue
        if isinstance(mine, dict):
            _graft(mine, value)
        elif key in _IDENTITY:
            for place, entry in enumerate(mine):
                kept = value.get(str(place))
                if kept is not None and kept["of"] == entry[_IDENTITY[key]]:
                    _graft(entry, kept["keys"])


def _limits_to_raw(limits: Limits) -> Raw:
    return {
        "review": float(limits.review),
        "ng": float(limits.ng),
        "review_promise": _promise_to_raw(limits.review_promise),
        "ng_promise": _promise_to_raw(limits.ng_promise),
    }


def _limits_from_raw(raw: Raw) -> Limits:
    return Limits(
        float(raw["review"]),
        float(raw["ng"]),
        _promise_from_raw(raw["review_promise"]),
        _promise_from_raw(raw["ng_promise"]),
    )


def _promise_to_raw(promise: Promise | None) -> Raw | None:
    if promise is None:
        return None
    tail = None if promise.tail is None else asdict(promise.tail)
    return {"rank": promise.rank, "normals": promise.normals, "tail": tail}


def _promise_from_raw(raw: Raw | None) -> Promise | None:
    if raw is None:
        return None
    tail = raw["tail"]
    if tail is not None:
        shares = (float(tail[key]) for key in ("aimed", "low", "high"))
        aimed, low, high = shares
        tail = FittedTail(aimed, tail["family"], low, high)
    return Promise(raw["rank"], raw["normals"], tail)


def _aware(when: datetime) -> datetime:
    """A time without a zone is this PC's time."""
    return when if when.tzinfo is not None else when.astimezone()


def clean_text(text: str) -> str:
    """A file name that is not valid Unicode (Linux) is kept readable, not exact."""
    return text.encode("utf-8", "replace").decode("utf-8")
