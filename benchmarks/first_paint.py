"""How long the window takes to its first paint, and two checkouts compared in turns.

    python benchmarks/first_paint.py [--against CHECKOUT] [--runs 5]

Starts the real program on a virtual screen (Xvfb) with a data folder of its own and watches the
screen: seconds from the start of the process to the first changed pixels, to calm, and of
processor time. With ``--against`` each run is followed by one of the other checkout, so that both
see the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

import screen_file  # noqa: E402

NAMES = ("first paint", "calm", "processor")


def opened(checkout: Path, data: Path) -> tuple[float, float, float]:
    """Open and close the window of a checkout once: seconds to first paint, calm, processor."""
    with screen_file.screen() as shown:
        environment = {**os.environ, "DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb"}
        start = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "deeprx_gui", "--data-dir", data, "--lang", "en"],
            cwd=checkout,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            first, last = screen_file.wait_for_window(shown, start)
            used = psutil.Process(process.pid).cpu_times()
            process.send_signal(signal.SIGINT)
            process.wait(20)
        finally:
            process.kill()
        return first, last, used.user + used.system


def main() -> int:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description="Seconds to the window's first paint.")
    parser.add_argument("--against", type=Path, help="another checkout, measured in turns")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    places = {"this": ROOT, **({"other": args.against} if args.against else {})}
    seconds: dict[str, list[tuple[float, float, float]]] = {name: [] for name in places}
    with tempfile.TemporaryDirectory() as data:
        for run in range(args.runs + 1):
            for name, place in places.items():
                measured = opened(place, Path(data) / name)
                if run:  # the first reads the files into memory
                    seconds[name].append(measured)
    figures = {
        name: {
            figure: round(statistics.median(column), 2)
            for figure, column in zip(NAMES, zip(*rows, strict=True), strict=True)
        }
        for name, rows in seconds.items()
    }
    print(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
