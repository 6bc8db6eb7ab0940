"""Who may do what: the engineer's PIN.

Without a PIN everybody may do everything. With one, the engineer's pages open to whoever knows it.
Wrong tries are counted on the disk before a PIN is even compared, so that neither a restart nor
pulling the plug gives a try back. A file that cannot be read locks; it never opens.

The PIN guards against a hand that slips, not against somebody who may change the files of this PC:
``docs/access.md`` says what it is worth and how to get in when it is forgotten.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import math
import secrets
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from deeprx_gui import atomic
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.json_text import parse_json_text
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.locks import one_writer
from deeprx_gui.people.lockout import FREE_TRIES, lock_seconds, locked_for
from deeprx_gui.preferences import VERSION_KEY, JsonStore, Values

VERSION = 1
STORE = JsonStore("PIN", VERSION, private=True)
SHORTEST, LONGEST = 4, 12
"""Digits of a PIN."""
_N, _R, _P = 2**14, 8, 1

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PinAccepted:
    """The PIN is right, or there is none."""

    message: Message | None = None


@dataclass(frozen=True)
class PinWrong:
    """The PIN is wrong; after ``tries_left`` more it is locked for a while."""

    tries_left: int

    @property
    def message(self) -> Message:
        return say_n(
            "Wrong PIN. One more try, then it is locked for a while.",
            "Wrong PIN. {n} more tries, then it is locked for a while.",
            n=self.tries_left,
        )


@dataclass(frozen=True)
class PinLocked:
    """No PIN is looked at for ``seconds``; 0: until ``problem`` is mended."""

    seconds: float
    problem: Message | None = None

    @property
    def message(self) -> Message:
        if self.problem is not None:
            return self.problem
        return say(
            "Too many wrong tries. Try again in {seconds} seconds.",
            seconds=math.ceil(self.seconds),
        )


PinAnswer = PinAccepted | PinWrong | PinLocked


@dataclass(frozen=True)
class _Kept:
    """What lies in the file.

    ``locked_at``: when the lock-out began, in seconds since the PC was started: a clock that nobody
    can set. ``locked_until`` is wall clock (seconds since 1970), 0: not locked; as a time it is for
    programs of version 1.0 only.
    """

    salt: bytes
    hash: bytes
    failures: int = 0
    locked_until: float = 0.0
    locked_at: float = 0.0


class PinAccess:
    """The PIN in ``file``; the log of who did what lies beside it. Safe to share by threads.

    ``granted`` is what this object remembers of the last check: changing or removing a PIN needs
    it. ``leave`` forgets it (back to operator mode).
    """

    def __init__(self, file: Path) -> None:
        """Look at the file; a PIN that vanished since the log last spoke of it is noted there."""
        self._file = file
        self._diary = file.with_name("access-log.jsonl")
        self._lock = threading.RLock()
        self._granted = False
        self._note_a_vanished_pin()

    @property
    def has_pin(self) -> bool:
        """Whether a PIN is asked for; a file that cannot be read counts as one."""
        try:
            return self._read() is not None
        except _Damaged:
            return True

    @property
    def problem(self) -> Message | None:
        """Why nobody gets in whatever the PIN, and what to do; ``None`` when all is well."""
        try:
            self._read()
        except _Damaged as error:
            return error.message
        return None

    @property
    def granted(self) -> bool:
        """Whether engineer's work is allowed now."""
        return self._granted or not self.has_pin

    def leave(self, *, who: str = "") -> None:
        """Forget that the PIN was given."""
        with self._lock:
            if self._granted:
                self._granted = False
                self._note("left", who)

    def set_pin(self, pin: str, *, who: str) -> None:
        """Set the first PIN or change it; ``pin`` is 4 to 12 digits (also full-width ones).

        Raises RequestError for anything else or when the old PIN was not given, StorageError when
        it cannot be written.
        """
        digits = _digits(pin)
        if digits is None:
            raise RequestError(
                say(
                    "A PIN has {shortest} to {longest} digits and nothing else.",
                    shortest=SHORTEST,
                    longest=LONGEST,
                )
            )
        with self._alone():
            old = self._may_change()
            salt = secrets.token_bytes(16)
            self._write(_Kept(salt, _hash(digits, salt)))
            self._granted = True
            self._note("pin changed" if old else "pin set", who)

    def check(self, pin: str, *, who: str = "", command: str = "") -> PinAnswer:
        """Compare a PIN. Never raises; takes about a tenth of a second.

        ``command``: what asks for it on the command line, for the log.
        """
        try:
            if self._read() is None:
                return PinAccepted()
            with self._alone():
                return self._check(pin, who, {"command": command} if command else {})
        except _Damaged as error:
            _log.error("%s: %s", self._file, error.message)
            return PinLocked(0.0, error.message)
        except StorageError as error:
            # A try that cannot be counted is not given: a full disk must not mean endless tries.
            return PinLocked(0.0, error.message)

    def _check(self, pin: str, who: str, more: Mapping[str, str]) -> PinAnswer:
        kept = self._read()
        if kept is None:  # removed while we waited
            return PinAccepted()
        seconds = _locked_for(kept)
        if seconds > 0:
            return PinLocked(seconds)
        failures = kept.failures + 1
        lock = lock_seconds(failures)
        until = time.time() + lock if lock else 0.0
        counted = replace(
            kept, failures=failures, locked_until=until, locked_at=time.monotonic() if lock else 0.0
        )
        self._write(counted)  # before comparing: a plug pulled now costs the try
        digits = _digits(pin) or ""
        if hmac.compare_digest(_hash(digits, kept.salt), kept.hash):
            self._write(replace(kept, failures=0, locked_until=0.0, locked_at=0.0))
            self._granted = True
            self._note("granted", who, **more)
            return PinAccepted()
        self._granted = False
        self._note("wrong pin", who, failures=failures, **more)
        if lock:
            return PinLocked(lock)
        return PinWrong(FREE_TRIES - failures)

    def _may_change(self) -> bool:
        """Say whether there is a PIN to change; raises RequestError when it was not given."""
        try:
            there = self._read() is not None
        except _Damaged as error:
            raise RequestError(error.message) from error
        if there and not self._granted:
            raise RequestError(say("Enter the present PIN first."))
        return there

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other thread and no other program counts tries meanwhile."""
        with self._lock, one_writer(self._file.with_suffix(".lock")):
            yield

    def _read(self) -> _Kept | None:
        """Return what lies in the file, ``None`` when there is none. Raises _Damaged."""
        try:
            return _understood(STORE.read(self._file))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise _Damaged(self._file) from error

    def _write(self, kept: _Kept) -> None:
        values = {
            **asdict(kept),
            "salt": base64.b64encode(kept.salt).decode(),
            "hash": base64.b64encode(kept.hash).decode(),
        }
        STORE.save(self._file, values)

    def note_change(self, what: str, who: str, **more: str | int) -> None:
        """Write a change to a product into the log where a PIN guards them. Never raises."""
        if self.has_pin:
            self._note(what, who, **more)

    def _note(self, what: str, who: str, **more: str | int) -> None:
        """Append to the log; a log that cannot be written does not keep an engineer out."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"when": now, "who": who, "what": what, **more}, ensure_ascii=False)
        _log.info("access: %s", line)
        try:
            atomic.append_line(self._diary, line.encode("utf-8", "backslashreplace"))
        except StorageError as error:
            _log.warning("the access log cannot be written: %s", error)

    def _note_a_vanished_pin(self) -> None:
        try:
            last = [
                what
                for line in self._diary.read_bytes().splitlines()
                if (what := _what(line)).startswith("pin ")
            ][-1:]
        except OSError:
            return  # no log, or one that cannot be read: nothing is known
        if last and last[0] in {"pin set", "pin changed"} and not self._file.exists():
            self._note("pin file gone", "")
            _log.warning("%s was deleted: no PIN is asked for any more", self._file)


