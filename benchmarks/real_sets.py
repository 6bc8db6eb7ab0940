"""The real sets at hand: those of a folder, and the solar cells of both kinds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deeprx_gui.capture.dataset import Dataset, read_dataset
from deeprx_gui.capture.samples import elpv_dataset


def real_sets(folder: Path, wanted: Sequence[str] = ()) -> dict[str, Dataset]:
    """Return the sets by name, those ``wanted`` or all."""
    found = {path.name: read_dataset(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    found |= {f"elpv_{kind}": elpv_dataset(kind) for kind in ("mono", "poly")}
    return {name: dataset for name, dataset in found.items() if not wanted or name in wanted}
