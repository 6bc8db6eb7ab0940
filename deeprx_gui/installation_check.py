"""Installation check: compares all files with the list written by the build.

Names and sizes at every start (some milliseconds), contents in the self-test. A program that runs
from its source has no such list and nothing to check.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.message import Message, say

LIST_NAME = "shipped.json"
FORMAT = "deeprx-shipped"


@dataclass(frozen=True)
class InstalledFileList:
    """``files``: path inside the program's folder, with slashes -> (bytes, sha256)."""

    version: str
    files: Mapping[str, tuple[int, str]]


class DamagedListError(Exception):
    """The list itself cannot be read."""


def program_folder() -> Path | None:
    """Return the folder of the installed program, ``None`` when it runs from its source."""
    return Path(sys.executable).parent if getattr(sys, "frozen", False) else None


def read_list(folder: Path) -> InstalledFileList:
    """Read what the build wrote down. Raises DamagedListError."""
    try:
        document = json.loads((folder / LIST_NAME).read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise DamagedListError(LIST_NAME)
        files = {str(n): (int(size), str(sha)) for n, (size, sha) in document["files"].items()}
        return InstalledFileList(str(document["version"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedListError(str(error)) from error


def list_of(folder: Path, version: str) -> dict[str, object]:
    """Return the list of everything below ``folder`` but the list itself; for the build."""
    files = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = file.relative_to(folder).as_posix()
        if name != LIST_NAME:
            files[name] = [file.stat().st_size, sha256(file)]
    return {"format": FORMAT, "version": version, "files": files}


def missing_or_resized_file(folder: Path) -> Message | None:
    """Return which file is missing or has another size, ``None`` when all is well."""
    try:
        files = read_list(folder).files
    except DamagedListError:
        return _altered(LIST_NAME, folder)
    for name, (size, _) in files.items():
        try:
            found = (folder / name).stat().st_size
        except OSError:
            return _missing(name, folder)
        if found != size:
            return _altered(name, folder)
    return None


def altered_files(folder: Path) -> Iterator[Message | None]:
    """Yield for every file what is wrong with its contents, ``None`` where nothing is.

    Raises DamagedListError.
    """
    for name, (_, wanted) in read_list(folder).files.items():
        try:
            found = sha256(folder / name)
        except FileNotFoundError:
            yield _missing(name, folder)
        except OSError:
            yield _altered(name, folder)
        else:
            yield None if found == wanted else _altered(name, folder)


def sha256(file: Path) -> str:
    """Return the hash of a file's contents. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _missing(name: str, folder: Path) -> Message:
    return say(
        "This installation is damaged: the file {file} is missing in {folder}. Install the program "
        "again; profiles and results are kept.",
        file=name,
        folder=folder,
    )


def _altered(name: str, folder: Path) -> Message:
    return say(
        "This installation is damaged: the file {file} in {folder} is not the one that was "
        "installed. Install the program again; profiles and results are kept.",
        file=name,
        folder=folder,
    )
