"""Draw false calls realised over promised: a point for each set, detector and number of parts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

LEAST, MOST = 1 / 8, 8.0
_LEFT, _RIGHT, _TOP, _STEP, _WIDTH = 172, 28, 12, 24, 680
_FULL = 'fill="#1f5fa8"'
_RING = 'fill="#ffffff" stroke="#1f5fa8" stroke-width="1.5"'
_TICKS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def picture(
    rows: Sequence[tuple[str, Mapping[str, float], Mapping[str, float]]], title: str
) -> str:
    """Return an SVG of rows (name, alone, with shots); each maps sets to realised over promised.

    The scale is logarithmic, from an eighth to eight times; nothing above the limit stands at the
    left edge. Full points: each part once; rings: some parts shot several times.
    """
    bottom = _TOP + _STEP * len(rows)
    size = f'width="{_WIDTH}" height="{bottom + 66}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect {size} fill="#ffffff"/>',
        _band(0.5, 2.0, bottom, "#e8f1e8"),
        *(_tick(value, bottom) for value in _TICKS),
    ]
    for number, (name, alone, shots) in enumerate(rows):
        y = _TOP + _STEP * (number + 0.5)
        out.append(f'<text x="{_LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(name)}</text>')
        for ratios, lift, style in ((alone, -4, _FULL), (shots, 4, _RING)):
            out += [
                f'<circle cx="{_x(ratio):.1f}" cy="{y + lift:.1f}" r="4" {style}>'
                f"<title>{escape(data)}: {ratio:.2f}</title></circle>"
                for data, ratio in ratios.items()
            ]
    out.append(
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{bottom + 38}" text-anchor="middle">'
        f"{escape(title)}</text>"
    )
    for x, style, words in (
        (_LEFT + 40, _FULL, "each part once"),
        (_LEFT + 210, _RING, "every third part shot three times"),
    ):
        out.append(
            f'<circle cx="{x}" cy="{bottom + 54}" r="4" {style}/>'
            f'<text x="{x + 10}" y="{bottom + 58}">{words}</text>'
        )
    return "\n".join([*out, "</svg>"]) + "\n"


def _x(ratio: float) -> float:
    share = math.log(min(max(ratio, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _band(low: float, high: float, bottom: float, colour: str) -> str:
    return (
        f'<rect x="{_x(low):.1f}" y="{_TOP}" width="{_x(high) - _x(low):.1f}" '
        f'height="{bottom - _TOP}" fill="{colour}"/>'
    )


def _tick(value: float, bottom: float) -> str:
    x, colour = _x(value), "#404040" if value == 1 else "#c8c8c8"
    words = f"{value:g} ×" if value > LEAST else "none"
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}" stroke="{colour}"/>'
        f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{words}</text>'
    )
