"""Records made by hand, and a store of this test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import InspectedPart, Record
from deeprx_gui.domain.limits import Limits, Promise
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records.store import RecordStore
from tests.made_record import made_record

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LIMITS = Limits(10.0, 12.0, Promise(2, 50), Promise(1, 50))
SCORES = {Verdict.OK: 5.0, Verdict.REVIEW: 11.0, Verdict.NG: 20.0, Verdict.ERROR: float("nan")}


def record(number: int, verdict: Verdict = Verdict.OK, **changes: Any) -> Record:
    """The ``number``-th part of the shift, one a second."""
    kept: dict[str, Any] = {
        "uid": f"uid{number:05d}",
        "when": START + timedelta(seconds=number),
        "profile_id": "gear",
        "profile": "ギア <A&B>",
        "revision": 3,
        "score": SCORES[verdict],
        "limits": LIMITS,
        "milliseconds": 2.5,
        "latency": 14.0,
        "source": "replay:C:\\部品",
        "error": say("{name} is gone.", name="a.png") if verdict is Verdict.ERROR else None,
    }
    return made_record(number, verdict, **{**kept, **changes})


def frame(grey: int = 90, height: int = 48, width: int = 64) -> Frame:
    """A plain picture."""
    return Frame(np.full((height, width, 3), grey, np.uint8), "camera")


def inspected(made: Record, picture: Frame | None = None) -> InspectedPart:
    """A judged part with its picture."""
    return InspectedPart(made, picture or frame(), None)


Open = Callable[..., RecordStore]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A results folder with a Japanese name and a blank."""
    return tmp_path / "検査 結果"


@pytest.fixture
def opened(folder: Path) -> Iterator[Open]:
    """Opens stores on the folder and closes them in the end."""
    stores: list[RecordStore] = []

    def open_store(**options: Any) -> RecordStore:
        store = RecordStore(folder, **{"patience": 0.05, **options})
        stores.append(store)
        return store

    yield open_store
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Open) -> RecordStore:
    """The store that writes."""
    return opened()
