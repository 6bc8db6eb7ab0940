"""Corrections of all products as rows for the central database, when they have changed."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from deeprx_gui.domain.corrections import Correction
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.forwarding import ProductCorrections, Row
from deeprx_gui.domain.recorded_values import micros
from deeprx_gui.profiles.correction_store import BOOK, FOLDER
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.forward_rows import as_uuid

_UNREADABLE_SECONDS: Final = 60.0
"""Until a list that could not be read is looked at again, though it did not change."""
_log = logging.getLogger(__name__)


class CorrectionWatch:
    """Looks at the products' files of corrections; used by one thread.

    ``root``: the folder of the profiles.
    """

    def __init__(self, root: Path, profiles: ProfileStore) -> None:
        self._root, self._profiles = root, profiles
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._sent: dict[str, Sequence[Row]] = {}
        self._again = math.inf

    def news(self) -> tuple[ProductCorrections, ...]:
        """Return the products whose corrections changed since they were ``sent``. Never raises.

        A product whose list cannot be read is passed over: nothing is known about it. It is looked
        at again a little later.
        """
        seen = self._look()
        if seen == self._seen and time.monotonic() < self._again:
            return ()
        found, readable = [], True
        try:
            for card in self._profiles.list():
                if card.problem is None:
                    rows = _rows(self._profiles, card.id)
                    readable = readable and rows is not None
                    if rows is not None and rows != self._sent.get(card.id, ()):
                        found.append(ProductCorrections(card.id, card.name, rows))
        except DeepRxError as error:
            _log.warning("corrections are not sent: %s", error)
            return ()
        if not found:
            self._seen = seen
            self._again = math.inf if readable else time.monotonic() + _UNREADABLE_SECONDS
        return tuple(found)

    def sent(self, product: ProductCorrections) -> None:
        """Note that a product's corrections are in the centre."""
        self._sent[product.profile_id] = product.rows

    def forget(self) -> None:
        """Send everything anew: it is another centre."""
        self._seen = ()
        self._sent.clear()

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        """Return what changes whenever a file of corrections does."""
        found = []
        with suppress(OSError):
            for folder in sorted(self._root.iterdir()):
                with suppress(OSError):
                    facts = (folder / FOLDER / BOOK).stat()
                    found.append((folder.name, facts.st_mtime_ns, facts.st_size))
        return tuple(found)


def _rows(profiles: ProfileStore, key: str) -> list[Row] | None:
    """Return a product's corrections as rows, ``None`` where they cannot be read."""
    try:
        book = profiles.corrections.book(key)
    except DeepRxError as error:  # a damaged list is told where it is used
        _log.warning("%s", error)
        return None
    lists = {"pending": book.pending, "must-find": book.must_find, "learnt": book.learnt}
    return [_row(key, one, state) for state, ones in lists.items() for one in ones]


def _row(key: str, one: Correction, state: str) -> Row:
    return {
        "uid": f"{key}:{one.kind.value}:{one.id}",
        "kind": one.kind.value,
        "name": one.name,
        "verdict_uid": as_uuid(one.uid) if one.uid else None,
        "who": one.who,
        "at": micros(one.when),
        "state": state,
        "revision": one.revision,
    }
