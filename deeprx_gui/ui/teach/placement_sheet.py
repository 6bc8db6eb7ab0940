"""Where positioning found the part: to be looked at before the revision is put in use."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QWidget

from deeprx_gui.domain.arrays import ByteImage, Float64
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.qimage import to_qimage

_WIDTH: Final = 860
_PICTURE: Final = 176
_ROWS: Final = 2.2
"""So many rows of pictures are in sight at once: the cut one says that there are more."""


class PlacementSheet(Sheet):
    """``used``: the revision is good as it is. ``refused``: it is not, or nobody has decided.

    The button ``change`` leads to positioning; ``use`` puts the revision in use.
    """

    used = Signal()
    refused = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._asking = False
        self.heading, self.intro = wrapped("heading"), wrapped()
        self.list = QListWidget()
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.setIconSize(QSize(_PICTURE, _PICTURE))
        self.list.setGridSize(QSize(_PICTURE + theme.L, _PICTURE + 40))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setMinimumHeight(round(_ROWS * (_PICTURE + 40)))
        self.change, self.use = QPushButton(), QPushButton()
        self.change.setProperty("kind", "primary")
        self.change.clicked.connect(self._refuse)
        self.use.clicked.connect(self._use)
        self.put_title(self.heading)
        self.body.addWidget(self.intro)
        self.body.addWidget(self.list)
        self.put_foot(self.change, self.use)
        bind(
            self.intro.setText,
            say(
                "The new revision is not in use yet. Look at the outlines: solid where the part "
                "was found, dashed where the best match is too poor. Pictures with a dashed "
                "outline taught nothing, and parts that lie like this will be ERROR."
            ),
        )
        bind(self.change.setText, say("Change positioning"))
        bind(self.use.setText, say("Use it"))
        bind(self.list.setAccessibleName, say("Normal images with the outlines that were found"))

    def ask(self, misplaced: int, images: int) -> None:
        """Open without pictures; they come by ``add_picture``."""
        self._asking = True
        self.list.clear()
        bind(
            self.heading.setText,
            say("In {n} of {all} normal images the part was not found", n=misplaced, all=images),
        )
        self.open()
        self.change.setFocus()

    def add_picture(
        self, path: Path, pixels: ByteImage, outline: Float64, match: float, *, found: bool
    ) -> None:
        """Show one picture (h, w, 3) with its outline (4, 2) in shares; those not found first."""
        text = tr("{n} % · found", n=round(100 * match))
        if not found:
            text = tr("{n} % · not found", n=round(100 * match))
        item = QListWidgetItem(QIcon(self._drawn(pixels, outline, found=found)), text)
        item.setToolTip(path.name)
        item.setData(Qt.ItemDataRole.UserRole, found)
        before = sum(not self.list.item(n).data(Qt.ItemDataRole.UserRole) for n in self._numbers())
        self.list.insertItem(self.list.count() if found else before, item)

    def _numbers(self) -> range:
        return range(self.list.count())

    def _drawn(self, pixels: ByteImage, outline: Float64, *, found: bool) -> QPixmap:
        ratio = self.devicePixelRatioF()
        image = to_qimage(pixels).scaled(
            round(_PICTURE * ratio),
            round(_PICTURE * ratio),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        drawn = QPixmap.fromImage(image)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPolygonF(
            [QPointF(float(x) * drawn.width(), float(y) * drawn.height()) for x, y in outline]
        )
        tokens = theme.current_tokens()
        style = Qt.PenStyle.SolidLine if found else Qt.PenStyle.DashLine
        for colour, width in (("#000000", 4.0), (tokens.accent if found else "#ffb000", 2.0)):
            painter.setPen(QPen(QColor(colour), width * ratio, style))
            painter.drawPolygon(shape)
        painter.end()
        drawn.setDevicePixelRatio(ratio)
        return drawn

    def close_sheet(self) -> None:
        """Hide it; nothing is put in use."""
        self._end()
        self._refused(to_settings=False)

    def _end(self) -> None:
        super().close_sheet()

    def _refused(self, *, to_settings: bool) -> None:
        if self._asking:
            self._asking = False
            self.refused.emit(to_settings)

    @Slot()
    def _refuse(self) -> None:
        self._end()
        self._refused(to_settings=True)

    @Slot()
    def _use(self) -> None:
        self._end()
        if self._asking:
            self._asking = False
            self.used.emit()
