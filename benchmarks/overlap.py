"""What reading ahead gains: a batch against reading and scoring one picture after the other.

    python benchmarks/overlap.py [--pictures 24] [--side 1024] [--passes 5] [--runtime R] [--json]

Both ways take turns, pass after pass, on the same files, and must give the same scores to the last
bit. What counts is the median of each pass's ratio.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.benchmark import write_parts
from deeprx_gui.work.fit import fit
from deeprx_gui.work.golden import check_golden

Way = Callable[[Profile, Sequence[Path], EnginePool], list[float]]


def one_by_one(profile: Profile, files: Sequence[Path], engines: EnginePool) -> list[float]:
    """Read a picture, score it, then read the next one."""
    scorer = engines.for_profile(profile)
    check_golden(profile, scorer)  # as a batch does before its first picture
    return [scorer.score(decode(file)).value for file in files]


def batch(profile: Profile, files: Sequence[Path], engines: EnginePool) -> list[float]:
    """As the program does it."""
    job = score_images(profile, [PendingImage(file) for file in files], engines=engines)
    return [p.item.value for p in job if isinstance(p.item, ScoredImage)]


def learnt(files: Sequence[Path], engines: EnginePool, folder: Path) -> Profile:
    """Learn a profile from the first few files."""
    request = FitRequest("overlap", tuple(files[:8]), FitSettings(), "benchmark")
    store = ProfileStore(folder / "profiles")
    for _ in fit(request, engines=engines, store=store, scratch=folder / "scratch"):
        pass
    return store.load("overlap")


def seconds(way: Way, profile: Profile, files: Sequence[Path], engines: EnginePool) -> float:
    """Time one pass."""
    start = time.perf_counter()
    way(profile, files, engines)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=24)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engines = EnginePool(BackboneLibrary(folder / "backbones"), args.runtime, folder / "cache")
        files = write_parts(folder / "parts", args.pictures, args.side)
        profile = learnt(files, engines, folder)
        if one_by_one(profile, files, engines) != batch(profile, files, engines):
            raise SystemExit("the two ways do not give the same scores")
        taken = [
            [seconds(way, profile, files, engines) for way in (one_by_one, batch)]
            for _ in range(args.passes)
        ]
    info = engines.describe()
    answer = {
        "runtime": info.name if info else "",
        "pictures": args.pictures,
        "side": args.side,
        "one_by_one_per_second": round(args.pictures / statistics.median(a for a, _ in taken), 2),
        "batch_per_second": round(args.pictures / statistics.median(b for _, b in taken), 2),
        "ratio": round(statistics.median(a / b for a, b in taken), 3),
    }
    if args.json:
        print(json.dumps(answer, indent=1))
        return
    for key, value in answer.items():
        print(f"{key:24}{value}")


if __name__ == "__main__":
    main()
