"""Every runtime of this PC against the others, on the same backbone and the same picture.

    python benchmarks/runtimes.py [--backbones efficientnet-lite0,…] [--weights FILE] [--size 256]
                                  [--rounds 40] [--json]

Of each runtime the backbone alone and the whole score of a deep-rx profile are timed, all of them
in turn, round after round. The last column is how many times as fast as the slowest runtime the
score is. ``--weights`` imports another backbone's file first (for example
../shared/weights/resnet18_trunk.pth). For every detector in one runtime: ``deeprx benchmark``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from deeprx_gui.domain.errors import RuntimeChoiceError
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine import Engine, Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.engine.runtimes.table import RUNTIMES, choose
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.benchmark import settings_for, write_parts
from deeprx_gui.work.drawn_samples import sample_part
from deeprx_gui.work.fit import fit
from deeprx_gui.work.machine import this_machine
from deeprx_gui.work.timing_rounds import WARM_UP, TimingRounds

_NORMALS = 8


@dataclass(frozen=True)
class Row:
    """Medians and best rounds in milliseconds; ``gain`` over the slowest runtime's score."""

    backbone: str
    runtime: str
    backbone_ms: float
    backbone_ms_fastest: float
    score_ms: float
    score_ms_fastest: float
    score_ratio: float
    gain: float


def runtimes() -> list[str]:
    """Return the runtimes that work here."""
    found = []
    for name in RUNTIMES:
        try:
            found.append(choose(name).name)
        except RuntimeChoiceError:
            continue
    return found


def opened(library: BackboneLibrary, name: str, size: int, folder: Path) -> list[_Opened]:
    """Open a profile learnt in the first runtime in all of them."""
    settings = settings_for(name, FitSettings().detector.name, size)
    files = write_parts(folder / name, _NORMALS, size)
    store = ProfileStore(folder / "profiles" / name)
    rooms = [EnginePool(library, runtime, folder / "cache") for runtime in runtimes()]
    request = FitRequest(name, files, settings, "benchmark")
    for _ in fit(request, engines=rooms[0], store=store, scratch=folder / "scratch"):
        pass
    profile = store.load(name)
    return [_Opened(r.for_fit(settings), r.for_profile(profile)) for r in rooms]


@dataclass(frozen=True)
class _Opened:
    engine: Engine
    scorer: Scorer


def measure(library: BackboneLibrary, name: str, size: int, rounds: int, folder: Path) -> list[Row]:
    """Time one backbone at its default taps in every runtime."""
    rooms = opened(library, name, size, folder)
    frame = Frame(resize_area(sample_part(1000, defect=True), size, size), "benchmark")
    calls: list[Callable[[], object]] = []
    for room in rooms:
        prepared = room.engine.prepare(frame.pixels)
        calls += [partial(room.engine.compute, prepared), partial(room.scorer.score, frame)]
    timed = TimingRounds(calls)
    for _ in range(rounds + WARM_UP):
        timed.once()
    scores = range(1, len(calls), 2)
    slowest = max(scores, key=timed.median)
    return [
        Row(
            backbone=name,
            runtime=room.engine.info.name,
            backbone_ms=round(timed.median(at - 1), 3),
            backbone_ms_fastest=round(timed.fastest(at - 1), 3),
            score_ms=round(timed.median(at), 3),
            score_ms_fastest=round(timed.fastest(at), 3),
            score_ratio=round(timed.ratio(at, to=at - 1), 3),
            gain=round(timed.ratio(slowest, to=at), 2),
        )
        for room, at in zip(rooms, scores, strict=True)
    ]


def main() -> None:
    """Measure the chosen backbones, all installed ones unless given."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backbones", default="")
    parser.add_argument("--weights", type=Path, action="append", default=[])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    machine = this_machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = BackboneLibrary(folder / "backbones")
        for file in args.weights:
            library.import_file(file)
        installed = [s.name for s in library.list() if s.installed and not BACKBONES[s.name].own]
        rows = [
            row
            for backbone in (args.backbones.split(",") if args.backbones else installed)
            for row in measure(library, backbone, args.size, args.rounds, folder)
        ]
    if args.json:
        answer = {"machine": asdict(machine), "size": args.size, "rows": [asdict(r) for r in rows]}
        print(json.dumps(answer, indent=1))
        return
    print(f"{machine.cpu}, {machine.cores} cores, load {machine.load}; {args.size} px")
    titles = ("backbone", "runtime", "alone ms", "best", "score ms", "best", "x alone", "gain")
    print("{:20}{:14}{:>9}{:>8}{:>10}{:>8}{:>9}{:>7}".format(*titles))
    for r in rows:
        print(
            f"{r.backbone:20}{r.runtime:14}{r.backbone_ms:9.2f}{r.backbone_ms_fastest:8.2f}"
            f"{r.score_ms:10.2f}{r.score_ms_fastest:8.2f}{r.score_ratio:9.3f}{r.gain:7.2f}"
        )


if __name__ == "__main__":
    main()
