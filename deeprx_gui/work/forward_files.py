"""What the forwarder keeps beside the store: how far it is, what was refused, its word.

Losing the mark costs time, nothing else: the server knows by identifier what it has.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from deeprx_gui.atomic import write_over
from deeprx_gui.domain.central import CentralPlace, PictureRule
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.forwarding import AsideRow, ForwardMark
from deeprx_gui.domain.json_text import read_json_file
from deeprx_gui.domain.message import say
from deeprx_gui.locks import HeldLock, try_hold

MARK: Final = "central-sent.json"
ASIDE: Final = "central-refused.json"
LOCK: Final = "central.lock"
INSTALLATION: Final = "central-installation.json"
MOST_ASIDE: Final = 1000
"""With more rows refused than these it is no matter of single rows."""
_LONGEST: Final = 1000
_log = logging.getLogger(__name__)


def hold(folder: Path) -> HeldLock:
    """Take the right to send from a folder of results; raises RequestError where another has it."""
    held = try_hold(folder / LOCK)
    if held is None:
        raise RequestError(
            say(
                "Another Deep RX Inspector on this PC already sends the verdicts of this data"
                " folder to the central database. Close it first, or let it go on."
            )
        )
    return held


def read_mark(folder: Path) -> ForwardMark:
    """Return how far it is, the beginning where nothing is known. Never raises."""
    raw = {**asdict(ForwardMark()), **_read(folder / MARK)}
    try:
        mark = ForwardMark(**{f.name: raw[f.name] for f in fields(ForwardMark)})
        numbers = (mark.verdict, mark.decision, mark.picture, mark.copied)
        texts = (mark.server, mark.uid)
        if all(type(n) is int and n >= 0 for n in numbers) and all(type(t) is str for t in texts):
            return mark
    except (KeyError, TypeError):
        pass
    return ForwardMark()


def write_mark(folder: Path, mark: ForwardMark) -> None:
    """Keep how far it is. Never raises: an old mark only costs time."""
    try:
        write_over(folder / MARK, json.dumps(asdict(mark)).encode())
    except StorageError as error:
        _log.warning("how far the central database is was not noted: %s", error)


def server_of(place: CentralPlace) -> str:
    """Return what a mark calls a centre."""
    return f"{place.host}:{place.port}/{place.database}"


def pictures_sent(folder: Path, place: CentralPlace) -> tuple[int, int] | None:
    """Return the verdict up to which kept pictures were sent, ``None`` where none are to be.

    First for verdicts of this station, then for those that another one recorded.
    """
    if place.pictures is PictureRule.NONE:
        return None
    mark = read_mark(folder)
    return (mark.picture, mark.copied) if mark.server == server_of(place) else (0, 0)


def read_aside(folder: Path) -> tuple[AsideRow, ...]:
    """Return the rows that the server refused. Never raises."""
    raw = _read(folder / ASIDE).get("rows", [])
    try:
        return tuple(AsideRow(**{f.name: entry[f.name] for f in fields(AsideRow)}) for entry in raw)
    except (KeyError, TypeError) as error:
        _log.warning("%s makes no sense: %s", folder / ASIDE, error)
        return ()


def write_aside(folder: Path, rows: Sequence[AsideRow]) -> None:
    """Keep the rows that the server refused. Raises StorageError."""
    document = {"rows": [asdict(row) | {"reason": row.reason[:_LONGEST]} for row in rows]}
    write_over(folder / ASIDE, json.dumps(document, ensure_ascii=False, indent=1).encode())


class Installation:
    """The word by which the server knows this installation again; it changes with each sign-in.

    A copy of the disk or the data folder has the word of the day it was copied. As soon as the
    original has signed in again that word is an old one, and the copy is refused. A disk that moves
    into another PC goes on: there is nobody else with its word.
    """

    def __init__(self, data: Path) -> None:
        self._data, self._file = data, data / INSTALLATION
        raw = _read(self._file)
        self.word, self.next_word = _word(raw.get("word")), _word(raw.get("next"))
        if not self.next_word:
            self.next_word = secrets.token_hex(16)

    def prepare(self) -> None:
        """Put both words on the disk before the server hears the next one. Raises StorageError."""
        self._write()

    def signed_in(self) -> None:
        """The server knows the next word now."""
        self.word, self.next_word = self.next_word, secrets.token_hex(16)
        self._write()

    @property
    def machine(self) -> str:
        """A digest of what tells this PC and folder from others, empty where nothing does."""
        node = uuid.getnode()
        if node >> 40 & 1:  # made up: this PC shows no network card
            return ""
        return hashlib.sha256(f"{node:012x}|{self._data.resolve()}".encode()).hexdigest()[:32]

    def _write(self) -> None:
        text = json.dumps({"word": self.word, "next": self.next_word})
        write_over(self._file, text.encode(), private=True)


def _word(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _LONGEST else ""


def _read(file: Path) -> dict[str, Any]:
    try:
        raw = read_json_file(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be read: %s", file, error)
        return {}
    return raw if isinstance(raw, dict) else {}
