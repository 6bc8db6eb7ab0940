"""Releasing a draft: what is signed was fetched and proved on this PC first.

The rows of the library say what a draft is; whoever owns the database can change them. So an
engineer's key never signs what a row says, only bytes that were examined here.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deeprx_gui.atomic import reporting
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import Stage, set_state
from deeprx_gui.domain.library import LibraryRevision, RevisionState, signed_text
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.profiles.codec import decode
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.scratch import scratch_folder
from deeprx_gui.work.fetch_revision import check_content, fetch, named, refused
from deeprx_gui.work.library_book import LibraryBook

if TYPE_CHECKING:
    from deeprx_gui.central.signing import PrivateKey


@dataclass(frozen=True)
class ProvedDraft:
    """A draft whose bytes were fetched and examined; ``own``: this PC published just these."""

    revision: LibraryRevision
    profile: Profile
    own: bool

    @property
    def summary(self) -> Message:
        """What a person has to look at before it is released."""
        limits = self.profile.limits
        return say(
            "{revision} of “{name}” was not published from this PC. {who} published it: review"
            " limit {review} (score {review_raw}), NG limit {ng} (score {ng_raw}), SHA-256"
            " {sha256}….",
            revision=self.revision.label,
            name=self.profile.name,
            who=self.revision.who,
            review=f"{limits.review_times:.2f}",
            review_raw=f"{limits.review:.4g}",
            ng=f"{limits.ng_times:.2f}",
            ng_raw=f"{limits.ng:.4g}",
            sha256=self.revision.sha256[:16],
        )


def read_proved(
    connection: CentralConnection, revision: LibraryRevision, book: LibraryBook
) -> Generator[Progress, None, bytes]:
    """Return the bytes of a revision, with the hash its row names.

    Where this PC published that state its own note decides, not the row. Raises CentralError,
    StorageError, and ProfileError where the bytes are others.
    """
    with reporting(book.incoming):
        book.incoming.mkdir(parents=True, exist_ok=True)
    # A folder of its own: another program of this PC may be fetching the same.
    with reporting(book.incoming), scratch_folder(book.incoming) as folder:
        part = yield from fetch(connection, revision, folder)
        data = part.read_bytes()
    check_bytes(revision, data, book)
    return data


def check_bytes(revision: LibraryRevision, data: bytes, book: LibraryBook) -> None:
    """Raise ProfileError unless these are the bytes of the row, and those published from here."""
    found, mine = hashlib.sha256(data).hexdigest(), book.published(revision.mark)
    if found != revision.sha256:
        raise refused(revision, say("its bytes are not those that were published."))
    if mine and found != mine:
        raise refused(
            revision, say("it was published from this PC, and its bytes were changed since.")
        )


def prove_draft(
    connection: CentralConnection,
    revision: LibraryRevision,
    store: ProfileStore,
    book: LibraryBook,
) -> Generator[Progress, None, ProvedDraft]:
    """Fetch a draft and examine it as an imported file is.

    Raises CentralError, StorageError, and ProfileError where it is not what its row says.
    """
    with reporting(book.incoming):
        book.incoming.mkdir(parents=True, exist_ok=True)
    with reporting(book.incoming), scratch_folder(book.incoming) as folder:
        part = yield from fetch(connection, revision, folder)
        with named(part, revision) as file:
            data = file.read_bytes()
            check_bytes(revision, data, book)
            store.examine(file)
    profile = decode(io.BytesIO(data))
    check_content(revision, profile)
    return ProvedDraft(revision, profile, own=bool(book.published(revision.mark)))


def release(
    connection: CentralConnection,
    proved: ProvedDraft,
    key: PrivateKey | None,
    stages: Sequence[Stage],
    *,
    who: str,
    why: str,
) -> str:
    """Release what was proved, signed where there is a key; return the public key, or empty.

    Raises RequestError where the rules of the library are against it, CentralError.
    """
    from deeprx_gui.central import signing

    one = proved.revision
    public, signature = "", b""
    if key is not None:
        text = signed_text(one.lineage, one.mark, one.sha256)
        public, signature = signing.public_text(key), signing.sign(key, text)
    set_state(
        connection, one, RevisionState.RELEASED, who=who, why=why, key=public,
        signature=signature, stages=stages,
    )  # fmt: skip
    return public
