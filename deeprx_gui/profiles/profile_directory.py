"""Profile directory: lookup, unique names, new folders, the bin."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from deeprx_gui.atomic import (
    clean_folder,
    make_folder,
    move_folder,
    remove_folder,
)
from deeprx_gui.domain.errors import DeepRxError, ProfileError, StorageError
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import MustFindPicture
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.profile_card import BinnedProfile
from deeprx_gui.locks import one_writer, try_hold
from deeprx_gui.profiles.cards import explained
from deeprx_gui.profiles.codec import SUFFIX
from deeprx_gui.profiles.folder import LOG, ProfileFolder
from deeprx_gui.profiles.journal import LogEntry, ProfileEvent, label, write_entry
from deeprx_gui.profiles.must_find_set import join_must_find
from deeprx_gui.profiles.names import is_id, name_key, new_id
from deeprx_gui.profiles.reading import HeadReader, unreadable
from deeprx_gui.profiles.writing import ChangeReason, add_revision

BIN = ".bin"
LOCK = ".lock"
_DEEPEST = 80
"""Characters that the longest path inside the store adds to its root, part files included."""


class ProfileDirectory:
    """What :class:`store.ProfileStore` stands on; methods that write need :meth:`writing`."""

    def __init__(self, root: Path) -> None:
        # As if the longest name inside were there already: Windows opens deep folders then too.
        self.root = Path(openable(root / ("x" * _DEEPEST))).parent
        self._heads = HeadReader()

    def writing(self) -> AbstractContextManager[None]:
        """Hold this while anything is written: one writer at a time on this PC."""
        return one_writer(self.root / LOCK)

    def folders(self) -> tuple[ProfileFolder, ...]:
        """Every profile, in no particular order. Raises StorageError."""
        found = (self._folder(path.name) for path in self._subfolders() if is_id(path.name))
        return tuple(folder for folder in found if folder.holds_anything())

    def foreign(self) -> tuple[str, ...]:
        """Names of folders that hold revision files but are not ours, such as copies by hand."""
        return tuple(
            path.name
            for path in self._subfolders()
            if not path.name.startswith(".")
            and not is_id(path.name)
            and next(path.glob(f"r*{SUFFIX}"), None) is not None
        )

    def find(self, key: str) -> ProfileFolder:
        """The profile with this id or name. Raises ProfileError if there is none."""
        if is_id(key) and (folder := self._folder(key)).holds_anything():
            return folder
        wanted = name_key(key)
        for folder in self.folders():
            if name_key(folder.name()) == wanted:
                return folder
        raise ProfileError(
            say(
                "There is no profile “{name}” on this PC. Check the name in the list of profiles.",
                name=key,
            )
        )

    def load(self, folder: ProfileFolder, revision: int | None) -> Profile:
        """Read a revision (``None``: the current one).

        Raises StorageError or ProfileError; the one for a damaged revision says the way out.
        """
        number = folder.current() if revision is None else revision
        if revision is not None:
            self.check_exists(folder, revision)
        try:
            return folder.load(number)
        except ProfileError as error:
            raise explained(folder, number, error) from error

    def check_exists(self, folder: ProfileFolder, revision: int) -> None:
        """Raise ProfileError if the profile never had, or no longer has, this revision."""
        revisions = folder.revisions()
        if revision not in revisions:
            raise ProfileError(
                say(
                    "“{name}” has no revision {revision}. It has {revisions}.",
                    name=folder.name(),
                    revision=label(revision),
                    revisions=", ".join(map(label, revisions)),
                )
            )

    def taken(self, *, but: str = "") -> Mapping[str, str]:
        """Keys of the names in use -> the names themselves, leaving out the profile ``but``."""
        names = (folder.name() for folder in self.folders() if folder.id != but)
        return {name_key(name): name for name in names}

    def check_free(self, name: str, *, but: str = "") -> None:
        """Raise ProfileError if another profile has this name already."""
        other = self.taken(but=but).get(name_key(name))
        if other is not None:
            raise ProfileError(
                say("There is already a profile “{name}”. Choose another name.", name=other)
            )

    def create(
        self,
        profile: Profile,
        parts: Mapping[str, bytes],
        change: ChangeReason,
        must_find: Sequence[MustFindPicture] = (),
    ) -> Profile:
        """Save the first revision of a new profile under a fresh id; return it.

        ``must_find``: what its must-find set begins with. Raises ProfileError or StorageError, and
        leaves nothing behind then, but for a product whose must-find set found no place.
        """
        self.check_free(profile.name)
        self._clean()
        folder = self._new_folder()
        try:
            made = add_revision(folder, profile, parts, change)
        except DeepRxError:
            with suppress(OSError):  # not empty: the revision is there, only the rest failed
                folder.path.rmdir()
            raise
        try:
            join_must_find(folder, must_find)
        except StorageError as error:
            raise StorageError(
                say(
                    "“{name}” is on this PC now, but without its must-find set. {reason} Then "
                    "import the file again.",
                    name=made.name,
                    reason=error.message,
                )
            ) from error
        return made

    def discard(self, folder: ProfileFolder, *, who: str, why: str) -> None:
        """Move a profile to the bin, noted in its own log and in the bin's. Raises StorageError."""
        now = datetime.now(UTC)
        place = f"{now:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(2)}"
        current = folder.pointer() or 0
        entry = LogEntry(ProfileEvent.DELETED, who, why, current, current, folder.name(), "")
        folder.note(entry)
        target = self.root / BIN / place / folder.id
        move_folder(folder.path, target)
        more = {"folder": f"{place}/{folder.id}"}
        line = LogEntry(ProfileEvent.DELETED, who, why, current, current, entry.name, "", more=more)
        write_entry(self.root / BIN / LOG, line)

    def restore(self, profile_id: str, *, who: str, why: str) -> None:
        """Take the last discarded state of a profile out of the bin, noted in its log.

        Raises ProfileError when it is not in the bin or its place or name is taken, StorageError.
        """
        found = sorted((self.root / BIN).glob(f"*/{profile_id}")) if is_id(profile_id) else []
        target = self._folder(profile_id)
        if not found or target.holds_anything():
            raise ProfileError(
                say("This profile is no longer in the bin. It may have been put back already.")
            )
        folder = ProfileFolder(found[-1], self._heads)
        self.check_free(folder.name())
        move_folder(folder.path, target.path)
        current = target.pointer() or 0
        target.note(LogEntry(ProfileEvent.RESTORED, who, why, current, current, target.name(), ""))

    def binned(self) -> tuple[BinnedProfile, ...]:
        """What lies in the bin, the latest first. Raises StorageError."""
        return tuple(_binned(folder) for folder in reversed(self._in_bin()))

    def empty_bin(self, places: Collection[str], *, who: str, why: str) -> int:
        """Delete these profiles in the bin for good, noted in the bin's log; return how many.

        Raises StorageError at the first that cannot be deleted; those before it are gone.
        """
        gone = 0
        for folder in self._in_bin():
            if _place(folder) not in places:
                continue
            current = folder.pointer() or 0
            more = {"folder": _place(folder)}
            name = folder.name()
            line = LogEntry(ProfileEvent.DESTROYED, who, why, current, current, name, "", more=more)
            write_entry(self.root / BIN / LOG, line)
            remove_folder(folder.path)
            with suppress(OSError):  # not empty: something else was put there by hand
                folder.path.parent.rmdir()
            gone += 1
        return gone

    def _in_bin(self) -> list[ProfileFolder]:
        try:
            found = sorted((self.root / BIN).glob("*/*"))
        except OSError as error:
            raise unreadable(self.root / BIN, error) from error
        folders = (ProfileFolder(path, self._heads) for path in found if is_id(path.name))
        return [folder for folder in folders if folder.holds_anything()]

    def tidy(self) -> None:
        """Remove leftovers unless somebody writes just now. Never raises."""
        if not self.root.is_dir():
            return
        with suppress(OSError, DeepRxError):
            held = try_hold(self.root / LOCK)
            if held is not None:
                with closing(held):
                    self._clean()

    def _folder(self, name: str) -> ProfileFolder:
        return ProfileFolder(self.root / name, self._heads)

    def _subfolders(self) -> Iterator[Path]:
        try:
            yield from [path for path in self.root.iterdir() if path.is_dir()]
        except FileNotFoundError:
            return
        except OSError as error:
            raise unreadable(self.root, error) from error

    def _new_folder(self) -> ProfileFolder:
        while True:
            folder = self._folder(new_id())
            try:
                make_folder(folder.path)
            except FileExistsError:
                continue
            return folder

    def _clean(self) -> None:
        """Remove what killed programs left: half-written files, folders without a profile."""
        for path in self._subfolders():
            if is_id(path.name):
                clean_folder(path)
        for place in (self.root / BIN).glob("*"):
            if place.is_dir():
                clean_folder(place)


def _place(folder: ProfileFolder) -> str:
    return f"{folder.path.parent.name}/{folder.id}"


def _binned(folder: ProfileFolder) -> BinnedProfile:
    when, who = None, ""
    with suppress(DeepRxError):  # a log that cannot be read hides no profile
        deleted = [e for e in folder.log().entries if e.what == ProfileEvent.DELETED]
        if deleted:
            when, who = deleted[-1].when, deleted[-1].who
    return BinnedProfile(folder.id, folder.name(), _place(folder), when, who)
