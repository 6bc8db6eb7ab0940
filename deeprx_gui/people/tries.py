"""Wrong tries of each person, counted on the disk before a PIN or password is compared."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import say
from deeprx_gui.locks import one_writer
from deeprx_gui.people.lockout import lock_seconds, locked_for
from deeprx_gui.preferences import VERSION_KEY, JsonStore

VERSION: Final = 1
STORE: Final = JsonStore("tries to sign in", VERSION, private=True)
_KEY: Final = "tries"


@dataclass(frozen=True)
class Tries:
    """``failures`` in a row; ``locked_at``: reading of ``time.monotonic`` when it was locked."""

    failures: int = 0
    locked_at: float = 0.0

    @property
    def seconds_locked(self) -> float:
        """How long no try is given."""
        if not lock_seconds(self.failures):
            return 0.0
        return locked_for(self.failures, self.locked_at, time.monotonic())

    def one_more(self) -> Tries:
        """Return the count after one more wrong try."""
        failures = self.failures + 1
        return Tries(failures, time.monotonic() if lock_seconds(failures) else 0.0)


class TryCounter:
    """The counts in ``file``. Starting the program again or pulling the plug gives no try back."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def exists(self) -> bool:
        return self._file.exists()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other program counts meanwhile. Raises StorageError."""
        with one_writer(self._file.with_suffix(".lock")):
            yield

    def of(self, number: int) -> Tries:
        """Return a person's tries. Raises StorageError where the file cannot be understood."""
        return self._read().get(str(number), Tries())

    def put(self, number: int, tries: Tries) -> None:
        """Keep a person's tries. Raises StorageError: then no try is given."""
        known = {**self._read(), str(number): tries}
        kept = {key: [t.failures, t.locked_at] for key, t in known.items() if t.failures}
        STORE.save(self._file, {_KEY: kept})

    def begin(self) -> None:
        """Make the file where there is none. Raises StorageError."""
        if not self.exists:
            STORE.save(self._file, {_KEY: {}})

    def _read(self) -> dict[str, Tries]:
        try:
            raw = STORE.read(self._file)
            if raw[VERSION_KEY] != VERSION:
                raise ValueError("not a file of this program's version")
            kept = raw[_KEY]
            if not isinstance(kept, dict):
                raise TypeError("no object")
            return {key: _tries(*value) for key, value in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StorageError(
                say(
                    "The file with the wrong tries is damaged or cannot be read, so nobody can"
                    " sign in. Ask whoever looks after this PC to delete {file}.",
                    file=self._file,
                )
            ) from error


def _tries(failures: object, locked_at: object) -> Tries:
    sound = (
        isinstance(failures, int)
        and not isinstance(failures, bool)
        and failures >= 0
        and isinstance(locked_at, int | float)
        and math.isfinite(locked_at)
    )
    if not sound:
        raise ValueError("no count")
    return Tries(failures, float(locked_at))  # type: ignore[arg-type] # checked above
