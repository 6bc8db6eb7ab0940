"""The append-only log of one profile: who changed what, when and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from deeprx_gui.atomic import append_line
from deeprx_gui.domain.json_text import parse_json_text
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.profiles.reading import unreadable
from deeprx_gui.profiles.untrusted_input import MOST_REVISIONS

_KEYS = frozenset({"when", "what", "who", "why", "revision", "before", "name", "sha256", "changes"})


class ProfileEvent(StrEnum):
    """What can happen to a profile."""

    CREATED = "created"
    SAVED = "saved"
    RENAMED = "renamed"
    DUPLICATED = "duplicated"
    IMPORTED = "imported"
    IMPORTED_REVISION = "imported-revision"
    ROLLED_BACK = "rolled-back"
    PROMOTED = "promoted"
    INTERRUPTED = "interrupted"
    DELETED = "deleted"
    RESTORED = "restored"
    DESTROYED = "destroyed"


_TITLES: Mapping[str, Message] = {
    ProfileEvent.CREATED: say("first saved"),
    ProfileEvent.SAVED: say("saved"),
    ProfileEvent.DELETED: say("moved to the bin"),
    ProfileEvent.RESTORED: say("taken out of the bin"),
    ProfileEvent.DESTROYED: say("deleted for good"),
}


@dataclass(frozen=True)
class LogEntry:
    """One line of the log.

    ``revision`` is the current one after the event and ``before`` the one before it (``None``:
    there was none). ``sha256`` is the seal of the revision's file, ``changes`` the difference in
    English for whoever reads the file itself, ``more`` what else is worth keeping.
    """

    what: str
    who: str
    why: str
    revision: int
    before: int | None
    name: str
    sha256: str
    changes: tuple[str, ...] = ()
    more: Mapping[str, object] = field(default_factory=dict)
    when: datetime = field(default_factory=lambda: datetime.now(UTC).astimezone())

    def title(self) -> Message:
        """What happened, in a few words."""
        match self.what:
            case ProfileEvent.RENAMED:
                return say("renamed to “{name}”", name=self.name)
            case ProfileEvent.DUPLICATED:
                return say("copied from “{name}”", name=self.more.get("from", "?"))
            case ProfileEvent.IMPORTED:
                return say("imported from “{file}”", file=self.more.get("file", "?"))
            case ProfileEvent.IMPORTED_REVISION:
                return say(
                    "taken over from “{file}” as a new revision", file=self.more.get("file", "?")
                )
            case ProfileEvent.ROLLED_BACK:
                return say("rolled back to {revision}", revision=label(self.revision))
            case ProfileEvent.PROMOTED:
                return say("{revision} promoted after its trial", revision=label(self.revision))
            case ProfileEvent.INTERRUPTED:
                return say(
                    "the program stopped before the last step was done; {revision} stayed current",
                    revision=label(self.revision),
                )
            case _:
                return _TITLES.get(self.what, say("changed"))


@dataclass(frozen=True)
class ProfileLog:
    """What a log file says: its readable lines in order, and how many cannot be read.

    A line that was torn when the program was stopped counts only until the next change notes
    that (``interrupted``); ``torn`` says that the last line is such a one.
    """

    entries: tuple[LogEntry, ...] = ()
    unreadable: int = 0
    torn: bool = False

    @property
    def last(self) -> LogEntry | None:
        return self.entries[-1] if self.entries else None


def label(revision: int) -> str:
    """``7`` as people and files write it: ``r0007``."""
    return f"r{revision:04d}"


def write_entry(path: Path, entry: LogEntry) -> None:
    """Append one line and wait until it is on the disk. Raises StorageError."""
    line = {
        "when": entry.when.isoformat(timespec="milliseconds"),
        "what": str(entry.what),
        "who": entry.who,
        "why": entry.why,
        "revision": entry.revision,
        "before": entry.before,
        "name": entry.name,
        "sha256": entry.sha256,
        "changes": list(entry.changes),
        **entry.more,
    }
    # Escaped where it is not valid Unicode: a strange file name must not stop the log.
    text = json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace")
    append_line(path, text)


def read_log(path: Path) -> ProfileLog:
    """Read the whole log; a line that cannot be read is counted, never in the way of the others.

    Raises StorageError when the file exists but may not be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ProfileLog()
    except OSError as error:
        raise unreadable(path, error) from error
    lines = [_parse(line) for line in data.split(b"\n") if line.strip()]
    explained = sum(
        line is None and follower is not None and follower.what == ProfileEvent.INTERRUPTED
        for line, follower in pairwise(lines)
    )
    return ProfileLog(
        entries=tuple(line for line in lines if line is not None),
        unreadable=lines.count(None) - explained,
        torn=bool(lines) and lines[-1] is None,
    )


def _parse(line: bytes) -> LogEntry | None:
    try:
        raw: Any = parse_json_text(line)
        return _entry(raw)
    except (ValueError, TypeError, KeyError):
        return None


def _is_revision(number: object) -> bool:
    return type(number) is int and 0 <= number <= MOST_REVISIONS


def _entry(raw: dict[str, Any]) -> LogEntry:
    texts = {key: raw[key] for key in ("what", "who", "why", "name", "sha256")}
    revision, before, changes = raw["revision"], raw["before"], raw["changes"]
    sound = (
        all(isinstance(text, str) for text in texts.values())
        and _is_revision(revision)
        and (before is None or _is_revision(before))
        and isinstance(changes, list)
        and all(isinstance(change, str) for change in changes)
    )
    when = saved_time(raw["when"])
    if not sound:
        raise ValueError("a line this program did not write")
    return LogEntry(
        **texts,
        revision=revision,
        before=before,
        changes=tuple(changes),
        more={key: value for key, value in raw.items() if key not in _KEYS},
        when=when,
    )
