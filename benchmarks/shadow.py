"""What a candidate in the shadow costs the line: time per picture with and without, in one run.

    python benchmarks/shadow.py [--parts 60] [--rounds 3] [--pause 0.4] [--backbone NAME]

Two revisions of one product (same network, other limits) judge made pictures of 1080p. Two lines:
"files" judges a folder as fast as it goes, so the candidate shares the processor all the time;
"camera" is triggered every --pause seconds at uneven moments, and the candidate works in the
pauses. Rounds with and without the candidate alternate, so that a busy machine disturbs both.
Prints a table; --json FILE keeps the figures of every round.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from live_latency import NAME, Presser, prepare  # type: ignore[import-not-found]

from deeprx_gui.domain.inspection import InspectedPart, Keep, KeepRule, Trigger
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.source import SourceConnection, SourceSpec, SourceState
from deeprx_gui.domain.station import Station
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.shadow_log import ShadowLog
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveRequest, live
from deeprx_gui.work.shadow import Shadow, ShadowJudge, ShadowPlan

Figures = dict[str, float]


class Bench:
    """Two revisions, one set of engines for the line and one for the candidate."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.paths = folder, Paths(folder / "data")
        store = ProfileStore(self.paths.profiles)
        self.live = store.load(NAME)
        self.candidate = store.save(
            replace(self.live, limits=self.live.limits.moved(ng=self.live.limits.ng * 2))
        )
        library = BackboneLibrary(self.paths.backbones)
        self.engines = EnginePool(library, cache=self.paths.cache)
        self.others = EnginePool(library, cache=self.paths.cache)

    def shadow(self, log: ShadowLog) -> Shadow:
        """Return the candidate beside the line."""
        trial = log.begin(self.live.id, NAME, self.candidate.revision, who="")
        return ShadowJudge(
            ShadowPlan(trial.number, self.live, self.candidate), lambda: self.others, log
        )

    def run(self, station: Station, parts: int, pause: float, *, shadowed: bool) -> Figures:
        """Judge so many parts; return milliseconds per part and from trigger to verdict."""
        controls = LiveControls()
        presser = Presser(controls, parts, pause)
        moments: list[float] = []
        latency: list[float] = []
        with (
            tempfile.TemporaryDirectory() as place,
            closing(RecordStore(Path(place))) as store,
            closing(OutputHub(())) as outputs,
            closing(ShadowLog(self.paths.shadow)) as log,
        ):
            before = self._counts(log, self.live)
            job = live(
                LiveRequest(self.live, station, "", parts),
                engines=self.engines,
                recorder=Recorder(store),
                outputs=outputs,
                controls=controls,
                shadow=self.shadow(log) if shadowed else None,
            )
            keyed = station.trigger is Trigger.KEY
            try:
                for progress in job:
                    item = progress.item
                    live_now = isinstance(item, SourceState) and item.link is SourceConnection.LIVE
                    if live_now and keyed:
                        presser.start()
                    if isinstance(item, InspectedPart):
                        moments.append(time.perf_counter())
                        latency.append(item.record.latency)
            finally:
                if keyed:
                    presser.stop()
            after = self._counts(log, self.live)
        each = np.diff(moments) * 1000
        return {
            "parts": len(moments),
            "ms_per_part": float(np.median(each)),
            "latency_p50": float(np.percentile(latency, 50)),
            "latency_p95": float(np.percentile(latency, 95)),
            "judged_by_both": after[0] - before[0],
            "left_out": after[1] - before[1],
        }

    @staticmethod
    def _counts(log: ShadowLog, profile: Profile) -> tuple[int, int]:
        trial = log.running(profile.id)
        return (0, 0) if trial is None else (trial.compared, trial.skipped)


def main() -> None:
    """Prepare, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between two triggers")
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--json", type=Path, help="keep the figures of every round")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder, args.backbone)
        bench = Bench(folder)
        found = measure(bench, args.parts, args.rounds, args.pause)
    for line, rounds in found.items():
        report(line, rounds)
    if args.json is not None:
        args.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def measure(
    bench: Bench, parts: int, rounds: int, pause: float
) -> dict[str, dict[str, list[Figures]]]:
    """Return the figures of each round, without ("alone") and with the candidate ("both")."""
    line = str(bench.folder / "line")
    memory = {"memory": 512.0}
    keep = KeepRule(Keep.NONE)
    stations = {
        "files": Station(source=SourceSpec("replay", line, {"fps": 0, "lossy": False, **memory}),
                         keep=keep),
        "camera": Station(source=SourceSpec("replay", line, {"fps": 30, **memory}),
                          trigger=Trigger.KEY, keep=keep),
    }  # fmt: skip
    found: dict[str, dict[str, list[Figures]]] = {}
    for name, station in stations.items():
        once: Callable[[bool], Figures] = lambda on, station=station: bench.run(  # type: ignore[misc] # noqa: E731
            station, parts, pause, shadowed=on
        )
        once(False)  # the first run opens everything
        every = [(once(False), once(True)) for _ in range(rounds)]
        found[name] = {"alone": [a for a, _ in every], "both": [b for _, b in every]}
    return found


def report(line: str, rounds: dict[str, list[Figures]]) -> None:
    """Print the medians over the rounds and their ratio."""
    print(f"{line}:")
    for key in ("ms_per_part", "latency_p50", "latency_p95"):
        alone, both = (float(np.median([r[key] for r in rounds[k]])) for k in ("alone", "both"))
        print(f"  {key:12} alone {alone:8.1f}  with candidate {both:8.1f}  x {both / alone:.2f}")
    judged = sum(r["judged_by_both"] for r in rounds["both"])
    left = sum(r["left_out"] for r in rounds["both"])
    print(f"  candidate judged {judged:.0f} parts, left out {left:.0f}")


if __name__ == "__main__":
    main()
