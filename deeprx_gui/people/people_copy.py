"""The station's own copy of the people in the centre: sealed, private, and knowing its age.

The seal is made with the password of the central database, which is in no file: who can only write
the file cannot make a copy that is believed. It holds no PIN or password, only their hashes.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.json_text import parse_json_text
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.people import MOST_PEOPLE, PeopleList, PeopleRules, Person, Role
from deeprx_gui.people.lockout import passed_since
from deeprx_gui.people.secret_hash import makes_sense
from deeprx_gui.preferences import VERSION_KEY, JsonStore

VERSION: Final = 1
STORE: Final = JsonStore("copy of the people", VERSION, private=True)
DAY: Final = 86_400.0
_COST: Final = 2**14
_LONGEST: Final = 300


class CopyError(StorageError):
    """The copy cannot be read, or is not what this station wrote."""


@dataclass(frozen=True)
class Moment:
    """A reading of both clocks: ``wall`` in seconds since 1970, ``steady`` since the PC started."""

    wall: float
    steady: float

    @staticmethod
    def now() -> Moment:
        return Moment(time.time(), time.monotonic())


@dataclass(frozen=True)
class PeopleCopy:
    """What the centre said at ``heard`` (wall clock), and the latest time seen since.

    ``edition``: counted up with each change of people or rules that this station heard of.
    """

    people: PeopleList
    heard: float
    seen: Moment
    edition: int = 0

    def latest(self, now: Moment) -> float:
        """Return the time on the wall clock, never earlier than what was seen before.

        A clock that was set back does not make the copy younger.
        """
        return max(now.wall, self.seen.wall + passed_since(self.seen.steady, now.steady))

    def days(self, now: Moment) -> float:
        """Return the age in days."""
        return max(0.0, self.latest(now) - self.heard) / DAY

    def is_too_old(self, now: Moment) -> bool:
        """Whether the engineer's rights have ended until the centre is heard again."""
        return self.days(now) > self.people.rules.offline_days


class Mark(Protocol):
    """Where the newest edition is kept apart from the copy: ``central/password.py``.

    ``of``: the station at its centre; that people of a centre are known is edition 1 of the centre.
    """

    def read(self, of: str) -> int: ...
    def write(self, of: str, edition: int) -> None: ...


class NoMark:
    """There is no such place: any copy with the right seal is believed."""

    def read(self, of: str) -> int:  # noqa: ARG002 - as a mark
        return 0

    def write(self, of: str, edition: int) -> None:
        """Do nothing."""


