"""Thumbnails that exist, and those somebody looks at and that are still to be made."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from deeprx_gui.domain.arrays import ByteImage

KEPT = 600
"""Thumbnails kept in memory (about 75 KB each); the rest is made again when looked at."""
CHUNK = 24
"""Thumbnails asked for at once: what comes into view waits for at most this many."""


class ThumbnailCache(QObject):
    """Answers what it has and asks for what it has not.

    ``wanted`` carries ``tuple[Path, ...]``, those looked at last first; the next one follows after
    ``chunk_done``. ``arrived`` carries the path of a new thumbnail.
    """

    wanted = Signal(object)
    arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[Path, ByteImage] = OrderedDict()
        self._unreadable: set[Path] = set()
        self._asked: dict[Path, None] = {}
        self._waiting = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._ask)

    def get(self, path: Path) -> ByteImage | None:
        """Return the thumbnail, RGB (h, w, 3); ``None`` now and ``arrived`` later if it is new."""
        pixels = self._kept.get(path)
        if pixels is not None:
            self._kept.move_to_end(path)
            return pixels
        if path not in self._unreadable:
            self._asked.pop(path, None)
            self._asked[path] = None
            if not self._waiting and not self._soon.isActive():
                self._soon.start()
        return None

    def put(self, path: Path, pixels: ByteImage | None) -> None:
        """Keep a thumbnail; ``None`` means it cannot be made and will not be asked for again."""
        if pixels is None:
            self._unreadable.add(path)
        else:
            self._kept[path] = pixels
            self._kept.move_to_end(path)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self.arrived.emit(path)

    @Slot()
    def chunk_done(self) -> None:
        """Say that what ``wanted`` asked for was made, or will not be."""
        self._waiting = False
        if self._asked:
            self._ask()

    @Slot()
    def _ask(self) -> None:
        newest = list(reversed(self._asked))[:CHUNK]
        # What scrolled by unseen is dropped: it is asked for again when it is painted again.
        self._asked.clear()
        if newest:
            self._waiting = True
            self.wanted.emit(tuple(newest))
