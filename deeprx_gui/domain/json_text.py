"""JSON from files that others may have made: counted before it is parsed.

``json.loads`` keeps every other thread waiting while it works, and a few megabytes of brackets cost
it many seconds. Here size, depth and number of values are counted first, in steps that let others
work, and what is too much is refused before anything is built from it.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deeprx_gui.domain.message import Message, say

MEGABYTE: Final = 1 << 20
LONGEST_NUMBER: Final = 400
"""Characters; turning digits into a whole number takes time that grows with their square."""
_PIECE: Final = 1 << 18
_PLAIN: Final = 1 << 16
"""Bytes; a text that is not longer and not nested deeply is parsed in about a millisecond."""
_QUOTE: Final = 0x22
_OPENING, _CLOSING, _COMMA = b"[{", b"]}", 0x2C
_NUMBER: Final = b"0123456789+-.eE"


@dataclass(frozen=True)
class JsonLimits:
    """What a text may hold: ``bytes``, ``depth`` of nesting, ``values`` in lists and objects."""

    bytes: int = MEGABYTE
    depth: int = 32
    values: int = 50_000


SMALL_FILE: Final = JsonLimits()
"""Preferences, notes beside a file, a region: nobody writes more into them."""


class JsonError(ValueError):
    """The text is no JSON; ``message`` ends a sentence about the file."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class JsonTooMuchError(JsonError):
    """There is more in the text than its limits allow."""


def parse_json_text(
    data: bytes | str,
    limits: JsonLimits = SMALL_FILE,
    *,
    parse_constant: Callable[[str], object] | None = None,
    object_pairs_hook: Callable[[list[tuple[str, Any]]], object] = dict,
) -> Any:  # noqa: ANN401 - whatever the text says
    """Return what a JSON text says, in UTF-8 or in what Notepad may have saved it as.

    The hooks are those of ``json.loads``. Raises JsonError, and what a hook raises.
    """
    if len(data) > limits.bytes:
        raise too_long()
    text = data if isinstance(data, str) else _decoded(data)
    counted = data if isinstance(data, bytes) and _is_utf8(data) else text.encode(errors="replace")
    if counted.count(b"[") + counted.count(b"{") > limits.depth or len(counted) > _PLAIN:
        _count(counted, limits)
    try:
        return json.loads(
            text,
            parse_constant=parse_constant,
            parse_int=_whole,
            parse_float=_real,
            object_pairs_hook=object_pairs_hook,
        )
    except RecursionError as error:
        raise too_deep() from error
    except JsonError:
        raise
    except ValueError as error:
        raise unreadable() from error


def read_json_file(file: Path, limits: JsonLimits = SMALL_FILE) -> Any:  # noqa: ANN401 - as above
    """Return what a JSON file says. Raises OSError, and JsonError also for a pipe or a device."""
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise JsonError(say("it is not a file on a disk."))
    if status.st_size > limits.bytes:
        raise too_long()
    with file.open("rb") as stream:
        return parse_json_text(stream.read(limits.bytes + 1), limits)


def too_long() -> JsonTooMuchError:
    """The error for a text that is too large or has too many values."""
    return JsonTooMuchError(say("its text is too long."))


def too_deep() -> JsonTooMuchError:
    """The error for lists inside lists inside lists."""
    return JsonTooMuchError(say("its text is nested too deeply."))


def unreadable() -> JsonError:
    """The error for what is no JSON."""
    return JsonError(say("its text cannot be read."))


def _decoded(data: bytes) -> str:
    try:
        text = data.decode(json.detect_encoding(data))
    except ValueError as error:
        raise unreadable() from error
    return text.removeprefix("\ufeff")


def _is_utf8(data: bytes) -> bool:
    return json.detect_encoding(data).startswith("utf-8")


# Python functions on purpose: between two of them another thread may work.


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise too_long()
    return int(digits)


def _real(digits: str) -> float:
    if len(digits) > LONGEST_NUMBER:
        raise too_long()
    return float(digits)


def _count(data: bytes, limits: JsonLimits) -> None:
    """Raise JsonError for more depth or values than allowed, or a number nobody would write."""
    import numpy as np  # a start of the program reads small files only, and does without

    kinds = np.zeros(256, np.int8)  # what a byte outside of strings does to the depth
    kinds[list(_OPENING)], kinds[list(_CLOSING)] = 1, -1
    more = np.zeros(256, bool)  # what a new value or key stands behind
    more[[*_OPENING, _COMMA]] = True
    digits = np.zeros(256, bool)
    digits[list(_NUMBER)] = True
    depth = values = run = start = 0
    in_string = False
    while start < len(data):
        end = _end_of_piece(data, start)
        piece = np.frombuffer(_without_escapes(data[start:end]), np.uint8)
        quotes = np.cumsum(piece == _QUOTE, dtype=np.int32) + in_string
        outside = (quotes & 1) == 0
        in_string = not outside[-1]
        depths = np.cumsum(np.where(outside, kinds[piece], 0), dtype=np.int32) + depth
        depth = int(depths[-1])
        values += int(np.count_nonzero(outside & more[piece]))
        others = np.flatnonzero(~(outside & digits[piece]))
        longest = _longest_run(others, len(piece), run)
        run = len(piece) - 1 - int(others[-1]) if len(others) else run + len(piece)
        if depth > limits.depth or int(depths.max()) > limits.depth:
            raise too_deep()
        if values > limits.values or longest > LONGEST_NUMBER:
            raise too_long()
        start = end
    if in_string or depth:
        raise unreadable()


def _end_of_piece(data: bytes, start: int) -> int:
    """Return where the next piece ends: never between a backslash and what it escapes."""
    end = min(start + _PIECE, len(data))
    piece = data[start:end]
    backslashes = len(piece) - len(piece.rstrip(b"\\"))
    return min(end + backslashes % 2, len(data))


def _without_escapes(piece: bytes) -> bytes:
    """Return the piece with what could be mistaken for the end of a string taken out."""
    if b"\\" not in piece:
        return piece
    return piece.replace(b"\\\\", b"  ").replace(b'\\"', b"  ")


def _longest_run(others: Any, length: int, before: int) -> int:  # noqa: ANN401 - an index array
    """Return the longest row of number characters that ends or begins in this piece."""
    import numpy as np

    if not len(others):
        return before + length
    inside = int(np.diff(others).max(initial=1)) - 1
    return max(inside, before + int(others[0]), length - 1 - int(others[-1]))
