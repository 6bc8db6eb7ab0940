"""Is a defect called “was OK” refused, and a false call accepted? Counted on real pictures.

    python benchmarks/poisoned.py [--data ../shared/data] [--sets magnetic_tile screws] [--splits 3]
                                  [--detectors padim deep-rx] [--bad 5] [--each 8] [--json FILE]

For each set, detector and split: learn 30 good parts, put ``--bad`` bad parts into the must-find
set (also once with none), then say “was OK” about one picture at a time, propose, and look at the
gate: unseen good parts that were stopped (false calls: they should be accepted) and other bad parts
that are stopped (defects: they should be refused). With ``--json`` what was measured before is kept
and not measured again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from deeprx_gui.capture.dataset import read_dataset
from deeprx_gui.capture.decode import decode
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import DetectorChoice, Profile
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.correct import propose
from deeprx_gui.work.fit import fit
from deeprx_gui.work.note_corrections import take_in
from deeprx_gui.work.open_scorer import open_scorer

NORMALS = 30


@dataclass(frozen=True)
class Row:
    """Of ``good`` false calls and ``bad`` defects said to be OK: how many were refused."""

    data: str
    detector: str
    split: int
    must_find: int
    good: int
    good_refused: int
    bad: int
    bad_refused: int


class Shop:
    """One product learnt from one draw of a set."""

    def __init__(self, folder: Path, engines: EnginePool, good: Sequence[Path], name: str) -> None:
        self.folder, self.engines = folder, engines
        self.store = ProfileStore(folder / "profiles")
        settings = FitSettings(detector=DetectorChoice(name))
        request = FitRequest("product", tuple(good), settings)
        job = fit(request, engines=engines, store=self.store, scratch=folder / "scratch")
        self.profile: Profile = drive(job).profile

    def stopped(self, paths: Sequence[Path], most: int) -> list[Path]:
        """The first pictures that are not OK."""
        scorer, found = open_scorer(self.engines, self.profile), list[Path]()
        for path in paths:
            if scorer.score(decode(path)).value > self.profile.limits.review:
                found.append(path)
            if len(found) == most:
                break
        return found

    def refused(self, path: Path) -> bool:
        """Whether “was OK” about one picture is refused; nothing stays of it."""
        key, scratch = self.profile.id, self.folder / "scratch"
        one = take_in(self.store, key, CorrectionKind.WAS_OK, path, who="")
        job = propose(key, store=self.store, engines=self.engines, scratch=scratch)
        report = drive(job).report
        self.store.corrections.take_back(key, [one.id])
        return report is not None and not report.passed

    def must_find(self, paths: Sequence[Path]) -> None:
        """Make these the must-find set."""
        key, corrections = self.profile.id, self.store.corrections
        corrections.remove_must_find(key, [one.id for one in corrections.book(key).must_find])
        ids = [take_in(self.store, key, CorrectionKind.MISSED, p, who="").id for p in paths]
        corrections.applied(key, ids, self.profile.revision)


def measure(args: argparse.Namespace, data: str, detector: str, split: int) -> list[Row]:
    """Measure one draw, without and with a must-find set."""
    dataset = read_dataset(args.data / data)
    rng = np.random.default_rng(split)
    good = [*dataset.train, *(t.path for t in dataset.test_good)]
    good = [good[i] for i in rng.permutation(len(good))]
    bad = [dataset.test_bad[i].path for i in rng.permutation(len(dataset.test_bad))]
    rows = []
    with tempfile.TemporaryDirectory() as name:
        engines = EnginePool(BackboneLibrary(Path(name)))
        shop = Shop(Path(name), engines, good[:NORMALS], detector)
        false_calls = shop.stopped(good[NORMALS:], args.each)
        defects = shop.stopped(bad[args.bad :], args.each)
        for known in sorted({0, args.bad}):
            shop.must_find(bad[:known])
            refused = [[shop.refused(p) for p in paths] for paths in (false_calls, defects)]
            rows.append(
                Row(
                    data, detector, split, known,
                    len(false_calls), sum(refused[0]), len(defects), sum(refused[1]),
                )
            )  # fmt: skip
    return rows


def main() -> None:
    """Measure and print, row by row."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="+", default=["magnetic_tile"])
    parser.add_argument("--detectors", nargs="+", default=["padim", "deep-rx"])
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--bad", type=int, default=5)
    parser.add_argument("--each", type=int, default=8)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    kept = args.json is not None and args.json.is_file()
    rows = [Row(**row) for row in json.loads(args.json.read_text("utf-8"))] if kept else []
    head = f"{'set':16}{'detector':15}{'split':>6}{'must-find':>11}"
    print(f"{head}  false calls refused  defects refused")
    for data in args.sets:
        for detector in args.detectors:
            for split in range(args.splits):
                key = (data, detector, split)
                found = [row for row in rows if (row.data, row.detector, row.split) == key]
                if not found:
                    found = measure(args, data, detector, split)
                    rows += found
                    if args.json is not None:
                        args.json.write_text(json.dumps([asdict(row) for row in rows]), "utf-8")
                for row in found:
                    print(
                        f"{data:16}{detector:15}{split:6}{row.must_find:11}"
                        f"{row.good_refused:12} of {row.good:<6}{row.bad_refused:8} of {row.bad}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
