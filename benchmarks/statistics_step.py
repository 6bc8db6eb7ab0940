"""What the detector costs on top of the backbone, for one picture.

    python benchmarks/statistics_step.py [--size 256] [--rounds 100] [--weights FILE] [--json]

For each backbone three things are timed in turn, round after round, so that whatever else the
machine does hits all of them alike: the backbone alone, the backbone with the distance, and the
whole score (distance, smoothing, maximum). What counts is the median over the rounds of each
round's ratio. Budget: distance at most 1.15 x backbone. ``--weights`` imports another backbone's
file first (for example ../shared/weights/resnet18_trunk.pth).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch  # noqa: TID253 - this script is about torch

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.deep_rx import SPEC
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.runtimes.table import choose
from deeprx_gui.engine.runtimes.torch_runtime import TorchExtractor, open_cpu, open_cuda

_WARM_UP = 20
_LEARNT = 12


@dataclass(frozen=True)
class Row:
    """Medians in milliseconds, and medians of ratios to the backbone alone."""

    backbone: str
    runtime: str
    threads: int
    channels: int
    backbone_ms: float
    with_distance_ms: float
    whole_score_ms: float
    distance_ratio: float
    whole_ratio: float


def picture(seed: int, size: int) -> ByteImage:
    """A network input: smooth structure and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] + rng.uniform(0, 9, 2)[:, None, None]
    grey = 128 + 50 * np.sin(x / 5) * np.cos(y / 7)
    return np.asarray((grey[:, :, None] + rng.normal(0, 6, (size, size, 3))).clip(0, 255), np.uint8)


def steps(extractor: TorchExtractor, size: int) -> tuple[int, list[Callable[[ByteImage], object]]]:
    """Return the channels and the three things to time, each from pixels on."""
    accumulator = None
    for seed in range(_LEARNT):
        taps = extractor.taps(picture(seed, size))
        accumulator = accumulator or SPEC.accumulator(taps.channels, SPEC.check({}))
        accumulator.add(taps)
    assert accumulator is not None
    head = SPEC.head(accumulator.statistics(), {})
    distance = extractor.scorer(head)

    def alone(pixels: ByteImage) -> object:
        with torch.inference_mode():
            maps = extractor._forward(pixels)  # noqa: SLF001 - the part under the stop-watch
            if maps[-1].is_cuda:
                torch.cuda.synchronize()
            return maps

    def whole(pixels: ByteImage) -> object:
        return smooth_and_reduce(distance(pixels), Scoring())

    return sum(head.channels), [alone, distance, whole]


def measure(library: BackboneLibrary, name: str, size: int, rounds: int) -> Row:
    """Time one backbone at its default taps on the runtime that ``auto`` chooses."""
    weights = library.find(name)
    opened = open_cuda if choose("auto").name == "torch-cuda" else open_cpu
    extractor = opened(weights, weights.spec.default_taps)
    channels, timed = steps(extractor, size)
    pixels = picture(99, size)
    taken: list[list[float]] = []
    for number in range(_WARM_UP + rounds):
        order = [(number + i) % len(timed) for i in range(len(timed))]  # nobody is always first
        row = [0.0] * len(timed)
        for which in order:
            start = time.perf_counter()
            timed[which](pixels)
            row[which] = (time.perf_counter() - start) * 1000
        taken.append(row)
    taken = taken[_WARM_UP:]
    alone, distance, whole = (statistics.median(row[i] for row in taken) for i in range(3))
    return Row(
        backbone=name,
        runtime=extractor.info.name,
        threads=torch.get_num_threads(),
        channels=channels,
        backbone_ms=round(alone, 3),
        with_distance_ms=round(distance, 3),
        whole_score_ms=round(whole, 3),
        distance_ratio=round(statistics.median(row[1] / row[0] for row in taken), 3),
        whole_ratio=round(statistics.median(row[2] / row[0] for row in taken), 3),
    )


def main() -> None:
    """Measure every installed backbone."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--weights", type=Path, action="append", default=[])
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = BackboneLibrary(Path(folder))
        for file in args.weights:
            library.import_file(file)
        names = [s.name for s in library.list() if s.installed and not BACKBONES[s.name].own]
        rows = [measure(library, name, args.size, args.rounds) for name in names]
    if args.json:
        print(json.dumps({"size": args.size, "rows": [asdict(row) for row in rows]}, indent=1))
        return
    print(f"one picture of {args.size} px, {args.rounds} rounds, budget of the distance 1.15")
    print(
        f"{'backbone':20}{'channels':>9}{'alone':>9}{'+ distance':>12}{'+ score':>9}{'ratios':>16}"
    )
    for row in rows:
        print(
            f"{row.backbone:20}{row.channels:9}{row.backbone_ms:9.2f}{row.with_distance_ms:12.2f}"
            f"{row.whole_score_ms:9.2f}{row.distance_ratio:10.3f}{row.whole_ratio:6.3f}"
        )


if __name__ == "__main__":
    main()
