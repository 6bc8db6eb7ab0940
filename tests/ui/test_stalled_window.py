"""The window stands still while the line runs or a job works: nothing is lost, memory is bounded.

The thread of the test is the window's: while it waits for an event, its own event loop rests.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.app import INSPECT, Program
from deeprx_gui.controllers import inspect_controller
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import InspectedPart, Keep, KeepRule, Trigger
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.jobs.buffer import MOST_BYTES, array_bytes
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.state.inspect import BAD_KEPT, Phase
from tests.state.made_inspected import made_part
from tests.ui.conftest import MakeProfile, Start
from tests.ui.driving import settle
from tests.ui.fake_line import FakeLine

PARTS = 300
SIZE = (592, 592)
MEGABYTE = 1 << 20
STATION = Station(
    source=SourceSpec("camera", "0"), trigger=Trigger.KEY, keep=KeepRule(keep=Keep.NONE)
)


class Pictures:
    """Parts with pictures of 1 MB, made when their turn comes; knows how many are still held."""

    def __init__(self) -> None:
        self.held = self.most_held = 0

    def part(self, number: int) -> InspectedPart:
        made = made_part(VERDICTS[number % len(VERDICTS)], size=SIZE, item=f"part {number}")
        assert made.frame is not None
        assert made.frame.pixels.nbytes >= MEGABYTE
        weakref.finalize(made.frame.pixels, self._let_go)
        self.held += 1
        self.most_held = max(self.most_held, self.held)
        return made

    def _let_go(self) -> None:
        self.held -= 1


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> FakeLine:
    made = FakeLine()
    monkeypatch.setattr(inspect_controller, "live", made.live)
    return made


@pytest.fixture
def program(
    start: Start, line: FakeLine, make_profile: MakeProfile, data_dir: Path, qtbot: QtBot
) -> Program:
    """A program whose line runs."""
    stations.save(STATION, data_dir / "station.json")
    program = start()
    settle(program, qtbot)
    program.session.open_profile(make_profile())
    program.window.show_page(INSPECT)
    program.inspect_controller.start()
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    return program


def pass_by(line: FakeLine, pictures: Pictures) -> threading.Event:
    """Let all parts pass; the event says that the last one was told."""
    past = threading.Event()
    line.put(*(partial(pictures.part, number) for number in range(PARTS)), past.set)
    return past


def test_a_stalled_window_neither_stops_the_line_nor_loses_a_verdict(
    program: Program, line: FakeLine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, pictures = program.inspect_model, Pictures()
    batches: list[list[InspectedPart]] = []
    take = model.take

    def noting(items: Sequence[object]) -> None:
        parts = [item for item in items if isinstance(item, InspectedPart)]
        if parts:
            batches.append(parts)
        take(items)

    monkeypatch.setattr(model, "take", noting)
    assert pass_by(line, pictures).wait(60)  # the window stands still, the line does not
    assert not batches
    assert pictures.most_held <= 4  # the newest, the one before it, the one that is being made
    assert pictures.held <= 2
    store = program.records.store()
    assert store.count(RecordQuery()) == PARTS  # recorded before anything is shown

    qtbot.waitUntil(lambda: model.counts.total == PARTS)
    (parts,) = batches  # all of them waited
    assert [p.record.item for p in parts] == [f"part {number}" for number in range(PARTS)]
    assert [p.record.number for p in parts] == list(range(1, PARTS + 1))
    assert sum(map(array_bytes, parts)) <= MOST_BYTES
    whole = [p for p in parts if p.frame is not None and p.frame.pixels.shape[:2] == SIZE]
    assert whole == [parts[-1]]
    bad = [p for p in parts if p.record.verdict is Verdict.NG]
    assert all(p.frame is not None for p in bad[-BAD_KEPT:])
    assert len([p for p in parts if p.frame is not None]) == BAD_KEPT + 1
    counts = model.counts
    assert counts.ok == counts.review == counts.ng == counts.error == PARTS // 4
    assert [p.record.item for p in model.bad] == [p.record.item for p in reversed(bad)][:BAD_KEPT]
    stored = {record.uid for record in store.rows(RecordQuery())}
    assert stored == {p.record.uid for p in parts}


def test_the_window_closes_while_the_line_ran_ahead_of_it(program: Program, line: FakeLine) -> None:
    pictures = Pictures()
    assert pass_by(line, pictures).wait(60)
    program.window.let_close()
    assert program.stop()
    assert pictures.most_held <= 4
    with closing(RecordStore(program.records.folder, read_only=True)) as store:
        items = {record.item for record in store.rows(RecordQuery())}
    assert items == {f"part {number}" for number in range(PARTS)}


def test_the_window_closes_while_a_job_waits_for_it(start: Start, qtbot: QtBot) -> None:
    program = start()
    settle(program, qtbot)
    made, full, overrun, closed = 0, threading.Event(), threading.Event(), threading.Event()
    fits = MOST_BYTES // MEGABYTE

    def steps() -> Generator[Progress, None, None]:
        nonlocal made
        try:
            while True:
                made += 1
                if made > fits:
                    (full if made == fits + 1 else overrun).set()
                item = np.zeros(MEGABYTE, np.uint8)
                yield Progress(0, 0, say("Working"), item=item)
        finally:
            closed.set()

    program.job_service.engine.start(steps)
    assert full.wait(60)
    assert not overrun.wait(0.2)
    program.window.let_close()
    assert program.stop()
    assert closed.is_set()
    assert made == fits + 1
