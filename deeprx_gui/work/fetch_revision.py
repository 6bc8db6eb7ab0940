"""Fetching a revision from the library, and trusting nothing of it before it is proved."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deeprx_gui.atomic import move_new, reporting
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import pieces
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.library import (
    MOST_BYTES,
    PIECE_BYTES,
    Following,
    LibraryRevision,
    signed_text,
)
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.profiles.codec import SUFFIX
from deeprx_gui.profiles.names import file_stem
from deeprx_gui.scratch import clean_scratch, scratch_folder

_MOST_LETTERS: Final = 60
"""A file name has 255 bytes at most, a Japanese letter three."""
_STALE_SECONDS: Final = 86_400.0


def refused(revision: LibraryRevision, why: Message) -> ProfileError:
    """Return the error for a revision of the library that is not what it should be."""
    return ProfileError(
        say(
            "{revision} of “{name}” from the library was refused: {why} Nothing of it is used."
            " Tell the engineer who released it ({who}).",
            revision=revision.label,
            name=revision.name,
            why=why,
            who=revision.released.who if revision.released else revision.who,
        )
    )


def check_signature(revision: LibraryRevision, following: Following) -> None:
    """Raise ProfileError unless the release is signed as this station asks for.

    Where none is asked for, one of a trusted key must be right all the same.
    """
    released = revision.released
    if released is None:
        raise refused(revision, say("it is not released."))
    known = any(one.key == released.key for one in following.trusted)
    if not known and not following.signed:
        return
    if not released.key or not released.signature:
        raise refused(
            revision, say("its release bears no signature, and this station asks for one.")
        )
    if not known:
        raise refused(revision, say("a key that this station does not trust released it."))
    from deeprx_gui.central.signing import signed_by

    text = signed_text(revision.lineage, revision.mark, revision.sha256)
    if signed_by(following.trusted, released.key, released.signature, text) is None:
        raise refused(revision, say("the signature of its release is wrong."))


def fetch(
    connection: CentralConnection, revision: LibraryRevision, folder: Path
) -> Generator[Progress, None, Path]:
    """Fetch the bytes of a revision into ``folder`` and return the whole, proved file.

    What arrived before a connection broke stays, and the next call goes on there. Raises
    CentralError, StorageError, and ProfileError where the bytes are not those that were published.
    """
    if not 0 < revision.size <= MOST_BYTES:
        raise refused(revision, say("its size makes no sense."))
    part = folder / f"{revision.sha256}.part"
    with reporting(part):
        folder.mkdir(parents=True, exist_ok=True)
        _clean(folder, part)
        size = part.stat().st_size if part.exists() else 0
    if size > revision.size:
        size = 0
    whole = size if size == revision.size else size - size % PIECE_BYTES
    with reporting(part), part.open("ab") as file:
        file.truncate(whole)
        size = whole
        if size < revision.size:
            for data in pieces(connection, revision.row, size // PIECE_BYTES):
                size += len(data)
                if size > revision.size or len(data) > PIECE_BYTES:
                    break
                file.write(data)
                yield Progress(size, revision.size, say("Fetching “{name}”", name=revision.name))
                if size == revision.size:
                    break
    digest = hashlib.sha256()
    with reporting(part), part.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if size != revision.size or digest.hexdigest() != revision.sha256:
        with reporting(part):
            part.unlink()
        raise refused(revision, say("its bytes are not those that were published."))
    return part


def _clean(folder: Path, wanted: Path) -> None:
    """Remove what nobody fetches any more, and what killed programs left."""
    clean_scratch(folder)
    oldest = time.time() - _STALE_SECONDS
    for other in folder.glob("*.part"):
        if other != wanted and other.stat().st_mtime < oldest:
            other.unlink()


@contextmanager
def named(part: Path, revision: LibraryRevision) -> Iterator[Path]:
    """Give a fetched file the name under which it stands in the history; it is gone afterwards."""
    with reporting(part), scratch_folder(part.parent) as folder:
        file = folder / f"{file_stem(revision.name)[:_MOST_LETTERS]} {revision.label}{SUFFIX}"
        move_new(part, file)
        yield file


def check_content(revision: LibraryRevision, profile: Profile) -> None:
    """Raise ProfileError unless a file holds the product and state its row in the library names."""
    if (profile.lineage.id, profile.lineage.mark) != (revision.lineage, revision.mark):
        raise refused(revision, say("it holds another product or another state than it says."))
    if profile.name != revision.name:
        raise refused(revision, say("it is called “{other}” inside the file.", other=profile.name))
