"""Corrections of a product, kept beside its revisions: pictures, and one file that says of each.

A picture is written before the file names it and deleted after the file no longer does; what is
left of a killed program is a picture nobody names, and goes with the next change.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from deeprx_gui.atomic import clean_leftovers, make_folder, write_over
from deeprx_gui.domain.corrections import (
    MOST_BYTES,
    MOST_LEARNT,
    MOST_MUST_FIND,
    MOST_PENDING,
    MOST_REMOVED,
    Correction,
    CorrectionBook,
    CorrectionKind,
    contradiction,
)
from deeprx_gui.domain.errors import DeepRxError, ProfileError
from deeprx_gui.domain.json_text import JsonError, read_json_file
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import MOST_TEXT, digest_of
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.profiles.folder import ProfileFolder
from deeprx_gui.profiles.untrusted_input import picture_suffix

FOLDER: Final = "corrections"
BOOK: Final = "book.json"
SCHEMA: Final = 1
_LISTS: Final = ("pending", "must_find", "learnt")
_MOST: Final = {"pending": MOST_PENDING, "must_find": MOST_MUST_FIND, "learnt": MOST_LEARNT}
_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
_FILE = re.compile(r"[0-9a-f]{24}(\.[a-z0-9]{1,5})?", re.ASCII)

_log = logging.getLogger(__name__)


class CorrectionStore:
    """What people said about pictures of each product; every method raises DeepRxError in words.

    ``find``: a profile's folder by its id or name; ``writing``: what is held while files change.
    """

    def __init__(
        self,
        find: Callable[[str], ProfileFolder],
        writing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._find, self._writing = find, writing

    def book(self, key: str) -> CorrectionBook:
        """Return all corrections of a product. Raises ProfileError when the file is damaged."""
        return read_book(self._find(key))

    def path_of(self, key: str, one: Correction) -> Path:
        """Return where a picture lies."""
        return self._find(key).path / FOLDER / one.file

    def add(
        self,
        key: str,
        kind: CorrectionKind,
        picture: bytes,
        *,
        name: str,
        who: str,
        uid: str = "",
    ) -> Correction:
        """Note what somebody says about a picture; saying it twice changes nothing.

        ``picture``: a whole picture file, at most ``MOST_BYTES``; ``name``: what it is called.
        """
        if len(picture) > MOST_BYTES:
            raise ProfileError(
                say(
                    "“{name}” is too large to be kept with the product ({mb} MB, at most {most}).",
                    name=name,
                    mb=round(len(picture) / 1e6),
                    most=round(MOST_BYTES / 1e6),
                )
            )
        digest = digest_of(picture)
        with self._changing(key) as (folder, before):
            book = without_unlearnt(folder, before, digest)
            known = next((o for o in book.every if o.id == digest and o.kind is kind), None)
            if known is not None:
                return known
            against = book.contradicted(digest, kind)
            if against is not None:
                raise ProfileError(contradiction(against, name))
            if len(book.pending) >= MOST_PENDING:
                raise ProfileError(
                    say(
                        "{n} corrections are waiting already, more are not kept. Apply them, or "
                        "take some back.",
                        n=len(book.pending),
                    )
                )
            now = datetime.now(UTC).astimezone()
            file = f"{digest}{picture_suffix(name)}"
            one = Correction(digest, kind, file, name[:MOST_TEXT], who[:MOST_TEXT], now, uid)
            keep_picture(folder, file, picture)
            write_book(folder, replace(book, pending=(*book.pending, one)))
            return one

    def take_back(self, key: str, ids: Collection[str]) -> CorrectionBook:
        """Drop pending corrections as if they had never been said; return what is left."""
        with self._changing(key) as (folder, book):
            left = tuple(one for one in book.pending if one.id not in ids)
            return write_book(folder, replace(book, pending=left))

    def remove_must_find(self, key: str, ids: Collection[str]) -> CorrectionBook:
        """Take pictures out of the must-find set; return what is left."""
        with self._changing(key) as (folder, book):
            left = tuple(one for one in book.must_find if one.id not in ids)
            gone = (one.id for one in book.must_find if one.id in ids)
            removed = tuple(dict.fromkeys((*book.removed, *gone)))
            return write_book(folder, replace(book, must_find=left, removed=removed))

    def applied(self, key: str, ids: Collection[str], revision: int) -> CorrectionBook:
        """Move pending corrections to where they count: the must-find set, or what was learnt.

        ``revision``: what learnt the good ones. Raises ProfileError where the must-find set is
        full; of what was learnt the oldest pictures make room.
        """
        with self._changing(key) as (folder, book):
            done = [one for one in book.pending if one.id in ids]
            bad = [one for one in done if one.kind is CorrectionKind.MISSED]
            good = [
                replace(one, revision=revision) for one in done if one.kind is CorrectionKind.WAS_OK
            ]
            check_room(book, bad)
            return write_book(
                folder,
                CorrectionBook(
                    tuple(one for one in book.pending if one.id not in ids),
                    (*book.must_find, *bad),
                    (*book.learnt, *good)[-MOST_LEARNT:],
                    book.removed,
                ),
            )

    @contextmanager
    def _changing(self, key: str) -> Iterator[tuple[ProfileFolder, CorrectionBook]]:
        with self._writing():
            folder = self._find(key)
            yield folder, read_book(folder)


def without_unlearnt(folder: ProfileFolder, book: CorrectionBook, id_: str) -> CorrectionBook:
    """Forget that a picture was learnt where the revision in use, an older one, has not."""
    found = next((one for one in book.learnt if one.id == id_), None)
    if found is None:
        return book
    try:
        normals = folder.head(folder.current()).profile.normals
    except DeepRxError:
        return book
    if any(Path(normal.source).name == found.file for normal in normals):
        return book
    return replace(book, learnt=tuple(one for one in book.learnt if one is not found))


def check_room(book: CorrectionBook, more: Collection[Correction]) -> None:
    """Raise ProfileError where so many more pictures do not fit into the must-find set."""
    if len(book.must_find) + len(more) > MOST_MUST_FIND:
        raise ProfileError(
            say(
                "The must-find set holds {n} pictures, at most {most} are kept. Remove some that "
                "show the same kind of defect first.",
                n=len(book.must_find),
                most=MOST_MUST_FIND,
            )
        )


def read_book(folder: ProfileFolder) -> CorrectionBook:
    """Read what was said about pictures of a product; nothing where nobody said anything.

    Raises ProfileError when the file cannot be read: what must be found is not known then.
    """
    file = folder.path / FOLDER / BOOK
    try:
        raw = read_json_file(file)
        return _parsed(raw)
    except FileNotFoundError:
        return CorrectionBook()
    except (OSError, JsonError, ValueError, TypeError, KeyError) as error:
        _log.warning("%s: %s", file, error)
        raise ProfileError(
            say(
                "The list of corrections of “{name}” cannot be read ({file}). Put a backup of the "
                "file there, or move it away: the must-find set is empty then.",
                name=folder.name(),
                file=str(file),
            )
        ) from error


def keep_picture(folder: ProfileFolder, file: str, picture: bytes) -> None:
    """Put a picture beside the list, which does not name it yet. Raises StorageError."""
    place = folder.path / FOLDER
    if not place.is_dir():
        with suppress(FileExistsError):
            make_folder(place)
    write_over(place / file, picture)


def write_book(folder: ProfileFolder, book: CorrectionBook) -> CorrectionBook:
    """Write the list, then delete pictures it no longer names. Callers hold the writer lock.

    What is in the must-find set does not count as removed; of removed ones the newest are kept.
    """
    here = {one.id for one in book.must_find}
    removed = tuple(id_ for id_ in book.removed if id_ not in here)[-MOST_REMOVED:]
    book = replace(book, removed=removed)
    place = folder.path / FOLDER
    if not place.is_dir():
        if not book.every:
            return book
        make_folder(place)
    lists = {name: [_raw(one) for one in getattr(book, name)] for name in _LISTS}
    raw = {"schema": SCHEMA, **lists, **({"removed": list(removed)} if removed else {})}
    text = json.dumps(raw, ensure_ascii=False, indent=1)
    write_over(place / BOOK, text.encode("utf-8", "backslashreplace"))
    clean_leftovers(place)
    named = {one.file for one in book.every}
    for path in place.iterdir():
        if _FILE.fullmatch(path.name) and path.name not in named:
            with suppress(OSError):  # held open on Windows: it goes next time
                path.unlink()
    return book


def _raw(one: Correction) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "file": one.file,
        "name": one.name,
        "who": one.who,
        "when": one.when.isoformat(timespec="seconds"),
        "uid": one.uid,
        "revision": one.revision,
    }


def _parsed(raw: Any) -> CorrectionBook:  # noqa: ANN401 - whatever a file holds
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        raise ValueError("another program's")
    lists = {}
    for name in _LISTS:
        entries = raw[name]
        if not isinstance(entries, list) or len(entries) > _MOST[name]:
            raise ValueError(name)
        lists[name] = tuple(_one(entry) for entry in entries)
    removed = raw.get("removed", [])  # written since there is one: older lists have none
    if not isinstance(removed, list) or len(removed) > MOST_REMOVED:
        raise ValueError("removed")
    if not all(isinstance(id_, str) and _ID.fullmatch(id_) for id_ in removed):
        raise ValueError("removed")
    return CorrectionBook(**lists, removed=tuple(removed))


def _one(raw: dict[str, Any]) -> Correction:
    texts = [raw[key] for key in ("id", "file", "name", "who", "uid")]
    if not all(isinstance(text, str) and len(text) <= MOST_TEXT for text in texts):
        raise ValueError("no text")
    if not _ID.fullmatch(raw["id"]) or not _FILE.fullmatch(raw["file"]):
        raise ValueError("no name of a picture of ours")
    when, revision = saved_time(raw["when"]), raw["revision"]
    if type(revision) is not int or revision < 0:
        raise ValueError("no revision")
    id_, file, name, who, uid = texts
    return Correction(id_, CorrectionKind(raw["kind"]), file, name, who, when, uid, revision)
