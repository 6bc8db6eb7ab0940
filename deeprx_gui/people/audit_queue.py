"""Entries of the audit trail on their way to the centre: a file that is only added to.

An entry is on the disk before it is sent, and stays until the centre has it; its ``uid`` makes it
one entry there however often it is sent. Where no central place is set nothing is written.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from deeprx_gui import atomic
from deeprx_gui.domain.audit import AuditBatch, AuditEntry, AuditEvent
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.json_text import parse_json_text
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.locks import one_writer
from deeprx_gui.preferences import JsonStore

MOST_BYTES: Final = 32 << 20
"""What waits at most, some 100,000 entries; more is put aside in a file of its own."""
CUT_BYTES: Final = 1 << 20
"""A file of which everything was sent is begun anew from this size on."""
MOST_AT_ONCE: Final = 500
_TICK: Final = timedelta(milliseconds=20)
"""A clock may stand still for so long: Windows' own for 16 ms."""
_READ_BYTES: Final = 1 << 20
_LONGEST: Final = 200
_LONGEST_MORE: Final = 1000
_MOST_MORE: Final = 12
_STORE: Final = JsonStore("place in the audit trail", 1)
_log = logging.getLogger(__name__)


class AuditQueue:
    """The queue of one data folder; several programs and threads may use it at once.

    ``wanted``: whether there is a centre to send to.
    """

    def __init__(self, folder: Path, *, wanted: bool) -> None:
        self.wanted = wanted
        self._file = folder / "audit.jsonl"
        self._place = folder / "audit-sent.json"
        self._refused = folder / "audit-refused.jsonl"
        self._last = datetime.min.replace(tzinfo=UTC)

    def note(self, entry: AuditEntry) -> None:
        """Write an entry down and wait until it is on the disk. Never raises."""
        if not self.wanted:
            return
        try:
            with atomic.reporting(self._file):
                self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._alone():
                self._make_room()
                atomic.append_line(self._file, _as_line(self._in_order(entry)))
        except StorageError as error:
            _log.error("an entry of the audit trail was lost (%s): %s", error, entry)

    def waiting(self) -> AuditBatch:
        """Return the next entries to be sent; a line that cannot be read is left out.

        Raises StorageError when the file is there but may not be read.
        """
        with self._alone():
            begin = self._sent()
            with atomic.reporting(self._file):
                if not self._file.exists():
                    return AuditBatch((), 0)
                with self._file.open("rb") as file:
                    size = file.seek(0, 2)
                    begin = begin if begin <= size else 0
                    file.seek(begin)
                    data = file.read(_READ_BYTES)
        entries: list[AuditEntry] = []
        end = begin
        for line in data.splitlines(keepends=True):
            if not line.endswith(b"\n") or len(entries) == MOST_AT_ONCE:
                break  # torn, or still being written: the next entry closes it
            end += len(line)
            entry = _understood(line)
            if entry is not None:
                entries.append(entry)
            elif line.strip():
                _log.warning("a line of the audit trail cannot be read: %r", line[:200])
        return AuditBatch(tuple(entries), end)

    def mark_sent(self, batch: AuditBatch) -> None:
        """Remember that the centre has these. Raises StorageError."""
        with self._alone():
            end = batch.end
            with atomic.reporting(self._file):
                if self._file.exists() and CUT_BYTES <= end == self._file.stat().st_size:
                    self._file.unlink()  # first: a place behind the end counts as the beginning
                    end = 0
            if end != self._sent():
                _STORE.save(self._place, {"bytes": end})

    def put_aside(self, entry: AuditEntry) -> None:
        """Keep an entry that the centre refuses, so that the others can go. Raises StorageError."""
        atomic.append_line(self._refused, _as_line(entry))
        _log.error("the centre refuses an entry of the audit trail, kept in %s", self._refused)

    def _in_order(self, entry: AuditEntry) -> AuditEntry:
        """Return an entry after the last one: the centre lists entries by their time alone."""
        if timedelta(0) <= self._last - entry.at < _TICK:
            entry = replace(entry, at=self._last + timedelta(microseconds=1))
        self._last = entry.at
        return entry

    def _alone(self) -> Any:  # noqa: ANN401 - a context manager
        return one_writer(self._file.with_suffix(".lock"))

    def _sent(self) -> int:
        value = _STORE.load(self._place).get("bytes", 0)
        return value if isinstance(value, int) and value > 0 else 0

    def _make_room(self) -> None:
        """Put a file aside that has grown too large; nothing is deleted."""
        if not self._file.exists() or self._file.stat().st_size < MOST_BYTES:
            return
        aside = atomic.free_name(self._file, "full")
        atomic.move_new(self._file, aside)
        _STORE.save(self._place, {"bytes": 0})
        _log.error("the audit trail could not be sent for too long; it lies in %s", aside)
        told = AuditEntry(AuditEvent.PUT_ASIDE, "", more={"file": aside.name})
        atomic.append_line(self._file, _as_line(told))


def _as_line(entry: AuditEntry) -> bytes:
    more = list(entry.more.items())[:_MOST_MORE]
    values = {
        "uid": str(entry.uid),
        "at": entry.at.isoformat(timespec="microseconds"),
        "who": _plain(entry.who),
        "role": _plain(entry.role, 20),
        "what": _plain(entry.what, 60),
        "product": _plain(entry.product),
        "revision": entry.revision,
        "more": {_plain(key, 40): _plain(value, _room(more)) for key, value in more},
    }
    return json.dumps(values, ensure_ascii=False).encode()


def _room(more: list[tuple[str, str]]) -> int:
    return _LONGEST_MORE // max(1, len(more))


def _plain(text: object, longest: int = _LONGEST) -> str:
    """Return text that every database takes: no control characters, valid Unicode, not too long."""
    return one_line(str(text).encode("utf-8", "replace").decode())[:longest]


def _understood(line: bytes) -> AuditEntry | None:
    try:
        raw: Mapping[str, Any] = parse_json_text(line)
        at, revision = saved_time(raw["at"]), raw["revision"]
        what, who, role, product = (raw[key] for key in ("what", "who", "role", "product"))
        more = dict(raw["more"])
        sound = (revision is None or (type(revision) is int and 0 <= revision < 2**31)) and all(
            isinstance(text, str) for text in (what, who, role, product, *more, *more.values())
        )
        if not sound:
            return None
        return AuditEntry(what, who, role, product, revision, more, at, uuid.UUID(raw["uid"]))
    except (ValueError, TypeError, KeyError):
        return None
