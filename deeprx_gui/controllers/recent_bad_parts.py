"""The last NG parts as the store remembers them: what the Inspect page shows after a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from deeprx_gui.capture.decode import thumbnail
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import InspectedPart, Record
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.state.inspect import BAD_KEPT, BAD_SIDE


def last_bad(
    store: RecordStore, path_of: Callable[[str], Path], since: datetime, product: str
) -> tuple[InspectedPart, ...]:
    """Return a product's last NG parts since a moment, newest first, with small pictures.

    The score map is not kept, so they come without heat. Raises StorageError.
    """
    query = RecordQuery(since=since, profile_id=product, verdicts=frozenset({Verdict.NG}))
    return tuple(
        InspectedPart(record, _small(record, path_of), None)
        for record in store.page(query, count=BAD_KEPT)
    )


def _small(record: Record, path_of: Callable[[str], Path]) -> Frame | None:
    if not record.picture:
        return None
    file = path_of(record.picture)
    try:
        return Frame(thumbnail(file, BAD_SIDE), str(file))
    except ImageError:  # thinned, moved or damaged since: the part is listed without its picture
        return None
