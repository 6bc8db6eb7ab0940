"""The one rule by which pictures are sorted for learning, judging and measuring.

What a picture is called and which folders it lies in say whether its part is good; defect masks are
no pictures. Where a name alone does not tell a mask from a product of that name, the pixels do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deeprx_gui.capture.folder import FoundImage
from deeprx_gui.capture.masks import looks_like_mask
from deeprx_gui.domain.folder_labels import (
    FolderMeaning,
    labels_of_folders,
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
    kept = [(image, image.path.parent) for image in images if image.path not in masks]
    # Folders are asked, not pictures: there may be 100,000 pictures in one.
    below = {folder: below_home(folder) for folder in {folder for _, folder in kept}}
    labels = labels_of_folders(set(below.values()))
    around = {above for folder in below.values() for above in (folder, *folder.parents)}
    beside = {f.parent for f in around if meaning_of(f.name) is FolderMeaning.GOOD}
    unsure = cache(lambda folder, root: _unsure(folder, root, beside))
    pictures = []
    for image, folder in kept:
        label = labels[below[folder]]
        open_question = label is Label.UNKNOWN and image.path != image.root
        pictures.append(
            SortedPicture(image.path, label, open_question and unsure(folder, image.root))
        )
    return SortedPictures(
        tuple(pictures),
        tuple(LeftOut(image.path, LeftOutReason.MASK) for image in images if image.path in masks),
    )


def below_home(path: Path) -> Path:
    """Return the path without the home folder: a person called Ng does not make parts NG."""
    try:
        home = Path.home()
    except RuntimeError:  # a service account without a home
        return path
    return path.relative_to(home) if path.is_relative_to(home) else path


def _unsure(inside: Path, root: Path, beside: set[Path]) -> bool:
    """Whether what lies ``inside`` a folder below the one that was named may be bad parts.

    ``beside``: what lies in one of these lies beside a folder of good parts.
    """
    for folder in (inside, *inside.parents):
        if folder == root:
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
    meaning_inside = cache(_mask_meaning_inside)
    for image in images:
        if image.path == image.root:
            continue
        meaning = meaning_inside(image.path.parent, image.root)
        if meaning is FolderMeaning.NOTHING:
            meaning = _mask_meaning_of_stem(image.path.stem, stems)
        if meaning is FolderMeaning.MASKS:
            sure.add(image.path)
        elif meaning is FolderMeaning.PERHAPS_MASKS:
            perhaps.add(image.path)
    sure |= {path for path in perhaps if looks_like_mask(path)}
    return sure | _twins(images, stems, sure | perhaps)


def _mask_meaning_inside(folder: Path, root: Path) -> FolderMeaning:
    below = below_home(folder)
    meanings = [meaning_of(f.name) for f in (below, *below.parents)]
    if FolderMeaning.MASKS in meanings:
        return FolderMeaning.MASKS
    depth = 1 + len(folder.parents) - len(root.parents)
    perhaps = FolderMeaning.PERHAPS_MASKS in meanings[:depth]
    return FolderMeaning.PERHAPS_MASKS if perhaps else FolderMeaning.NOTHING


def _mask_meaning_of_stem(stem: str, stems: Mapping[str, set[Path]]) -> FolderMeaning:
    named = mask_of_stem(stem)
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
