"""Rollout and rollback to stations: ``python benchmarks/rollout.py [--stations 10] [--mb 20]``.

Starts a PostgreSQL in a folder of its own, learns a small product, pads it to a size, and lets
stations (a thread and a data folder each) follow with a look every ``--every`` seconds. Prints how
long publishing took, after how many seconds each station ran the new revision and the old one
again, and what they ran meanwhile: only the old or the new one, never nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from deeprx_gui.central import migrations  # noqa: E402
from deeprx_gui.central.connect import CentralConnection  # noqa: E402
from deeprx_gui.central.library import Stage  # noqa: E402
from deeprx_gui.cli.main import main as deeprx  # noqa: E402
from deeprx_gui.domain.central import CentralPlace  # noqa: E402
from deeprx_gui.domain.statistics import Statistics  # noqa: E402
from deeprx_gui.paths import Paths, resources_dir  # noqa: E402
from tests.central import postgres_server  # noqa: E402
from tests.central.plant import NAME, Engineer, Station, copy_of, open_store  # noqa: E402
from tests.cli import pictures  # noqa: E402

PATIENCE_S = 600.0


class Line(threading.Thread):
    """A station that looks at the library until told to stop and notes what it runs."""

    def __init__(self, station: Station, every: float) -> None:
        super().__init__(daemon=True)
        self.station, self.every = station, every
        self.ran: list[tuple[float, float | None]] = []
        self.done = threading.Event()

    def run(self) -> None:
        """Look and note."""
        while not self.done.is_set():
            self.station.look()
            limits = self.station.runs()
            now = None if limits is None else round(limits.review_times, 3)
            if not self.ran or self.ran[-1][1] != now:
                self.ran.append((time.monotonic(), now))
            self.done.wait(self.every)


def main() -> int:
    """Measure; returns the exit code."""
    parser = argparse.ArgumentParser(description="Rollout and rollback to stations.")
    parser.add_argument("--stations", type=int, default=10)
    parser.add_argument("--mb", type=float, default=20.0, help="size of the profile")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres_server.running() as server:
        answer = _measure(Path(folder), server, args)
    print(json.dumps(answer, indent=1))
    return 0 if answer["meanwhile_only_old_or_new"] else 1


def _measure(
    root: Path, server: postgres_server.Server, args: argparse.Namespace
) -> dict[str, object]:
    with CentralConnection(server.place, postgres_server.OWNER_PASSWORD) as owner:
        migrations.migrate(owner, migrations.steps(resources_dir() / "central"))
        logins = [_login(owner, server, f"station_{n}", "station") for n in range(args.stations)]
        engineer = Engineer(*_login(owner, server, "sato", "engineer"), _learn(root, args.mb))
    first = engineer.release(engineer.publish(1.1))
    lines = []
    for number, (place, password) in enumerate(logins):
        name, home = f"Station {number}", root / f"station {number}"
        station = Station(place, password, home, f"{number:032x}", name)
        lines.append(Line(station, args.every))
    for line in lines:
        line.start()
    _wait(lines, 1.1)
    began = time.monotonic()
    second = engineer.publish(1.2)
    published = time.monotonic() - began
    began = time.monotonic()
    engineer.release(second)
    out = _wait(lines, 1.2, began)
    began = time.monotonic()
    engineer.roll_out(first, Stage(), back=True)
    back = _wait(lines, 1.1, began)
    for line in lines:
        line.done.set()
    for line in lines:
        line.join()
    sequences = [[now for _, now in line.ran] for line in lines]
    return {
        "stations": args.stations,
        "mb": round(second.size / 1e6, 1),
        "look_every_s": args.every,
        "publish_s": round(published, 2),
        "rollout_s": _spread(out),
        "rollback_s": _spread(back),
        "ran": sequences[0],
        "meanwhile_only_old_or_new": all(s == [1.1, 1.2, 1.1] for s in sequences),
    }


def _spread(seconds: list[float]) -> dict[str, float]:
    return {
        "first": round(min(seconds), 2),
        "median": round(float(np.median(seconds)), 2),
        "last": round(max(seconds), 2),
    }


def _wait(lines: list[Line], wanted: float, began: float = 0.0) -> list[float]:
    """Wait until all run a revision; return the seconds each took."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if all(line.ran and line.ran[-1][1] == wanted for line in lines):
            return [line.ran[-1][0] - began for line in lines]
        time.sleep(0.05)
    raise TimeoutError([line.ran for line in lines])


def _login(
    owner: CentralConnection, server: postgres_server.Server, name: str, role: str
) -> tuple[CentralPlace, str]:
    password = postgres_server.a_password()
    owner.script(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE deeprx_{role}")
    return server.place_of("postgres", name), password


def _learn(root: Path, megabytes: float) -> Path:
    """Return the engineer's data folder with a product of a size."""
    pictures.write_parts(root / "good", 8)
    words = ("--data-dir", root / "learnt", "fit", NAME, root / "good", "--size", "64")
    with contextlib.redirect_stdout(sys.stderr):
        deeprx([*map(str, words), "--detector", "rx", "--lang", "en"])
    home = copy_of(root / "learnt", root / "engineer")
    store = open_store(home)
    profile = store.load(NAME)
    room = np.random.default_rng(0).integers(0, 255, round(megabytes * 1e6), dtype=np.uint8)
    arrays = {**profile.statistics.arrays, "padding": room}
    store.save(replace(profile, statistics=Statistics(arrays, profile.statistics.counts)))
    return Paths(home).data


if __name__ == "__main__":
    raise SystemExit(main())
