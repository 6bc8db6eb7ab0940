"""Noting corrections: a picture file, or what people decided about the verdicts of History."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deeprx_gui.capture.decode import decode
from deeprx_gui.capture.files import read_bytes
from deeprx_gui.domain.corrections import (
    MOST_PENDING,
    Correction,
    CorrectionBook,
    CorrectionKind,
)
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.store import RecordStore

_DECIDED: Final = 1000
"""So many of the latest decisions are looked through."""


def take_in(
    store: ProfileStore, key: str, kind: CorrectionKind, picture: Path, *, who: str,
    name: str = "", uid: str = "",
) -> Correction:  # fmt: skip
    """Note what somebody says about a picture file: one tap. Raises DeepRxError in words."""
    data = read_bytes(picture)
    decode(picture)  # what cannot be read is said now, not when it is applied
    return store.corrections.add(key, kind, data, name=name or picture.name, who=who, uid=uid)


def decided_parts(
    records: RecordStore, key: str, book: CorrectionBook
) -> tuple[tuple[Record, CorrectionKind], ...]:
    """Return what people decided against a verdict and is not among the corrections yet.

    The latest ``MOST_PENDING`` at most, only where the picture is still kept. Raises StorageError.
    """
    known = {one.uid for one in book.every}
    found = []
    for record in records.page(RecordQuery(profile_id=key, decided=True), count=_DECIDED):
        good, passed = record.decision is Decision.OK, record.verdict is Verdict.OK
        if good == passed or record.verdict is Verdict.ERROR or record.uid in known:
            continue
        if record.picture and (records.folder / record.picture).is_file():
            found.append((record, CorrectionKind.WAS_OK if good else CorrectionKind.MISSED))
    return tuple(found[: MOST_PENDING - len(book.pending)])


def take_in_decided(
    store: ProfileStore, records: RecordStore, key: str, *, who: str
) -> tuple[Correction, ...]:
    """Note what ``decided_parts`` finds as corrections. Raises DeepRxError in words."""
    return tuple(
        take_in(
            store, key, kind, records.folder / record.picture,
            who=who, name=record.serial or Path(record.picture).name, uid=record.uid,
        )
        for record, kind in decided_parts(records, key, store.corrections.book(key))
    )  # fmt: skip
