"""What the size of patchcore's memory bank costs, beside the backbone alone.

    python benchmarks/bank.py [--backbones efficientnet-lite0,…] [--weights FILE]
                              [--sizes 256,384] [--banks 1000,3000,10000] [--rounds 40]
                              [--runtime openvino] [--numpy]

One picture in memory, backbone and whole scores in turn, round after round; a ratio is the median
over the rounds. The first columns are time on the wall, the last ones processor time, which a busy
PC disturbs less. ``--numpy`` adds the distance computed outside the runtime's graph.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.bank_head import BankHead, patches
from deeprx_gui.engine.engine import Engine, score_of
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.work.benchmark import settings_for
from deeprx_gui.work.drawn_samples import sample_part
from deeprx_gui.work.machine import this_machine
from deeprx_gui.work.timing_rounds import WARM_UP, TimingRounds

_NEIGHBOURS = 9


def bank_of(engine: Engine, size: int, rows: int) -> BankHead:
    """Return a bank of patches of good parts, chosen at random: what they are costs no time."""
    found: list[Float32] = []
    seed, channels = 0, tuple[int, ...]()
    while sum(map(len, found)) < rows:
        taps = engine.look(resize_area(sample_part(seed), size, size))
        found.append(patches(taps)[:: max(1, taps.grid[0] * taps.grid[1] // 512)])
        seed, channels = seed + 1, taps.channels
    return BankHead(np.concatenate(found)[:rows], channels, _NEIGHBOURS)


def in_numpy(engine: Engine, head: BankHead, frame: Frame) -> None:
    """Score as a runtime does that does not know the head."""
    with single_threaded_blas():
        score_of(head, engine.look(frame.pixels), Scoring())


def measure(engine: Engine, size: int, banks: list[int], rounds: int, *, numpy: bool) -> None:
    """Print a line for the backbone alone and one for each bank."""
    frame = Frame(resize_area(sample_part(1000, defect=True), size, size), "benchmark")
    prepared = engine.prepare(frame.pixels)
    names = ["alone"]
    calls: list[Callable[[], object]] = [partial(engine.compute, prepared)]
    for rows in banks:
        head = bank_of(engine, size, rows)
        scorer = engine.scorer(head, Scoring())
        start = time.perf_counter()
        scorer.score(frame)
        names.append(f"{rows} (first {time.perf_counter() - start:.1f} s)")
        calls.append(partial(scorer.score, frame))
        if numpy:
            names.append(f"{rows} numpy")
            calls.append(partial(in_numpy, engine, head, frame))
    # rounds of each clock take turns, so that both see the same PC
    clocks = TimingRounds(calls), TimingRounds(calls, time.process_time)
    for _ in range(rounds + WARM_UP):
        for timed in clocks:
            timed.once()
    for at, name in enumerate(names):
        cells = "".join(
            f"{t.median(at):9.1f}{t.fastest(at):8.1f}{t.ratio(at, to=0):7.2f}"
            f"{t.fastest(at) / t.fastest(0):7.2f}"
            for t in clocks
        )
        print(f"{size:5}  {name:22}{cells}", flush=True)


def main() -> None:
    """Measure the chosen backbones and sizes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backbones", default="efficientnet-lite0")
    parser.add_argument("--weights", type=Path, action="append", default=[])
    parser.add_argument("--sizes", default="256,384")
    parser.add_argument("--banks", default="1000,3000,10000")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--runtime", default="openvino")
    parser.add_argument("--numpy", action="store_true")
    args = parser.parse_args()
    machine = this_machine()
    print(f"{machine.cpu}, {machine.cores} cores, load {machine.load}")
    titles = ("median", "best", "ratio", "best") * 2
    print(
        "size  bank                  " + "{:>9}{:>8}{:>7}{:>7}{:>9}{:>8}{:>7}{:>7}".format(*titles)
    )
    with tempfile.TemporaryDirectory() as name:
        library = BackboneLibrary(Path(name) / "backbones")
        for file in args.weights:
            library.import_file(file)
        for backbone in args.backbones.split(","):
            print(backbone)
            for size in map(int, args.sizes.split(",")):
                engine = EnginePool(library, args.runtime).for_fit(
                    settings_for(backbone, "patchcore", size)
                )
                banks = [int(rows) for rows in args.banks.split(",")]
                measure(engine, size, banks, args.rounds, numpy=args.numpy)


if __name__ == "__main__":
    main()
