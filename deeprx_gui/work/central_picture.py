"""The kept picture of a part, wherever it came along to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from deeprx_gui.capture.decode import decode, decode_bytes
from deeprx_gui.central.records import CentralRecords
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.results.records.report import kept_picture


def picture_of(centre: CentralRecords, record: Record) -> Frame | Message:
    """Return the kept picture of a part of any station, or a sentence that says where it lies.

    Looked for on this PC, in the share that stations copy pictures to, and in the database. Raises
    CentralError and ImageError.
    """
    if not record.picture:
        return say("The picture of this part was not kept at its station.")
    here = kept_picture(centre.folder, record) or _shared(
        centre.place.picture_folder, record, centre.number_of
    )
    if here is not None:
        return decode(here)
    data = centre.picture(record)
    if data is not None:
        return decode_bytes(data, record.picture)
    return say(
        "The picture of this part was not sent along. It lies on the station {station}: {file}",
        station=record.station,
        file=record.picture,
    )


def _shared(share: str, record: Record, number_of: Callable[[str], int | None]) -> Path | None:
    """Return a picture's copy in the share, as ``work/forward_pictures.py`` lays them down."""
    if not share:
        return None
    number = number_of(record.station_id)
    name = PurePosixPath(*PurePosixPath(record.picture).parts[1:])
    return kept_picture(Path(share) / f"station-{number}", replace(record, picture=str(name)))
