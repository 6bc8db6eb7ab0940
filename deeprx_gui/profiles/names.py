"""Names for people, ids for folders: a profile's name never becomes a path inside the store."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Container

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.message import say

MOST_NAME = 100

# No vowels: an id is never a word, a device name of Windows (con, aux), or likely a product name.
_ID_LETTERS = "bcdfghjkmnpqrstvwxyz23456789"
_ID_LENGTH = 10
_ID = re.compile(f"[{_ID_LETTERS}]{{{_ID_LENGTH}}}", re.ASCII)
_NUMBERED = re.compile(r" \([0-9]+\)$")
_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE | re.ASCII)


def new_id() -> str:
    """A fresh id: ten lower-case letters and digits that are safe on every file system."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))


def is_id(text: str) -> bool:
    """Whether ``text`` has the shape of an id."""
    return _ID.fullmatch(text) is not None


def tidy_name(name: str) -> str:
    """``name`` as it is stored: NFC, no blanks at the ends. Raises ProfileError if unusable."""
    tidy = unicodedata.normalize("NFC", name).strip()
    if not tidy:
        raise ProfileError(say("A profile needs a name. Type one, for example the product number."))
    if len(tidy) > MOST_NAME:
        raise ProfileError(
            say(
                "The name is too long ({length} characters). Use at most {most}.",
                length=len(tidy),
                most=MOST_NAME,
            )
        )
    if not all(c.isprintable() or unicodedata.category(c) == "Zs" for c in tidy):
        raise ProfileError(
            say("The name contains characters that cannot be shown. Type it again without them.")
        )
    return tidy


def name_key(name: str) -> str:
    """Two names with the same key count as the same name: NFC, upper and lower case alike."""
    folded = unicodedata.normalize("NFC", name.strip()).casefold()
    return unicodedata.normalize("NFC", folded)


def free_name(name: str, taken: Container[str]) -> str:
    """``name``, or "name (2)", "name (3)" … until its key is not among the ``taken`` keys."""
    if name_key(name) not in taken:
        return name
    base, number = _NUMBERED.sub("", name), 2
    while True:
        ending = f" ({number})"
        candidate = base[: MOST_NAME - len(ending)].rstrip() + ending
        if name_key(candidate) not in taken:
            return candidate
        number += 1


def file_stem(name: str) -> str:
    """``name`` made fit for a file name on Windows and Linux (for exports)."""
    stem = _NOT_IN_FILE_NAMES.sub("_", name).strip(" .")
    return f"_{stem}" if not stem or _DEVICES.match(stem) else stem
