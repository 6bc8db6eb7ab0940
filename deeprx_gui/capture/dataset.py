"""Data sets for measuring: the folder layout of MVTec AD.

``train/good`` holds good pictures to learn from, ``test/good`` unseen good ones, every other
``test/<kind>`` bad ones. ``ground_truth/<kind>/<name>_mask.png`` marks the defect where it is known
(Bergmann et al., "The MVTec Anomaly Detection Dataset", IJCV 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.folder import find_images, is_image, list_folder, natural_order
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say

GOOD = "good"


@dataclass(frozen=True)
class LabelledImage:
    """A test picture, its kind (folder name), whether it is bad, and its mask if there is one."""

    path: Path
    kind: str
    bad: bool
    mask: Path | None = None


@dataclass(frozen=True)
class Dataset:
    """Pictures of good parts to learn from, and labelled ones to be judged."""

    name: str
    train: tuple[Path, ...]
    test: tuple[LabelledImage, ...]

    @property
    def test_good(self) -> tuple[LabelledImage, ...]:
        """The good parts among the test pictures."""
        return tuple(t for t in self.test if not t.bad)

    @property
    def test_bad(self) -> tuple[LabelledImage, ...]:
        """The bad parts among the test pictures."""
        return tuple(t for t in self.test if t.bad)


def read_dataset(root: Path) -> Dataset:
    """Read the layout described above; pictures in natural order, kinds by name.

    Raises RequestError that says which folder is missing or empty, and what is expected.
    """
    if not root.is_dir():
        raise RequestError(
            say("{folder} is not a folder. Choose the folder of a data set.", folder=str(root))
        )
    train = root / "train" / GOOD
    if not train.is_dir():
        raise RequestError(_no_train(root))
    test: list[LabelledImage] = []
    for folder in _kinds(root):
        masks = _masks(root / "ground_truth" / folder.name)
        test += [
            LabelledImage(path, folder.name, folder.name != GOOD, _mask_of(path, masks))
            for path in _pictures(folder)
        ]
    if not test:
        raise RequestError(
            say(
                "{folder} has no pictures to judge. Put good ones into {good} and bad ones into "
                "{bad}.",
                folder=str(root),
                good="test/good",
                bad="test/<kind>",
            )
        )
    return Dataset(root.resolve().name, tuple(find_images([train])), tuple(test))


def _kinds(root: Path) -> list[Path]:
    test = root / "test"
    if not test.is_dir():
        return []
    folders = (f for f, is_folder in list_folder(test) if is_folder and not f.name.startswith("."))
    return sorted(folders, key=lambda f: natural_order(f.name))


def _pictures(folder: Path) -> list[Path]:
    """The pictures directly in a folder, in natural order."""
    found = (path for path, is_folder in list_folder(folder) if is_image(path) and not is_folder)
    return sorted(found, key=lambda p: natural_order(p.name))


def _masks(folder: Path) -> dict[str, Path]:
    """Masks by the name, in small letters, of the picture they belong to."""
    if not folder.is_dir():
        return {}
    return {p.stem.casefold().removesuffix("_mask"): p for p in _pictures(folder)}


def _mask_of(path: Path, masks: dict[str, Path]) -> Path | None:
    return masks.get(path.stem.casefold())


def _no_train(root: Path) -> Message:
    inside = [f for f, _ in list_folder(root) if (f / "train" / GOOD).is_dir()]
    if inside:
        first = min(inside, key=lambda f: natural_order(f.name))
        return say(
            "{folder} holds several data sets. Choose one of them, for example {example}.",
            folder=str(root),
            example=str(first),
        )
    return say(
        "{folder} is not laid out as a data set. It needs good pictures to learn from in {train}, "
        "other good ones in {good} and bad ones in {bad}.",
        folder=str(root),
        train="train/good",
        good="test/good",
        bad="test/<kind>",
    )
