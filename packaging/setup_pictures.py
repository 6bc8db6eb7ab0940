"""Draw the pictures of the Windows setup: ``python packaging/setup_pictures.py FOLDER``.

``side.bmp`` stands beside its first and last page, ``header.bmp`` above the others. Of the size
NSIS shows them at 100 %: what it scales down, it scales without smoothing. The motif is the
program's: points of good parts, the ellipses of equal Mahalanobis distance around them, and one
point outside.
"""

from __future__ import annotations

import math
import os
import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

ROOT = Path(__file__).resolve().parents[1]
DRAWING = ROOT / "resources" / "icons" / "app.svg"
SIDE = (328, 628)
HEADER = (300, 114)
_FINE = 2
"""The drawings' units to a pixel."""
_TOP, _BOTTOM, _POINT, _OUTSIDE = "#1a63c6", "#0d356f", "#ffffff", "#ffb224"
_TURN = -32.0
_RINGS = ((46, 20), (86, 38), (128, 56))


def draw_side(painter: QPainter) -> None:
    """The side of the first and last page."""
    from PySide6.QtCore import QPointF, QRectF
    from PySide6.QtGui import QColor, QLinearGradient, QPen

    width, height = SIDE
    shade = QLinearGradient(0, 0, 0, height)
    shade.setColorAt(0, QColor(_TOP))
    shade.setColorAt(1, QColor(_BOTTOM))
    painter.fillRect(QRectF(0, 0, width, height), shade)
    painter.translate(width / 2, height * 0.42)
    painter.save()
    painter.rotate(_TURN)
    for number, (across, along) in enumerate(_RINGS):
        ring = QColor(_POINT)
        ring.setAlphaF(0.75 - 0.22 * number)
        painter.setPen(QPen(ring, 3))
        painter.drawEllipse(QPointF(0, 0), across, along)
    chance = random.Random(7)  # noqa: S311 - a drawing that is the same every time
    dot = QColor(_POINT)
    painter.setPen(dot)
    painter.setBrush(dot)
    for _ in range(40):
        far, angle = abs(chance.gauss(0, 0.42)), chance.uniform(0, 2 * math.pi)
        across, along = _RINGS[1]
        painter.drawEllipse(
            QPointF(far * across * math.cos(angle), far * along * math.sin(angle)), 2.4, 2.4
        )
    painter.restore()
    painter.setPen(QColor(_OUTSIDE))
    painter.setBrush(QColor(_OUTSIDE))
    painter.drawEllipse(QPointF(92, 96), 11, 11)


def draw_header(painter: QPainter) -> None:
    """The icon on white, at the right end of the other pages' head."""
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtSvg import QSvgRenderer

    width, height = HEADER
    painter.fillRect(QRectF(0, 0, width, height), Qt.GlobalColor.white)
    side = height - 28
    QSvgRenderer(str(DRAWING)).render(painter, QRectF(width - side - 16, 14, side, side))


PICTURES: Mapping[str, tuple[tuple[int, int], Callable[[QPainter], None]]] = {
    "side.bmp": (SIDE, draw_side),
    "header.bmp": (HEADER, draw_header),
}


def write(folder: Path) -> None:
    """Write the pictures. Raises RuntimeError when Qt cannot."""
    from PySide6.QtGui import QImage, QPainter

    folder.mkdir(parents=True, exist_ok=True)
    for name, (size, draw) in PICTURES.items():
        image = QImage(size[0] // _FINE, size[1] // _FINE, QImage.Format.Format_RGB888)
        painter = QPainter(image)
        painter.scale(1 / _FINE, 1 / _FINE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw(painter)
        painter.end()
        if not image.save(str(folder / name), "BMP"):  # type: ignore[call-overload]
            raise RuntimeError(f"Qt cannot write {folder / name}")


def main(words: list[str]) -> int:
    """Write the pictures into the folder that is named."""
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    _application = QGuiApplication(sys.argv[:1])
    write(Path(words[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
