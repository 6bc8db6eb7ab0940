"""Limits and checks for profile files from untrusted sources.

A file from another PC is treated as if an attacker had made it: nothing is believed before it is
checked, and what a check costs is bounded: by the size of the file, and for pictures by their
pixels, which their heads say before anything is unpacked.
"""

from __future__ import annotations

import math
import re
import stat
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, NoReturn

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.json_text import (
    MEGABYTE,
    JsonError,
    JsonLimits,
    JsonTooMuchError,
    parse_json_text,
)
from deeprx_gui.domain.message import Message, say

Raw = dict[str, Any]
"""A JSON object; the values are Any because nothing about them has been validated yet."""

MOST_FILE_BYTES = 1024 * MEGABYTE
_MOST_DOCUMENT_BYTES = 32 * MEGABYTE
JSON_LIMITS = JsonLimits(bytes=12 * MEGABYTE, depth=32, values=150_000)
"""Fifty thousand normal images fit in; parsing so much keeps nobody waiting."""
MOST_GOLDEN = 64
MOST_REVISIONS = 10**9
"""Of one product."""
MOST_PICTURE_PIXELS = 16 * MEGABYTE
MOST_PIXELS_TOGETHER = 64 * MEGABYTE
MOST_SAMPLE_PIXELS = 32 * MEGABYTE
MOST_SAMPLE_PIXELS_TOGETHER = 256 * MEGABYTE
"""Of limit samples: kept as they came from the camera, and decoded one at a time."""

PROFILE = "profile.json"
STATISTICS = "statistics.safetensors"
THUMBNAIL = "thumbnail.png"
REFERENCE = "reference.png"
GOLDEN = re.compile(r"golden/[0-9]{2}\.png", re.ASCII)
LIMIT_SAMPLE = re.compile(r"limit_samples/[0-9]{2}\.png", re.ASCII)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}", re.ASCII)
MUST_FIND = re.compile(r"must_find/[0-9]{3}(\.[a-z0-9]{1,5})?", re.ASCII)


def golden_member(index: int) -> str:
    """The name of the ``index``-th golden picture inside the file (from 0)."""
    return f"golden/{index:02d}.png"


def limit_sample_member(index: int) -> str:
    """The name of the ``index``-th limit sample inside the file (from 0)."""
    return f"limit_samples/{index:02d}.png"


def must_find_member(index: int, name: str) -> str:
    """The name of the ``index``-th must-find picture inside the file (from 0).

    It ends as ``name`` does, what people call the picture.
    """
    return f"must_find/{index:03d}{picture_suffix(name)}"


def picture_suffix(name: str) -> str:
    """How a file of this name ends (".png"), empty where that is nothing a picture's name has."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def is_picture(name: str) -> bool:
    """Whether a part's name is that of a numbered picture."""
    known = (GOLDEN, LIMIT_SAMPLE, MUST_FIND)
    return any(pattern.fullmatch(name) is not None for pattern in known)


def unsafe(reason: Message) -> ProfileError:
    """The error for a file that no honest program wrote."""
    return ProfileError(say("The file is not safe to open: {reason}", reason=reason))


def shown(name: str) -> str:
    """A name from a foreign file, safe to put on a screen: printable and short."""
    clean = "".join(c if c.isprintable() else "\ufffd" for c in name)
    return clean if len(clean) <= 60 else clean[:57] + "…"


def check_members(members: Sequence[zipfile.ZipInfo], file_bytes: int) -> None:
    """Refuse parts that are unknown, doubled, packed, encrypted, links, or larger than the file."""
    names = set[str]()
    for member in members:
        name = member.filename
        if name in names:
            raise unsafe(say("the part “{name}” is in it twice.", name=shown(name)))
        names.add(name)
        _check_member(member)
    inside = all(0 <= member.header_offset < file_bytes for member in members)
    if not inside or sum(member.file_size for member in members) > file_bytes:
        raise unsafe(say("it claims to hold more than its own size."))
    for needed in (PROFILE, STATISTICS):
        if needed not in names:
            raise ProfileError(say("The part “{name}” is missing in the file.", name=needed))


def _check_member(member: zipfile.ZipInfo) -> None:
    # The raw name: zipfile cuts at a zero byte and turns "\" into "/" on Windows.
    name = member.orig_filename
    known = name in {PROFILE, STATISTICS, THUMBNAIL, REFERENCE} or is_picture(name)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if not known or kind not in {0, stat.S_IFREG}:
        raise unsafe(say("the part “{name}” does not belong into a profile.", name=shown(name)))
    packed = member.compress_type != zipfile.ZIP_STORED
    if packed or member.flag_bits & 0x1 or member.compress_size != member.file_size:
        raise unsafe(say("the part “{name}” is packed or locked.", name=shown(name)))
    most = _MOST_DOCUMENT_BYTES if name == PROFILE else MOST_FILE_BYTES
    if member.file_size > most:
        raise unsafe(
            say(
                "the part “{name}” is larger than {megabytes} MB.",
                name=shown(name),
                megabytes=most // MEGABYTE,
            )
        )


def parse_json(data: bytes) -> Raw:
    """Parse one JSON object: no NaN, no doubled keys, bounded depth and size, clean text.

    Raises ProfileError.
    """
    try:
        text = data.decode("utf-8")
        raw = parse_json_text(
            text, JSON_LIMITS, parse_constant=_no_constant, object_pairs_hook=_no_doubles
        )
    except JsonTooMuchError as error:
        raise unsafe(error.message) from error
    except (JsonError, UnicodeDecodeError) as error:
        raise ProfileError(say("The text inside the file cannot be read.")) from error
    if not isinstance(raw, dict):
        raise ProfileError(say("The text inside the file cannot be read."))
    # Only an escape can smuggle in half a character: the decoder above lets none through.
    _check_values(raw, escapes="\\u" in text)
    return raw


def _no_constant(_name: str) -> NoReturn:
    raise unsafe(say("it contains a number that is not finite."))


def _no_doubles(pairs: list[tuple[str, object]]) -> Raw:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise unsafe(say("its text says the same thing twice."))
    return found


def _check_values(raw: Raw, *, escapes: bool) -> None:
    """Walk without recursion: finite numbers, text that is valid Unicode."""
    todo: list[Raw | list[Any]] = [raw]
    while todo:
        group = todo.pop()
        if escapes:
            _check_texts(group)
        for value in group.values() if isinstance(group, dict) else group:
            if isinstance(value, dict | list):
                todo.append(value)
            else:
                _check_number(value)


def _check_number(value: object) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise unsafe(say("it contains a number that is not finite."))
    if isinstance(value, int) and abs(value) >= 2**63:
        raise unsafe(say("it contains a number that is far too large."))


def _check_texts(group: Raw | list[Any]) -> None:
    texts = [*group, *group.values()] if isinstance(group, dict) else group
    try:
        for text in texts:
            if isinstance(text, str):
                text.encode("utf-8")
    except UnicodeEncodeError:
        raise unsafe(say("it contains text that is not valid.")) from None
