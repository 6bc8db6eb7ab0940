"""Gather: files and folders in, pictures to score out, labelled by the folders they lie in."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.folder import FoundImage, is_folder, look_for_images, nothing_found
from deeprx_gui.capture.sort_pictures import SortedPictures, sort_pictures
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.left_out import LeftOut
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage


@dataclass(frozen=True)
class GatheredPictures:
    """Pictures to be judged, and what was left out."""

    pictures: tuple[PendingImage, ...]
    left_out: tuple[LeftOut, ...] = ()


def expand_folders(
    items: Sequence[PendingImage],
) -> Generator[Progress, None, tuple[PendingImage, ...]]:
    """Return the pictures of ``gather_pictures`` alone."""
    gathered = yield from gather_pictures(items)
    return gathered.pictures


def gather_pictures(
    items: Sequence[PendingImage], *, needed: bool = True
) -> Generator[Progress, None, GatheredPictures]:
    """Open the folders among ``items`` and return every picture once, in the order given.

    A picture keeps the label it came with; an unknown one gets what its folders say. Of a data set
    (``train/good``, ``test/<kind>``) only ``test`` is taken, because the profile may have learnt
    from ``train``; defect masks are no pictures. Raises RequestError when nothing was found and
    pictures are ``needed``.
    """
    yield Progress(0, 0, say("Looking for pictures"))
    found: dict[Path, tuple[FoundImage, Label]] = {}
    left_out: list[LeftOut] = []
    named = [_of_data_set(item.path) for item in items]
    for item, path in zip(items, named, strict=True):
        searched = look_for_images([path])
        left_out += searched.left_out
        for image in searched.images:
            found.setdefault(image.path, (image, item.label))
    if needed and not found:
        raise nothing_found(named, left_out)
    sorted_out = sort_pictures([image for image, _ in found.values()])
    if needed and not sorted_out.pictures:
        raise RequestError(
            say("These folders hold only defect masks. Choose the folder of the pictures.")
        )
    return GatheredPictures(_labelled(sorted_out, found), (*sorted_out.masks, *left_out))


def _labelled(
    sorted_out: SortedPictures, found: Mapping[Path, tuple[FoundImage, Label]]
) -> tuple[PendingImage, ...]:
    return tuple(
        PendingImage(
            picture.path,
            picture.label if found[picture.path][1] is Label.UNKNOWN else found[picture.path][1],
        )
        for picture in sorted_out.pictures
    )


def _of_data_set(path: Path) -> Path:
    test = path / "test"
    return test if is_folder(test) and is_folder(path / "train") else path
