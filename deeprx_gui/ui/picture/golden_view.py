"""The closest normal image, at the same place and zoom as the picture beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSizeF
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.image_similarity import most_similar, signature
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import GoldenImage
from deeprx_gui.i18n import tr
from deeprx_gui.state.result_columns import score_text
from deeprx_gui.ui.picture.picture_view import PictureView

_SAME_SHAPE = 0.03


class GoldenView(PictureView):
    """Shows the golden image of the profile that looks most like a picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._golden: tuple[GoldenImage, ...] = ()
        self._looks: list[Float32] | None = None
        self._shown: GoldenImage | None = None
        self._caption = QLabel(self)
        self._caption.setStyleSheet(
            "background: rgba(0, 0, 0, 170); color: white; border-radius: 5px; padding: 4px 8px;"
        )
        self._caption.move(QPoint(8, 8))

    @property
    def shown(self) -> GoldenImage | None:
        return self._shown

    def use(self, golden: Sequence[GoldenImage]) -> None:
        """Set the golden images to choose from."""
        self._golden = tuple(golden)
        self._looks = None  # with the first picture: a profile opens without a hitch
        self._shown = None
        self.show_picture(None)

    def find_for(self, pixels: ByteImage) -> None:
        """Show the normal image closest to a picture, stretched to its size."""
        if self._looks is None:
            self._looks = [signature(image.pixels) for image in self._golden]
        found = most_similar(signature(pixels), self._looks)
        if found is None:
            return
        self._shown = self._golden[found]
        height, width = pixels.shape[:2]
        own = self._shown.pixels.shape
        same = abs(own[1] / own[0] / (width / height) - 1) < _SAME_SHAPE
        tall = height if same else width * own[0] / own[1]
        self.show_picture(self._shown.pixels, QSizeF(width, tall))

    def caption(self, limits: Limits | None) -> None:
        """Name the image and its score in the current language."""
        golden = self._shown
        if golden is None:
            text = tr("This profile keeps no normal images.")
        else:
            times = score_text(golden.score, limits)
            text = tr("Closest normal image, {times} × limit", times=times)
        if text != self._caption.text():
            self._caption.setText(text)
            self._caption.setToolTip("" if golden is None else golden.name)
            self._fit_caption()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_caption()

    def _fit_caption(self) -> None:
        self._caption.adjustSize()
        self._caption.resize(min(self._caption.width(), self.width() - 16), self._caption.height())
