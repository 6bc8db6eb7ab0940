"""Kill a live run at random instants and look for a verdict that was shown and is not stored.

    python benchmarks/kill.py [--kills 200] [--seed 0] [--backbone efficientnet-lite0]

``deeprx inspect`` runs on a replay source in a process of its own and prints each verdict once it
may be shown. It is killed (SIGKILL, on Windows TerminateProcess) at a random instant and started
again. In the end every verdict that was printed must be in the store exactly once and as printed,
the store's file and its index whole, and every profile must open. A kill is not a power cut: what
the system has in its caches survives it. That is what the flush after every verdict is for.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deeprx_gui.cli.main import main as deeprx
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.results.records.store import FILE_NAME, RecordStore

NAME = "Kill test"
_ROOT = Path(__file__).resolve().parents[1]
_LONGEST = 1.5
"""Seconds after its first verdict in which a run is killed; half of the kills come much sooner."""


@dataclass
class Shown:
    """What the runs showed, and what they said beside."""

    verdicts: list[dict[str, object]] = field(default_factory=list)
    torn: int = 0
    without: int = 0
    complaints: list[str] = field(default_factory=list)


def prepare(folder: Path, backbone: str | None) -> None:
    """Make parts, and learn them: with pixels only, or with a network."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:96, 0:96]
    plate = 128 + 40 * np.sin(x / 7.0) * np.cos(y / 11.0)
    for number in range(20):
        grey = plate + rng.normal(0, 4, plate.shape)
        if number >= 16:
            grey[30:60, 40:46] = 5
        pixels = np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
        target = folder / ("good" if number < 12 else "line") / f"{number}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(encode_png(pixels))
    what = ["--detector", "rx"] if backbone is None else ["--backbone", backbone]
    words = ["--data-dir", str(folder / "data"), "fit", NAME, str(folder / "good"), "--size", "64"]
    if deeprx([*words, *what]) != 0:
        raise SystemExit("the profile could not be learnt")


def run_and_kill(folder: Path, seconds: float, *, early: bool, shown: Shown) -> None:
    """Start a run; kill it ``seconds`` after its first verdict, or after its start if ``early``."""
    words = ["--data-dir", str(folder / "data"), "inspect", NAME, "--jsonl", "--keep", "all"]
    words += ["--source", f"replay:{folder / 'line'}?fps=0&lossy=0"]
    with subprocess.Popen(
        [sys.executable, "-m", "deeprx_gui", *words],
        cwd=_ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "DEEPRX_DATA_DIR": str(folder / "data")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        lines: list[bytes] = []
        aside: list[bytes] = []
        first = threading.Event()

        def read(stream: Sequence[bytes], found: list[bytes]) -> None:
            for line in stream:
                found.append(line)
                if found is lines:
                    first.set()

        readers = [
            threading.Thread(target=read, args=(running.stdout, lines)),
            threading.Thread(target=read, args=(running.stderr, aside)),
        ]
        for reader in readers:
            reader.start()
        if not early:
            first.wait(60)
        time.sleep(seconds)
        running.kill()
        running.wait()
        for reader in readers:
            reader.join()
    _note(lines, aside, shown)


def _note(lines: list[bytes], aside: list[bytes], shown: Shown) -> None:
    shown.without += not lines
    for line in lines:
        if line.endswith(b"\n"):
            shown.verdicts.append(json.loads(line))
        else:
            shown.torn += 1  # cut off in the pipe: not shown
    usual = ("Getting ready", "The source delivers")
    told = b"".join(aside).decode("utf-8", "replace").splitlines()
    shown.complaints += [t for t in told if t.strip() and not t.startswith(usual)]


def check(folder: Path, shown: Shown) -> list[str]:
    """Return everything that is wrong; nothing is."""
    wrong = []
    data = folder / "data"
    with closing(RecordStore(data / "results")) as store:
        if not store.writable or store.notice is not None:
            wrong.append(f"the store says: {store.notice}")
        stored = {r.uid: (r.number, r.verdict.value, r.score) for r in store.rows(RecordQuery())}
    with closing(sqlite3.connect(data / "results" / FILE_NAME)) as file:
        whole = file.execute("PRAGMA integrity_check").fetchone()[0]
        if whole != "ok":
            wrong.append(f"the store is damaged: {whole}")
        rows = file.execute("SELECT count(*) FROM records").fetchone()[0]
    if rows != len(stored):
        wrong.append(f"{rows - len(stored)} verdicts are stored twice")
    twice = [u for u, n in Counter(str(v["uid"]) for v in shown.verdicts).items() if n > 1]
    lost = [v for v in shown.verdicts if v["uid"] not in stored]
    changed = [
        v
        for v in shown.verdicts
        if v["uid"] in stored and stored[str(v["uid"])] != (v["number"], v["verdict"], v["score"])
    ]
    wrong += [f"shown twice: {u}" for u in twice]
    wrong += [f"shown and not stored: {v}" for v in lost]
    wrong += [f"not stored as it was shown: {v}" for v in changed]
    profiles = ProfileStore(data / "profiles")
    for card in profiles.list():
        if card.problem is not None:
            wrong.append(f"the profile {card.name} does not open: {card.problem}")
        wrong += [f"{card.name}: {f.problem}" for f in profiles.verify(card.id) if f.problem]
        profiles.load(card.id)
    return wrong


def main() -> int:
    """Kill, restart, check; print what was found; exit code 1 when anything is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backbone", help="a network instead of the cheap detector rx")
    args = parser.parse_args()
    rng = random.Random(args.seed)  # noqa: S311 - instants, not secrets
    shown = Shown()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, args.backbone)
        for number in range(args.kills):
            early = number % 10 == 9  # while it starts: opening the store, loading, checking
            longest = 1.0 if early else rng.choice([0.02, 0.2, _LONGEST])
            run_and_kill(folder, rng.uniform(0, longest), early=early, shown=shown)
        wrong = check(folder, shown)
        with closing(RecordStore(folder / "data" / "results")) as store:
            stored = store.newest()
    figures = {
        "kills": args.kills,
        "detector": "rx" if args.backbone is None else f"deep-rx, {args.backbone}",
        "shown": len(shown.verdicts),
        "stored": stored,
        "killed_before_the_first_verdict": shown.without,
        "lines_cut_off": shown.torn,
        "complaints": sorted(set(shown.complaints)),
        "wrong": wrong,
        "seconds": round(time.perf_counter() - start, 1),
    }
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
