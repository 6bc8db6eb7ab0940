"""Draw ``app.ico`` from ``resources/icons/app.svg``: ``python packaging/make_icon.py``.

Every size is drawn from the lines, none is scaled down from another; below 32 pixels the outer
ring, half transparent there, is left out and the rest drawn stronger, or it would be a blur.
"""

from __future__ import annotations

import os
import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DRAWING = ROOT / "resources" / "icons" / "app.svg"
TARGET = ROOT / "packaging" / "app.ico"
SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
_SMALL = 32
_OUTER_RING = re.compile(r'<ellipse [^>]*opacity="0.55"/>')


def drawing_for(size: int, svg: str) -> str:
    """Return the drawing as it is drawn at a size."""
    if size >= _SMALL:
        return svg
    plain = _OUTER_RING.sub("", svg)
    stronger = (
        ('rx="13.500" ry="5.600" stroke-width="3"', 'rx="20" ry="9" stroke-width="5"'),
        ('r="2.800"', 'r="5"'),
        ('cx="49" cy="44.500" r="4.600"', 'cx="52" cy="51" r="7.5"'),
        (
            '<rect x="2" y="2" width="60" height="60" rx="14"',
            '<rect width="64" height="64" rx="12"',
        ),
    )
    for before, after in stronger:
        plain = plain.replace(before, after)
    return plain


def png(size: int, svg: str) -> bytes:
    """Draw one size; PNG bytes."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer = QSvgRenderer(QByteArray(drawing_for(size, svg).encode()))
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]  # its stub wants bytes
        raise RuntimeError("Qt cannot write PNG")
    return bytes(buffer.data().data())


def icon(pictures: dict[int, bytes]) -> bytes:
    """Put PNG pictures by size into the ICO format."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    place = len(head) + 16 * len(pictures)
    entries = b""
    for size, data in pictures.items():
        side = size % 256  # 256 is written as 0
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(data), place)
        place += len(data)
    return head + entries + b"".join(pictures.values())


def main() -> int:
    """Write the icon."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    _application = QGuiApplication(sys.argv[:1])
    svg = DRAWING.read_text(encoding="utf-8")
    TARGET.write_bytes(icon({size: png(size, svg) for size in SIZES}))
    print(f"{TARGET}: {TARGET.stat().st_size} bytes, {len(SIZES)} sizes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
