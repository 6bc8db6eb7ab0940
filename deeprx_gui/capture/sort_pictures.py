"""The one rule by which pictures are sorted for learning, judging and measuring.

What a picture is called and which folders it lies in say whether its part is good; defect masks are
no pictures. Where a name alone does not tell a mask from a product of that name, the pixels do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.folder import FoundImage
from deeprx_gui.capture.masks import looks_like_mask
from deeprx_gui.domain.folder_labels import (
    FolderMeaning,
    labels_from_folders,
    mask_of_stem,
    meaning_of,
    says_nothing,
)
from deeprx_gui.domain.left_out import LeftOut, LeftOutReason
from deeprx_gui.domain.scored import Label

_TRIED = 3
"""So many of a folder are looked at before all of it are."""


@dataclass(frozen=True)
class SortedPicture:
    """A picture of a part. ``unsure``: its folder leaves open whether the part is good."""

    path: Path
    label: Label
    unsure: bool


@dataclass(frozen=True)
class SortedPictures:
    """Pictures in the order they were found, and the masks among them."""

    pictures: tuple[SortedPicture, ...]
    masks: tuple[LeftOut, ...]


def sort_pictures(images: Sequence[FoundImage]) -> SortedPictures:
    """Sort what was found below the folders that were named; a file named by itself is no mask."""
    masks = _masks(images)
    kept = [image for image in images if image.path not in masks]
    below = [below_home(image.path) for image in kept]
    labels = labels_from_folders(below)
    folders = {folder for path in below for folder in path.parents}
    beside = {f.parent for f in folders if meaning_of(f.name) is FolderMeaning.GOOD}
    return SortedPictures(
        tuple(
            SortedPicture(image.path, label, label is Label.UNKNOWN and _unsure(image, beside))
            for image, label in zip(kept, labels, strict=True)
        ),
        tuple(LeftOut(image.path, LeftOutReason.MASK) for image in images if image.path in masks),
    )


def below_home(path: Path) -> Path:
    """Return the path without the home folder: a person called Ng does not make parts NG."""
    try:
        home = Path.home()
    except RuntimeError:  # a service account without a home
        return path
    return path.relative_to(home) if path.is_relative_to(home) else path


def _unsure(image: FoundImage, beside: set[Path]) -> bool:
    """Whether a folder below the one that was named may hold bad parts.

    ``beside``: what lies in one of these lies beside a folder of good parts.
    """
    for folder in image.path.parents:
        if image.root in (folder, image.path):
            return False
        meaning = meaning_of(folder.name)
        if meaning is FolderMeaning.UNSURE:
            return True
        if below_home(folder).parent in beside and not says_nothing(folder.name):
            return True
    return False


def _masks(images: Sequence[FoundImage]) -> set[Path]:
    sure: set[Path] = set()
    perhaps: set[Path] = set()
    stems: defaultdict[str, set[Path]] = defaultdict(set)
    for image in images:
        stems[image.path.stem.casefold()].add(image.path.parent)
    for image in images:
        meaning = _mask_meaning(image, stems)
        if meaning is FolderMeaning.MASKS:
            sure.add(image.path)
        elif meaning is FolderMeaning.PERHAPS_MASKS:
            perhaps.add(image.path)
    sure |= {path for path in perhaps if looks_like_mask(path)}
    return sure | _twins(images, stems, sure | perhaps)


def _mask_meaning(image: FoundImage, stems: dict[str, set[Path]]) -> FolderMeaning:
    if image.path == image.root:
        return FolderMeaning.NOTHING
    meanings = [meaning_of(f.name) for f in below_home(image.path).parents]
    if FolderMeaning.MASKS in meanings:
        return FolderMeaning.MASKS
    depth = len(image.path.parents) - len(image.root.parents)
    if FolderMeaning.PERHAPS_MASKS in meanings[:depth]:
        return FolderMeaning.PERHAPS_MASKS
    named = mask_of_stem(image.path.stem)
    if named is not None and named[0] in stems:
        return FolderMeaning.MASKS if named[1] else FolderMeaning.PERHAPS_MASKS
    return FolderMeaning.NOTHING


def _twins(
    images: Sequence[FoundImage], stems: dict[str, set[Path]], known: set[Path]
) -> set[Path]:
    """Return masks in folders of any name that hold files called as the pictures of another."""
    folders: defaultdict[Path, list[Path]] = defaultdict(list)
    for image in images:
        path = image.path
        if path != image.root and path not in known and len(stems[path.stem.casefold()]) > 1:
            folders[path.parent].append(path)
    found: set[Path] = set()
    for inside in folders.values():
        tried = inside[:: max(1, len(inside) // _TRIED)][:_TRIED]
        if all(map(looks_like_mask, tried)):
            found |= {path for path in inside if looks_like_mask(path)}
    if folders and all(found.issuperset(inside) for inside in folders.values()):
        return set()  # nothing but flat pictures: drawings perhaps, but no masks of each other
    return found
