"""Result files in a folder: one JSON file for each part, or one file of JSON lines a day."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path

from deeprx_gui import atomic
from deeprx_gui.domain.field import Options
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.base import NumberedRecord
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.payload import to_json

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")


class FileReceiver:
    """Writes below one folder; a file has its name only when it is complete."""

    every = None
    present_only = False

    def __init__(self, folder: Path, *, daily: bool) -> None:
        """Nothing is made before ``open``."""
        self._folder = folder
        self._daily = daily

    def open(self) -> None:
        """Make the folder where it is missing. Raises StorageError."""
        with atomic.reporting(self._folder / "x"):
            self._folder.mkdir(parents=True, exist_ok=True)
        atomic.clean_leftovers(self._folder)

    def deliver(self, told: NumberedRecord) -> None:
        """Write one verdict and wait until it is on the disk. Raises StorageError."""
        record = told.record
        file = self._folder / (daily_name(record) if self._daily else part_name(record))
        if self._daily:
            atomic.append_line(file, to_json(record))
        else:
            atomic.write_over(file, to_json(record) + b"\n")

    def idle(self, *, running: bool) -> None:
        """Nothing is to be done regularly."""

    def notice(self) -> Message | None:
        """Nothing is ever out of the ordinary without an error."""
        return None

    def close(self) -> None:
        """Nothing is held."""

    def abort(self) -> None:
        """A disk that hangs cannot be hurried; the thread is left alone."""


def part_name(record: Record) -> str:
    """Return the file name of one part: time (UTC), verdict, uid; sorts by time."""
    when = record.when.astimezone(UTC)
    stamp = f"{when:%Y%m%dT%H%M%S}.{when.microsecond // 1000:03d}Z"
    return f"{stamp}_{record.verdict.value}_{_NOT_IN_NAMES.sub('-', record.uid)[:64]}.json"


def daily_name(record: Record) -> str:
    """Return the file name of the day, as the clock on the wall of the line has it."""
    return f"{record.when.astimezone():%Y-%m-%d}.jsonl"


def build(spec: OutputSpec, options: Options, commands: ReceiverCommands) -> FileReceiver:  # noqa: ARG001 - files ask for nothing
    """Build the receiver of a checked spec."""
    return FileReceiver(Path(spec.address), daily=options.text("write") == "day")
