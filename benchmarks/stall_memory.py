"""How much memory a job takes while the window stands still.

    python benchmarks/stall_memory.py [--items 300] [--megabytes 1] [--seconds 4] [--json]

A job tells so many items of so many megabytes as fast as it can, while the window's thread does not
run its event loop. Memory is the process's resident set at the end of the stall, less that before
the job began; then the window goes on, and every item must arrive in order.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Generator

import numpy as np
import psutil
from PySide6.QtCore import QCoreApplication

from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.lane import Lane, ProgressBatch

Figures = dict[str, float]


def measure(items: int, megabytes: float, seconds: float) -> Figures:
    """Stall the thread of the window once."""
    app = QCoreApplication([])
    process, lane = psutil.Process(), Lane("measured")
    made, begun, arrived = 0, threading.Event(), list[int]()

    def steps() -> Generator[Progress, None, None]:
        nonlocal made
        for number in range(items):
            pixels = np.full(int(megabytes * (1 << 20)), number % 256, np.uint8)
            made += 1
            begun.set()
            yield Progress(number + 1, items, say("Working"), item=pixels)

    def take(batch: ProgressBatch) -> None:
        arrived.extend(int(item[0]) for item in batch.items if isinstance(item, np.ndarray))

    before = process.memory_info().rss
    job = lane.start(steps)
    job.progress.connect(take)
    job.finished.connect(app.quit)
    begun.wait()
    time.sleep(seconds)
    grown = process.memory_info().rss - before
    made_in_stall, start = made, time.perf_counter()
    app.exec()
    rest = time.perf_counter() - start
    if not lane.stop() or arrived != [number % 256 for number in range(items)]:
        raise SystemExit("items are missing or out of order")
    return {
        "items": items,
        "stall_s": seconds,
        "made_in_stall": made_in_stall,
        "grown_mb": round(grown / 1e6, 1),
        "rest_s": round(rest, 2),
    }


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = measure(args.items, args.megabytes, args.seconds)
    if args.json:
        print(json.dumps(figures))
        return
    print(
        f"{figures['made_in_stall']} of {args.items} items were made in a stall of "
        f"{args.seconds:g} s, memory grew by {figures['grown_mb']} MB; "
        f"the rest took {figures['rest_s']} s, every item arrived"
    )


if __name__ == "__main__":
    main()
