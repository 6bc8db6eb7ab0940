"""Write a photograph of the window as a small PNG file."""

from __future__ import annotations

from pathlib import Path

WORST_ERROR = 12


def write_png(picture: object, file: Path) -> None:
    """Write with a palette where that is invisible: a third of the size."""
    import numpy as np
    from PIL import Image
    from PySide6.QtGui import QImage

    if not isinstance(picture, QImage):
        raise TypeError(type(picture))
    rgb = picture.convertToFormat(QImage.Format.Format_RGB888)
    raw = bytes(rgb.constBits())
    size = (rgb.width(), rgb.height())
    image = Image.frombuffer("RGB", size, raw, "raw", "RGB", rgb.bytesPerLine(), 1)
    small = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    pixels = np.asarray(image).astype(int)
    error = np.abs(pixels - np.asarray(small.convert("RGB"))).max(axis=2)
    coloured = pixels.max(axis=2) - pixels.min(axis=2) > 80
    worst = np.percentile(error[coloured], 99) if coloured.any() else 0
    # Colours of the heat scale must be the true ones; greys may be off by what nobody sees.
    (small if worst <= WORST_ERROR else image).save(file, optimize=True)
    print(f"{file.name}: {file.stat().st_size // 1024} KB")
