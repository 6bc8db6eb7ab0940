"""What this PC remembers of the library of products: what it took, agreed to, has still to send.

All of it may be lost: what is not known is fetched and checked again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

from deeprx_gui.atomic import move_new, reporting, write_new, write_over
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.json_text import JsonError, parse_json_text
from deeprx_gui.domain.library import LimitProposal
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.locks import one_writer

_FILE: Final = "taken.json"
_LOCK: Final = "taken.lock"
_MOST_WAITING: Final = 1000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """A revision of the library on this PC: where it lies, and the seal of its file there."""

    product: str
    revision: int
    seal: str


@dataclass(frozen=True)
class Agreement:
    """A person at the station agreed to a revision; ``overrule``: even if the gate refuses it."""

    sha256: str
    who: str
    overrule: str = ""


class LibraryBook:
    """The notes in ``folder``, for several threads. Methods that write raise StorageError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()

    @property
    def incoming(self) -> Path:
        """Where files lie while they are fetched."""
        return self.folder / "incoming"

    def taken(self, sha256: str) -> Taken | None:
        """Return where a file of the library lies on this PC."""
        found: Any = self._section("taken").get(sha256)
        try:
            return Taken(str(found["product"]), int(found["revision"]), str(found["seal"]))
        except (KeyError, TypeError, ValueError):
            return None

    def note_taken(self, sha256: str, taken: Taken) -> None:
        """Remember where a file of the library lies on this PC."""
        self._note("taken", sha256, asdict(taken))

    def published(self, mark: str) -> str:
        """Return the SHA-256 of the state that this PC published, empty: it did not."""
        found = self._section("published").get(mark)
        return found if isinstance(found, str) else ""

    def note_published(self, mark: str, sha256: str) -> None:
        """Remember what this PC published."""
        self._note("published", mark, sha256)

    def followed(self, lineage: str) -> int:
        """Return the number of the instruction that was followed last, 0: none."""
        found = self._section("followed").get(lineage)
        return found if isinstance(found, int) else 0

    def note_followed(self, lineage: str, number: int) -> None:
        """Remember that an instruction was followed."""
        if self.followed(lineage) != number:
            self._note("followed", lineage, number)

    def agreement(self, lineage: str) -> Agreement | None:
        """Return what a person agreed to last for a product."""
        found: Any = self._section("agreed").get(lineage)
        try:
            return Agreement(str(found["sha256"]), str(found["who"]), str(found["overrule"]))
        except (KeyError, TypeError):
            return None

    def agree(self, lineage: str, agreement: Agreement) -> None:
        """Remember that a person agreed to a revision."""
        self._note("agreed", lineage, asdict(agreement))

    def propose(self, proposal: LimitProposal) -> None:
        """Keep proposed limits until the library has them."""
        folder = self.folder / "proposals"
        data = {**asdict(proposal), "at": proposal.at.isoformat()}
        with reporting(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_new(folder / f"{proposal.uid}.json", json.dumps(data).encode())

    def proposals(self) -> tuple[LimitProposal, ...]:
        """Return what was proposed and is not sent yet, oldest first; at most 1,000. Never raises.

        A file that makes no sense is passed over and noted in the log.
        """
        found = []
        with suppress(OSError):
            for file in sorted((self.folder / "proposals").glob("*.json"))[:_MOST_WAITING]:
                try:
                    raw = parse_json_text(file.read_bytes())
                    raw["at"] = saved_time(raw["at"])
                    found.append(LimitProposal(**raw))
                except (OSError, JsonError, TypeError, KeyError, ValueError) as error:
                    _log.warning("the proposal %s makes no sense: %s", file, error)
        return tuple(sorted(found, key=lambda one: one.at))

    def sent(self, proposal: LimitProposal) -> None:
        """Forget a proposal: the library has it. Never raises; sent twice it is one all the same.

        The uid is of our own making, so it is a plain file name.
        """
        with suppress(OSError):
            (self.folder / "proposals" / f"{proposal.uid}.json").unlink()

    def put_aside(self, proposal: LimitProposal) -> Path:
        """Send a proposal no more; return the file it is kept in. Never raises."""
        file = self.folder / "proposals" / f"{proposal.uid}.json"
        aside = file.with_suffix(".refused")
        with suppress(StorageError, OSError):
            move_new(file, aside)
        return aside

    def _read(self) -> dict[str, Any]:
        try:
            raw = parse_json_text((self.folder / _FILE).read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, JsonError) as error:
            _log.warning("the notes about the library are lost: %s", error)
            return {}
        return raw if isinstance(raw, dict) else {}

    def _section(self, name: str) -> Mapping[str, Any]:
        found = self._read().get(name)
        return found if isinstance(found, dict) else {}

    def _note(self, section: str, key: str, value: object) -> None:
        with self._lock, one_writer(self.folder / _LOCK):
            raw = self._read()
            part = raw.get(section)
            raw[section] = {**(part if isinstance(part, dict) else {}), key: value}
            with reporting(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
            write_over(self.folder / _FILE, json.dumps(raw).encode())
