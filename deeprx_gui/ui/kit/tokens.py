"""Distances of the window, and its colours (``domain.colours``) as Qt wants them."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QGuiApplication, QPalette

from deeprx_gui.domain.colours import DARK, LIGHT, Tokens
from deeprx_gui.domain.verdict import Verdict

XS: Final = 4
S: Final = 8
M: Final = 12
L: Final = 16
XL: Final = 24
XXL: Final = 40
TOUCH: Final = 40
"""Least height and width of anything to press, in logical pixels."""
TOUCH_LARGE: Final = 64
"""The same for an operator, who may wear gloves."""
RADIUS: Final = 8


_known: dict[int, Tokens] = {}
"""The last palette that was asked about, by its number, and its colours."""


def current_tokens() -> Tokens:
    """Return the colours of the theme the program shows now."""
    palette = QGuiApplication.palette()
    key = palette.cacheKey()
    if key not in _known:  # every cell and chart asks at every paint
        _known.clear()
        dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
        _known[key] = DARK if dark else LIGHT
    return _known[key]


def verdict_colour(verdict: Verdict) -> QColor:
    """Return the colour of a verdict's word, icon and points on the current theme."""
    return QColor(getattr(current_tokens(), verdict.value.lower()))


def verdict_background(verdict: Verdict) -> QColor:
    """Return the soft background a verdict's word may stand on, on the current theme."""
    return QColor(getattr(current_tokens(), f"{verdict.value.lower()}_soft"))


VERDICT_ICONS: Final = {
    Verdict.OK: "verdict-ok",
    Verdict.REVIEW: "verdict-review",
    Verdict.NG: "verdict-ng",
    Verdict.ERROR: "verdict-error",
}
"""Icon names for ``theme.icon``: four different outlines, not one shape in four colours."""
