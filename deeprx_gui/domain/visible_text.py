r"""Text from outside made harmless for a screen: what would act on it is written as ``\u001b``.

File names, serial numbers and profiles may hold escape sequences, which a terminal obeys, and marks
that turn the direction of the text around them. Written in the form JSON has for them they can be
seen, told apart and searched, and in JSON they still mean the same.
"""

from __future__ import annotations

import re
from typing import Final

_DIRECTION: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL: Final = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{_DIRECTION}]")
_NOT_ONE_LINE: Final = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_DIRECTION}]")


def visible(text: str) -> str:
    """Return text whose only control characters are tabs and line feeds."""
    return _CONTROL.sub(_escaped, text)


def one_line(text: str) -> str:
    """Return text without any control character: a name can add no line to an answer."""
    return _NOT_ONE_LINE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
