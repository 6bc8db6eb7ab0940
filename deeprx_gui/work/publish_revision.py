"""Publishing a revision of this PC, and making one of proposed limits."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime

from deeprx_gui.atomic import reporting
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import NewRevision, content, publish
from deeprx_gui.central.library_stations import answer_proposal
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.library import (
    MOST_BYTES,
    Following,
    LibraryContent,
    LibraryRevision,
    ProposalState,
    RevisionState,
    SentProposal,
)
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import MustFindTooLargeError
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.profiles.codec import decode, decode_whole, encode
from deeprx_gui.profiles.exchange import FileContents, contents_of
from deeprx_gui.profiles.lineage import next_lineage
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.scratch import scratch_folder
from deeprx_gui.work.fetch_revision import check_content, check_signature
from deeprx_gui.work.library_book import LibraryBook, Taken
from deeprx_gui.work.release_revision import read_proved


def publish_from(
    store: ProfileStore,
    book: LibraryBook,
    connection: CentralConnection,
    key: str,
    revision: int | None,
    *,
    who: str,
    why: str,
    must_find: bool = True,
) -> LibraryRevision:
    """Publish a revision of this PC (``None``: the one in use) as a draft; return it.

    ``must_find``: with the must-find set of the product, so that other stations judge by it.
    Raises ProfileError, StorageError, RequestError and CentralError, and MustFindTooLargeError
    where it is the must-find set that the library does not take; then nothing was published.
    """
    with reporting(book.incoming):
        book.incoming.mkdir(parents=True, exist_ok=True)
    with reporting(book.incoming), scratch_folder(book.incoming) as folder:
        file = store.export(key, folder, revision, must_find=must_find)
        _check_size(contents_of(file))
        data = file.read_bytes()
    profile = decode(io.BytesIO(data))
    new = _new(profile, data, who, why or profile.origin.why)
    made = _published(connection, publish(connection, new))
    book.note_published(new.mark, hashlib.sha256(data).hexdigest())
    here = store.product_of(profile.lineage.id)
    if here is not None and (held := here.held.get(profile.lineage.mark)) is not None:
        book.note_taken(made.sha256, Taken(here.id, held, store.seal(here.id, held)))
    return made


def _check_size(file: FileContents) -> None:
    """Raise MustFindTooLargeError for a file that would fit without its must-find pictures."""
    if file.size - file.must_find_size <= MOST_BYTES < file.size:
        raise MustFindTooLargeError(
            say(
                "The file has {mb} MB, {must_find} MB of them must-find pictures; the library takes"
                " at most {most} MB. Publish it without must-find pictures, or remove large ones"
                " from the set.",
                mb=round(file.size / 1e6),
                must_find=round(file.must_find_size / 1e6),
                most=round(MOST_BYTES / 1e6),
            )
        )


def find_revision(
    known: LibraryContent, name: str, number: int | None = None, state: RevisionState | None = None
) -> LibraryRevision:
    """Return a revision of a product by its name, or lineage id, and number.

    Without a number it is the newest, of those in ``state`` where that is given. Raises
    RequestError.
    """
    wanted = name.strip().casefold()
    by_product = known.products().values()
    fitting = [r for r in by_product if wanted in {r[-1].name.casefold(), r[-1].lineage}]
    if not fitting:
        names = ", ".join(sorted({r[-1].name for r in by_product}))
        raise RequestError(
            say("The library has no product “{name}”. It has: {names}.", name=name,
                names=names or "–")
        )  # fmt: skip
    if len(fitting) > 1:
        raise RequestError(
            say(
                "The library has several products “{name}”. Write one of these instead: {ids}.",
                name=name, ids=", ".join(r[-1].lineage for r in fitting),
            )
        )  # fmt: skip
    revisions = fitting[0]
    usable = [
        one for one in revisions
        if (number is None or one.number == number) and (state is None or one.state is state)
    ]  # fmt: skip
    if usable:
        return usable[-1]
    raise RequestError(
        say(
            "“{name}” has no such revision in the library. It has: {revisions}.",
            name=name,
            revisions=", ".join(f"{one.label} ({one.state.value})" for one in revisions),
        )
    )


def accept(
    sent: SentProposal,
    known: LibraryContent,
    connection: CentralConnection,
    book: LibraryBook,
    following: Following,
    *,
    who: str,
    why: str,
) -> Generator[Progress, None, LibraryRevision]:
    """Make a draft of the revision the limits were moved in, with the proposed limits; return it.

    The draft counts as published from this PC only where the revision below it did, or bears the
    signature of a key in ``following``. Raises RequestError where that revision is not in the
    library or the proposal was answered, ProfileError where it is not sound or not signed as
    ``following`` asks for, CentralError and StorageError.
    """
    made = sent.proposal
    base = known.of_mark(sent.product, made.base)
    if base is None:
        raise RequestError(
            say(
                "The revision in which these limits were moved is not in the library. Let it be"
                " published from the station, or reject the proposal."
            )
        )
    released = base.released
    signed = released is not None and any(k.key == released.key for k in following.trusted)
    if signed or following.signed:
        check_signature(base, following)
    data = yield from read_proved(connection, base, book)
    whole = decode_whole(io.BytesIO(data))
    profile = whole.profile
    check_content(base, profile)
    now = datetime.now(UTC).astimezone()
    changed = replace(
        profile,
        revision=profile.revision + 1,
        limits=Limits(made.review, made.ng),
        origin=replace(profile.origin, who=made.who, when=now, why=made.why or why),
        lineage=next_lineage(profile.lineage.id, [profile.lineage]),
    )

    def answer(row: int) -> None:
        answer_proposal(
            connection, sent.number, ProposalState.ACCEPTED, who=who, answer=why, made=row
        )

    new = _new(changed, encode(changed, whole.must_find), who, why or made.why)
    row = publish(connection, new, answer)
    if signed or book.published(base.mark):
        book.note_published(new.mark, hashlib.sha256(new.data).hexdigest())
    return _published(connection, row)


def _new(profile: Profile, data: bytes, who: str, why: str) -> NewRevision:
    one = profile.lineage
    return NewRevision(data, one.id, one.mark, one.before, profile.name, who, why)


def _published(connection: CentralConnection, row: int) -> LibraryRevision:
    return next(one for one in content(connection).revisions if one.row == row)
