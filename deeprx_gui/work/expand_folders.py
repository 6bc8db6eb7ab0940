"""Gather: files and folders in, pictures to score out, labelled by the folders they lie in."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.folder import FoundImage, search_images
from deeprx_gui.capture.sort_pictures import SortedPictures, sort_pictures
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.left_out import LeftOut, LeftOutReason
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage


@dataclass(frozen=True)
class GatheredPictures:
    """Pictures to be judged, and what was left out."""

    pictures: tuple[PendingImage, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def unreachable(self) -> bool:
        """Whether something could not be opened, so that parts may be missing."""
        return any(item.reason in _MISSING for item in self.left_out)


_MISSING = (LeftOutReason.UNREACHABLE, LeftOutReason.NAME)


def expand_folders(
    items: Sequence[PendingImage],
) -> Generator[Progress, None, tuple[PendingImage, ...]]:
    """Return the pictures of ``gather_pictures`` alone."""
    gathered = yield from gather_pictures(items)
    return gathered.pictures


def gather_pictures(
    items: Sequence[PendingImage],
) -> Generator[Progress, None, GatheredPictures]:
    """Open the folders among ``items`` and return every picture once, in the order given.

    A picture keeps the label it came with; an unknown one gets what its folders say. Of a data set
    (``train/good``, ``test/<kind>``) only ``test`` is taken, because the profile may have learnt
    from ``train``; defect masks are no pictures. Raises RequestError when nothing was found.
    """
    yield Progress(0, 0, say("Looking for pictures"))
    found: dict[Path, tuple[FoundImage, Label]] = {}
    left_out: list[LeftOut] = []
    problem: RequestError | None = None
    for item in items:
        try:
            searched = search_images([_of_data_set(item.path)])
        except RequestError as error:
            problem = problem or error
            if not item.path.is_dir():
                left_out.append(LeftOut(item.path, LeftOutReason.UNREACHABLE))
            continue
        left_out += searched.left_out
        for image in searched.images:
            found.setdefault(image.path, (image, item.label))
    if not found:
        raise problem or RequestError(say("No pictures were given. Choose files or a folder."))
    sorted_out = sort_pictures([image for image, _ in found.values()])
    if not sorted_out.pictures:
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
    return test if test.is_dir() and (path / "train").is_dir() else path
