"""What normalising and the fitted tail are worth, each alone and together, over several draws.

    python benchmarks/steps.py ROWS.jsonl [--data ../shared/data] [--draws 5] [--normals 60 20]
        [--detectors deep-rx padim patchcore] [--sets cookie ...] [--size 256] [--only-table]

Of each set one picture of each part that is found, at most 260, and at most 100 bad ones. Each draw
learns so many of the good parts (20 of the screws, and never more than all but 12) and scores up to
150 others and all bad ones, with and without normalised maps, as a fit decides. Every fit is a line
of ROWS.jsonl; what is there already is not done again. The table: misses at the NG limit, mean over
sets and detectors (lowest and highest draw); false calls realised over promised, pooled; fits with
40 unseen good parts or more whose ratio is above 3; image AUROC.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from promises import Pool, score_of  # type: ignore[import-not-found]
from real_sets import real_sets  # type: ignore[import-not-found]

from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.metrics import auroc
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.learner import Learner
from deeprx_gui.engine.near_copies import find_parts
from deeprx_gui.engine.normalise import AUTO, NONE, KeptMaps
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.fit import score_held_out

_PICTURES, _PARTS, _UNSEEN, _BAD = 400, 260, 150, 100
_FEWEST_UNSEEN = 12
_COUNTED = 40
_MOST = {"screws": 20}
STEPS = ((NONE, "rank"), (NONE, "tail"), (AUTO, "rank"), (AUTO, "tail"))

Draw = tuple[Sequence[int], Sequence[int]]
"""Numbers of the parts that are learnt and of those that are not."""
Row = dict[str, Any]
"""Names of the draw, and by ``none`` and ``auto`` the scores: held out, good, bad."""


def shuffled(paths: Sequence[Path], seed: int) -> list[Path]:
    """Return the paths in another order, the same every time."""
    order = list(paths)
    random.Random(seed).shuffle(order)  # noqa: S311 - a draw, no secret
    return order


def scores(
    pool: Pool, bad: Sequence[TapMaps], engine: Engine, settings: FitSettings, draw: Draw
) -> dict[str, Any]:
    """Learn the first parts of a draw and score the others and the bad pictures."""
    spec = DETECTORS[settings.detector.name]
    learnt, unseen = draw
    parts = find_parts([pool.looks[part][0] for part in learnt])
    found: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as name,
        Spool(Path(name)) as spool,
        Spool(Path(name)) as kept,
        single_threaded_blas(),
    ):
        learner = Learner(spec, {}, parts, spool)
        for place, part in enumerate(learnt):
            learner.add(place, pool.taps(engine, settings.backbone, part, 0))
        total = learner.total()
        head = spec.head(total.statistics(), learner.settings)
        for normalise in (NONE, AUTO):
            asked = replace(settings, scoring=replace(settings.scoring, normalise=normalise))
            pace = EtaEstimator(len(learnt))
            held = drive(score_held_out(learner, total, asked, KeptMaps(kept), pace))
            if normalise == AUTO and held.normaliser is None:
                found[AUTO] = found[NONE]
                continue
            found[normalise] = {
                "held": [float(each) for each in learner.parts.highest_of(held.scores)],
                "good": [
                    score_of(pool.taps(engine, settings.backbone, part, 0), head, held)
                    for part in unseen
                ],
                "bad": [score_of(taps, head, held) for taps in bad],
            }
    return found


def measure(args: argparse.Namespace, rows: list[Row]) -> Iterator[Row]:
    """Yield the rows that are missing."""
    done = {key(row) for row in rows}
    base = FitSettings()
    base = replace(base, preprocessing=replace(base.preprocessing, size=args.size))
    with tempfile.TemporaryDirectory() as name:
        engines = EnginePool(BackboneLibrary(Path(name)))
        for data, dataset in real_sets(args.data, args.sets).items():
            good = [*dataset.train, *(test.path for test in dataset.test_good)]
            pool = Pool(shuffled(good, 1)[:_PICTURES], _PARTS)
            engine = engines.for_fit(base)
            bad = [
                engine.taps(engine.prepare(np.asarray(Image.open(path).convert("RGB"), np.uint8)))
                for path in shuffled([t.path for t in dataset.test if t.bad], 0)[:_BAD]
            ]
            for normals in args.normals:
                for detector in args.detectors:
                    settings = replace(base, detector=DetectorChoice(detector))
                    for draw in range(args.draws):
                        row: Row = {"set": data, "n": normals, "det": detector, "draw": draw}
                        if key(row) in done:
                            continue
                        order = permutation(draw, normals, len(pool))
                        many = min(normals, len(pool) - _FEWEST_UNSEEN, _MOST.get(data, normals))
                        halves = order[:many], order[many : many + _UNSEEN]
                        yield row | scores(pool, bad, engine, settings, halves)


def permutation(draw: int, normals: int, size: int) -> list[int]:
    """Return the parts in the order of a draw."""
    return [int(part) for part in np.random.default_rng([draw, normals]).permutation(size)]


def key(row: Row) -> tuple[object, ...]:
    """Name the draw of a row."""
    return row["set"], row["n"], row["det"], row["draw"]


def table(rows: Sequence[Row]) -> None:
    """Print the four combinations for each number of normals, by detector and for all."""
    print(f"{'normals':>8} {'detector':10}{'fits':>5} {'normalise':10}{'limit':6}", end="")
    print(f"{'misses':>8}{'draws':>14}{'ratio':>7}{'above 3':>10}{'AUROC':>7}")
    for normals in sorted({row["n"] for row in rows}, reverse=True):
        of_these = [row for row in rows if row["n"] == normals]
        for detector in (*sorted({row["det"] for row in of_these}), "all"):
            found = [row for row in of_these if detector in {row["det"], "all"}]
            for normalise, limit in STEPS:
                print(
                    f"{normals:8} {detector:10}{len(found):5} {normalise:10}{limit:6}"
                    + line(found, normalise, limit)
                )


def line(rows: Sequence[Row], normalise: str, limit: str) -> str:
    """Return the figures of one combination."""
    cells: dict[object, list[float]] = defaultdict(list)
    draws: dict[int, list[float]] = defaultdict(list)
    above, expected, counted, beyond, ordered = 0, 0.0, 0, 0, []
    for row in rows:
        found = row[normalise] or row[NONE]
        limits = suggest_limits(found["held"], kind=limit)
        assert limits.ng_promise is not None
        calls = sum(score > limits.ng for score in found["good"])
        promised = limits.ng_promise.rate * len(found["good"])
        missed = float(np.mean([score <= limits.ng for score in found["bad"]]))
        cells[row["set"], row["det"]].append(missed)
        draws[row["draw"]].append(missed)
        above, expected = above + calls, expected + promised
        ordered.append(auroc(found["good"], found["bad"]) or 0.0)
        if len(found["good"]) >= _COUNTED:
            counted, beyond = counted + 1, beyond + (calls > 3 * promised)
    misses = 100 * float(np.mean([np.mean(each) for each in cells.values()]))
    means = [100 * float(np.mean(each)) for each in draws.values()]
    spread = f"{min(means):.1f} to {max(means):.1f}"
    return (
        f"{misses:7.1f}%{spread:>14}{above / expected:7.2f}{f'{beyond} of {counted}':>10}"
        f"{np.mean(ordered):7.3f}"
    )


def main() -> None:
    """Measure what is missing, then print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--detectors", nargs="+", default=["deep-rx", "padim", "patchcore"])
    parser.add_argument("--normals", type=int, nargs="+", default=[60, 20])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--only-table", action="store_true")
    args = parser.parse_args()
    text = args.rows.read_text("utf-8").splitlines() if args.rows.exists() else []
    rows: list[Row] = [json.loads(each) for each in text]
    if not args.only_table:
        with args.rows.open("a", encoding="utf-8") as file:
            for row in measure(args, rows):
                rows.append(row)
                file.write(json.dumps(row) + "\n")
                file.flush()
    table(rows)


if __name__ == "__main__":
    main()
