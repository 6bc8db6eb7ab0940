"""What the History page costs over a million verdicts, and how long the window stands still.

    QT_QPA_PLATFORM=offscreen python benchmarks/ui_history.py [--rows 1000000] [--data DIR] [--json]

Opens the real window over a store filled by ``history_million.py`` and does what a person does:
opens the page, drags the scroll bar to the end, flings through the list, chooses verdicts and a
product, types a serial number letter by letter, and watches while parts arrive. For each it gives
the milliseconds until the rows are there, and the longest time between two ticks of a 5 ms timer in
the window's thread, less 5 ms (``stall_ms``), with the most that thread itself computed in between.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent))

import history_million  # type: ignore[import-not-found]
import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from deeprx_gui.controllers.shared_services import make_services
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.paths import Paths
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.settings import Settings

if TYPE_CHECKING:
    from deeprx_gui.app import Program

TIMER_MS = 5
PATIENCE_S = 60.0
ARRIVALS = 60


class Watch(QObject):
    """Measures how late a timer of the window's thread fires."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TIMER_MS)
        self.begin()

    def begin(self) -> None:
        """Forget what was measured."""
        self.late, self.own = 0.0, 0.0
        self._last, self._busy = time.perf_counter(), time.thread_time()

    @Slot()
    def tick(self) -> None:
        """Compare with the tick before."""
        now, busy = time.perf_counter(), time.thread_time()
        self.late = max(self.late, (now - self._last) * 1000 - TIMER_MS)
        self.own = max(self.own, (busy - self._busy) * 1000)
        self._last, self._busy = now, busy


def turn(milliseconds: int) -> None:
    """Run the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Visit:
    """One person at the page."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._watch = Watch()
        self.page, self.history = program.history_page, program.history_page.history
        self.figures: dict[str, dict[str, float]] = {}

    def act(self, name: str, do: Callable[[], None], there: Callable[[], bool]) -> None:
        """Do something, wait until its rows are there and the page is calm, and note it."""
        turn(400)
        self._watch.begin()
        start = time.perf_counter()
        do()
        while not there():
            if time.perf_counter() - start > PATIENCE_S:
                raise SystemExit(f"{name}: not there in time")
            turn(2)
        took = (time.perf_counter() - start) * 1000
        self.calm()
        self.figures[name] = {
            "ms": round(took, 1),
            "stall_ms": round(self._watch.late, 1),
            "own_ms": round(self._watch.own, 1),
        }

    def calm(self) -> None:
        """Wait until no lane works any more."""
        job_service = self._program.job_service
        turn(120)
        while any(
            lane.busy
            for lane in (
                job_service.history,
                job_service.figures,
                job_service.pictures,
                job_service.looks,
            )
        ):
            turn(20)
        turn(120)

    def run(self, rows: int) -> None:
        """Do everything a person does."""
        body, history = self.page.body, self.history
        bar, table = body.filter_bar, body.table
        show = self._program.window.show_page
        self.act("open the page (today: empty)", lambda: show(4), lambda: not history.loading)
        self.act("first rows of all", bar.show_everything, lambda: history.rowCount() > 0)
        self.act("scroll to the end", table.scrollToBottom, self._end_is_there)
        self.act("back to the newest", table.go_to_newest, lambda: history.record(0) is not None)
        self.act("fling through all, 3 s", self._fling, lambda: True)
        table.go_to_newest()
        ng = bar.chips[Verdict.NG]
        self.act("only NG", ng.click, lambda: self._lists(verdicts=frozenset({Verdict.NG})))
        self.act("the last NG", table.scrollToBottom, self._end_is_there)
        self.act("all verdicts again", ng.click, lambda: self._lists(verdicts=frozenset()))
        self.act("OK only, to the end", lambda: self._choose(Verdict.OK), self._end_is_there)
        bar.chips[Verdict.OK].click()
        wanted = f"{rows // 3:08d}"
        self.act(
            "a serial typed letter by letter",
            lambda: self._type(wanted),
            lambda: self._lists(wanted),
        )
        self.act("the search cleared", bar.search.clear, lambda: self._lists(""))
        self.act(
            f"{ARRIVALS} parts arrive", self._arrive, lambda: history.rowCount() >= rows + ARRIVALS
        )
        self.figures["memory"] = {"records kept": history.kept}

    def _lists(self, text: str = "", verdicts: frozenset[Verdict] | None = None) -> bool:
        query: RecordQuery = self.history.query
        right = verdicts is None or query.verdicts == verdicts
        return not self.history.loading and query.text == text and right

    def _end_is_there(self) -> bool:
        rows = self.history.rowCount()
        return not self.history.loading and self.history.record(rows - 1) is not None

    def _choose(self, verdict: Verdict) -> None:
        self.page.body.filter_bar.chips[verdict].click()
        turn(400)
        while self.history.open_ended or self.history.loading:
            turn(10)
        self.page.body.table.scrollToBottom()
        turn(60)

    def _fling(self) -> None:
        bar = self.page.body.table.verticalScrollBar()
        for step in range(180):
            bar.setValue(bar.maximum() * step // 180)
            turn(16)

    def _type(self, text: str) -> None:
        for letter in text:
            search = self.page.body.filter_bar.search
            search.setText(search.text() + letter)
            turn(90)

    def _arrive(self) -> None:
        store, rng = self._program.records.store(), np.random.default_rng()

        def line() -> None:
            for number in range(ARRIVALS):
                store.add(history_million.record(2_000_000 + number, rng))
                time.sleep(0.03)

        threading.Thread(target=line, daemon=True).start()


def measure(data: Path, rows: int) -> dict[str, dict[str, float]]:
    """Open the window over the data folder and run a visit."""
    from deeprx_gui.app import Program

    app = QApplication([])
    paths = Paths(data)
    paths.window_file.unlink(missing_ok=True)  # begin on the first page
    program = Program(app, make_services(paths), Settings(language="ja"))
    program.start()
    turn(1500)
    visit = Visit(program)
    visit.run(rows)
    program.window.let_close()
    program.stop()
    return visit.figures


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="data folder to fill once and keep")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        data = options.data or Path(scratch)
        if not (data / "results" / "records.sqlite").exists():
            history_million.fill(data / "results", options.rows)
        store = RecordStore(data / "results", read_only=True)
        rows = store.count(RecordQuery())
        store.close()
        figures = measure(data, rows)
    if options.json:
        print(json.dumps({"rows": rows, "when": datetime.now(UTC).isoformat(), **figures}))
        return 0
    print(f"{rows} verdicts\n{'':34} {'rows there':>10} {'stall':>8} {'own':>8}   ms")
    for name, each in figures.items():
        if "ms" in each:
            print(f"{name:34} {each['ms']:10.1f} {each['stall_ms']:8.1f} {each['own_ms']:8.1f}")
        else:
            print(f"{name:34} {each}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
