"""Where is bfloat16 taken, and what does it change? Real sets, on a processor that has it.

    python benchmarks/reduced_precision.py [--data ../shared/data] [--normals 40] [--tests 60]
        [--detectors deep-rx padim patchcore] [--sets cookie ...] [--size 256]

Learns each detector on each set in float32 and scores the same unseen pictures in both. *golden*,
*held out*: the greatest difference that the program sees when it decides, in x suggested limit;
*taken*: what it decides; *unseen*: the greatest difference on the unseen pictures, good and bad;
*sides*: how many of them lie on another side of the NG limit; *time*: bfloat16 over float32.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image
from real_sets import real_sets  # type: ignore[import-not-found]

from deeprx_gui.capture.dataset import Dataset
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.golden_difference import golden_difference, scored_difference
from deeprx_gui.engine.reduced_precision import is_worth_while
from deeprx_gui.engine.runtimes.table import reduced_of
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit
from deeprx_gui.work.held_out_frames import highest_held_out

EXACT = "openvino-cpu"


@dataclass(frozen=True)
class Row:
    """Differences are in x suggested review limit."""

    golden: float
    held_out: float
    taken: bool
    unseen: float
    sides: int
    tests: int
    time: float


def compare(dataset: Dataset, settings: FitSettings, normals: int, tests: int) -> Row:
    """Learn in float32, then score unseen pictures in both precisions."""
    draw = np.random.default_rng(0)
    learnt = [dataset.train[i] for i in draw.permutation(len(dataset.train))[:normals]]
    unseen = [dataset.test[i] for i in draw.permutation(len(dataset.test))[:tests]]
    reduced = reduced_of(EXACT)
    assert reduced is not None
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        library, store = BackboneLibrary(root / "backbones"), ProfileStore(root / "profiles")
        engines = EnginePool(library, EXACT)
        request = FitRequest("compared", tuple(learnt), settings, "benchmark")
        for _ in fit(request, engines=engines, store=store, scratch=root / "scratch"):
            pass
        profile = store.load("compared")
        exact = engines.for_profile(profile)
        other = EnginePool(library, reduced).for_profile(profile)
        frames = tuple(highest_held_out(profile))
        prepare = engines.for_fit(settings).prepare
        scores, seconds = np.empty((len(unseen), 2)), np.empty((len(unseen), 2))
        for number, test in enumerate(unseen):
            pixels: ByteImage = prepare(np.asarray(Image.open(test.path).convert("RGB"), np.uint8))
            for place, scorer in enumerate((exact, other)):
                start = time.perf_counter()
                scores[number, place] = scorer.score_prepared(pixels).value
                seconds[number, place] = time.perf_counter() - start
        above = scores > profile.limits.ng
        return Row(
            golden=golden_difference(profile, other),
            held_out=scored_difference(profile, exact, other, frames),
            taken=is_worth_while(profile, exact, other, frames),
            unseen=float(np.abs(np.diff(scores)).max() / profile.suggested.review),
            sides=int((above[:, 0] != above[:, 1]).sum()),
            tests=len(unseen),
            time=float(np.median(seconds[:, 1] / seconds[:, 0])),
        )


def main() -> None:
    """Print a row for each set and detector."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--detectors", nargs="+", default=["deep-rx", "padim", "patchcore"])
    parser.add_argument("--normals", type=int, default=40)
    parser.add_argument("--tests", type=int, default=60)
    parser.add_argument("--size", type=int, default=256)
    args = parser.parse_args()
    if reduced_of(EXACT) is None:
        parser.exit(1, "This processor has no bfloat16: there is nothing to compare.\n")
    base = FitSettings()
    base = replace(base, preprocessing=replace(base.preprocessing, size=args.size))
    print(f"{'set':16}{'detector':11}{'golden':>8}{'held out':>10}{'taken':>7}", end="")
    print(f"{'unseen':>8}{'sides':>10}{'time':>6}")
    for name, dataset in real_sets(args.data.resolve(), args.sets).items():
        for detector in args.detectors:
            settings = replace(base, detector=DetectorChoice(detector))
            row = compare(dataset, settings, args.normals, args.tests)
            print(
                f"{name:16}{detector:11}{row.golden:8.3f}{row.held_out:10.3f}"
                f"{'yes' if row.taken else 'no':>7}{row.unseen:8.3f}"
                f"{f'{row.sides} of {row.tests}':>10}{row.time:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
