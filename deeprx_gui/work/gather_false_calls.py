"""Scoring false calls and known bad parts again, to see where on the part false calls gather."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.errors import DeepRxError, RequestError
from deeprx_gui.domain.false_call_map import Box, FalseCallMap, PlacedMap, gathered
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.raster import box_of
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.grid_masks import fitted
from deeprx_gui.engine.measure import REDUCTIONS
from deeprx_gui.engine.reference_grids import resample_maps
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.results.records.store import RecordStore

MOST: Final = 200
"""So many false calls, and so many bad parts, are scored again, the newest."""
_SMALL: Final = 96


@dataclass(frozen=True)
class DecidedPictures:
    """Kept pictures of parts that people decided about; ``absent``: false calls without one."""

    false_calls: tuple[Path, ...]
    bad: tuple[Path, ...]
    absent: int


def decided_pictures(store: RecordStore, profile_id: str) -> DecidedPictures:
    """Find pictures of false calls and of parts decided NG, the newest. Raises StorageError."""
    stopped = frozenset({Verdict.REVIEW, Verdict.NG})
    wrong = RecordQuery(profile_id=profile_id, verdicts=stopped, decision=Decision.OK)
    files, absent = _kept(store, wrong)
    bad, _ = _kept(store, RecordQuery(profile_id=profile_id, decision=Decision.NG))
    return DecidedPictures(files, bad, absent)


def _kept(store: RecordStore, query: RecordQuery) -> tuple[tuple[Path, ...], int]:
    files, absent = [], 0
    for record in store.page(query, count=MOST):
        file = store.folder / record.picture
        if record.picture and file.is_file():
            files.append(file)
        else:
            absent += 1
    return tuple(files), absent


def gather_false_calls(
    profile: Profile, scorer: Scorer, found: DecidedPictures, more_bad: Iterable[Path] = ()
) -> Generator[Progress, None, FalseCallMap]:
    """Score the pictures with ``profile`` and return where the false calls lie.

    ``more_bad``: further pictures of bad parts. Raises RequestError when there is nothing to see.
    """
    bad_files = [*found.bad, *dict.fromkeys(more_bad)][:MOST]
    total = len(found.false_calls) + len(bad_files)
    limit = profile.limits.review
    reduce = REDUCTIONS[profile.scoring.reduce]
    calls = yield from _scored(scorer, found.false_calls, 0, total)
    quiet = [part for part in calls if not _stops(part, limit, profile)]
    loud = [part for part in calls if _stops(part, limit, profile)]
    if not loud:
        raise RequestError(_nothing(found, len(quiet)))
    bad = yield from _scored(scorer, bad_files, len(found.false_calls), total)
    shape = loud[0].map.shape
    loud, bad = [_on(part, shape) for part in loud], [_on(part, shape) for part in bad]
    counts, areas = gathered([part.map for part in loud], limit)
    return FalseCallMap(
        picture=_product(profile, scorer, found.false_calls),
        crop=_crop(profile),
        counts=counts,
        areas=areas,
        calls=tuple(loud),
        bad=tuple(bad),
        limit=limit,
        reduce=reduce,
        absent=found.absent + len(found.false_calls) - len(calls),
        quiet=len(quiet),
    )


def _nothing(found: DecidedPictures, quiet: int) -> Message:
    if quiet:
        return say("Today's revision no longer stops any of these false calls.")
    if found.absent:
        return say(
            "None of their pictures was kept, so there is nothing to see. Keep the pictures of NG "
            "and REVIEW on the page Inspect."
        )
    return say("No part was decided to be a false call yet.")


def _stops(part: PlacedMap, limit: float, profile: Profile) -> bool:
    values = part.map if part.counted is None else part.map[part.counted]
    return REDUCTIONS[profile.scoring.reduce](values) > limit


def _scored(
    scorer: Scorer, files: Sequence[Path], done: int, total: int
) -> Generator[Progress, None, list[PlacedMap]]:
    parts = []
    for number, file in enumerate(files, 1):
        yield Progress(done + number, total, say("Scoring"))
        try:
            sight = scorer.see(decode(file))
            _, values = scorer.score_in_frame(sight)
        except DeepRxError:
            continue  # damaged since, or not in place
        counted = None if sight.cells is None else fitted(sight.cells.counted, *values.shape)
        parts.append(PlacedMap(file.name, values, counted, _small(sight.pixels, _SMALL)))
    return parts


def _on(part: PlacedMap, shape: tuple[int, ...]) -> PlacedMap:
    """Bring a part's map to a grid; pictures of other proportions have others."""
    if part.map.shape == shape:
        return part
    rows, columns = shape
    values: Float32 = resample_maps(part.map[None], rows, columns)[0]
    counted = None if part.counted is None else fitted(part.counted, rows, columns)
    return PlacedMap(part.name, values, counted, part.small)


def _crop(profile: Profile) -> Box:
    return box_of(profile.view.region)


def _product(profile: Profile, scorer: Scorer, files: Sequence[Path]) -> ByteImage:
    """Return the product's picture in its own frame: a golden one, or the newest false call."""
    if profile.golden:
        return profile.golden[0].pixels
    return np.asarray(scorer.see(decode(files[0])).pixels, np.uint8)


def _small(pixels: ByteImage, side: int) -> ByteImage:
    factor = side / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    rows, columns = (max(1, round(s * factor)) for s in pixels.shape[:2])
    return resize_area(pixels, rows, columns)
