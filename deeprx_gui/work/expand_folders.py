"""Gather: files and folders in, pictures to score out, labelled by the folders they lie in."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

from deeprx_gui.capture.folder import find_images
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.folder_labels import is_defect_mask, labels_from_folders
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage


def expand_folders(
    items: Sequence[PendingImage],
) -> Generator[Progress, None, tuple[PendingImage, ...]]:
    """Open the folders among ``items`` and return every picture once, in the order given.

    A picture keeps the label it came with; an unknown one gets what its folders say. Of a data set
    (``train/good``, ``test/<kind>``) only ``test`` is taken, because the profile may have learnt
    from ``train``; defect masks (``ground_truth``) are no pictures. Raises RequestError when a path
    is not there or nothing was found.
    """
    yield Progress(0, 0, say("Looking for pictures"))
    found: dict[Path, Label] = {}
    for item in items:
        for path in _pictures(item.path):
            found.setdefault(path, item.label)
    if not found:
        raise RequestError(
            say("These folders hold only defect masks. Choose the folder of the pictures.")
        )
    paths = list(found)
    stated = labels_from_folders([below_home(path) for path in paths])
    return tuple(
        PendingImage(path, said if found[path] is Label.UNKNOWN else found[path])
        for path, said in zip(paths, stated, strict=True)
    )


def below_home(path: Path) -> Path:
    """Return the path without the home folder: a person called Ng does not make parts NG."""
    try:
        home = Path.home()
    except RuntimeError:  # a service account without a home
        return path
    return path.relative_to(home) if path.is_relative_to(home) else path


def _pictures(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return find_images([path])
    test = path / "test"
    chosen = test if test.is_dir() and (path / "train").is_dir() else path
    return (picture for picture in find_images([chosen]) if not is_defect_mask(picture))
