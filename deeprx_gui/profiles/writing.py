"""Adding a revision, moving the pointer: always revision file, then log, then pointer.

Killed between two of these, a profile still opens at the revision it had; the next change first
brings the log in line with what really happened (:func:`settle`). Callers hold the writer lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from deeprx_gui.atomic import clean_leftovers, write_new
from deeprx_gui.domain.errors import DeepRxError, ProfileError, StorageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Lineage, Profile
from deeprx_gui.profiles.archive import seal_of
from deeprx_gui.profiles.codec import RevisionHead, hashes_of, seal
from deeprx_gui.profiles.difference import differences
from deeprx_gui.profiles.folder import ProfileFolder
from deeprx_gui.profiles.journal import LogEntry, ProfileEvent, ProfileLog, label
from deeprx_gui.profiles.lineage import next_lineage


@dataclass(frozen=True)
class ChangeReason:
    """Why something is written: the event, who, why, and what else the log should keep.

    ``lineage``: that of a state made elsewhere; without it this is a new state of the folder's.
    """

    event: ProfileEvent
    who: str
    why: str = ""
    more: Mapping[str, object] = field(default_factory=dict)
    lineage: Lineage | None = None


def add_revision(
    folder: ProfileFolder, profile: Profile, parts: Mapping[str, bytes], change: ChangeReason
) -> Profile:
    """Store ``profile`` as the next free revision and make it the current one.

    ``parts`` are what :func:`codec.encode_parts` made of it. Raises ProfileError or StorageError;
    whatever was current before stays current then.
    """
    clean_leftovers(folder.path)
    log = settle(folder)
    before = _current_head(folder)
    logged = (entry.revision for entry in log.entries)
    here = tuple(folder.lineages().values())
    lineage = change.lineage or next_lineage(here[-1].id if here else "", here)
    revision = max((*folder.revisions(), *logged), default=0) + 1
    while True:
        stored = replace(profile, id=folder.id, revision=revision, lineage=lineage)
        data = seal(stored, parts)
        try:
            write_new(folder.file(revision), data)
        except FileExistsError:
            revision += 1  # another program on a drive without locks was quicker
        else:
            break
    _make_current(folder, before, RevisionHead(stored, hashes_of(parts), seal_of(data)), change)
    return stored


def point_back(folder: ProfileFolder, revision: int, change: ChangeReason) -> None:
    """Make another revision, known to be sound, the current one.

    Raises ProfileError or StorageError; whatever was current before stays current then.
    """
    clean_leftovers(folder.path)
    settle(folder)
    _make_current(folder, _current_head(folder), folder.card(revision), change)


def settle(folder: ProfileFolder) -> ProfileLog:
    """Bring the log in line with what happened if the program was stopped during the last step.

    Returns the log as it was before that.
    """
    log = folder.log()
    last = log.last
    try:
        revision = folder.current()
    except ProfileError:
        return log  # nothing is current: a new profile, or one that waits for a rollback
    true = last is None or (last.revision == revision and last.what != ProfileEvent.DELETED)
    if true and not log.torn:
        return log
    folder.note(
        LogEntry(
            what=ProfileEvent.INTERRUPTED,
            who="",
            why="",
            revision=revision,
            before=last.revision if last else None,
            name=folder.name(),
            sha256="",
        )
    )
    return log


@dataclass(frozen=True, eq=False)
class _Before:
    """What was current: its number and head, as far as they can be known."""

    revision: int | None = None
    head: RevisionHead | None = None


def _current_head(folder: ProfileFolder) -> _Before:
    revision = None
    try:
        revision = folder.current()
        return _Before(revision, folder.head(revision))
    except DeepRxError:
        # A profile without a usable current revision must take a new one: that is the repair.
        return _Before(revision)


def _make_current(
    folder: ProfileFolder, before: _Before, after: RevisionHead, change: ChangeReason
) -> None:
    profile = after.profile
    found = differences(before.head, after) if before.head is not None else ()
    entry = LogEntry(
        what=change.event,
        who=change.who,
        why=change.why,
        revision=profile.revision,
        before=before.revision,
        name=profile.name,
        sha256=after.seal,
        changes=tuple(str(difference.text) for difference in found),
        more=change.more,
    )
    try:
        folder.note(entry)
        folder.point_at(profile.revision)
    except StorageError as error:
        raise StorageError(
            say(
                "{revision} of “{name}” is on the disk, but could not be made the current one."
                " {reason}",
                revision=label(profile.revision),
                name=profile.name,
                reason=error.message,
            )
        ) from error
