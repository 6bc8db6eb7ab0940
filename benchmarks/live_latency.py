"""From trigger to recorded verdict while a camera delivers 30 pictures of 1080p a second.

    python benchmarks/live_latency.py [--parts 200] [--fps 30] [--backbone efficientnet-lite0]

A replay source plays the camera; the run is triggered by key at uneven moments, as a PLC would, and
a second thread looks at the preview 30 times a second, as the window does. Latency is measured here
from the press to the moment the run hands out the recorded verdict. A picture must first arrive
after the press: with 30 a second that alone takes 0 to 33 ms. Without the window.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from contextlib import closing, redirect_stdout
from pathlib import Path

import numpy as np

from deeprx_gui.cli.main import main as deeprx
from deeprx_gui.domain.inspection import InspectedPart, KeepRule, Trigger
from deeprx_gui.domain.source import SourceConnection, SourceSpec, SourceState
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
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveRequest, live

NAME = "Latency"


def prepare(folder: Path, backbone: str) -> None:
    """Make 1080p pictures and learn twelve of them."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:1080, 0:1920]
    plate = 128 + 40 * np.sin(x / 70.0) * np.cos(y / 110.0)
    for number in range(32):
        grey = plate + rng.normal(0, 4, plate.shape)
        pixels = np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
        target = folder / ("good" if number < 12 else "line") / f"{number:02}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(encode_png(pixels))
    words = ["--data-dir", str(folder / "data"), "fit", NAME, str(folder / "good")]
    if deeprx([*words, "--backbone", backbone]) != 0:
        raise SystemExit("the profile could not be learnt")


class Presser:
    """Presses the key at uneven moments and watches the preview, in threads of its own."""

    def __init__(self, controls: LiveControls, parts: int, pause: float) -> None:
        self.pressed: dict[str, float] = {}
        self.seen = 0
        self.began = self.ended = 0.0
        self._controls, self._parts, self._pause = controls, parts, pause
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._press), threading.Thread(target=self._watch)
        ]  # fmt: skip

    def start(self) -> None:
        """Begin; called when the source delivers."""
        self.began = time.perf_counter()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads."""
        self._over.set()
        self.ended = time.perf_counter()
        for thread in self._threads:
            thread.join()

    def _press(self) -> None:
        rng = random.Random(0)  # noqa: S311 - moments, not secrets
        for number in range(self._parts):
            if self._over.wait(self._pause * rng.uniform(0.5, 1.5)):
                return
            self.pressed[str(number)] = time.perf_counter()
            self._controls.fire(str(number))

    def _watch(self) -> None:
        last = None
        while not self._over.wait(1 / 60):
            newest = self._controls.newest()
            self.seen += newest is not last
            last = newest


def measure(folder: Path, parts: int, fps: float, pause: float) -> dict[str, object]:
    """Run and return the figures."""
    paths = Paths(folder / "data")
    spec = SourceSpec("replay", str(folder / "line"), {"fps": fps, "memory": 512.0})
    station = Station(source=spec, trigger=Trigger.KEY, keep=KeepRule())
    controls = LiveControls()
    presser = Presser(controls, parts, pause)
    latency, engine = [], []
    with (
        closing(RecordStore(paths.results)) as store,
        closing(PictureKeeper(store.folder, station.keep)) as keeper,
        closing(OutputHub(())) as outputs,
    ):
        profile = ProfileStore(paths.profiles).load(NAME)
        job = live(
            LiveRequest(profile, station, "", parts),
            engines=EnginePool(BackboneLibrary(paths.backbones), cache=paths.cache),
            recorder=Recorder(store, keeper),
            outputs=outputs,
            controls=controls,
        )
        runtime = ""
        try:
            for progress in job:
                item = progress.item
                if isinstance(item, SourceState) and item.link is SourceConnection.LIVE:
                    presser.start()
                if isinstance(item, InspectedPart):
                    now = time.perf_counter()
                    latency.append((now - presser.pressed[item.record.serial]) * 1000)
                    engine.append(item.record.milliseconds)
                    runtime = item.record.runtime
        finally:
            presser.stop()
    seconds = presser.ended - presser.began
    p50, p95, p99 = (round(float(v), 1) for v in np.percentile(latency, (50, 95, 99)))
    return {
        "parts": len(latency),
        "runtime": runtime,
        "latency_ms": {"p50": p50, "p95": p95, "p99": p99, "max": round(max(latency), 1)},
        "engine_ms": {
            "p50": round(float(np.median(engine)), 2),
            "p95": round(float(np.percentile(engine, 95)), 2),
        },
        "preview_fps": round(presser.seen / seconds, 1),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", type=int, default=200)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between parts, mean")
    parser.add_argument("--backbone", default="efficientnet-lite0")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with redirect_stdout(sys.stderr):
            prepare(folder, args.backbone)
        told = measure(folder, args.parts, args.fps, args.pause)
    print(json.dumps({"backbone": args.backbone, "fps": args.fps, **told}, indent=1))


if __name__ == "__main__":
    main()
