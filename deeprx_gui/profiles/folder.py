"""The folder of one profile: revisions, the pointer to the current one, the log, the last use."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deeprx_gui.atomic import patiently, write_over
from deeprx_gui.domain.errors import DeepRxError, ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Lineage, Profile
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.profiles.codec import SUFFIX, RevisionHead, decode
from deeprx_gui.profiles.journal import (
    LogEntry,
    ProfileEvent,
    ProfileLog,
    label,
    read_log,
    write_entry,
)
from deeprx_gui.profiles.lineage import old_id
from deeprx_gui.profiles.names import is_id
from deeprx_gui.profiles.reading import HeadReader, opened, unreadable

_logger = logging.getLogger(__name__)

POINTER = "current"
LOG = "log.jsonl"
LAST_USED = "last_used"

_REVISION = re.compile(r"r([0-9]{4,9})" + re.escape(SUFFIX), re.ASCII)
_POINTER = re.compile(r"r([0-9]{4,9})\n?", re.ASCII)


class ProfileFolder:
    """Reads and points; :mod:`writing` adds. Nothing here changes a revision file."""

    def __init__(self, path: Path, heads: HeadReader) -> None:
        self.path = path
        self._heads = heads

    @property
    def id(self) -> str:
        """The profile's id: the name of the folder."""
        return self.path.name

    def file(self, revision: int) -> Path:
        """Where a revision is, or would be."""
        return self.path / f"{label(revision)}{SUFFIX}"

    def revisions(self) -> tuple[int, ...]:
        """The revisions that exist, oldest first. Raises StorageError.

        An empty file is the claim of a save that was killed: it was never a revision.
        """
        try:
            with os.scandir(self.path) as entries:
                found = [
                    int(match[1])
                    for entry in entries
                    if (match := _REVISION.fullmatch(entry.name)) and entry.stat().st_size
                ]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise unreadable(self.path, error) from error
        return tuple(sorted(found))

    def holds_anything(self) -> bool:
        """False for what a killed first save leaves: a folder that never became a profile."""
        return bool(self.revisions()) or any((self.path / name).exists() for name in (POINTER, LOG))

    def log(self) -> ProfileLog:
        """The whole log."""
        return read_log(self.path / LOG)

    def note(self, entry: LogEntry) -> None:
        """Append to the log. Raises StorageError."""
        write_entry(self.path / LOG, entry)

    def pointer(self) -> int | None:
        """What the pointer file says, ``None`` if it is missing or makes no sense."""
        try:
            text = patiently(lambda: (self.path / POINTER).read_text("ascii"))
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        except OSError as error:
            raise unreadable(self.path / POINTER, error) from error
        match = _POINTER.fullmatch(text)
        return int(match[1]) if match else None

    def point_at(self, revision: int) -> None:
        """Make a revision the current one. Raises StorageError."""
        write_over(self.path / POINTER, f"{label(revision)}\n".encode("ascii"))

    def current(self) -> int:
        """The number of the current revision; its file may be damaged all the same.

        Without a readable pointer the log says it, and a single revision needs none. Guessing the
        newest could bring back what somebody rolled back, so otherwise a person has to choose:
        raises ProfileError.
        """
        revision = self.pointer()
        if revision is None and (last := self.log().last):
            revision = last.revision
        revisions = self.revisions()
        if revision is None and len(revisions) == 1:
            revision = revisions[0]
        if revision is not None:
            return revision
        if not revisions:
            raise ProfileError(say("The profile holds no revision. Import an exported copy."))
        raise ProfileError(
            say(
                "It is not known which revision of the profile is the current one. Choose one by"
                " rolling back to it; the newest is {revision}.",
                revision=label(revisions[-1]),
            )
        )

    def load(self, revision: int) -> Profile:
        """Read a revision whole. Raises ProfileError or StorageError with the bare reason."""
        with opened(self.file(revision)) as file:
            profile = decode(file)
        self._check_place(profile, revision)
        return self._of_origin(profile)

    def head(self, revision: int) -> RevisionHead:
        """A glance at a revision. Raises as :meth:`load`."""
        head = self._heads.head(self.file(revision))
        self._check_place(head.profile, revision)
        return replace(head, profile=self._of_origin(head.profile))

    def card(self, revision: int) -> RevisionHead:
        """A look at a revision that reads every byte, with thumbnail. Raises as :meth:`load`."""
        head = self._heads.card(self.file(revision))
        self._check_place(head.profile, revision)
        return replace(head, profile=self._of_origin(head.profile))

    def lineages(self) -> dict[int, Lineage]:
        """The lineage of every revision that can be read, oldest first."""
        found: dict[int, Lineage] = {}
        for revision in self.revisions():
            try:
                found[revision] = self.head(revision).profile.lineage
            except DeepRxError as error:
                _logger.info("%s %s: %s", self.id, label(revision), error)
        return found

    def newest_sound(self, *, but: int | None = None) -> int | None:
        """The newest revision that can be used, other than ``but``."""
        for revision in reversed(self.revisions()):
            if revision != but:
                try:
                    self.card(revision)
                except DeepRxError as error:
                    _logger.info("%s %s: %s", self.id, label(revision), error)
                else:
                    return revision
        return None

    def name(self) -> str:
        """The profile's name; for a damaged one the last name that is known, at worst the id.

        Never raises: it is needed to say which profile has a problem.
        """
        for source in (self._name_now, self._name_logged, self._name_before):
            try:
                name = source()
            except DeepRxError as error:
                _logger.info("%s: %s", self.id, error)
            else:
                if name:
                    return name
        return self.id

    def _name_now(self) -> str | None:
        return self.head(self.current()).profile.name

    def _name_logged(self) -> str | None:
        last = self.log().last
        return last.name if last else None

    def _name_before(self) -> str | None:
        sound = self.newest_sound()
        return None if sound is None else self.head(sound).profile.name

    def last_used(self) -> datetime | None:
        """When the profile was last opened for work, if that is known."""
        try:
            return saved_time((self.path / LAST_USED).read_text("ascii").strip())
        except (OSError, ValueError):
            return None

    def mark_used(self) -> None:
        """Remember that the profile was opened now; an operator who may only read goes on."""
        now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        try:
            write_over(self.path / LAST_USED, now.encode("ascii"))
        except DeepRxError as error:
            _logger.info("last use of %s not noted: %s", self.id, error)

    def _of_origin(self, profile: Profile) -> Profile:
        """A profile that a program without lineages imported belongs to the product it was."""
        if profile.lineage.id != old_id(self.id):
            return profile
        entries = self.log().entries
        source = entries[0].more.get("from_id") if entries else None
        if not isinstance(source, str) or entries[0].what != ProfileEvent.IMPORTED:
            return profile
        if is_id(source) and (self.path.parent / source).exists():
            return profile  # a copy beside the original: a product of its own
        return replace(profile, lineage=replace(profile.lineage, id=old_id(source)))

    def _check_place(self, profile: Profile, revision: int) -> None:
        if (profile.id, profile.revision) != (self.id, revision):
            raise ProfileError(
                say("The file was put in the place of another one: it does not belong here.")
            )
