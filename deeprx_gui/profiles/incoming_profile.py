"""A file from elsewhere before it is taken in: which product it is, and what it would change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.errors import DeepRxError, ProfileError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.must_find import MustFindPicture
from deeprx_gui.domain.profile import Profile, RevisionOrigin
from deeprx_gui.domain.profile_card import Difference
from deeprx_gui.profiles.codec import RevisionHead, encode_parts, hashes_of
from deeprx_gui.profiles.correction_store import read_book
from deeprx_gui.profiles.difference import differences
from deeprx_gui.profiles.folder import ProfileFolder
from deeprx_gui.profiles.journal import label
from deeprx_gui.profiles.lineage import Relation, relation


@dataclass(frozen=True)
class KnownProduct:
    """The product on this PC that a file belongs to, and how the two stand to each other.

    ``revision`` is in use here (0: none can be read), ``origin`` says who saved it.
    ``held_as``: the revision that is the file's, where it is here already. ``must_find``: so many
    pictures the must-find set here has.
    """

    id: str
    name: str
    revision: int
    relation: Relation
    origin: RevisionOrigin | None = None
    held_as: int | None = None
    normals: int = 0
    changes: tuple[Difference, ...] = ()
    must_find: int = 0

    @property
    def sentence(self) -> Message:
        """How the file's state stands to the one in use."""
        return _sentence(self)

    @property
    def recommended(self) -> bool:
        """Whether taking the file in as a revision is what one usually wants."""
        return self.relation in {Relation.NEWER, Relation.DIVERGED, Relation.UNKNOWN}


@dataclass(frozen=True, eq=False)
class IncomingProfile:
    """A sound file: what is in it, and the product it belongs to, if that is on this PC.

    ``must_find``: the pictures of bad parts that travel with it.
    """

    file: Path
    profile: Profile
    known: KnownProduct | None
    must_find: tuple[MustFindPicture, ...] = ()


def product_of_lineage(profile: Profile, folders: Iterable[ProfileFolder]) -> ProfileFolder | None:
    """The product of the same lineage; of several the one saved last."""
    return folder_of_lineage(profile.lineage.id, folders)


def folder_of_lineage(id_: str, folders: Iterable[ProfileFolder]) -> ProfileFolder | None:
    """The product of a lineage id, empty: none; of several the one saved last."""
    found: list[tuple[float, str, ProfileFolder]] = []
    for folder in folders:
        lineages = folder.lineages()
        if id_ and any(one.id == id_ for one in lineages.values()):
            newest = folder.head(max(lineages)).profile.origin.when.timestamp()
            found.append((newest, folder.id, folder))
    return max(found)[2] if found else None


def compare(profile: Profile, folder: ProfileFolder) -> KnownProduct:
    """What taking ``profile`` in as a revision of ``folder`` would mean."""
    here = folder.lineages()
    held = next((n for n, one in here.items() if one.mark == profile.lineage.mark), None)
    name = folder.name()
    try:
        revision = folder.current()
        head = folder.head(revision)
    except DeepRxError:
        return KnownProduct(folder.id, name, 0, Relation.UNKNOWN, held_as=held)
    current = head.profile
    arriving = RevisionHead(profile, hashes_of(encode_parts(profile)), "")
    changes = tuple(d for d in differences(head, arriving) if d.field != "name")
    how = relation(profile.lineage, current.lineage, here.values())
    return KnownProduct(
        folder.id, name, revision, how, current.origin, held, len(current.normals), changes,
        _must_find(folder),
    )  # fmt: skip


def _must_find(folder: ProfileFolder) -> int:
    try:
        return len(read_book(folder).must_find)
    except ProfileError:  # said when something is to be done with it
        return 0


def _sentence(known: KnownProduct) -> Message:
    values = {"name": known.name, "revision": label(known.revision)}
    match known.relation:
        case Relation.SAME:
            return say("This file is {revision} of “{name}”, which is in use already.", **values)
        case Relation.NEWER:
            return say("This file is newer than {revision} of “{name}”, in use here.", **values)
        case Relation.OLDER:
            return say(
                "This file is older than {revision} of “{name}”, in use here. Taking it over goes"
                " back behind it.",
                **values,
            )
        case Relation.DIVERGED:
            return say(
                "“{name}” was changed on both PCs: this file does not contain {revision}, in use"
                " here, and that one does not contain the file. Look at the differences.",
                **values,
            )
        case _:
            return say(
                "It is not known whether this file or {revision} of “{name}”, in use here, is"
                " newer. Look at the dates and the differences.",
                **values,
            )
