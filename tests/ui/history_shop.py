"""A History page over a real store on disk, with lanes, pictures and a stand-in for the engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.access import PinAccess
from deeprx_gui.controllers.history_controller import HistoryController
from deeprx_gui.controllers.job_service import JobService, SharedServices, UnsavedLimitsAnswer
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.paths import Paths
from deeprx_gui.people.station_people import StationPeople
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.settings import Settings
from deeprx_gui.state.history import HistoryModel
from deeprx_gui.state.history_decisions import DecisionHistory
from deeprx_gui.state.session import Session
from deeprx_gui.ui.history.page import HistoryPage
from tests.state.history_feed import made

LEFT = Qt.MouseButton.LeftButton
PICTURE = "pictures/kept.png"


class FakeScorer:
    """Says what every part was made to score; one hot place."""

    def __init__(self, value: float = 15.0) -> None:
        self.value = value

    def score(self, frame: Frame) -> Score:
        """Score any picture."""
        score_map = np.full((8, 8), 2.0, np.float32)
        score_map[2, 5] = self.value
        return Score(self.value, score_map, 1.0)


class Shop:
    """Everything the page stands on; ``fill`` before ``open``."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.paths = Paths(folder)
        library = BackboneLibrary(self.paths.backbones)
        store = ProfileStore(self.paths.profiles)
        access = PinAccess(self.paths.access_file)
        people = StationPeople.open(self.paths, lambda _place: "")
        services = SharedServices(self.paths, store, library, EnginePool(library), access, people)
        self.profiles = store
        settings = Settings(language="en", theme="light", operator="Sato")
        self.job_service = JobService(
            services, Session(), settings, lambda: UnsavedLimitsAnswer.STAY
        )
        self.records = SharedRecordStore(self.paths.results)
        self.history, self.decisions = HistoryModel(), DecisionHistory()
        self.page = HistoryPage(self.history, self.decisions, place_of=self.records.path_of)
        self.controller = HistoryController(self.job_service, self.records, self.page)
        qtbot.addWidget(self.page)
        self.page.resize(1168, 702)

    def fill(self, count: int, **more: object) -> list[Record]:
        """Judge parts, one every 10 s up to now: every 5th NG, every 7th REVIEW, else OK."""
        return [self.add(n, count, **more) for n in range(1, count + 1)]

    def add(self, n: int, count: int = 0, **more: object) -> Record:
        """Judge one part."""
        verdict = Verdict.NG if n % 5 == 0 else Verdict.REVIEW if n % 7 == 0 else Verdict.OK
        picture = PICTURE if verdict is Verdict.NG else ""
        when = max(
            datetime.now(UTC) - timedelta(seconds=10 * (count - n)),
            datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0),
        )
        record = replace(made(n, verdict), when=when, number=0, picture=picture)
        return self.records.store().add(replace(record, **more))  # type: ignore[arg-type]

    def keep_picture(self) -> Path:
        """Put the kept picture where records say it is."""
        file = self.records.path_of(PICTURE)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_png(np.full((48, 64, 3), 120, np.uint8)))
        return file

    def open(self) -> HistoryPage:
        """Show the page and wait until it has read what it wants."""
        self.page.show()
        self.page.activateWindow()
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until nothing is read or written."""
        self.qtbot.waitUntil(self._calm)

    def _calm(self) -> bool:
        job_service, body = self.job_service, self.page.body
        lanes = (
            job_service.history,
            job_service.figures,
            job_service.files,
            job_service.pictures,
            job_service.looks,
        )
        timers = (body.trend.rest, body.table.looking, body.filter_bar.typing)
        waiting = self.page.stepping.active or any(timer.isActive() for timer in timers)
        return not (waiting or any(lane.busy for lane in lanes))

    def close(self) -> None:
        """End the lanes."""
        self.page.hide()
        assert self.job_service.stop()
        self.records.close()
        self.decisions.undo_stack.clear()

    # -- what a person does and sees ------------------------------------------------------------

    def serials(self, most: int = 5) -> list[str]:
        """Read the serial numbers of the first rows."""
        rows = range(min(most, self.history.rowCount()))
        records = [self.history.record(row) for row in rows]
        return [record.serial if record is not None else "…" for record in records]

    def press(self, key: Qt.Key, widget: QWidget | None = None, *, ctrl: bool = False) -> None:
        """Press a key in the table."""
        modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(widget or self.page.body.table, key, modifier)
        self.settle()

    def click(self, button: QWidget) -> None:
        """Click."""
        QTest.mouseClick(button, LEFT)
        self.settle()
