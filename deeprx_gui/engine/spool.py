"""Spool: feature maps on disk during a fit, so that memory does not grow with the images."""

from __future__ import annotations

import contextlib
import errno
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from deeprx_gui.domain.arrays import Bools
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import say
from deeprx_gui.engine.grid_masks import GridMasks
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.scratch import open_scratch

_MARGIN = 64 * 1024**2


@dataclass(frozen=True)
class _Entry:
    offset: int
    shapes: tuple[tuple[int, int, int], ...]
    cells: GridMasks | None


class Spool:
    """Writes feature maps to a temporary file and reads them back in any order.

    Use as a context manager; the file is gone afterwards, also after a crash on POSIX systems.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = open_scratch(folder)
        except OSError as error:
            raise _problem(folder, error) from error
        self._folder = folder
        self._entries: list[_Entry] = []
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):  # a full disk again, for a file that nobody will read
            self._file.close()

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, taps: TapMaps) -> None:
        """Write one picture's maps; raises StorageError when the disk is full."""
        size = sum(m.nbytes for m in taps.maps)
        try:
            if shutil.disk_usage(self._folder).free < size + _MARGIN:
                raise OSError(errno.ENOSPC, "No space left on device")
            self._file.seek(self._end)
            for m in taps.maps:
                self._file.write(np.ascontiguousarray(m, np.float32).data)
        except OSError as error:
            raise _problem(self._folder, error) from error
        shapes = tuple((m.shape[0], m.shape[1], m.shape[2]) for m in taps.maps)
        self._entries.append(_Entry(self._end, shapes, taps.cells))
        self._end += size

    def read(self, index: int) -> TapMaps:
        """Read the maps of the ``index``-th picture appended."""
        entry = self._entries[index]
        maps = []
        try:
            self._file.seek(entry.offset)
            for shape in entry.shapes:
                array = np.empty(shape, np.float32)
                if self._file.readinto(array.data.cast("B")) != array.nbytes:
                    raise OSError(errno.EIO, "the temporary file is shorter than it was")
                maps.append(array)
        except OSError as error:
            raise _problem(self._folder, error) from error
        return TapMaps(tuple(maps), entry.cells)

    def cells(self, index: int) -> GridMasks | None:
        """Return which cells of the ``index``-th picture count, in which sense."""
        return self._entries[index].cells

    def counted(self, index: int) -> Bools | None:
        """Return which cells (h, w) of the ``index``-th picture count, ``None`` when all do."""
        cells = self._entries[index].cells
        return None if cells is None else cells.counted


def _problem(folder: Path, error: OSError) -> StorageError:
    if error.errno == errno.ENOSPC:
        return StorageError(
            say(
                "The disk is full: learning needs room for temporary files in {folder}. "
                "Free some space on that disk and learn again.",
                folder=folder,
            )
        )
    return StorageError(
        say(
            "Learning writes temporary files to {folder}, which is not possible ({reason}). "
            "Check the disk and your rights, or use another data folder.",
            folder=folder,
            reason=error.strerror or type(error).__name__,
        )
    )
