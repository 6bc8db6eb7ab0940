"""Cache of recently shown frames, so that stepping back and forth does not read the disk."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from deeprx_gui.domain.frame import Frame


class FrameCache:
    """Keeps the newest frames up to a number of bytes."""

    def __init__(self, most_bytes: int = 256 * 1024 * 1024) -> None:
        self._most = most_bytes
        self._frames: OrderedDict[Path, Frame] = OrderedDict()
        self._bytes = 0

    def get(self, path: Path) -> Frame | None:
        """Return a frame that is still kept."""
        frame = self._frames.get(path)
        if frame is not None:
            self._frames.move_to_end(path)
        return frame

    def put(self, path: Path, frame: Frame) -> None:
        """Keep a frame; the ones not seen for longest give way, the new one always stays."""
        old = self._frames.pop(path, None)
        self._bytes += frame.pixels.nbytes - (old.pixels.nbytes if old else 0)
        self._frames[path] = frame
        while self._bytes > self._most and len(self._frames) > 1:
            _, gone = self._frames.popitem(last=False)
            self._bytes -= gone.pixels.nbytes

    def clear(self) -> None:
        """Remove all cached frames."""
        self._frames.clear()
        self._bytes = 0
