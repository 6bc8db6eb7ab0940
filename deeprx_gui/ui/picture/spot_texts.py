"""Where the texts of hot spots stand, so that none covers another: pure geometry, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

_GAP: Final = 3.0
_APART: Final = 2.0
_MATTERS: Final = 100.0
"""A pixel of another text counts so many times one of a ring."""


def text_plates(
    spots: Sequence[tuple[QPointF, QSizeF]], picture: QRectF, radius: float
) -> list[QRectF]:
    """Return where each text stands, relative to its spot; an empty one where there is no text.

    ``spots``: place and size of the text of each, most important first; ``radius`` of the ring
    around a place. A text stands at the right of its ring, else at the left, below or above it or
    at a corner, else a line or two higher or lower: the first place inside ``picture`` that is
    clear of all rings and of the texts before it, or, in a crowd, the one that covers least.
    """
    rings = [_around(at, radius) for at, _ in spots]
    placed: list[QRectF] = []
    plates: list[QRectF] = []
    for number, (at, size) in enumerate(spots):
        if size.isEmpty():
            plates.append(QRectF())
            continue
        others = [ring for other, ring in enumerate(rings) if other != number]
        best, least = QRectF(), float("inf")
        for plate in _candidates(size, radius):
            here = plate.translated(at)
            covered = _MATTERS * _met(here, placed) + _met(here, others) + _outside(here, picture)
            if covered < least:
                best, least = plate, covered
            if not covered:
                break
        plates.append(best)
        placed.append(best.translated(at))
    return plates


def _candidates(size: QSizeF, radius: float) -> list[QRectF]:
    """Return the places around a ring, the best first."""
    width, height = size.width(), size.height()
    right, left, middle = radius + _GAP, -radius - _GAP - width, -width / 2
    below, above, beside = radius + _GAP, -radius - _GAP - height, -height / 2
    corners = product((right - radius / 2, left + radius / 2), (below - radius, above + radius))
    lines = [beside + step * (height + 2 * _APART) for step in (-1, 1, -2, 2, -3, 3)]
    stacked = product((right, left), lines)
    found = ((right, beside), (left, beside), (middle, below), (middle, above), *corners, *stacked)
    return [QRectF(x, y, width, height) for x, y in found]


def _met(plate: QRectF, others: Sequence[QRectF]) -> float:
    """Return the pixels of others that a plate would cover."""
    room = plate.adjusted(-_APART, -_APART, _APART, _APART)
    return sum(_area(room.intersected(other)) for other in others if room.intersects(other))


def _outside(plate: QRectF, picture: QRectF) -> float:
    """Return the pixels of a plate that lie outside the picture."""
    return _area(plate) - _area(plate.intersected(picture))


def _around(at: QPointF, radius: float) -> QRectF:
    return QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)


def _area(rect: QRectF) -> float:
    return rect.width() * rect.height() if rect.isValid() else 0.0
