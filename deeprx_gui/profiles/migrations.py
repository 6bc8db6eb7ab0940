"""Steps from one schema number to the next: dictionary to dictionary, no gaps.

A step sees the raw, not yet validated dictionary, so it never needs the classes of its time. The
file on disk is not touched: a revision stays as it was saved, and is migrated each time it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deeprx_gui.profiles.lineage import old_id, old_mark
from deeprx_gui.profiles.untrusted_input import Raw

Step = Callable[[Raw], Raw]


def _view(raw: Raw) -> Raw:
    """1 -> 2: profiles look at a region, position parts and ask for an area of defects."""
    raw = dict(raw)
    scoring = raw.get("scoring")
    if isinstance(scoring, dict):  # what is no group is refused in words after the last step
        raw["scoring"] = {**scoring, "min_area": 1}
    raw["view"] = {
        "region": {"inside": [], "ignore": []},
        "positioning": None,
        "mm_per_pixel": None,
    }
    return raw


def _lineage(raw: Raw) -> Raw:
    """2 -> 3: products keep their identity on their way from PC to PC."""
    found = {"id": old_id(raw.get("id")), "mark": old_mark(raw), "before": []}
    return {**raw, "lineage": found}


def _normalise(raw: Raw) -> Raw:
    """3 -> 4: score maps may be normalised, and a limit may rest on a fitted tail."""
    raw = dict(raw)
    if isinstance(raw.get("scoring"), dict):
        raw["scoring"] = {**raw["scoring"], "normalise": "none"}
    for field in ("limits", "suggested"):
        limits = raw.get(field)
        if isinstance(limits, dict):
            promises = {
                key: {**limits[key], "tail": None}
                for key in ("review_promise", "ng_promise")
                if isinstance(limits.get(key), dict)
            }
            raw[field] = {**limits, **promises}
    return raw


STEPS: Mapping[int, Step] = {1: _view, 2: _lineage, 3: _normalise}
"""``STEPS[n]`` turns schema ``n`` into ``n + 1``."""


def migrate(raw: Raw, *, current: int, steps: Mapping[int, Step] = STEPS) -> Raw:
    """``raw`` brought to schema ``current``, step by step; ``raw`` itself is not changed.

    The schema number must be one that :func:`schema.schema_number` let through.
    """
    for number in range(raw["schema"], current):
        raw = {**steps[number](raw), "schema": number + 1}
    return raw
