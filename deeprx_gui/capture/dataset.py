"""Data sets for measuring: the folder layout of MVTec AD.

``train/good`` holds good pictures to learn from, ``test/good`` unseen good ones, every other
``test/<kind>`` bad ones; ``ok``, ``Normal`` and what else means good is as good as ``good``.
``ground_truth/<kind>/<name>_mask.png`` marks the defect where it is known (Bergmann et al., "The
MVTec Anomaly Detection Dataset", IJCV 2021). Masks may also lie in ``masks`` or ``gt``, beside the
picture as ``<name>_mask`` or ``<name>_GT``, in ``test/<kind>_mask``, or several to a picture in a
folder of its name.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.folder import (
    FoundImages,
    find_images,
    is_folder,
    is_hidden,
    list_folder,
    natural_order,
    search_images,
)
from deeprx_gui.capture.mask_files import match_masks
from deeprx_gui.capture.sort_pictures import sort_pictures
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.folder_labels import FolderMeaning, labels_from_folders, meaning_of
from deeprx_gui.domain.left_out import LeftOut, LeftOutReason
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.scored import Label

GOOD = "good"
_MASKS = (FolderMeaning.MASKS, FolderMeaning.PERHAPS_MASKS)


@dataclass(frozen=True)
class LabelledImage:
    """A test picture, its kind (folder name), whether it is bad, and its mask if there is one."""

    path: Path
    kind: str
    bad: bool
    mask: Path | None = None
    more_masks: tuple[Path, ...] = ()

    @property
    def masks(self) -> tuple[Path, ...]:
        """All masks, which mark the defects together."""
        return () if self.mask is None else (self.mask, *self.more_masks)


@dataclass(frozen=True)
class Dataset:
    """Pictures of good parts to learn from, and labelled ones to be judged."""

    name: str
    train: tuple[Path, ...]
    test: tuple[LabelledImage, ...]
    left_out: tuple[LeftOut, ...] = ()
    orphans: tuple[Path, ...] = ()
    """Masks that belong to none of the test pictures."""

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
    if not is_folder(root):
        raise RequestError(
            say("{folder} is not a folder. Choose the folder of a data set.", folder=str(root))
        )
    train = train_folder(root)
    if train is None:
        raise RequestError(_no_train(root))
    learn = search_images([train])
    normals = sort_pictures(learn.images)
    test = _inside(root, "test")
    found = None if test is None else _search_test(test)
    if test is None or found is None:
        raise RequestError(
            say(
                "{folder} has no pictures to judge. Put good ones into {good} and bad ones into "
                "{bad}.",
                folder=str(root),
                good="test/good",
                bad="test/<kind>",
            )
        )
    sorted_out = sort_pictures(found.images)
    pictures = [p for p in sorted_out.pictures if p.path.parent != test]
    masks = [*(mask.path for mask in sorted_out.masks), *_mask_files(root)]
    matched = match_masks([p.path for p in pictures], masks, root)
    labels = labels_from_folders([p.path.relative_to(test.parent) for p in pictures])
    labelled = [
        LabelledImage(
            picture.path,
            picture.path.relative_to(test).parts[0],
            label is not Label.GOOD,
            *_split(matched.get(picture.path, ())),
        )
        for picture, label in zip(pictures, labels, strict=True)
    ]
    labelled.sort(key=lambda t: natural_order(t.kind))
    used = {mask for some in matched.values() for mask in some}
    return Dataset(
        root.resolve().name,
        tuple(p.path for p in normals.pictures if p.label is not Label.BAD),
        tuple(labelled),
        (
            *normals.masks,
            *(_left_out(p.path) for p in normals.pictures if p.label is Label.BAD),
            *(LeftOut(p.path, LeftOutReason.UNSURE) for p in sorted_out.pictures
              if p.path.parent == test),
            *learn.left_out,
            *found.left_out,
        ),
        tuple(mask for mask in masks if mask not in used),
    )  # fmt: skip


def train_folder(root: Path) -> Path | None:
    """Return the folder that a data set is learnt from; of several the one above them.

    One that cannot be opened is returned as well: whoever searches it says so.
    """
    train = _inside(root, "train")
    if train is None:
        return None
    try:
        inside = _folders(train)
    except RequestError:
        return train
    good = [f for f in inside if meaning_of(f.name) is FolderMeaning.GOOD]
    return good[0] if len(good) == 1 else train if good else None


def _search_test(test: Path) -> FoundImages | None:
    try:
        found = search_images([test])
    except RequestError:
        return None
    return found if any(image.path.parent != test for image in found.images) else None


def _left_out(path: Path) -> LeftOut:
    return LeftOut(path, LeftOutReason.BAD_PART)


def _split(masks: tuple[Path, ...]) -> tuple[Path | None, tuple[Path, ...]]:
    return (masks[0], masks[1:]) if masks else (None, ())


def _inside(root: Path, name: str) -> Path | None:
    """Return a folder by its name, whatever the case of its letters."""
    exact = root / name
    if is_folder(exact):
        return exact
    try:
        return next((f for f in _folders(root) if f.name.casefold() == name), None)
    except RequestError:
        return None


def _folders(root: Path) -> list[Path]:
    found = (f for f, is_folder in list_folder(root) if is_folder and not is_hidden(f.name))
    return sorted(found, key=lambda f: natural_order(f.name))


def _mask_files(root: Path) -> list[Path]:
    """Return what lies in the folders of masks beside ``train`` and ``test``."""
    folders = [f for f in _folders(root) if meaning_of(f.name) in _MASKS]
    found: list[Path] = []
    for folder in folders:
        with suppress(RequestError):  # an empty one
            found += find_images([folder])
    return found


def _no_train(root: Path) -> Message:
    inside = [f for f in _folders(root) if train_folder(f) is not None]
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
