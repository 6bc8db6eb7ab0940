"""How long the window stands still while the program learns and scores.

    QT_QPA_PLATFORM=offscreen python benchmarks/ui_stall.py [--runs 3]

Opens the real window, runs "Try with sample images" (50 normal images learnt, 80 scored; torch is
imported on the way) and lets a 5 ms timer in the window's thread measure how late it fires. Each
run is a fresh process, so that the import is measured every time. ``worst_own_work_ms`` is the
most the window's thread itself computed between two ticks: on a machine that does nothing else the
two agree. ``start_worst_ms``: the longest standstill while the window made its pages after it was
shown, before anything was asked of it.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TIMER_MS = 5
READY_S = 1.5


def measure(*, traces: bool = False) -> dict[str, float]:
    """Run the demonstration in the window; return lateness in milliseconds."""
    from PySide6.QtCore import QObject, QTimer, Slot
    from PySide6.QtWidgets import QApplication

    from deeprx_gui.app import Program
    from deeprx_gui.controllers.shared_services import make_services
    from deeprx_gui.paths import Paths
    from deeprx_gui.settings import Settings

    class Watch(QObject):
        def __init__(self, program: Program) -> None:
            super().__init__()
            self.late: list[float] = []
            self.own: list[float] = []
            self.start = 0.0
            self._last = time.perf_counter()
            self._busy = time.thread_time()
            self._begun, self._ready = False, self._last + READY_S
            self._timer = QTimer(self)
            self._timer.timeout.connect(self.tick)
            self._timer.start(TIMER_MS)
            program.profiles_controller.demo_done.connect(self.settle)

        @Slot()
        def tick(self) -> None:
            if traces:
                faulthandler.dump_traceback_later(0.045)
            now = time.perf_counter()
            if not self._begun:
                self._begin_when_ready(now)
            self.late.append((now - self._last) * 1000 - TIMER_MS)
            self._last = now
            busy = time.thread_time()
            self.own.append((busy - self._busy) * 1000)
            self._busy = busy

        def _begin_when_ready(self, now: float) -> None:
            """Begin once every page is made and drawn; what that took is told for itself."""
            if not program.finished:
                self._ready = now + READY_S
            elif now > self._ready:
                self._begun = True
                self.start = max(self.late)
                self.late.clear()
                self.own.clear()
                program.profiles_page.demo_requested.emit()

        @Slot(object)
        def settle(self, _outcome: object) -> None:
            QTimer.singleShot(1500, self.leave)

        @Slot()
        def leave(self) -> None:
            self._timer.stop()
            faulthandler.cancel_dump_traceback_later()
            app.exit(0)  # quit() would ask the window first

    app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths(Path(folder))
        program = Program(app, make_services(paths), Settings(language="ja"))
        program.start()
        watch = Watch(program)
        start = time.perf_counter()
        app.exec()
        seconds = time.perf_counter() - start
        program.stop()
    late = sorted(watch.late)
    return {
        "worst_ms": round(late[-1], 1),
        "worst_own_work_ms": round(max(watch.own), 1),
        "p99_ms": round(late[int(len(late) * 0.99)], 1),
        "p999_ms": round(late[int(len(late) * 0.999)], 1),
        "over_50_ms": sum(v > 50 for v in late),
        "ticks": len(late),
        "seconds": round(seconds, 1),
        "start_worst_ms": round(watch.start, 1),
    }


def main() -> None:
    """Measure in fresh processes and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--traces", action="store_true", help="show what every thread does in a stall above 40 ms"
    )
    args = parser.parse_args()
    if args.once:
        print(json.dumps(measure(traces=args.traces)))
        return
    for _ in range(args.runs):
        traces = ["--traces"] if args.traces else []
        subprocess.run([sys.executable, __file__, "--once", *traces], check=True)


if __name__ == "__main__":
    main()
