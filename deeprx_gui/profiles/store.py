"""All product profiles of this PC: the one door through which the rest of the program goes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import MustFindJoined, MustFindPicture
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.profile_card import BinnedProfile, Difference, HistoryEntry, ProfileCard
from deeprx_gui.profiles.cards import explained, foreign_card, make_card
from deeprx_gui.profiles.codec import RevisionHead, WholeFile, encode_parts
from deeprx_gui.profiles.correction_store import CorrectionStore
from deeprx_gui.profiles.difference import differences
from deeprx_gui.profiles.exchange import ForeignFile, export_file, read_foreign
from deeprx_gui.profiles.folder import ProfileFolder
from deeprx_gui.profiles.gate_check import gate_note, overrule_in
from deeprx_gui.profiles.here import ProductHere, is_same_state, product_here
from deeprx_gui.profiles.history import RevisionFinding, read_history, verify
from deeprx_gui.profiles.incoming_profile import IncomingProfile, compare, product_of_lineage
from deeprx_gui.profiles.journal import ProfileEvent
from deeprx_gui.profiles.lineage import Relation, new_lineage
from deeprx_gui.profiles.must_find_set import join_must_find, must_find_pictures
from deeprx_gui.profiles.names import free_name, name_key, tidy_name
from deeprx_gui.profiles.profile_directory import ProfileDirectory
from deeprx_gui.profiles.writing import ChangeReason, add_revision, point_back


class ChangeGuard(Protocol):
    """Who may change profiles here, and who is told that they were."""

    def allow(self) -> None:
        """Raise DeepRxError where nothing may be changed."""
        ...

    def changed(
        self, event: ProfileEvent, name: str, revision: int, who: str, *, overruled: str = ""
    ) -> None:
        """Note a change that was made; ``overruled``: why against the gate. Never raises."""
        ...


class ProfileStore:
    """The profiles under one folder; ``root`` is made when the first one is saved.

    A ``key`` is a profile's id or its name (upper and lower case alike). Everything that is
    expected to go wrong is a ProfileError or StorageError whose sentence says what to do. Several
    threads and several programs may use the same folder at once. ``guard`` is asked before anything
    is changed, and told afterwards. ``check`` may refuse a file from elsewhere with a DeepRxError:
    what it would demand of this PC. ``check_export``: the must-find pictures of one for elsewhere.
    """

    def __init__(
        self,
        root: Path,
        guard: ChangeGuard | None = None,
        check: Callable[[WholeFile], None] | None = None,
        check_export: Callable[[Sequence[MustFindPicture]], None] | None = None,
    ) -> None:
        self._shelf = ProfileDirectory(root)
        self._guard = guard
        self._check, self._check_export = check, check_export
        self._sound = ""
        self.corrections = CorrectionStore(self._shelf.find, self._shelf.writing)

    def list(self) -> tuple[ProfileCard, ...]:
        """One card per profile, by name. Raises StorageError if the folder cannot be read.

        Damaged profiles are listed with their ``problem``. The current revisions are read to the
        last byte the first time and remembered until their file changes.
        """
        cards = [make_card(folder) for folder in self._shelf.folders()]
        cards += [foreign_card(name) for name in self._shelf.foreign()]
        return tuple(sorted(cards, key=lambda card: (name_key(card.name), card.id)))

    def find_id(self, key: str) -> str | None:
        """Return the id of the profile with this id or name, ``None`` if there is none."""
        try:
            return self._shelf.find(key).id
        except ProfileError:
            return None

    def load(self, key: str, revision: int | None = None) -> Profile:
        """Open a profile, at its current revision or another; the arrays are read-only.

        Raises ProfileError; for a damaged revision it says which one to roll back to.
        """
        folder = self._shelf.find(key)
        profile = self._shelf.load(folder, revision)
        if revision is None:
            folder.mark_used()
        return profile

    def head(self, key: str, revision: int) -> Profile:
        """Return a revision without arrays and golden pictures, quickly. Raises ProfileError."""
        return self._head(self._shelf.find(key), revision).profile

    def save(
        self, profile: Profile, judged: GateReport | None = None, *, onto_current: bool = False
    ) -> Profile:
        """Keep ``profile`` as a new revision and make it current; return it with id and revision.

        An empty id makes a new profile. ``judged``: what the gate found, ``onto_current``: only
        where the revision it was made of is still in use, see ``gate_note``. Raises
        ProfileError when the name is taken or unusable, the profile is no longer there or the gate
        is against it, StorageError when the disk refuses; nothing saved before is touched then.
        """
        origin = profile.origin
        profile = replace(profile, name=tidy_name(profile.name))
        parts = encode_parts(profile)
        with self._writing():
            if not profile.id:
                change = ChangeReason(ProfileEvent.CREATED, origin.who, origin.why)
                return self._told(self._shelf.create(profile, parts, change), change)
            folder = self._shelf.find(profile.id)
            self._shelf.check_free(profile.name, but=folder.id)
            based = {"based_on": profile.revision} if profile.revision else {}
            note = gate_note(folder, judged, profile, parts, onto_current=onto_current)
            more = {**based, **note}
            change = ChangeReason(ProfileEvent.SAVED, origin.who, origin.why, more)
            return self._told(add_revision(folder, profile, parts, change), change)

    def history(self, key: str) -> tuple[HistoryEntry, ...]:
        """Everything that happened to a profile, newest first, with what each step changed."""
        return read_history(self._shelf.find(key))

    def rollback(
        self,
        key: str,
        revision: int,
        *,
        who: str,
        why: str,
        judged: GateReport | None = None,
        promoted: bool = False,
    ) -> Profile:
        """Make another revision the current one and note it in the log; return it.

        ``promoted``: it was on trial, which the log calls a promotion. Raises ProfileError if that
        revision does not exist, is damaged, bears a name that another profile has by now, or the
        gate is against it (``judged``, see ``gate_note``).
        """
        with self._writing():
            folder = self._shelf.find(key)
            profile = self._shelf.load(folder, revision)
            if folder.pointer() == revision:
                return profile
            self._shelf.check_free(profile.name, but=folder.id)
            more = gate_note(folder, judged)
            event = ProfileEvent.PROMOTED if promoted else ProfileEvent.ROLLED_BACK
            change = ChangeReason(event, who, why, more)
            point_back(folder, revision, change)
            return self._told(profile, change)

    def diff(self, key: str, a: int, b: int) -> tuple[Difference, ...]:
        """What changed from revision ``a`` to revision ``b``, in words, most important first."""
        folder = self._shelf.find(key)
        return differences(self._head(folder, a), self._head(folder, b))

    def export(
        self, key: str, target: Path, revision: int | None = None, *, must_find: bool = True
    ) -> Path:
        """Copy a revision, checked to the last byte, to a file; return its path.

        ``must_find``: with the must-find set of the product. A folder as ``target`` gets a file
        with a telling name. Raises ProfileError or StorageError.
        """
        folder = self._shelf.find(key)
        profile = self._shelf.load(folder, revision)
        source = folder.file(profile.revision)
        pictures = must_find_pictures(folder) if must_find else ()
        if pictures and self._check_export is not None:
            self._check_export(pictures)
        return export_file(source, profile, target, self._shelf.root, pictures)

    def examine(self, file: Path) -> IncomingProfile:
        """Read a file as an import does and say which product here it belongs to, if any.

        Takes nothing in. Raises ProfileError or StorageError.
        """
        found = self._read(file)
        folder = product_of_lineage(found.profile, self._shelf.folders())
        known = None if folder is None else compare(found.profile, folder)
        return IncomingProfile(file, found.profile, known, found.must_find)

    def join_must_find(
        self, key: str, pictures: Sequence[MustFindPicture], *, removed_too: bool = True
    ) -> MustFindJoined:
        """Put pictures that a file brought into a product's must-find set; what is there stays.

        Before a revision from it is judged. ``removed_too``: also one that a person removed here.
        Raises ProfileError when the list is damaged, StorageError when the disk refuses.
        """
        if not pictures:
            return MustFindJoined()
        with self._writing():
            return join_must_find(self._shelf.find(key), pictures, removed_too=removed_too)

    def import_revision(
        self,
        file: Path,
        key: str,
        *,
        expected: int,
        who: str,
        why: str = "",
        judged: GateReport | None = None,
        removed_too: bool = True,
    ) -> Profile:
        """Take in a file as the new revision of the product it belongs to, and make it current.

        The product keeps its name here; a state that is here already is rolled back to. Raises
        ProfileError when the file is of another product, when ``expected``, the revision that was
        in use when somebody decided, no longer is, or when the gate is against it (``judged``).
        """
        found = self._read(file)
        profile, more = found.profile, found.origin
        parts = encode_parts(profile)
        with self._writing():
            folder = self._shelf.find(key)
            known = compare(profile, folder)
            if profile.lineage.id not in {one.id for one in folder.lineages().values()}:
                raise ProfileError(
                    say(
                        "“{file}” belongs to another product than “{name}”. Import it as another"
                        " product.",
                        file=file.name,
                        name=known.name,
                    )
                )
            if known.revision != expected:
                raise ProfileError(
                    say(
                        "“{name}” was changed in the meantime. Import the file again to see the"
                        " differences.",
                        name=known.name,
                    )
                )
            if known.relation is not Relation.SAME:
                more |= gate_note(folder, judged)
            join_must_find(folder, found.must_find, removed_too=removed_too)
            if known.held_as is not None:
                here = self._shelf.load(folder, known.held_as)
                self._shelf.check_free(here.name, but=folder.id)
                if known.held_as != known.revision:
                    change = ChangeReason(ProfileEvent.ROLLED_BACK, who, why, more)
                    point_back(folder, known.held_as, change)
                    self._told(here, change)
                return here
            change = ChangeReason(ProfileEvent.IMPORTED_REVISION, who, why, more, profile.lineage)
            named = replace(profile, name=known.name)
            return self._told(add_revision(folder, named, parts, change), change)

    def import_file(
        self, file: Path, *, who: str, name: str | None = None, why: str = ""
    ) -> Profile:
        """Take in a file from anywhere as a new profile; who taught it and when stays in it.

        It keeps its lineage unless the product is here already: then it becomes another product.
        Without ``name`` it keeps its own, or gets "name (2)" if that is taken; a ``name`` that is
        taken raises ProfileError, as does any file that is damaged, unsafe or too new.
        """
        found = self._read(file)
        profile, more = found.profile, found.origin
        wanted = tidy_name(profile.name if name is None else name)
        parts = encode_parts(profile)
        with self._writing():
            if name is None:
                wanted = free_name(wanted, self._shelf.taken())
            known = product_of_lineage(profile, self._shelf.folders()) is not None
            lineage = new_lineage() if known or not profile.lineage.id else profile.lineage
            profile = replace(profile, id="", name=wanted)
            change = ChangeReason(ProfileEvent.IMPORTED, who, why, more, lineage)
            made = self._shelf.create(profile, parts, change, found.must_find)
            return self._told(made, change)

    def product_of(self, lineage: str) -> ProductHere | None:
        """Return what is here of a product, by its lineage id. Raises StorageError."""
        return product_here(lineage, self._shelf.folders())

    def holds(self, profile: Profile, key: str, revision: int) -> bool:
        """Whether a revision here holds just what ``profile`` does, name apart.

        Raises ProfileError where the one that is here cannot be read.
        """
        return is_same_state(profile, self._shelf.find(key), revision)

    def seal(self, key: str, revision: int) -> str:
        """Return the seal of a revision's file, read to the last byte. Raises ProfileError."""
        return self._shelf.find(key).card(revision).seal

    def verify(self, key: str) -> tuple[RevisionFinding, ...]:
        """Read every revision to the last byte and say which are damaged or not the logged ones."""
        return verify(self._shelf.find(key))

    def duplicate(self, key: str, new_name: str, *, who: str, why: str = "") -> Profile:
        """Copy the current revision, and the must-find set, to a new profile of its own history."""
        folder = self._shelf.find(key)
        source, must_find = self._shelf.load(folder, None), must_find_pictures(folder)
        more = {"from": source.name, "from_id": source.id, "from_revision": source.revision}
        copy = replace(_by(source, who, why), id="", name=tidy_name(new_name))
        parts = encode_parts(copy)
        with self._writing():
            change = ChangeReason(ProfileEvent.DUPLICATED, who, why, more)
            return self._told(self._shelf.create(copy, parts, change, must_find), change)

    def rename(self, key: str, new_name: str, *, who: str, why: str = "") -> Profile:
        """Save the current revision under another name, as a new revision; return it."""
        name = tidy_name(new_name)
        with self._writing():
            folder = self._shelf.find(key)
            profile = self._shelf.load(folder, None)
            if profile.name == name:
                return profile
            self._shelf.check_free(name, but=folder.id)
            renamed = replace(_by(profile, who, why), name=name)
            change = ChangeReason(ProfileEvent.RENAMED, who, why)
            saved = add_revision(folder, renamed, encode_parts(renamed), change)
            return self._told(saved, change)

    def delete(self, key: str, *, who: str, why: str = "") -> None:
        """Move a profile to the bin folder; nothing is destroyed, the logs say who did it."""
        with self._writing():
            folder = self._shelf.find(key)
            name, revision = folder.name(), folder.pointer() or 0
            self._shelf.discard(folder, who=who, why=why)
            self._tell(ProfileEvent.DELETED, name, revision, who)

    def restore(self, profile_id: str, *, who: str, why: str = "") -> None:
        """Take a deleted profile out of the bin; its id, not its name, says which."""
        with self._writing():
            self._shelf.restore(profile_id, who=who, why=why)
            folder = self._shelf.find(profile_id)
            self._tell(ProfileEvent.RESTORED, folder.name(), folder.pointer() or 0, who)

    def binned(self) -> tuple[BinnedProfile, ...]:
        """What lies in the bin, the latest first. Raises StorageError."""
        return self._shelf.binned()

    def empty_bin(self, places: Collection[str], *, who: str, why: str = "") -> int:
        """Delete these profiles in the bin for good; return how many. Raises StorageError."""
        with self._writing():
            names = {one.place: one.name for one in self._shelf.binned() if one.place in places}
            gone = self._shelf.empty_bin(places, who=who, why=why)
            for name in names.values():
                self._tell(ProfileEvent.DESTROYED, name, 0, who)
            return gone

    def tidy(self) -> None:
        """Remove what killed programs left half-written. Never raises, and never waits."""
        self._shelf.tidy()

    def mark_used(self, key: str) -> None:
        """Note that a profile was used now (opening its current revision does that too)."""
        self._shelf.find(key).mark_used()

    def _read(self, file: Path) -> ForeignFile:
        """Read a file from elsewhere; one that is taken in after a look is not unpacked twice."""
        found = read_foreign(file, self._check, sound=self._sound)
        self._sound = found.seal
        return found

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold this while anything is changed. Raises what the guard raises, and StorageError."""
        if self._guard is not None:
            self._guard.allow()
        with self._shelf.writing():
            yield

    def _told(self, profile: Profile, change: ChangeReason) -> Profile:
        overruled = overrule_in(change.more)
        self._tell(change.event, profile.name, profile.revision, change.who, overruled)
        return profile

    def _tell(
        self, event: ProfileEvent, name: str, revision: int, who: str, overruled: str = ""
    ) -> None:
        if self._guard is not None:
            self._guard.changed(event, name, revision, who, overruled=overruled)

    def _head(self, folder: ProfileFolder, revision: int) -> RevisionHead:
        self._shelf.check_exists(folder, revision)
        try:
            return folder.head(revision)
        except ProfileError as error:
            raise explained(folder, revision, error) from error


def _by(profile: Profile, who: str, why: str) -> Profile:
    """The same profile as saved now by ``who``."""
    now = datetime.now(UTC).astimezone()
    return replace(profile, origin=replace(profile.origin, who=who, when=now, why=why))
