"""What the training-set doctor finds: bad parts planted among normals, and clean sets accused.

    python benchmarks/doctor.py [--sets ...] [--normals 50] [--splits 20] [--json FILE] [--data DIR]

Of each real set: so many pictures drawn at random, without bad parts, with 5 % and with 20 % of
them; then the doctor as the program has it (preset balanced, near-copies looked for). Printed are

  first    share of the planted that stand among the first so many of the pictures named, in order
  accused  share of the planted that are accused (chance at most 5 %)
  wrongly  good parts accused for one bad set, mean
  clean    share of the sets without bad parts in which anybody is accused

Each split is kept in the JSON file as it is done; called again, only missing ones are measured.

    python benchmarks/doctor.py --many 2000    processor time and memory for so many made pictures
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from real_sets import real_sets  # type: ignore[import-not-found]

from deeprx_gui.atomic import write_over
from deeprx_gui.capture.dataset import Dataset
from deeprx_gui.capture.decode import decode
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.doctor import NamedPicture, name_pictures
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.parts import PartRule
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.unlikeness import patches
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work import doctor
from deeprx_gui.work.eta import EtaEstimator

SHARES = (0.0, 0.05, 0.2)
_MOST = 160
"""Pictures read of each set, good and bad each; enough for many different draws."""


class Pool:
    """The pictures of a set, read once: patches on disk, the rest in memory."""

    def __init__(self, dataset: Dataset, engines: EnginePool, scratch: Path) -> None:
        engine = engines.for_fit(FitSettings())
        rng = np.random.default_rng(0)
        good = [*dataset.train, *(image.path for image in dataset.test_good)]
        bad = [image.path for image in dataset.test_bad]
        self.good, self.bad = (
            [paths[i] for i in sorted(rng.permutation(len(paths))[:_MOST])] for paths in (good, bad)
        )
        self._spool = Spool(scratch)
        self._seen: dict[Path, doctor.SeenPicture] = {}
        self._at: dict[Path, int] = {}
        for path in (*self.good, *self.bad):
            seen = doctor.see(path, decode(path), engine)
            if seen.taps is not None:
                self._at[path] = len(self._spool)
                self._spool.append(TapMaps((patches(seen.taps),)))
            self._seen[path] = replace(seen, taps=None)

    def seen(self, path: Path) -> doctor.SeenPicture:
        """Return what was read of a picture."""
        at = self._at.get(path)
        return replace(self._seen[path], taps=None if at is None else self._spool.read(at))


def named_of(paths: Sequence[Path], pool: Pool, scratch: Path) -> tuple[NamedPicture, ...]:
    """Let the doctor look at a set; return who is named, surest first."""
    with Spool(scratch) as spool, single_threaded_blas():
        gathered = doctor.Gathered(spool)
        for path in paths:
            gathered.put(path, pool.seen(path))
        work = doctor.examine(paths, gathered, PartRule(), EtaEstimator(len(paths)))
        found = drive(work)
        return name_pictures(found.findings, found.alike)


def one_split(
    pool: Pool, share: float, normals: int, seed: int, scratch: Path
) -> dict[str, float | str]:
    """Draw a set, plant bad parts, and count."""
    rng = np.random.default_rng([seed, round(100 * share)])
    planted = max(1, round(share * normals)) if share else 0
    good = [pool.good[i] for i in rng.permutation(len(pool.good))[: normals - planted]]
    bad = {pool.bad[i] for i in rng.permutation(len(pool.bad))[:planted]}
    paths = [*good, *bad]
    start = time.process_time()
    named = named_of([paths[i] for i in rng.permutation(len(paths))], pool, scratch)
    accused = {each.path for each in named if each.accused}
    reasons = sorted(
        {
            f.reason.value
            for each in named
            for f in each.findings
            if f.accuses and each.path not in bad
        }
    )
    return {
        "planted": planted,
        "first": sum(each.path in bad for each in named[:planted]),
        "accused": len(accused & bad),
        "wrongly": len(accused - bad),
        "wrong_reasons": " ".join(reasons),
        "seconds": round(time.process_time() - start, 2),
    }


def show(rows: dict[str, dict[str, float | str]], names: Sequence[str]) -> None:
    """Print the table."""
    print(
        f"{'set':15}{'share':>7}{'splits':>8}{'first':>8}{'accused':>9}{'wrongly':>9}{'clean':>7}"
    )
    for name in names:
        for share in SHARES:
            found = [row for key, row in rows.items() if key.startswith(f"{name}/{share}/")]
            if not found:
                continue
            total = {
                key: sum(float(row[key]) for row in found)
                for key in ("planted", "first", "accused", "wrongly")
            }
            planted = total["planted"]
            cells = (
                [f"{'':8}{'':9}{'':9}{np.mean([float(r['wrongly']) > 0 for r in found]):7.2f}"]
                if not planted
                else [
                    f"{total['first'] / planted:8.2f}{total['accused'] / planted:9.2f}",
                    f"{total['wrongly'] / len(found):9.2f}",
                ]
            )
            why = sorted({word for row in found for word in str(row["wrong_reasons"]).split()})
            print(
                f"{name:15}{share:7.2f}{len(found):8}{''.join(cells)}  {' '.join(why)}", flush=True
            )


def timed(count: int) -> None:
    """Print what so many made pictures cost: processor time, and memory beyond ten of them."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:240, :320]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / f"{n:05}.png" for n in range(count)]
        for file in files:
            ribs = 128 + 40 * np.sin(x / rng.uniform(6, 8)) * np.cos(y / rng.uniform(10, 12))
            grey = (ribs + rng.normal(0, 4, ribs.shape)).clip(0, 255).astype(np.uint8)
            write_over(file, encode_png(np.repeat(grey[:, :, None], 3, axis=2)))
        engines = EnginePool(BackboneLibrary(folder / "none"))
        for paths in (files[:10], files):
            start = time.process_time()
            work = doctor.diagnose(paths, FitSettings(), engines=engines, scratch=folder)
            steps = sum(1 for _ in work)
            seconds = time.process_time() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{len(paths)} pictures: {seconds:.1f} s, peak {peak:.0f} MiB, {steps} steps")


def main() -> None:
    """Measure what is missing, keep every split, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--normals", type=int, default=50)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--many", type=int, default=0)
    args = parser.parse_args()
    if args.many:
        timed(args.many)
        return
    rows: dict[str, dict[str, float | str]] = {}
    if args.json is not None and args.json.exists():
        rows = json.loads(args.json.read_text(encoding="utf-8"))
    chosen = real_sets(args.data, args.sets)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        engines = EnginePool(BackboneLibrary(scratch / "none"))
        for name, dataset in chosen.items():
            pool: Pool | None = None
            for seed in range(args.splits):
                for share in SHARES:
                    key = f"{name}/{share}/{args.normals}/{seed}"
                    if key in rows:
                        continue
                    pool = pool or Pool(dataset, engines, scratch)
                    normals = min(args.normals, round(0.8 * len(pool.good)))
                    rows[key] = one_split(pool, share, normals, seed, scratch)
                    if args.json is not None:
                        write_over(args.json, json.dumps(rows, indent=1).encode())
            show(rows, [name])
    show(rows, list(chosen))


if __name__ == "__main__":
    main()
