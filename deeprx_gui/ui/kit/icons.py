"""Our own icons: one SVG each, drawn in one colour, recoloured to the theme."""

from __future__ import annotations

from functools import lru_cache, partial
from weakref import ref

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel

from deeprx_gui.paths import resources_dir
from deeprx_gui.ui.kit.binding import Change, bind_value
from deeprx_gui.ui.kit.tokens import current_tokens

_SIZES = (16, 24)
_RATIOS = (1.0, 2.0)


def icon(name: str, role: str = "text") -> QIcon:
    """Return ``resources/icons/<name>.svg`` in the colour ``role`` names (a field of ``Tokens``).

    Raises FileNotFoundError for an unknown name. The colours are those of the theme at the time of
    the call; use ``set_icon`` for what must follow a change of theme.
    """
    tokens = current_tokens()
    made = QIcon()
    faded = QColor(tokens.muted)
    faded.setAlphaF(0.45)
    for mode, ink in (
        (QIcon.Mode.Normal, getattr(tokens, role)),
        (QIcon.Mode.Disabled, faded.name(QColor.NameFormat.HexArgb)),
    ):
        for size in _SIZES:
            for ratio in _RATIOS:
                made.addPixmap(pixmap(name, ink, size, ratio), mode)
    return made


def app_icon() -> QIcon:
    """Return the program's own icon, in its own colours, for windows and task bars."""
    made = QIcon()
    for size in (16, 32, 48, 64, 128, 256):
        made.addPixmap(pixmap("app", "#000000", size))
    return made


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a square of ``size`` logical pixels for a screen scaled by ``ratio``."""
    key = f"deeprx/{name}/{colour}/{size}/{ratio}"
    made = QPixmap()
    if QPixmapCache.find(key, made):
        return made
    side = round(size * ratio)
    made = QPixmap(QSize(side, side))
    made.fill(Qt.GlobalColor.transparent)
    ink = QColor(colour)
    source = _source(name).replace("currentColor", ink.name())
    painter = QPainter(made)
    painter.setOpacity(ink.alphaF())
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    made.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, made)
    return made


def set_icon(target: QAbstractButton | QAction, name: str, role: str = "text") -> None:
    """Give a button or action an icon that follows the theme."""
    bind_value(target.setIcon, partial(icon, name, role), Change.THEME)


def set_pixmap(label: QLabel, name: str, role: str, size: int) -> None:
    """Show an icon of ``size`` logical pixels that follows the theme; ``role`` as for ``icon``."""
    bind_value(label.setPixmap, partial(_picture, ref(label), name, role, size), Change.THEME)


def _picture(label: ref[QLabel], name: str, role: str, size: int) -> QPixmap:
    shown = label()
    ratio = 1.0 if shown is None else shown.devicePixelRatioF()
    return pixmap(name, getattr(current_tokens(), role), size, ratio)


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return (resources_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
