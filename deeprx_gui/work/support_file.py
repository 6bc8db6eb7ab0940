"""What goes to support when something does not work: one zip, without pictures or profiles."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from deeprx_gui.atomic import write_over

REPORT_NAME = "self-test.json"
_LOGS = ("*.log", "*.log.[0-9]*")
_MOST_BYTES = 20_000_000


def write_support_file(target: Path, *, logs: Path, report: Mapping[str, object]) -> Path:
    """Write ``target`` (a zip): the report of a self-test, with the versions, and the log files.

    Nothing else: no pictures, no profiles, no verdicts, no PIN. Of very long logs only the end is
    taken. Returns ``target``. Raises StorageError when it cannot be written.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(REPORT_NAME, json.dumps(report, ensure_ascii=False, indent=1))
        for file in sorted({f for pattern in _LOGS for f in logs.glob(pattern)}):
            archive.writestr(f"logs/{file.name}", _end_of(file))
    write_over(target, stream.getvalue())
    return target


def _end_of(file: Path) -> bytes:
    try:
        with file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - _MOST_BYTES))
            return log.read()
    except OSError as error:
        return f"cannot be read: {error}".encode()


def default_name(version: str, moment: str) -> str:
    """Return a file name that says what it is; ``moment``: sortable digits."""
    return f"DeepRX-support-{version}-{moment}.zip"
