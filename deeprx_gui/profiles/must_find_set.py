"""The must-find set of a product: read to travel in a file, and joined by what a file brought."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deeprx_gui.atomic import patiently
from deeprx_gui.domain.corrections import MOST_MUST_FIND, Correction, CorrectionKind
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import (
    MustFindJoined,
    MustFindPicture,
    digest_of,
    plan_join,
)
from deeprx_gui.profiles.correction_store import (
    FOLDER,
    keep_picture,
    read_book,
    without_unlearnt,
    write_book,
)
from deeprx_gui.profiles.folder import ProfileFolder
from deeprx_gui.profiles.must_find_parts import check_together
from deeprx_gui.profiles.untrusted_input import picture_suffix

_log = logging.getLogger(__name__)


def must_find_pictures(folder: ProfileFolder) -> tuple[MustFindPicture, ...]:
    """Return the must-find set with its pictures, byte for byte.

    Raises ProfileError where they are too large together for one file, which is looked at before
    any is read, where the list is damaged, or a picture is missing or no longer what was kept: a
    set that travels with a gap would look whole.
    """
    book = read_book(folder)
    paths = [folder.path / FOLDER / one.file for one in book.must_find]
    check_together([_size(path) for path in paths])
    found = []
    for one, path in zip(book.must_find, paths, strict=True):
        try:
            data = patiently(path.read_bytes)
        except OSError as error:
            _log.warning("%s: %s", path, error)
            data = b""
        if digest_of(data) != one.id:
            raise ProfileError(
                say(
                    "The picture “{name}” of the must-find set is missing or damaged ({file}). "
                    "Remove it from the set, or put a backup of the file there.",
                    name=one.name,
                    file=str(path),
                )
            )
        found.append(MustFindPicture(one.name, one.who, one.when, data))
    return tuple(found)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # said when it is read
        return 0


def join_must_find(
    folder: ProfileFolder, pictures: Sequence[MustFindPicture], *, removed_too: bool = True
) -> MustFindJoined:
    """Put pictures that a file brought into a product's must-find set; what is there stays.

    The same picture is the same by its bytes; one that waits here as missed counts from now on.
    ``removed_too``: also one that a person removed here; only a person may bring it back. Callers
    hold the writer lock. Raises ProfileError when the list is damaged, StorageError when
    the disk refuses; nothing joined then.
    """
    if not pictures:
        return MustFindJoined()
    book = read_book(folder)
    for picture in pictures:
        book = without_unlearnt(folder, book, picture.id)
    plan = plan_join(book, pictures, MOST_MUST_FIND - len(book.must_find), removed_too=removed_too)
    if not plan.take:
        return plan.outcome
    waiting = {one.id: one for one in book.said(CorrectionKind.MISSED)}
    new = [waiting.get(one.id) or _kept(folder, one) for one in plan.take]
    taken = {one.id for one in new}
    pending = tuple(one for one in book.pending if one.id not in taken)
    write_book(folder, replace(book, pending=pending, must_find=(*book.must_find, *new)))
    return plan.outcome


def _kept(folder: ProfileFolder, one: MustFindPicture) -> Correction:
    file = f"{one.id}{picture_suffix(one.name)}"
    keep_picture(folder, file, one.data)
    return Correction(one.id, CorrectionKind.MISSED, file, one.name, one.who, one.when)
