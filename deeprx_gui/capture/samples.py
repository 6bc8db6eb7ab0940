"""Sample pictures to try the program with: real solar cells from the package ``elpv-dataset``.

2,624 electroluminescence pictures (Buerhop-Lutz et al., "A Benchmark for Visual Identification of
Defective Solar Cells in Electroluminescence Imagery", EU PVSEC 2018; CC BY-NC-SA 4.0). Its
``labels.csv`` has three columns parted by spaces: path, defect probability 0, 1/3, 2/3 or 1, and
mono or poly.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from deeprx_gui.capture.dataset import GOOD, Dataset, LabelledImage
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say

PACKAGE = "elpv_dataset"
DEFECTIVE = "defective"
_BLOCK, _PERIOD, _TEST_BLOCK = 60, 4, 3

T = TypeVar("T")


@dataclass(frozen=True)
class _Cell:
    path: Path
    number: int
    probability: float
    kind: str

    @property
    def in_test(self) -> bool:
        """Blocks of 60 neighbours go to one side whole: neighbours come from the same module."""
        return self.number // _BLOCK % _PERIOD == _TEST_BLOCK


def elpv_dataset(kind: str = "mono") -> Dataset:
    """Return all solar cells of a kind, ``mono`` or ``poly``, split for measuring.

    Every fourth block of 60 file numbers is for testing: probability 0 is good, 1 is bad. Good
    cells of the other blocks are for learning; doubtful ones (1/3, 2/3) are left out.
    Raises RequestError when the package is absent or damaged.
    """
    cells = [cell for cell in _cells() if cell.kind == kind]
    if not cells:
        raise RequestError(
            say("There are no sample pictures of the kind {kind}. Use mono or poly.", kind=kind)
        )
    train = tuple(c.path for c in cells if not c.in_test and c.probability == 0)
    test = tuple(
        LabelledImage(c.path, DEFECTIVE if c.probability else GOOD, c.probability == 1)
        for c in cells
        if c.in_test and c.probability in (0, 1)
    )
    return Dataset("elpv-" + kind, train, test)


def has_samples() -> bool:
    """Say whether the package is installed; it may be tried, not shipped with a program."""
    return importlib.util.find_spec(PACKAGE) is not None


def sample_dataset(normals: int = 50, unseen_good: int = 20, unseen_bad: int = 20) -> Dataset:
    """Return a few mono cells to try the program with, always the same ones.

    They are taken at even distances from ``elpv_dataset``, so that they come from many modules; as
    many as there are where more are asked for. Raises RequestError as ``elpv_dataset`` does.
    """
    full = elpv_dataset("mono")
    good, bad = _spread(full.test_good, unseen_good), _spread(full.test_bad, unseen_bad)
    return Dataset("solar-cells", _spread(full.train, normals), good + bad)


def _spread(items: Sequence[T], count: int) -> tuple[T, ...]:
    """Return ``count`` items at even distances, in order."""
    count = max(0, min(count, len(items)))
    return tuple(items[(2 * i + 1) * len(items) // (2 * count)] for i in range(count))


def _cells() -> list[_Cell]:
    folder = _data_folder()
    try:
        lines = (folder / "labels.csv").read_text(encoding="utf-8").splitlines()
        return [_cell(folder, line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise RequestError(
            say(
                "The sample pictures in {folder} are damaged. Install the package {package} again.",
                folder=str(folder),
                package="elpv-dataset",
            )
        ) from error


def _cell(folder: Path, line: str) -> _Cell:
    name, probability, kind = line.split()
    path = folder / name
    number = int("".join(filter(str.isdigit, path.stem)))
    return _Cell(path, number, float(probability), kind)


def _data_folder() -> Path:
    """Find the package without importing it: its own loader would pull in an image library."""
    spec = importlib.util.find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec is not None else None
    for place in places or ():
        if (Path(place) / "data" / "labels.csv").is_file():
            return Path(place) / "data"
    raise RequestError(
        say(
            "The sample pictures are not installed on this PC. Install the package {package}, or "
            "use pictures of your own.",
            package="elpv-dataset",
        )
    )
