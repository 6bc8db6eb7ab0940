"""What a watched folder holds now: names and stamps, 100,000 of them fast."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from deeprx_gui.capture.folder import (
    is_hidden,
    is_image_name,
    is_writable_name,
    left_out_suffix,
    why_left_out,
)
from deeprx_gui.capture.sources.file_stamp import FileStamp, stamp_from
from deeprx_gui.capture.sources.watched_files import RestingFiles
from deeprx_gui.domain.left_out import LeftOut, LeftOutReason
from deeprx_gui.domain.long_path import openable

_IN_TURN: Final = 8
"""Of very many judged files that stay, one in so many is asked for its stamp at a look."""
_TURN_WITHIN: Final = 0.05
"""Seconds of a look for that."""

Listed = tuple[str, FileStamp]


class FolderListing:
    """Lists one folder again and again; ``resting`` files only where they have changed.

    Names are seen at every look, so that a new file is never missed; what has left is taken out of
    ``resting``.
    """

    def __init__(self, resting: RestingFiles | None = None) -> None:
        self._resting = resting or RestingFiles()
        self._turns: dict[str, int] = {}

    def look(
        self, folder: Path, *, below: bool, leave_out: Path | None, left_out: list[LeftOut]
    ) -> list[Listed]:
        """List as ``list_pictures`` does."""
        found: list[Listed] = []
        waiting, seen = [folder], set[str]()
        while waiting:
            inside = waiting.pop()
            try:
                self._look_into(inside, found, waiting if below else None, left_out)
                seen.add(str(inside))
            except FileNotFoundError:
                if inside == folder:
                    raise
            except OSError as error:
                if inside == folder:
                    raise
                os.stat(openable(folder))  # noqa: PTH116 - the whole folder may be gone
                left_out.append(LeftOut(inside, why_left_out(error)))
            if leave_out in waiting:
                waiting.remove(leave_out)
        for name in self._resting.folders():
            if name not in seen:
                self._resting.gone(name, self._resting.in_folder(name))
        return found

    def _look_into(
        self, folder: Path, found: list[Listed], folders: list[Path] | None, left_out: list[LeftOut]
    ) -> None:
        """List one folder: one question to a network share for all of it on Windows."""
        here = str(folder)
        resting = self._resting.in_folder(here)
        with os.scandir(openable(folder)) as scan:
            entries = list(scan)
            awake = [e for e in entries if e.name not in resting] if resting else entries
            for entry in awake:
                listed = _sort(entry, here, folders, left_out)
                if listed is not None:
                    found.append(listed)
            if resting:
                self._ask_in_turn(here, entries, found, left_out)
        if len(entries) - len(awake) < len(resting):
            self._resting.gone(here, resting.difference(entry.name for entry in entries))

    def _ask_in_turn(
        self,
        folder: str,
        entries: list[os.DirEntry[str]],
        found: list[Listed],
        left_out: list[LeftOut],
    ) -> None:
        """Ask some of the resting files for their stamps, going on where the last look ended."""
        resting = self._resting.in_folder(folder)
        end = time.monotonic() + _TURN_WITHIN
        turn = self._turns.get(folder, 0) % len(entries)
        for entry in _round(entries, turn, -(-len(entries) // _IN_TURN)):
            turn += 1
            if entry.name in resting:
                listed = _sort(entry, folder, None, left_out)
                if listed is not None and not _same(self._resting.stamp_of(listed[0]), listed[1]):
                    found.append(listed)
            if time.monotonic() > end:
                break
        self._turns[folder] = turn


def list_pictures(
    folder: Path,
    *,
    below: bool,
    leave_out: Path | None,
    left_out: list[LeftOut] | None = None,
    listing: FolderListing | None = None,
) -> list[Listed]:
    """Return the pictures of a folder, by full name, with their stamps.

    Raises OSError when the folder is gone. ``below``: with the folders inside,
    ``leave_out`` excepted (where judged files are moved).
    What cannot be looked at and what is no picture by its name is added to ``left_out``.
    """
    aside: list[LeftOut] = [] if left_out is None else left_out
    return (listing or FolderListing()).look(
        folder, below=below, leave_out=leave_out, left_out=aside
    )


def _round(entries: list[os.DirEntry[str]], start: int, count: int) -> Iterable[os.DirEntry[str]]:
    over = max(0, start + count - len(entries))
    return entries[start : start + count] + entries[:over]


def _same(one: FileStamp, other: FileStamp) -> bool:
    return one == other and one.hint == other.hint


def _sort(
    entry: os.DirEntry[str], inside: str, folders: list[Path] | None, left_out: list[LeftOut]
) -> Listed | None:
    """Return a picture with its stamp; note what else is of interest.

    What vanishes while it is looked at is left out.
    """
    name = entry.name
    try:
        if entry.is_dir(follow_symlinks=False):
            if folders is not None and not is_hidden(name):
                folders.append(Path(inside, name))
        elif is_image_name(name):
            if is_writable_name(name):
                full = os.path.join(inside, name)  # noqa: PTH118 - joined 100,000 times
                return full, stamp_from(entry.stat())
            left_out.append(LeftOut(Path(inside, name), LeftOutReason.NAME))
        elif left_out_suffix(name) is not None:
            left_out.append(LeftOut(Path(inside, name), LeftOutReason.SUFFIX))
    except FileNotFoundError:
        return None
    except OSError as error:
        left_out.append(LeftOut(Path(inside, name), why_left_out(error)))
    return None
