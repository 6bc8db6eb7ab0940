"""A long shift: 200,000 parts through the whole path, and whether memory or time grow.

    python benchmarks/soak.py [--frames 200000] [--seconds S] [--backbone rx] [--size 64] [--json]

Replay source (no picture skipped) → engine → store (one flush of the disk per verdict, as on the
line) → the window's model of a live run, which hands out its signals. ``--backbone rx`` has no
network; with a network's name the detector is deep-rx. Resident memory is sampled 200 times: the
median of the last 5 % of the run must be within 5 % of the median of its first 5 to 10 %. Every
picture must come out, once and in order: after a missing one none would be in its place any more.
``--seconds`` ends it earlier, after that time.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from deeprx_gui.cli.main import main as deeprx
from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import InspectedPart, Keep, KeepRule
from deeprx_gui.domain.live_items import CycleTime
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.state.inspect import InspectModel
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveRequest, live

NAME = "Soak test"
_PICTURES = 50
_SAMPLES = 200


@dataclass
class Seen:
    """What came out of the run."""

    intervals: Float64
    milliseconds: Float64  # both made before the run: what measures must not grow
    parts: int = 0
    memory: list[float] = field(default_factory=list)
    out_of_order: int = 0
    cycle: CycleTime | None = None
    seconds: float = 0.0


def prepare(folder: Path, backbone: str, size: int) -> tuple[Profile, list[Path]]:
    """Make parts, of which one in ten is bad, and learn the good ones."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:120, 0:160]
    plate = 128 + 40 * np.sin(x / 7.0) * np.cos(y / 11.0)
    line = []
    for number in range(20 + _PICTURES):
        grey = plate + rng.normal(0, 4, plate.shape)
        if number >= 20 and number % 10 == 0:
            grey[30:60, 40:46] = 5
        pixels = np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
        target = folder / ("good" if number < 20 else "line") / f"{number:03}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(encode_png(pixels))
        if number >= 20:
            line.append(target)
    what = ["--detector", "rx"] if backbone == "rx" else ["--backbone", backbone]
    words = ["--data-dir", str(folder / "data"), "fit", NAME, str(folder / "good")]
    if deeprx([*words, "--size", str(size), *what]) != 0:
        raise SystemExit("the profile could not be learnt")
    profiles = ProfileStore(Paths(folder / "data").profiles)
    return profiles.load(NAME), line


def soak(
    folder: Path,
    profile: Profile,
    line: Sequence[Path],
    frames: int,
    keep: Keep,
    *,
    seconds: float = math.inf,
) -> Seen:
    """Run all frames through the whole path, or as many as come in so many seconds."""
    paths = Paths(folder / "data")
    station = Station(
        source=SourceSpec("replay", str(folder / "line"), {"fps": 0, "lossy": False, "loop": True}),
        keep=KeepRule(keep),
    )
    seen, model, process = Seen(np.ones(frames), np.ones(frames)), InspectModel(), psutil.Process()
    sampling, pause = max(1, frames // _SAMPLES), seconds / _SAMPLES
    controls, sampled = LiveControls(), 0.0
    with (
        closing(RecordStore(paths.results)) as store,
        closing(PictureKeeper(store.folder, station.keep)) as keeper,
        closing(OutputHub(())) as outputs,
    ):
        job = live(
            LiveRequest(profile, station, "soak", frames),
            engines=EnginePool(BackboneLibrary(paths.backbones), cache=paths.cache),
            recorder=Recorder(store, keeper),
            outputs=outputs,
            controls=controls,
        )
        number, begun = 0, time.perf_counter()
        last = begun
        for progress in job:
            if progress.item is None:
                continue
            model.take([progress.item])
            if isinstance(progress.item, CycleTime):
                seen.cycle = progress.item
            if not isinstance(progress.item, InspectedPart):
                continue
            now = time.perf_counter()
            begun, last = (now, now) if number == 0 else (begun, last)
            record = progress.item.record
            seen.intervals[number] = (now - last) * 1000
            seen.milliseconds[number] = record.milliseconds
            last = now
            seen.out_of_order += record.source != str(line[number % len(line)])
            number += 1
            if number % sampling == 0 or now - sampled >= pause:
                seen.memory.append(process.memory_info().rss / 1e6)
                sampled = now
            if now - begun >= seconds:
                controls.stop()
        seen.seconds = time.perf_counter() - begun
        stored = store.count(RecordQuery())
        assert stored == model.counts.total == number
        seen.parts = number
    return seen


def figures(seen: Seen, frames: int) -> dict[str, object]:
    """Return what is to be told; memory in MB, times in ms."""
    count = len(seen.memory)
    early = seen.memory[count // 20 : max(count // 20 + 1, count // 10)]
    late = seen.memory[-max(1, count // 20) :]
    growth = statistics.median(late) / statistics.median(early) - 1
    p50, p95, p99 = np.percentile(seen.intervals[1 : seen.parts], (50, 95, 99))
    return {
        "frames": frames,
        "lost": frames - seen.parts,
        "out_of_order": seen.out_of_order,
        "seconds": round(seen.seconds, 1),
        "parts_per_second": round(frames / seen.seconds, 1),
        "cycle_ms": {
            "p50": round(float(p50), 3),
            "p95": round(float(p95), 3),
            "p99": round(float(p99), 3),
        },
        "engine_ms_p50": round(float(np.median(seen.milliseconds)), 3),
        "rss_mb": {
            "after_5_percent": round(statistics.median(early), 1),
            "end": round(statistics.median(late), 1),
            "greatest": round(max(seen.memory), 1),
        },
        "rss_growth": round(growth, 4),
        "within_budget": growth < 0.05 and seen.out_of_order == 0 and seen.parts == frames,
    }


def main() -> int:
    """Print the figures; exit code 1 when memory grew or a picture is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--backbone", default="rx")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--keep", type=Keep, choices=tuple(Keep), default=Keep.NONE)
    parser.add_argument("--folder", type=Path, help="where to work (a disk to measure)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        with redirect_stdout(sys.stderr):
            profile, line = prepare(folder, args.backbone, args.size)
        seen = soak(folder, profile, line, args.frames, args.keep, seconds=args.seconds)
    wanted = args.frames if math.isinf(args.seconds) else min(args.frames, seen.parts)
    told = {"backbone": args.backbone, "size": args.size, **figures(seen, wanted)}
    if args.json:
        print(json.dumps(told, indent=1))
    else:
        for key, value in told.items():
            print(f"{key:20} {value}")
    return 0 if told["within_budget"] else 1


if __name__ == "__main__":
    sys.exit(main())
