"""How the window keeps up with a line: its stalls, and from the trigger to the verdict on screen.

    QT_QPA_PLATFORM=offscreen python benchmarks/ui_live.py [--parts 150] [--backbone NAME]

A replay source plays a camera of 30 pictures of 1080p a second. The real window shows the Inspect
page with its live picture, triggers at uneven moments by its own trigger, and shows every verdict
with its heat. A 5 ms timer in the window's thread measures how late it fires; ``worst_own_work_ms``
is the most that thread itself computed between two ticks: on a machine that does nothing else the
two agree. ``shown_ms``: from the press to the moment the panel with the verdict was painted; with
30 pictures a second waiting for a fresh picture alone takes 0 to 33 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deeprx_gui.cli.main import main as deeprx
from deeprx_gui.domain.inspection import InspectedPart, Trigger
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.results.encode import encode_png

if TYPE_CHECKING:
    from deeprx_gui.app import Program

TIMER_MS = 5
FPS = 30
NAME = "Live window"
_PICTURES = 12


def pictures(folder: Path, count: int, seed: int) -> Path:
    """Write pictures of 1080p: a textured part, every third with a spot."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    ground = rng.integers(90, 130, (1080, 1920, 1), dtype=np.uint8).repeat(3, axis=2)
    for number in range(count):
        picture = np.roll(ground, (number * 7, number * 11), axis=(0, 1))
        if seed and number % 3 == 0:
            picture[500:620, 900:1020] = 240
        (folder / f"{number:03d}.png").write_bytes(encode_png(np.ascontiguousarray(picture)))
    return folder


def measure(data: Path, parts: int) -> dict[str, object]:  # noqa: C901 - Qt comes late
    """Inspect ``parts`` triggered parts in the window."""
    from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer, Slot
    from PySide6.QtWidgets import QApplication

    from deeprx_gui.app import INSPECT, Program
    from deeprx_gui.controllers.shared_services import make_services
    from deeprx_gui.paths import Paths
    from deeprx_gui.settings import Settings
    from deeprx_gui.state.inspect import Phase

    class Watch(QObject):
        """Triggers, and sees when the verdict is painted and how late a timer fires."""

        def __init__(self, program: Program) -> None:
            super().__init__()
            self._program = program
            self.late: list[float] = []
            self.own: list[float] = []
            self.shown: list[float] = []
            self.lives = 0
            self._pressed: float | None = None
            self._judged = False
            self._last, self._busy = time.perf_counter(), time.thread_time()
            self._random = random.Random(7)  # noqa: S311 - moments, not secrets
            self._timer = QTimer(self)
            self._timer.timeout.connect(self.tick)
            self._timer.start(TIMER_MS)
            program.inspect_model.judged.connect(self.judged)
            program.inspect_page.poll.timeout.connect(self.polled)
            program.inspect_page.body.verdict.installEventFilter(self)
            QTimer.singleShot(500, self.press)

        @Slot()
        def tick(self) -> None:
            now, busy = time.perf_counter(), time.thread_time()
            self.late.append((now - self._last) * 1000 - TIMER_MS)
            self.own.append((busy - self._busy) * 1000)
            self._last, self._busy = now, busy

        def stop(self) -> None:
            self._timer.stop()

        @Slot()
        def polled(self) -> None:
            self.lives += 1

        @Slot()
        def press(self) -> None:
            self._pressed = time.perf_counter()
            self._program.inspect_page.trigger_requested.emit()

        @Slot(object)
        def judged(self, _part: InspectedPart) -> None:
            self._judged = True

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint and self._judged and self._pressed is not None:
                self._judged = False
                self.shown.append((time.perf_counter() - self._pressed) * 1000)
                self._pressed = None
                QTimer.singleShot(self._random.randrange(80, 240), self.press)
            return False

    def until(so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 300
        while not so():
            if time.monotonic() > deadline:
                raise SystemExit("the window did not get there in time")
            loop = QEventLoop()
            QTimer.singleShot(20, loop.quit)
            loop.exec()

    app = QApplication([])
    paths = Paths(data)
    program = Program(app, make_services(paths), Settings(language="ja"))
    program.start(NAME)
    program.window.show_page(INSPECT)
    until(lambda: program.session.profile is not None)
    source = SourceSpec("replay", str(data / "line"), {"fps": FPS})
    station = program.station_controller.station
    program.station_controller.change(
        replace(station, source=source, trigger=Trigger.KEY, takt=1.0)
    )
    program.inspect_page.run_main()
    until(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    until(lambda: program.inspect_page.picture.live.image is not None)
    begun = time.perf_counter()
    watch = Watch(program)
    until(lambda: len(watch.shown) >= parts)
    seconds = time.perf_counter() - begun
    figures = _figures(watch.late, watch.own, watch.shown)
    figures |= {"polls_per_second": round(watch.lives / seconds, 1), "parts": len(watch.shown)}
    watch.stop()
    program.inspect_controller.halt()
    until(lambda: not program.inspect_model.run.active)
    program.window.let_close()
    program.stop()
    return figures


def _figures(late: list[float], own: list[float], shown: list[float]) -> dict[str, object]:
    return {
        "worst_ms": round(max(late), 1),
        "worst_own_work_ms": round(max(own), 1),
        "p99_ms": round(float(np.percentile(late, 99)), 1),
        "p999_ms": round(float(np.percentile(late, 99.9)), 1),
        "over_50_ms": sum(value > 50 for value in late),
        "ticks": len(late),
        "shown_p50_ms": round(float(np.percentile(shown, 50)), 1),
        "shown_p95_ms": round(float(np.percentile(shown, 95)), 1),
        "shown_worst_ms": round(max(shown), 1),
    }


def main() -> int:
    """Learn, inspect, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=150)
    parser.add_argument("--backbone", default="efficientnet-lite0")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        normals = pictures(data / "normals", _PICTURES, 0)
        pictures(data / "line", _PICTURES, 1)
        with redirect_stdout(sys.stderr):
            fit = ["--data-dir", folder, "fit", NAME, str(normals), "--backbone", args.backbone]
            if deeprx(fit) != 0:
                return 1
        print(json.dumps(measure(data, args.parts)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
