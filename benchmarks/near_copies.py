"""Are shots of one part found, and are different parts left alone? Measured on real sets.

    python benchmarks/near_copies.py [--data ../shared/data] [--pictures 60] [--json FILE]

Of each real set: what is grouped as it is (look at the names: some sets do hold several shots of
one part), and of every sort of change how many of up to 20 pictures that were changed so and put
beside all the others are found. At last the time for 2,000 made pictures.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from real_sets import real_sets  # type: ignore[import-not-found]

from deeprx_gui.engine.near_copies import Look, find_parts

CHANGES = ("shift", "light", "noise", "jpeg", "turn", "crop", "all")
_PLANTED = 20


def shot(picture: Image.Image, kind: str, rng: np.random.Generator) -> Image.Image:
    """Return the part photographed again: moved up to 8 pixels, lit otherwise, noisy ..."""
    every = kind == "all"
    out, reach = picture, 8
    if every or kind in {"shift", "turn"}:
        turn = rng.uniform(-1, 1) if every or kind == "turn" else 0.0
        move = rng.uniform(-reach, reach, 2) if every or kind == "shift" else np.zeros(2)
        wide = np.pad(np.asarray(out), ((16, 16), (16, 16), (0, 0)), mode="edge")
        away: Any = (float(move[0]), float(move[1]))  # Pillow takes parts of pixels
        moved = Image.fromarray(wide).rotate(turn, Image.Resampling.BICUBIC, translate=away)
        out = moved.crop((16, 16, 16 + picture.width, 16 + picture.height))
    if every or kind == "crop":
        left, top, right, bottom = rng.uniform(0, 0.02, 4)
        width, height = out.size
        box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        left, top, right, bottom = map(round, box)
        out = out.crop((left, top, right, bottom))
    pixels: NDArray[Any] = np.asarray(out, np.float64)
    if every or kind == "light":
        pixels = pixels * rng.uniform(0.9, 1.1)
    if every or kind == "noise":
        pixels = pixels + rng.normal(0, rng.uniform(1, 5), pixels.shape)
    out = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if every or kind == "jpeg":
        coded = io.BytesIO()
        out.save(coded, "JPEG", quality=int(rng.integers(60, 96)))
        out = Image.open(io.BytesIO(coded.getvalue())).convert("RGB")
    return out


def look(picture: Image.Image) -> Look:
    """Reduce a picture as the program does."""
    return Look.of(np.asarray(picture, np.uint8))


def sets(folder: Path, most: int) -> Iterator[tuple[str, list[Path]]]:
    """The sets at hand, at most so many pictures of each, evenly spread."""
    for name, dataset in real_sets(folder).items():
        paths = dataset.train
        yield name, list(paths[:: max(1, len(paths) // most)][:most])


def measure(name: str, paths: list[Path]) -> dict[str, object]:
    """Return what is grouped of one set, and how many planted shots are found."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    looks = [look(picture) for picture in pictures]
    parts = find_parts(looks)
    groups = [[paths[i].name for i in group] for group in parts.groups if len(group) > 1]
    rng = np.random.default_rng(0)
    found: dict[str, str] = {}
    for kind in CHANGES:
        planted = list(range(0, len(paths), max(1, len(paths) // _PLANTED)))[:_PLANTED]
        again = [look(shot(pictures[i], kind, rng)) for i in planted]
        numbers = find_parts([*looks, *again]).numbers
        hits = sum(numbers[i] == numbers[len(looks) + k] for k, i in enumerate(planted))
        found[kind] = f"{hits}/{len(planted)}"
    return {"set": name, "pictures": len(paths), "parts": parts.count, "groups": groups, **found}


def timed(count: int = 2000) -> tuple[float, int]:
    """Return seconds for so many pictures, three of each part, and how many parts were found."""
    rng = np.random.default_rng(0)
    looks = []
    for part in range(-(-count // 3)):
        cells = np.random.default_rng(part).integers(0, 255, (24, 24), np.uint8)
        texture = Image.fromarray(cells).resize((80, 80), Image.Resampling.BICUBIC)
        grain = np.asarray(texture)
        for _ in range(3):
            y, x = rng.integers(0, 5, 2)
            pixels = grain[y : y + 76, x : x + 76, None] + rng.normal(0, 3, (76, 76, 3))
            looks.append(Look.of(np.clip(pixels, 0, 255).astype(np.uint8)))
    start = time.perf_counter()
    parts = find_parts(looks[:count])
    return time.perf_counter() - start, parts.count


def main() -> None:
    """Measure and print, set by set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    print(f"{'set':15}{'pictures':>9}{'parts':>7}  " + "".join(f"{kind:>8}" for kind in CHANGES))
    for name, paths in sets(args.data, args.pictures):
        row = measure(name, paths)
        rows.append(row)
        cells = "".join(f"{row[kind]!s:>8}" for kind in CHANGES)
        print(f"{name:15}{row['pictures']!s:>9}{row['parts']!s:>7}  {cells}", flush=True)
        print("".join(f"    {', '.join(group)}\n" for group in row["groups"]), end="")  # type: ignore[attr-defined]
    seconds, parts = timed()
    print(f"2,000 pictures of 667 parts: {parts} parts in {seconds:.1f} s")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
