"""Colours of the window and of the reports, light and dark: the only place where they are written.

Verdict colours differ in lightness and in hue along the blue-orange axis, so they can be told apart
with any common colour blindness; a word and an icon always stand beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deeprx_gui.domain.scored import Label


@dataclass(frozen=True)
class Tokens:
    """Named colours of one theme as ``#rrggbb``; text colours reach 4.5 : 1 on the surfaces."""

    name: str
    window: str
    surface: str
    sunken: str
    hover: str
    line: str
    line_strong: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    on_accent: str
    ok: str
    ok_soft: str
    review: str
    review_soft: str
    ng: str
    ng_soft: str
    error: str
    error_soft: str


LIGHT: Final = Tokens(
    name="light",
    window="#f4f6f8",
    surface="#ffffff",
    sunken="#eceff3",
    hover="#e6ebf1",
    line="#d9dfe6",
    line_strong="#8b97a5",
    text="#16202b",
    muted="#546170",
    accent="#1a63c6",
    accent_hover="#1553a8",
    accent_text="#1a5dba",
    accent_soft="#e4eefb",
    on_accent="#ffffff",
    ok="#00706b",
    ok_soft="#dff3f0",
    review="#8a5900",
    review_soft="#fcefd6",
    ng="#b0123a",
    ng_soft="#fbe4e9",
    error="#6b4a9c",
    error_soft="#efe8f8",
)

DARK: Final = Tokens(
    name="dark",
    window="#12171d",
    surface="#1a2129",
    sunken="#0d1116",
    hover="#28323d",
    line="#2f3a46",
    line_strong="#6d7c8c",
    text="#e8edf2",
    muted="#a3b0bd",
    accent="#2f74d8",
    accent_hover="#3f84e6",
    accent_text="#82b4ff",
    accent_soft="#1d3350",
    on_accent="#ffffff",
    ok="#4fd1c0",
    ok_soft="#12332f",
    review="#f5b84a",
    review_soft="#3a2c10",
    ng="#ff8a7a",
    ng_soft="#45201c",
    error="#c3a6f2",
    error_soft="#2f2444",
)

LABEL_COLOURS: Final[Mapping[Label, str]] = {
    Label.GOOD: "ok",
    Label.BAD: "ng",
    Label.UNKNOWN: "line_strong",
}
"""The field of ``Tokens`` that draws parts a person has labelled."""


def contrast(foreground: str, background: str) -> float:
    """Return the contrast ratio of two colours, 1..21 (WCAG 2.1)."""

    def luminance(colour: str) -> float:
        channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    a, b = sorted((luminance(foreground), luminance(background)))
    return (b + 0.05) / (a + 0.05)
