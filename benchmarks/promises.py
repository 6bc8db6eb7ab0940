"""Is the promise kept? Every detector, 20 to 200 good parts, with and without shots of one part.

    python benchmarks/promises.py ROWS.jsonl [--data ../shared/data] [--splits 20] [--size 256]
        [--parts 20 50 100 200] [--detectors deep-rx ...] [--sets magnetic_tile ...] [--only-table]
        [--picture FILE.svg]

Good parts of real sets, one picture of each part that is found. Many times over: draw parts, learn
as the program does (parts found, held-out scores, normalising decided, limit by rank or tail), and
count how many parts it has not seen lie above the NG limit. *alone*: one picture of each part.
*shots*: every third part was shot three times (a pixel, a percent of light, a little noise).

Every fit is a line of ROWS.jsonl; what is there already is not done again, so that the run can be
stopped at any time. At the end the table: realised over promised, pooled over the splits.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from near_copies import look  # type: ignore[import-not-found]
from PIL import Image
from promise_picture import picture  # type: ignore[import-not-found]
from promise_shots import burst  # type: ignore[import-not-found]
from real_sets import real_sets  # type: ignore[import-not-found]

from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine import Engine, weighted_score
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.learner import Learner
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.near_copies import Look, find_parts
from deeprx_gui.engine.normalise import KeptMaps
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.fit import HeldOutScores, score_held_out

_SHOTS = 3
_EVERY = 3
_UNSEEN = 100


@dataclass(frozen=True)
class Row:
    """One fit: ``above`` of ``unseen`` good parts lie above the limit that promised ``promised``.

    ``low`` and ``high``: the 90 % band of a fitted tail, 0 where the limit is a rank.
    """

    data: str
    detector: str
    parts: int
    copies: str
    split: int
    found_parts: int
    kind: str
    normalised: bool
    promised: float
    low: float
    high: float
    above: int
    unseen: int


class Pool:
    """One picture of each part of a set, and its further shots; feature maps made when asked."""

    def __init__(self, paths: Sequence[Path], most: int) -> None:
        """Keep at most ``most`` of the parts that ``paths`` show, evenly spread."""
        pictures = [Image.open(path).convert("RGB") for path in paths]
        first = [group[0] for group in find_parts([look(each) for each in pictures]).groups]
        kept = np.unique(np.linspace(0, len(first) - 1, min(most, len(first))).round().astype(int))
        rng = np.random.default_rng(1)
        self.shots: list[list[Image.Image]] = []
        for place in kept:
            picture = pictures[first[place]]
            again = [burst(picture, rng) for _ in range(_SHOTS - 1)] if place % _EVERY == 0 else []
            self.shots.append([picture, *again])
        self.looks: list[list[Look]] = [[look(each) for each in shots] for shots in self.shots]
        self._taps: dict[tuple[str, int, int], TapMaps] = {}

    def __len__(self) -> int:
        return len(self.shots)

    def taps(self, engine: Engine, kind: str, part: int, shot: int) -> TapMaps:
        """Return the feature maps of a shot; ``kind`` names the network."""
        key = (kind, part, shot)
        if key not in self._taps:
            pixels: ByteImage = np.asarray(self.shots[part][shot], np.uint8)
            self._taps[key] = engine.taps(engine.prepare(pixels))
        return self._taps[key]


def one(pool: Pool, settings: FitSettings, engine: Engine, row: Row, scratch: Path) -> Row:
    """Learn one draw as the program does and count unseen parts above its limit."""
    spec = DETECTORS[settings.detector.name]
    kind = "colours" if spec.pixels else settings.backbone
    order = np.random.default_rng([row.split, row.parts]).permutation(len(pool))
    shots = [
        (part, shot)
        for part in order[: row.parts]
        for shot in range(len(pool.shots[part]) if row.copies == "shots" else 1)
    ]
    parts = find_parts([pool.looks[part][shot] for part, shot in shots])
    with Spool(scratch) as spool, Spool(scratch) as kept, single_threaded_blas():
        learner = Learner(spec, {}, parts, spool)
        for place, (part, shot) in enumerate(shots):
            learner.add(place, pool.taps(engine, kind, part, shot))
        total = learner.total()
        held = drive(
            score_held_out(learner, total, settings, KeptMaps(kept), EtaEstimator(len(shots)))
        )
        limits = suggest_limits(
            learner.parts.highest_of(held.scores),
            false_call_rate=settings.false_call_rate,
            kind=settings.limit,
        )
        head = spec.head(total.statistics(), learner.settings)
        above = 0
        unseen = order[row.parts : row.parts + _UNSEEN]
        for part in unseen:
            above += score_of(pool.taps(engine, kind, part, 0), head, held) > limits.ng
    promise = limits.ng_promise
    assert promise is not None
    low, high = promise.band or (0.0, 0.0)
    return replace(
        row,
        found_parts=parts.count,
        kind=str(promise.kind),
        normalised=held.normaliser is not None,
        promised=round(promise.rate, 6),
        low=round(low, 6),
        high=round(high, 6),
        above=int(above),
        unseen=len(unseen),
    )


def score_of(taps: TapMaps, head: Head, held: HeldOutScores) -> float:
    """Return the score of a picture as the program makes it."""
    raw = head.score_map(taps)
    if held.normaliser is None:
        return float(weighted_score(head, taps, raw, held.scoring)[0])
    return float(smooth_and_reduce(held.normaliser(raw), held.scoring)[0])


def good_parts(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """Yield the sets at hand with all their good pictures, those to learn from first."""
    for name, dataset in real_sets(folder).items():
        yield name, [*dataset.train, *(test.path for test in dataset.test_good)]


def wanted(args: argparse.Namespace, sizes: Mapping[str, int], done: set[str]) -> Iterator[Row]:
    """Yield the fits that are not done yet, split by split, so that a stop leaves all alike."""
    for split in range(args.splits):
        for data, size in sizes.items():
            for parts in args.parts:
                if parts + args.least_unseen > size:
                    continue
                for copies in ("alone", "shots"):
                    for name in args.detectors:
                        row = Row(data, name, parts, copies, split, 0, "", False, 0, 0, 0, 0, 0)
                        if key(row) not in done:
                            yield row


def key(row: Row) -> str:
    """Name the draw of a row."""
    return f"{row.data} {row.detector} {row.parts} {row.copies} {row.split}"


def table(rows: Sequence[Row]) -> None:
    """Print realised over promised, pooled over splits: by detector and number of parts."""
    cells: dict[tuple[str, int, str], list[Row]] = defaultdict(list)
    for row in rows:
        cells[row.detector, row.parts, row.copies].append(row)
    print(
        f"{'detector':15}{'parts':>6} {'copies':7}{'fits':>5}{'promised':>10}{'realised':>10}"
        f"{'ratio':>7}{'+-':>6}{'worst set':>18}{'':>7}{'at most x 2':>12}"
    )
    for (name, parts, copies), found in sorted(cells.items()):
        by_set: dict[str, list[Row]] = defaultdict(list)
        for row in found:
            by_set[row.data].append(row)
        ratios = {data: ratio(each) for data, each in by_set.items()}
        worst = max(ratios, key=lambda data: ratios[data])
        within = sum(each <= 2 for each in ratios.values())
        promised = 100 * float(np.mean([row.promised for row in found]))
        print(
            f"{name:15}{parts:6} {copies:7}{len(found):5}{promised:8.1f} %"
            f"{promised * ratio(found):8.1f} %{ratio(found):7.2f}{scatter(found):6.2f}"
            f"{worst:>18}{ratios[worst]:7.2f}{within:>6} of {len(ratios)}"
        )


def drawn(rows: Sequence[Row]) -> str:
    """Return the table as a picture."""
    lines = []
    for name, parts in sorted({(row.detector, row.parts) for row in rows}):
        found: dict[str, dict[str, list[Row]]] = {"alone": {}, "shots": {}}
        for row in rows:
            if (row.detector, row.parts) == (name, parts):
                found[row.copies].setdefault(row.data, []).append(row)
        alone, shots = (
            {data: ratio(each) for data, each in found[copies].items()} for copies in found
        )
        lines.append((f"{name}, {parts} parts", alone, shots))
    return str(picture(lines, "false calls realised over promised; a point is a set"))


def ratio(rows: Sequence[Row]) -> float:
    """Return how many parts lay above the limits over how many were promised."""
    return sum(row.above for row in rows) / sum(row.promised * row.unseen for row in rows)


def scatter(rows: Sequence[Row]) -> float:
    """Return the standard error of ``ratio``, a ratio estimator over independent draws."""
    expected = np.array([row.promised * row.unseen for row in rows])
    left = np.array([row.above for row in rows]) - ratio(rows) * expected
    if len(rows) < 2:
        return float("nan")
    return float(left.std(ddof=1) / len(rows) ** 0.5 / expected.mean())


def main() -> None:
    """Measure what is missing, then print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--detectors", nargs="+", default=list(DETECTORS))
    parser.add_argument("--parts", type=int, nargs="+", default=[20, 50, 100, 200])
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--least-unseen", type=int, default=20)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--only-table", action="store_true")
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    text = args.rows.read_text("utf-8").splitlines() if args.rows.exists() else []
    rows = [Row(**json.loads(line)) for line in text]
    if not args.only_table:
        measure(args, rows)
    table(rows)
    if args.picture is not None:
        args.picture.write_text(drawn(rows), "utf-8")


def measure(args: argparse.Namespace, rows: list[Row]) -> None:
    """Add the missing rows to ``rows`` and to the file."""
    pools = {
        name: Pool(paths, max(args.parts) + _UNSEEN)
        for name, paths in good_parts(args.data)
        if not args.sets or name in args.sets
    }
    print({name: len(pool) for name, pool in pools.items()}, flush=True)
    done = {key(row) for row in rows}
    with tempfile.TemporaryDirectory() as name, args.rows.open("a", encoding="utf-8") as file:
        engines = EnginePool(BackboneLibrary(Path(name)))
        base = FitSettings()
        base = replace(
            base,
            preprocessing=replace(base.preprocessing, size=args.size),
            scoring=replace(base.scoring, normalise="auto"),
        )
        for row in wanted(args, {name: len(pool) for name, pool in pools.items()}, done):
            settings = replace(base, detector=DetectorChoice(row.detector))
            engine = engines.for_fit(settings)
            rows.append(one(pools[row.data], settings, engine, row, Path(name)))
            file.write(json.dumps(vars(rows[-1])) + "\n")
            file.flush()


if __name__ == "__main__":
    main()
