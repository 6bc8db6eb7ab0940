"""The drift of a product, from its newest parts in the history and their pictures' condition."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from deeprx_gui.domain.drift import MOST, Drift, PartSeries, drift_of
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.product_drift import ProductDrift
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.conditions import read_conditions
from deeprx_gui.results.records.drift_rows import ScoredPart, newest_scores
from deeprx_gui.results.records.store import RecordStore

_UNKNOWN: Final = (np.nan,) * 4


def product_drift(
    records: RecordStore, profiles: ProfileStore, profile_id: str
) -> Generator[Progress, None, ProductDrift]:
    """Look for a drift among the newest parts of a product. Raises StorageError.

    Only parts are compared that were judged by the same fit: revisions that differ in their limits
    alone count together.
    """
    yield Progress(0, 2, say("Looking for drift"))
    with records.reading() as connection:
        parts = newest_scores(connection, profile_id, MOST)
    if not parts:
        return ProductDrift(profile_id, Drift(0))
    kept, unit = _same_fit(parts, profiles, profile_id)
    yield Progress(1, 2, say("Looking for drift"))
    conditions = read_conditions(records.folder, profile_id)
    known = np.array([conditions.get((p.number, p.at), _UNKNOWN) for p in kept], np.float64)
    series = PartSeries(
        np.array([p.at / 1e6 for p in kept], np.float64),
        np.array([p.score / unit for p in kept], np.float64),
        *(np.ascontiguousarray(column) for column in known.T),
    )
    newest = datetime.fromtimestamp(kept[-1].at / 1e6, UTC)
    revisions = tuple(sorted({p.revision for p in kept}))
    return ProductDrift(profile_id, drift_of(series), revisions, newest, unit)


def _same_fit(
    parts: Sequence[ScoredPart], profiles: ProfileStore, profile_id: str
) -> tuple[list[ScoredPart], float]:
    """Return the newest parts that one fit judged, and the raw score that is 1.00 with it.

    Where the profile is no longer there, only the newest revision counts, by its own limit.
    """
    last = parts[-1].revision
    alike: dict[int, bool] = {last: True}
    unit = parts[-1].review
    try:
        newest: Profile | None = profiles.head(profile_id, last)
    except DeepRxError:
        newest = None
    if newest is not None:
        unit = newest.suggested.review
    kept: list[ScoredPart] = []
    for part in reversed(parts):
        if part.revision not in alike:
            alike[part.revision] = newest is not None and _is_alike(
                newest, profiles, profile_id, part.revision
            )
        if not alike[part.revision]:
            break
        kept.append(part)
    return kept[::-1], unit


def _is_alike(newest: Profile, profiles: ProfileStore, profile_id: str, revision: int) -> bool:
    try:
        other = profiles.head(profile_id, revision)
    except DeepRxError:
        return False
    return (other.suggested.review, other.normals) == (newest.suggested.review, newest.normals)
