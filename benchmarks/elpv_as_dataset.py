"""Lay the solar cells of elpv-dataset out as a data set that ``deeprx evaluate`` reads.

    python benchmarks/elpv_as_dataset.py FOLDER [--kind mono|poly]

Split by blocks of 60 neighbouring cells, every fourth block for testing (see capture/samples.py).
The pictures are copied; FOLDER needs about 100 MB.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from deeprx_gui.capture.samples import elpv_dataset


def main() -> None:
    """Write train/good, test/good and test/defective."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", default="mono", choices=("mono", "poly"))
    args = parser.parse_args()
    dataset = elpv_dataset(args.kind)
    parts = [("train/good", path) for path in dataset.train]
    parts += [(f"test/{'defective' if t.bad else 'good'}", t.path) for t in dataset.test]
    for where, path in parts:
        target: Path = args.folder / where
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target / path.name)
    print(f"{len(parts)} pictures in {args.folder}")


if __name__ == "__main__":
    main()
