"""Is a drift named rightly, and is an undisturbed line left alone? On the normals of real sets.

For each set a profile's three reference pictures and its held-out scores come from some of the good
parts; the others are the line, drawn in random orders (the same part may come again: sets are
small, and a break of a chart needs some hundred parts). From a random moment on the pictures are
disturbed: 15 % less light, a blur of 3 px (Gaussian, sigma 1.5, at the original resolution), a
shift of 5 px of the original picture (sets of mixed sizes are brought to one); at once, or growing
to that over the rest of the stream.

    python benchmarks/drift.py --data ../shared/data --trials 40 --out drift.json
    python benchmarks/drift.py --run-length
    python benchmarks/drift.py --known-moment --sets circuitboard,macaroni1,screws

Every picture is looked at once for each disturbance and level, and kept in ``--cache``: a run that
was stopped goes on. Named right: a warning at the end of the stream whose first move is the measure
that was disturbed. False alarm: any warning on an undisturbed stream of the same length. In
brackets the delay: parts from the beginning of the disturbance to the chart's signal. The last
column: how large each disturbance is against what parts differ by anyway (nan: not measurable).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deeprx_gui.capture.decode import decode
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.arrays import ByteImage, Float64
from deeprx_gui.domain.change_point import LIMIT, first_signal
from deeprx_gui.domain.drift import Measure, PartSeries, drift_of
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.health import HealthMonitor
from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing, Profile
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work.fit import fit
from deeprx_gui.work.open_scorer import open_scorer

SETS = ("magnetic_tile", "macaroni1", "screws", "cookie", "circuitboard")
LEVELS = (0.25, 0.5, 0.75, 1.0)
RIGHT = {
    "light": Measure.BRIGHTNESS,
    "blur": Measure.FOCUS,
    "shift": Measure.POSITION,
}
TWICE = 20.2
"""Limit of a squared distance in two coordinates that chance passes as rarely as ``LIMIT``."""
LEARNT = 20
"""Normal images that are learnt, at most."""


def disturbed(pixels: ByteImage, what: str, level: float) -> ByteImage:
    """Return a picture (h, w, 3) with a share ``level`` of a disturbance."""
    if what == "light":
        return (pixels * (1 - 0.15 * level)).round().astype(np.uint8)
    if what == "blur":
        return as_bytes(cv2.GaussianBlur(pixels, (0, 0), 1.5 * level))
    if what == "shift":
        matrix = np.array([[1, 0, 5.0 * level], [0, 1, 0]])
        size = pixels.shape[1], pixels.shape[0]
        return as_bytes(cv2.warpAffine(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE))
    return pixels


def as_bytes(pixels: NDArray[np.integer[Any] | np.floating[Any]]) -> ByteImage:
    """Return what OpenCV made of 8-bit pixels, which is of 8 bits as well."""
    return pixels.astype(np.uint8, copy=False)


def taken(file: Path, size: tuple[int, int]) -> ByteImage:
    """Return a picture (h, w, 3) as a camera gives it: all of one ``size`` (width, height)."""
    pixels = decode(file).pixels
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    return as_bytes(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def good_files(data: Path, name: str) -> list[Path]:
    """Return the good pictures of a set, those for learning first."""
    folders = (data / name / "train" / "good", data / name / "test" / "good")
    found = [sorted(f for f in folder.iterdir() if f.is_file()) for folder in folders]
    rng = np.random.default_rng(0)
    return [files[i] for files in found for i in rng.permutation(len(files))]


def learnt(name: str, files: Sequence[Path], engines: EnginePool, folder: Path) -> Profile:
    """Fit a profile with the defaults at 256 pixels."""
    settings = FitSettings(preprocessing=Preprocessing(256), detector=DetectorChoice("deep-rx"))
    request = FitRequest(name, tuple(files), settings, "benchmark")
    job = fit(request, engines=engines, store=ProfileStore(folder / "p"), scratch=folder / "s")
    return drive(job).profile


def table(name: str, data: Path, cache: Path, most: int) -> dict[str, Float64]:
    """Return what every picture measures: rows of score, brightness, focus, across, down."""
    kept = cache / f"{name}.npz"
    if kept.is_file():
        with np.load(kept) as loaded:
            return dict(loaded)
    files = good_files(data, name)
    count = min(LEARNT, len(files) // 2)
    line = files[count : count + most]
    first = decode(files[0])
    size = first.width, first.height
    folder = cache / f"{name}-normals"
    folder.mkdir(parents=True, exist_ok=True)
    normals = [folder / f"{file.stem}.png" for file in files[:count]]
    for file, copy in zip(files, normals, strict=False):
        copy.write_bytes(encode_png(taken(file, size)))
    engines = EnginePool(BackboneLibrary(cache / "backbones"))
    profile = learnt(name, normals, engines, cache / name)
    scorer = open_scorer(engines, profile)
    rows: dict[str, list[list[float]]] = {}
    dirty = 0
    monitor = HealthMonitor([golden.pixels for golden in profile.golden])
    for file in line:
        pixels = taken(file, size)
        for what in ("none", *RIGHT):
            for level in LEVELS if what != "none" else (0.0,):
                frame = Frame(disturbed(pixels, what, level), str(file))
                sight = scorer.see(frame)
                score = scorer.score_seen(sight, 0.0).value / profile.suggested.review
                health = monitor.check(sight.pixels)
                assert health is not None
                offset = health.offset or (np.nan, np.nan)
                row = [score, health.brightness, health.focus, *offset]
                rows.setdefault(f"{what}-{level}", []).append(row)
    print(f"{name}: {len(line)} parts looked at", file=sys.stderr, flush=True)
    calm = HealthMonitor([golden.pixels for golden in profile.golden])
    rng = np.random.default_rng(1)
    for number in rng.permutation(np.tile(np.arange(len(line)), 3)):
        health = calm.check(scorer.see(Frame(taken(line[number], size), "line")).pixels)
        dirty += health is not None and Cause.DIRT in health.causes
    out = {key: np.array(value) for key, value in rows.items()}
    out["dirty"] = np.array([dirty, 3 * len(line)], np.float64)
    np.savez(kept, allow_pickle=False, **out)
    return out


def stream(
    found: dict[str, Float64], what: str, *, gradual: bool, parts: int, seed: int
) -> tuple[PartSeries, int]:
    """Draw a stream of parts; return it and at which part the disturbance begins."""
    rng = np.random.default_rng(seed)
    pool = len(found["none-0.0"])
    drawn = rng.integers(0, pool, parts)
    begin = int(rng.uniform(0.4, 0.7) * parts)
    rows = found["none-0.0"][drawn].copy()
    if what != "none":
        for part in range(begin, parts):
            level = 1.0
            if gradual:
                level = LEVELS[min(3, int(4 * (part - begin) / (parts - begin)))]
            rows[part] = found[f"{what}-{level}"][drawn[part]]
    when = np.linspace(1.75e9, 1.75e9 + 360.0 * (parts - 1), parts, dtype=np.float64)
    return PartSeries(when, *(np.ascontiguousarray(column, np.float64) for column in rows.T)), begin


def trials(
    found: dict[str, Float64], what: str, gradual: bool, count: int, parts: int
) -> dict[str, Any]:
    """Return how often the right measure was named, and how late the chart was."""
    named = 0
    delays: list[int] = []
    wrong: dict[str, int] = {}
    for seed in range(count):
        series, begin = stream(found, what, gradual=gradual, parts=parts, seed=seed)
        drift = drift_of(series)
        first = None if drift.first is None else drift.first.measure
        if what == "none":
            named += first is not None
        else:
            named += first is RIGHT[what]
            move = drift.move(RIGHT[what])
            if move is not None:
                delays.append((move.seen.timestamp() - series.when[begin]) / 360)
        if first is not (None if what == "none" else RIGHT[what]):
            key = "nothing" if first is None else first.value
            wrong[key] = wrong.get(key, 0) + 1
    late = float(np.median(delays)) if delays else None
    return {"share": named / count, "delay": late, "instead": wrong}


COLUMN = {"light": 1, "blur": 2, "shift": 3}


def against_parts(found: dict[str, Float64], what: str) -> float:
    """Return how large a disturbance is, in standard deviations from one part to the next.

    With ``n`` parts, half of them disturbed, the best of all tests has ``sqrt(n) / 2`` times this
    in its favour, and needs about 5.5 to be right in 95 of 100 cases at our rate of false alarms.
    """
    calm, moved = (found[key][:, COLUMN[what]] for key in ("none-0.0", f"{what}-1.0"))
    if what != "shift":
        calm, moved = np.log(calm), np.log(moved)
    known = np.isfinite(calm) & np.isfinite(moved)
    if not known.any():
        return float("nan")
    return float(abs(np.mean((moved - calm)[known])) / np.std(calm[known]))


def known_moment(found: dict[str, Float64], gradual: bool, count: int, parts: int) -> list[float]:
    """Return how often one look sees a shift that is told when it began, at the chart's limit.

    First by the ranks of single parts along the shift, then by the means of both coordinates with
    their covariance. A chart is not told, but may look at every place: about as much is what it can
    see. Of what grows the look is told a good place to cut.
    """
    passed = [0, 0]
    for seed in range(count):
        series, begin = stream(found, "shift", gradual=gradual, parts=parts, seed=seed)
        cut = begin + (3 * (parts - begin)) // 8 if gradual else begin
        before, after = np.sort(series.across[:cut]), series.across[cut:]
        sides = np.searchsorted(before, after, "left") + np.searchsorted(before, after, "right")
        z = (sides - cut).sum() / np.sqrt(cut * (parts - cut) * (parts + 1) / 3)
        passed[0] += abs(z) > LIMIT
        both = np.column_stack([series.across, series.down])
        moved = both[cut:].mean(axis=0) - both[:cut].mean(axis=0)
        spread = np.cov(both[:cut].T) / cut + np.cov(both[cut:].T) / (parts - cut)
        passed[1] += float(moved @ np.linalg.solve(spread, moved)) > TWICE
    return [share / count for share in passed]


def run_length(count: int) -> None:
    """Print how often a chart signals without a change."""
    rng = np.random.default_rng(11)
    for length in (60, 120, 200):
        signals = sum(first_signal(rng.normal(size=length)) is not None for _ in range(count))
        print(f"{length} values: {signals} of {count} series signal "
              f"(one signal in about {count * length / max(signals, 1):,.0f} values)")  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--parts", type=int, default=600)
    parser.add_argument("--line", type=int, default=40, help="different good parts on the line")
    parser.add_argument("--cache", type=Path, default=Path("drift-cache"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--run-length", action="store_true")
    parser.add_argument("--known-moment", action="store_true", help="see known_moment")
    args = parser.parse_args()
    if args.run_length:
        run_length(1500)
        return
    args.cache.mkdir(parents=True, exist_ok=True)
    if args.known_moment:
        print("| set | shift: ranks, both coordinates | slowly: ranks, both coordinates |")
        print("|---|---|---|")
        for name in args.sets.split(","):
            found = table(name, args.data, args.cache, args.line)
            pairs = [known_moment(found, slow, args.trials, args.parts) for slow in (False, True)]
            told = (f"{100 * ranks:.0f} %, {100 * both:.0f} %" for ranks, both in pairs)
            print(f"| {name} | {' | '.join(told)} |", flush=True)
        return
    answers: dict[str, dict[str, dict[str, Any]]] = {}
    print("| set | light | blur | shift | light, slowly | blur, slowly | shift, slowly "
          "| false alarms | dirt | light, blur, shift ÷ spread of parts |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in args.sets.split(","):
        found = table(name, args.data, args.cache, args.line)
        cells = {}
        for gradual in (False, True):
            for what in RIGHT:
                key = f"{what}{', slowly' if gradual else ''}"
                cells[key] = trials(found, what, gradual, args.trials, args.parts)
        cells["false alarms"] = trials(found, "none", False, args.trials, args.parts)
        answers[name] = cells
        shown = " | ".join(
            f"{100 * cell['share']:.0f} %"
            + (f" ({cell['delay']:.0f})" if cell["delay"] is not None else "")
            for cell in cells.values()
        )
        dirty, looked = found["dirty"]
        sizes = ", ".join(f"{against_parts(found, what):.2f}" for what in RIGHT)
        print(f"| {name} | {shown} | {dirty:.0f} of {looked:.0f} | {sizes} |", flush=True)
        for key, cell in cells.items():
            if cell["instead"]:
                print(f"{name}, {key}: {cell['instead']}", file=sys.stderr)
    if args.out:
        args.out.write_text(json.dumps(answers, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
