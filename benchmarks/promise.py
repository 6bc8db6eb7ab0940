"""Is the promised false-call rate kept? Realised rates on unseen good parts, over many splits.

    python benchmarks/promise.py [--data ../shared/data] [--splits 40] [--json FILE]

Good parts of two real sets (solar cells, magnetic tiles). Features are computed once; then, many
times over: draw n normal images, learn, take the limit from their held-out scores (leave-one-out,
and 10 folds), and count how many unseen good parts lie above it. Two kinds of unseen parts:

  same    drawn at random from the same pictures: the promise's own assumption, exchangeable
  other   the set's test pictures: other solar modules, other tiles than those learnt from

The figure to look at is realised / promised: 1 is exact, above 1 is too many false calls.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from deeprx_gui.capture.dataset import Dataset, read_dataset
from deeprx_gui.capture.decode import decode
from deeprx_gui.capture.samples import elpv_dataset
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.deep_rx import SPEC, DeepRxAccumulator
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.holdout import FOLDS
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.tap_maps import TapMaps

SETTINGS = FitSettings()
RATES = {"NG": SETTINGS.false_call_rate, "REVIEW": SETTINGS.review_rate}
_MOST_UNSEEN = 150


@dataclass(frozen=True)
class Seen:
    """One good part: its feature maps, and what they alone would teach."""

    taps: TapMaps
    alone: DeepRxAccumulator


@dataclass(frozen=True)
class Row:
    """``spread``: standard error of the mean over the splits, as a ratio too."""

    data: str
    unseen: str
    normals: int
    scheme: str
    limit: str
    promised: float
    realised: float
    ratio: float
    spread: float
    splits: int


def look(paths: Sequence[Path], engines: EnginePool) -> list[Seen]:
    """Compute the features of every picture once."""
    engine = engines.for_fit(SETTINGS)
    out = []
    for path in paths:
        taps = engine.taps(engine.prepare(decode(path).pixels))
        alone = DeepRxAccumulator(taps.channels)
        alone.add(taps)
        out.append(Seen(taps, alone))
    return out


def learnt(parts: Sequence[Seen]) -> DeepRxAccumulator:
    """Learn from some parts."""
    out = DeepRxAccumulator(parts[0].taps.channels)
    for part in parts:
        out.merge(part.alone)
    return out


def scores(model: DeepRxAccumulator, parts: Sequence[Seen]) -> list[float]:
    """Score parts as the program does."""
    head = SPEC.head(model.statistics(), {})
    return [smooth_and_reduce(head.score_map(part.taps), SETTINGS.scoring)[0] for part in parts]


def held_out(total: DeepRxAccumulator, normals: Sequence[Seen], groups: int) -> list[float]:
    """Score every normal image by what the other groups teach."""
    out: list[float] = []
    for group in np.array_split(np.arange(len(normals)), groups):
        inside = [normals[i] for i in group]
        out += scores(total.without(learnt(inside)), inside)
    return out


def one_split(
    normals: Sequence[Seen], unseen: Sequence[Seen]
) -> Iterator[tuple[str, str, float, float]]:
    """Yield (scheme, limit, promised rate, realised rate) for one draw."""
    total = learnt(normals)
    judged = np.array(scores(total, unseen))
    for scheme, groups in (("leave-one-out", len(normals)), ("k-fold", FOLDS)):
        kept = held_out(total, normals, groups)
        limits = suggest_limits(kept, false_call_rate=RATES["NG"], review_rate=RATES["REVIEW"])
        assert limits.ng_promise is not None
        assert limits.review_promise is not None
        yield scheme, "NG", limits.ng_promise.rate, float(np.mean(judged > limits.ng))
        yield (
            scheme,
            "REVIEW",
            limits.review_promise.rate,
            float(np.mean(judged > limits.review)),
        )


def measure(
    data: str, unseen: str, pools: tuple[list[Seen], list[Seen]], normals: int, splits: int
) -> list[Row]:
    """Average over many draws; ``pools`` are the parts to learn from and those to judge."""
    rng = np.random.default_rng(normals)
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for _ in range(splits):
        order = rng.permutation(len(pools[0]))
        chosen = [pools[0][i] for i in order[:normals]]
        if pools[1]:
            judged = [pools[1][i] for i in rng.permutation(len(pools[1]))[:_MOST_UNSEEN]]
        else:
            judged = [pools[0][i] for i in order[normals : normals + _MOST_UNSEEN]]
        for scheme, limit, promised, realised in one_split(chosen, judged):
            found.setdefault((scheme, limit), []).append((promised, realised))
    rows = []
    for (scheme, limit), pairs in found.items():
        promised = pairs[0][0]
        shares = np.array([share for _, share in pairs])
        mean = float(shares.mean())
        error = float(shares.std(ddof=1)) / math.sqrt(len(pairs)) if len(pairs) > 1 else math.nan
        rows.append(
            Row(
                data,
                unseen,
                normals,
                scheme,
                limit,
                round(promised, 5),
                round(mean, 5),
                round(mean / promised, 3),
                round(error / promised, 3),
                len(pairs),
            )
        )
    return rows


def datasets(folder: Path) -> Iterator[tuple[str, Dataset]]:
    """The sets at hand."""
    yield "elpv", elpv_dataset("mono")
    if (folder / "magnetic_tile").is_dir():
        yield "magnetic_tile", read_dataset(folder / "magnetic_tile")


def main() -> None:
    """Measure and print, row by row."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--normals", type=int, nargs="+", default=[30, 50, 100, 200])
    parser.add_argument("--splits", type=int, default=40)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows: list[Row] = []
    head = f"{'set':14}{'unseen':7}{'n':>5} {'scheme':14}{'limit':7}"
    print(head + f"{'promised':>9}{'realised':>9}  ratio")
    with tempfile.TemporaryDirectory() as name:
        engines = EnginePool(BackboneLibrary(Path(name)))
        for data, dataset in datasets(args.data):
            train = look(dataset.train, engines)
            test = look([t.path for t in dataset.test_good], engines)
            for normals in args.normals:
                for unseen, pools in (("same", (train + test, [])), ("other", (train, test))):
                    for row in measure(data, unseen, pools, normals, args.splits):
                        rows.append(row)
                        print(
                            f"{row.data:14}{row.unseen:7}{row.normals:5} {row.scheme:14}"
                            f"{row.limit:7}{row.promised:9.4f}{row.realised:9.4f}"
                            f"{row.ratio:7.2f} ± {row.spread:.2f}",
                            flush=True,
                        )
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