class SealedCopy:
    """The copy in ``file``; ``bound_to`` names centre and station, ``password`` seals it."""

    def __init__(self, file: Path, bound_to: str, password: Callable[[], str], mark: Mark) -> None:
        self._file, self._bound_to, self._password = file, bound_to, password
        self._mark = mark

    @property
    def exists(self) -> bool:
        return self._file.exists()

    @property
    def was_heard(self) -> bool:
        """Whether people of this centre were heard of here once, as the mark says.

        Whoever this station is now: its id lies in the data folder, too.
        """
        return bool(self._bound_to) and self._mark.read(self._centre) > 0

    @property
    def _centre(self) -> str:
        return self._bound_to.rpartition(" ")[0]

    def hear(self, people: PeopleList, now: Moment) -> PeopleCopy:
        """Keep what the centre says, as the next edition where it is another one.

        Raises StorageError.
        """
        newest = self._mark.read(self._bound_to)
        try:
            before = self._sealed()
        except CopyError:
            before = None
        edition = 0 if before is None else before.edition
        if before is None or before.people != people or edition < newest:
            edition = max(edition, newest) + 1
        copy = PeopleCopy(people, now.wall, now, edition)
        self.write(copy)
        if edition > newest:
            self._mark.write(self._bound_to, edition)
            self._mark.write(self._centre, 1)
        return copy

    def read(self) -> PeopleCopy | None:
        """Return what was kept, ``None`` where there is nothing.

        Raises CopyError, also for a copy that is older than what was heard since.
        """
        found = self._sealed()
        if found is not None and found.edition < self._mark.read(self._bound_to):
            raise CopyError(
                say(
                    "This station's copy of the people ({file}) is an older one that was put back."
                    " It comes anew as soon as the central database answers. Until then nobody can"
                    " sign in, and inspecting goes on.",
                    file=self._file,
                )
            )
        return found

    def _sealed(self) -> PeopleCopy | None:
        try:
            raw = STORE.read(self._file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise CopyError(self._unusable()) from error
        if not self._password():
            raise CopyError(_no_password())
        try:
            if raw[VERSION_KEY] != VERSION:
                raise ValueError("not a copy of this program's version")
            body, salt = _text(raw["body"], math.inf), base64.b64decode(_text(raw["salt"]))
            given = bytes.fromhex(_text(raw["seal"]))
            if not hmac.compare_digest(self._seal(body, salt), given):
                raise ValueError("the seal is broken")
            return _understood(parse_json_text(body), self._bound_to)
        except (ValueError, TypeError, KeyError) as error:
            raise CopyError(self._unusable()) from error

    def write(self, copy: PeopleCopy) -> None:
        """Keep it, whole or not at all. Raises StorageError."""
        if not self._password():
            raise CopyError(_no_password())
        rules = copy.people.rules
        body = json.dumps(
            {
                "bound_to": self._bound_to,
                "heard": copy.heard,
                "seen": copy.seen.wall,
                "steady": copy.seen.steady,
                "edition": copy.edition,
                "offline_days": rules.offline_days,
                "idle_minutes": rules.idle_minutes,
                "people": [
                    [p.number, p.name, p.role.value, p.secret, p.retired]
                    for p in copy.people.people
                ],
            }
        )
        salt = secrets.token_bytes(16)
        seal = self._seal(body, salt).hex()
        values = {"body": body, "salt": base64.b64encode(salt).decode(), "seal": seal}
        STORE.save(self._file, values)

    def _seal(self, body: str, salt: bytes) -> bytes:
        return hmac.digest(_key(self._password(), salt), body.encode(), "sha256")

    def _unusable(self) -> Message:
        return say(
            "This station's copy of the people is damaged, or was changed or made elsewhere"
            " ({file}). It comes anew as soon as the central database answers. Until then nobody"
            " can sign in, and inspecting goes on.",
            file=self._file,
        )


def _no_password() -> Message:
    """Say so: a seal with an empty password could be made by anybody."""
    return say(
        "This PC knows no password of the central database, so its copy of the people cannot be"
        " trusted and nobody can sign in. Enter the password with “deeprx central connect”."
        " Inspecting goes on."
    )


@functools.lru_cache(maxsize=4)
def _key(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=_COST, r=8, p=1, maxmem=64 * 2**20, dklen=32
    )


def _understood(raw: Any, bound_to: str) -> PeopleCopy:  # noqa: ANN401 - JSON
    """Build from what a sealed copy says. Raises ValueError, TypeError or KeyError."""
    if raw["bound_to"] != bound_to:
        raise ValueError("a copy of another station or centre")
    if len(raw["people"]) > MOST_PEOPLE:
        raise ValueError("too many people")
    people = tuple(_person(*entry) for entry in raw["people"])
    rules = PeopleRules(_number(raw["offline_days"]), int(_number(raw["idle_minutes"])))
    seen = Moment(_number(raw["seen"]), _number(raw["steady"]))
    edition = int(_number(raw.get("edition", 0)))
    return PeopleCopy(PeopleList(people, rules), _number(raw["heard"]), seen, edition)


def _person(number: object, name: object, role: object, secret: object, retired: object) -> Person:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError("no number")
    if not isinstance(retired, bool) or not makes_sense(_text(secret)):
        raise ValueError("no person")
    return Person(number, _text(name), Role(_text(role)), _text(secret), retired)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _text(value: object, longest: float = _LONGEST) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("no text")
    return value
