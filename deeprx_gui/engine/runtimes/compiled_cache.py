"""Compiled graphs kept on this PC, so that a profile is compiled once and not at every start."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from deeprx_gui.atomic import write_cache

MOST_BYTES = 512 << 20
"""What all kept graphs together may take; those not used for the longest time go first."""
_SEAL = hashlib.sha256().digest_size
_log = logging.getLogger(__name__)


class CompiledCache:
    """Compiled graphs in ``folder``; ``None`` keeps none.

    ``made_for``: everything on which all graphs of this cache depend – weights, processor, version
    of the compiler, its settings. A graph made for anything else is never found.
    """

    def __init__(self, folder: Path | None, made_for: Mapping[str, str]) -> None:
        self._folder = folder
        self._made_for = dict(made_for)

    @property
    def keeps(self) -> bool:
        """Whether there is a folder to keep anything in."""
        return self._folder is not None

    def find(self, graph: str) -> bytes | None:
        """Return the compiled graph of this name; ``None`` when there is none that is whole."""
        if self._folder is None:
            return None
        file = self._file(self._folder, graph)
        try:
            contents = file.read_bytes()
            os.utime(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("%s cannot be read and is made again: %s", file, error)
            return None
        seal, compiled = contents[:_SEAL], contents[_SEAL:]
        if hashlib.sha256(compiled).digest() != seal:
            _log.warning("%s is damaged and is made again", file)
            return None
        return compiled

    def keep(self, graph: str, compiled: bytes) -> None:
        """Keep a compiled graph; where that is not possible the log says so."""
        if self._folder is None:
            return
        file = self._file(self._folder, graph)
        write_cache(file, hashlib.sha256(compiled).digest() + compiled)
        _make_room(self._folder)

    def _file(self, folder: Path, graph: str) -> Path:
        words = json.dumps([sorted(self._made_for.items()), graph])
        return folder / f"{hashlib.sha256(words.encode()).hexdigest()[:40]}.compiled"


def _make_room(folder: Path) -> None:
    """Delete what was not used for the longest time beyond ``MOST_BYTES``; the newest stays."""
    try:
        found = [(file.stat(), file) for file in folder.glob("*.compiled")]
        found.sort(key=lambda pair: pair[0].st_mtime_ns, reverse=True)
        taken = 0
        for number, (info, file) in enumerate(found):
            taken += info.st_size
            if number > 0 and taken > MOST_BYTES:
                file.unlink(missing_ok=True)
    except OSError as error:  # another program tidies up at the same time
        _log.info("compiled graphs could not be tidied up: %s", error)
