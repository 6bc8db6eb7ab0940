"""HTML that cannot be broken by what stands in it: text is escaped unless it is ``Html``."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_VOID = frozenset({"meta", "img", "br", "rect", "line", "path", "circle"})
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Markup that is already safe; only ``tag``, ``join`` and literals of this package make it."""

    __slots__ = ()


Content = str | None | Iterable["Html | None"]
"""What may stand inside an element: text (escaped), ``Html``, nothing, or several ``Html``."""


def tag(name: str, /, *content: Content, **attributes: str | float | None) -> Html:
    """Return an element. Attributes: ``class_`` for ``class``, ``a_b`` for ``a-b``, None: left out.

    Raises TypeError when an element that cannot have content is given some.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        if content:
            raise TypeError(f"<{name}> has no content")
        return Html(f"<{name}{given}>" if name in ("meta", "img", "br") else f"<{name}{given}/>")
    return Html(f"<{name}{given}>{join(*content)}</{name}>")


def join(*content: Content) -> Html:
    """Return the contents one after the other."""
    return Html("".join(_inside(part) for part in content))


def _inside(part: Content) -> str:
    if part is None:
        return ""
    if isinstance(part, Html):
        return part
    if isinstance(part, str):
        return _escaped(part)
    return "".join(item for item in part if item is not None)


def _escaped(text: str) -> str:
    """Escape text; characters that HTML cannot hold become the replacement character."""
    return html.escape(_CONTROL.sub("�", text), quote=True)


def _plain(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
