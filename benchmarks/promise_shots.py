"""Is the promise kept when parts were photographed several times? Over many splits.

    python benchmarks/promise_shots.py [--data ../shared/data] [--parts 10] [--shots 3]
        [--splits 20] [--detectors deep-rx ...] [--sets magnetic_tile ...] [--json FILE]

Good parts of real sets, one picture of each part that is found. Many times over: draw parts, learn
from one picture of each; from several shots of each counted as pictures; and from the same shots
counted as parts, as the program finds them. Then count how many unseen parts lie above the limit.
1 is exact, above 1 is too many false calls. See also promise.py.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from near_copies import look, sets  # type: ignore[import-not-found]
from PIL import Image

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.parts import Parts
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine import Engine, weighted_score
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.learner import Learner
from deeprx_gui.engine.near_copies import Look, find_parts
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps

SETTINGS = FitSettings()


@dataclass(frozen=True, eq=False)
class Seen:
    """One shot: what the network says of it, and what is compared of it."""

    taps: TapMaps
    look: Look


def gather(paths: Sequence[Path], shots: int, engine: Engine) -> list[list[Seen]]:
    """Return the shots of one picture of each part; the first is the picture itself."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    parts = find_parts([look(picture) for picture in pictures])
    rng = np.random.default_rng(1)
    out = []
    for group in parts.groups:
        first = pictures[group[0]]
        again = [first, *(burst(first, rng) for _ in range(shots - 1))]
        seen = [(engine.prepare(np.asarray(each, np.uint8)), each) for each in again]
        out.append([Seen(engine.taps(pixels), look(each)) for pixels, each in seen])
    return out


def burst(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the next shot of a burst: a pixel, a percent of light, a little noise."""
    moved = picture.transform(
        picture.size,
        Image.Transform.AFFINE,
        (1, 0, rng.uniform(-1, 1), 0, 1, rng.uniform(-1, 1)),
        Image.Resampling.BILINEAR,
    )
    pixels = np.asarray(moved, np.float64) * (1 + rng.uniform(-0.01, 0.01))
    noisy = pixels + rng.normal(0, 2, pixels.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def one(
    detector: str, learnt: Sequence[Seen], parts: Parts, unseen: Sequence[Seen], scratch: Path
) -> tuple[float, float]:
    """Return the promised and the realised rate of one draw."""
    spec = DETECTORS[detector]
    with Spool(scratch) as spool:
        learner = Learner(spec, {}, parts, spool)
        for place, seen in enumerate(learnt):
            learner.add(place, seen.taps)
        total = learner.total()
        scores = dict(learner.held_out(total, SETTINGS.scoring))
    limits = suggest_limits(
        parts.highest_of(scores), false_call_rate=SETTINGS.false_call_rate, kind=SETTINGS.limit
    )
    head = spec.head(total.statistics(), learner.settings)
    judged = (
        weighted_score(head, seen.taps, head.score_map(seen.taps), SETTINGS.scoring)[0]
        for seen in unseen
    )
    assert limits.ng_promise is not None
    above = [score > limits.ng for score in judged]
    return limits.ng_promise.rate, float(np.mean(above))


def measure(
    pool: list[list[Seen]], detector: str, args: argparse.Namespace, scratch: Path
) -> dict[str, tuple[float, float, float]]:
    """Return promised, realised over promised, and its standard error for each way of counting."""
    rng = np.random.default_rng(args.parts)
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(args.splits):
        order = rng.permutation(len(pool))
        drawn = [pool[i] for i in order[: args.parts]]
        unseen = [pool[i][0] for i in order[args.parts : args.parts + args.unseen]]
        every = [seen for shots in drawn for seen in shots]
        ways = {
            "one shot of each": ([shots[0] for shots in drawn], Parts.each(args.parts)),
            "shots counted as pictures": (every, Parts.each(len(every))),
            "shots counted as parts": (every, find_parts([seen.look for seen in every])),
        }
        for way, (learnt, parts) in ways.items():
            found.setdefault(way, []).append(one(detector, learnt, parts, unseen, scratch))
    out = {}
    for way, pairs in found.items():
        ratios = [realised / promised for promised, realised in pairs]
        error = float(np.std(ratios, ddof=1)) / math.sqrt(len(ratios)) if len(ratios) > 1 else 0.0
        out[way] = (float(np.mean([p for p, _ in pairs])), float(np.mean(ratios)), error)
    return out


def main() -> None:
    """Measure and print, row by row."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="+", default=["magnetic_tile", "macaroni1", "elpv_poly"])
    parser.add_argument("--detectors", nargs="+", default=["deep-rx", "padim"])
    parser.add_argument("--parts", type=int, default=10)
    parser.add_argument("--shots", type=int, default=3)
    parser.add_argument("--unseen", type=int, default=60)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        engine = EnginePool(BackboneLibrary(Path(name))).for_fit(replace(SETTINGS))
        for data, paths in sets(args.data, args.parts + 2 * args.unseen):
            if data not in args.sets:
                continue
            pool = gather(paths, args.shots, engine)
            for detector in args.detectors:
                for way, (promised, ratio, error) in measure(
                    pool, detector, args, Path(name)
                ).items():
                    rows.append([data, len(pool), detector, way, promised, ratio, error])
                    print(
                        f"{data:14}{len(pool):4} {detector:14}{way:27}{100 * promised:6.1f} %"
                        f"{ratio:7.2f} ± {error:.2f}",
                        flush=True,
                    )
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
