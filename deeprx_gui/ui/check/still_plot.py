"""A plot that pyqtgraph draws once, with marks over it that move 60 times a second."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from deeprx_gui.ui import theme
from deeprx_gui.ui.binding import Change, follow


class StillPlot(pg.PlotWidget):  # type: ignore[misc] # pyqtgraph publishes no types
    """Keeps a picture of its curves and axes; painting the moving parts costs well under 1 ms.

    Drawing the whole scene takes pyqtgraph 5 to 10 ms, most of a frame. Subclasses draw below and
    above the picture, call ``spoil`` when the picture itself is out of date, and
    ``viewport().update()`` when only their own marks moved.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self._still: QPixmap | None = None
        self._arriving = False
        super().__init__(parent, enableMenu=False)
        item = self.plotItem
        # pyqtgraph makes this menu even when told not to, and would leave it behind.
        item.ctrlMenu.setParent(self, item.ctrlMenu.windowFlags())
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.vb.setDefaultPadding(0.0)
        item.vb.disableAutoRange()
        # It paints every pixel: nothing below it has to be painted first.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        follow(self.take_colours, Change.THEME)

    def spoil(self) -> None:
        """Draw curves and axes anew at the next paint."""
        self._still = None
        self.viewport().update()

    def take_colours(self) -> None:
        """Take the theme's colours for the axes."""
        t = theme.current_tokens()
        for name in ("bottom", "left"):
            axis = self.plotItem.getAxis(name)
            axis.setPen(pg.mkPen(t.line_strong))
            axis.setTextPen(pg.mkPen(t.muted))
        self.spoil()

    def area(self) -> QRectF:
        """The rectangle between the axes, in pixels of the viewport."""
        box = self.plotItem.vb
        return QRectF(box.mapRectToScene(box.rect()))

    def place(self, x: float, y: float) -> QPointF:
        """Return where a point of the plot lies, in pixels of the viewport."""
        at: QPointF = self.plotItem.vb.mapViewToScene(QPointF(x, y))
        return at

    def value_at(self, x: float) -> float:
        """Return the plot's x at a pixel of the viewport."""
        return float(self.plotItem.vb.mapSceneToView(QPointF(x, 0.0)).x())

    def pen_width(self, pixels: float) -> float:
        """Return a width for pyqtgraph's pens, which count the screen's own pixels."""
        return float(pixels * self.devicePixelRatioF())

    def paint_below(self, painter: QPainter) -> None:
        """Draw what lies below curves and axes."""

    def paint_above(self, painter: QPainter) -> None:
        """Draw what lies above them."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the moving parts around the still picture."""
        ratio = self.devicePixelRatioF()
        if self._still is not None and self._still.devicePixelRatio() != ratio:
            self.take_colours()  # on another screen: pens are as wide as its pixels ask
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme.current_tokens().surface))
        if self._still is None and self._arriving:
            painter.end()
            return
        if self._still is None:
            self._still = self._drawn()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_below(painter)
        painter.drawPixmap(0, 0, self._still)
        self.paint_above(painter)
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        """Leave the drawing to the turn after the page has appeared, which has enough to do."""
        super().showEvent(event)
        if self._still is None:
            self._arriving = True
            QTimer.singleShot(0, self, self._arrived)

    @Slot()
    def _arrived(self) -> None:
        self._arriving = False
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew in the new size."""
        super().resizeEvent(event)
        self._still = None

    def _drawn(self) -> QPixmap:
        size, ratio = self.viewport().size(), self.devicePixelRatioF()
        still = QPixmap(size * ratio)
        still.setDevicePixelRatio(ratio)
        still.fill(Qt.GlobalColor.transparent)
        painter = QPainter(still)
        box = QRectF(QPointF(0, 0), size)
        self.scene().render(painter, box, box)
        painter.end()
        return still
