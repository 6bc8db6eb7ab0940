"""Who may use the OPC UA server: names with passwords, kept as salted hashes (scrypt).

A file that cannot be read lets nobody in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deeprx_gui import atomic
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.json_text import read_json_file
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.locks import one_writer
from deeprx_gui.outputs.fading_notice import FadingNotice

VERSION = 1
SHORTEST, LONGEST = 8, 128
"""Characters of a password."""
MOST_NAME: Final = 64
FREE_TRIES: Final = 5
LOCK_SECONDS: Final = 30.0
"""After so many wrong tries from one address no password of it is looked at for so long."""
_ADDRESSES: Final = 64
_TOLD_FOR: Final = 600.0
_N, _R, _P = 2**14, 8, 1

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Kept:
    salt: bytes
    hash: bytes


@dataclass
class _Tries:
    wrong: int = 0
    locked_until: float = 0.0


class OpcUaPeople:
    """The names in ``file``; safe to share by threads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names, sorted. Raises RequestError for a file that cannot be read."""
        return tuple(sorted(self._read()))

    def set_password(self, name: str, password: str) -> None:
        """Add a name or change its password. Raises RequestError or StorageError."""
        name = name.strip()
        if not 1 <= len(name) <= MOST_NAME or not name.isprintable():
            raise RequestError(
                say("A name has 1 to {most} characters that can be seen.", most=MOST_NAME)
            )
        if not SHORTEST <= len(password) <= LONGEST:
            raise RequestError(
                say(
                    "A password has {shortest} to {longest} characters.",
                    shortest=SHORTEST,
                    longest=LONGEST,
                )
            )
        salt = secrets.token_bytes(16)
        self._change(lambda kept: {**kept, name: _Kept(salt, _hash(password, salt))})

    def remove(self, name: str) -> None:
        """Take a name out. Raises RequestError when it is not there, or StorageError."""

        def without(kept: dict[str, _Kept]) -> dict[str, _Kept]:
            if name not in kept:
                raise RequestError(say("There is no OPC UA user “{name}”.", name=name))
            return {key: value for key, value in kept.items() if key != name}

        self._change(without)

    def knows(self, name: str, password: str) -> bool:
        """Compare a password; takes about a twentieth of a second whether or not the name is known.

        Never raises.
        """
        try:
            kept = self._read().get(name)
        except RequestError as error:
            _log.error("%s", error)
            kept = None
        given = _hash(password[:LONGEST], kept.salt if kept else b"0" * 16)
        return hmac.compare_digest(given, kept.hash if kept else b"1" * 64) and kept is not None

    def _change(self, change: Callable[[dict[str, _Kept]], dict[str, _Kept]]) -> None:
        with atomic.reporting(self._file):
            self._file.parent.mkdir(parents=True, exist_ok=True)
        with one_writer(self._file.with_suffix(".lock")):
            kept = change(self._read())
            document = {
                "version": VERSION,
                "people": {
                    name: {"salt": _text(each.salt), "hash": _text(each.hash)}
                    for name, each in kept.items()
                },
            }
            text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            atomic.write_over(self._file, text.encode(), private=True)

    def _read(self) -> dict[str, _Kept]:
        try:
            raw = read_json_file(self._file)
            if not isinstance(raw, dict) or raw["version"] != VERSION:
                raise ValueError("not a file of this program's version")
            people = raw["people"]
            if not isinstance(people, dict):
                raise TypeError("no list of people")
            return {
                str(name): _Kept(_bytes(each["salt"], 16), _bytes(each["hash"], 64))
                for name, each in people.items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RequestError(
                say(
                    "The file with the OPC UA users is damaged or cannot be read, so nobody can"
                    " sign in by name. Delete {file}, then set the passwords again.",
                    file=self._file,
                )
            ) from error


class WrongTries:
    """Counts wrong passwords by address; one that tries too often is not looked at for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: dict[str, _Tries] = {}
        self._notice = FadingNotice(_TOLD_FOR, clock)

    @property
    def problem(self) -> Message | None:
        """Who tried in vain, for a while."""
        return self._notice.now

    def locked(self, address: str) -> bool:
        """Say whether no password from this address is looked at now."""
        with self._lock:
            tries = self._tries.get(address)
            return tries is not None and self._clock() < tries.locked_until

    def wrong(self, address: str) -> None:
        """Count one."""
        with self._lock:
            tries = self._tries.pop(address, _Tries())
            self._tries[address] = tries
            if len(self._tries) > _ADDRESSES:
                del self._tries[next(iter(self._tries))]
            tries.wrong += 1
            if tries.wrong >= FREE_TRIES:
                tries.locked_until = self._clock() + LOCK_SECONDS
            self._notice.note(
                say_n(
                    "{n} wrong name or password for OPC UA from {address}.",
                    "{n} wrong names or passwords for OPC UA from {address}.",
                    n=tries.wrong,
                    address=address,
                )
            )

    def right(self, address: str) -> None:
        """Forget what was wrong before."""
        with self._lock:
            if self._tries.pop(address, None) is not None:
                self._notice.clear()


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=_N,
        r=_R,
        p=_P,
        maxmem=64 * 2**20,
        dklen=64,
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(value: object, length: int) -> bytes:
    if not isinstance(value, str):
        raise TypeError("no text")
    data = base64.b64decode(value, validate=True)
    if len(data) != length:
        raise ValueError("too short")
    return data