class _Damaged(Exception):  # noqa: N818
    """The file cannot be understood: nobody gets in."""

    def __init__(self, file: Path) -> None:
        super().__init__(str(file))
        self.message = say(
            "The file with the PIN is damaged or cannot be read, so nobody gets in. Ask whoever"
            " looks after this PC to delete {file}, then set a new PIN.",
            file=file,
        )


def _locked_for(kept: _Kept) -> float:
    """Seconds that a lock-out still lasts."""
    if not kept.locked_until:
        return 0.0
    return locked_for(kept.failures, kept.locked_at, time.monotonic())


def _understood(raw: Values) -> _Kept:
    """Build from what the file says. Raises ValueError, TypeError or KeyError."""
    if raw[VERSION_KEY] != VERSION:
        raise ValueError("not a file of this program's version")
    salt, digest = (_bytes(raw[key]) for key in ("salt", "hash"))
    failures, until = raw["failures"], raw["locked_until"]
    if len(salt) < 16 or len(digest) != 64:
        raise ValueError("salt or hash too short")
    if isinstance(failures, bool) or not isinstance(failures, int) or failures < 0:
        raise ValueError("failures is not a count")
    if isinstance(until, bool) or not isinstance(until, int | float) or not math.isfinite(until):
        raise ValueError("locked_until is not a time")
    began = raw.get("locked_at", math.inf)  # a program of version 1.0 does not say
    if isinstance(began, bool) or not isinstance(began, int | float) or math.isnan(began):
        raise ValueError("locked_at is not a time")
    return _Kept(salt, digest, failures, float(until), float(began))


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError("no text")
    return base64.b64decode(value, validate=True)


def _digits(pin: str) -> str | None:
    """Return the digits as a Japanese keyboard may also type them, ``None`` if it is no PIN."""
    text = unicodedata.normalize("NFKC", pin)
    sound = text.isascii() and text.isdecimal() and SHORTEST <= len(text) <= LONGEST
    return text if sound else None


def _hash(digits: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        digits.encode("ascii"), salt=salt, n=_N, r=_R, p=_P, maxmem=64 * 2**20, dklen=64
    )


def _what(line: bytes) -> str:
    """Return what a line of the log says, empty for one that was torn."""
    try:
        return str(parse_json_text(line)["what"])
    except (ValueError, TypeError, KeyError):
        return ""
