"""One small JSON file of preferences: read leniently or strictly, written whole.

``settings``, ``station`` and ``access`` each describe their own values; what they have in common is
here. Keys this program does not know (a newer one wrote them) survive every save.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deeprx_gui import atomic
from deeprx_gui.domain.json_text import read_json_file

VERSION_KEY = "version"

Values = dict[str, object]
Migration = Callable[[Values], Values]
"""Turns the values of one version into those of the next; the store sets ``version``."""

_log = logging.getLogger(__name__)


class DamagedError(ValueError):
    """The file is there and its text makes no sense."""


@dataclass(frozen=True)
class JsonStore:
    """How one kind of file is read and written.

    ``title`` names it in the log. ``migrations``: by the version they start from. ``private``: only
    the owner may read the file, where the system has such rights.
    """

    title: str
    version: int
    migrations: Mapping[int, Migration] = field(default_factory=dict)
    private: bool = False

    def read(self, file: Path) -> Values:
        """Return what the file says, migrated, with its version.

        A file of a newer version is returned as it is. Raises FileNotFoundError, another OSError,
        or DamagedError.
        """
        try:
            values = read_json_file(file)
        except ValueError as error:
            raise DamagedError(str(error)) from error
        if not isinstance(values, dict):
            raise DamagedError("not an object")
        return self._migrated(values)

    def load(self, file: Path) -> Values:
        """Return what the file says, without its version; nothing where it cannot be read.

        Never raises; the log says why there is nothing. The file stays as it is: whoever edited it
        by hand can mend it.
        """
        try:
            values = self.read(file)
        except FileNotFoundError:
            return {}
        except (OSError, DamagedError) as error:
            _log.warning("%s %s cannot be read, using the defaults: %s", self.title, file, error)
            return {}
        values.pop(VERSION_KEY, None)
        return values

    def save(self, file: Path, values: Mapping[str, object]) -> None:
        """Write ``values``, whole or not at all, with every other key the file has.

        Makes the folder where it is missing. A damaged file is put aside under a dated name, and
        the log says where. Raises StorageError.
        """
        kept = self._present(file)
        kept.pop(VERSION_KEY, None)
        document = {VERSION_KEY: self.version, **kept, **values}
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        with atomic.reporting(file):
            file.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_over(file, text.encode(), private=self.private)

    def _migrated(self, values: Values) -> Values:
        version = values.get(VERSION_KEY, self.version)
        if isinstance(version, bool) or not isinstance(version, int):
            return values
        for number in sorted(n for n in self.migrations if version <= n < self.version):
            try:
                values = {**self.migrations[number](values), VERSION_KEY: number + 1}
            except (ValueError, TypeError, KeyError) as error:
                raise DamagedError(f"version {number} cannot be read: {error}") from error
        return values

    def _present(self, file: Path) -> Values:
        """Return what a save must keep; what cannot be understood is put aside."""
        try:
            return self.read(file)
        except DamagedError as error:
            aside = atomic.put_aside(file)
            _log.warning("%s was damaged (%s) and is now %s", file, error, aside)
        except OSError as error:
            _log.info("%s is written anew: %s", file, error)
        return {}
