"""What the open product can see: the smallest planted defects found, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, QSize, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limit_advice import step_words
from deeprx_gui.domain.limit_setters import StepCost
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.sees import HONESTLY, SEES_TITLE, SmallestSeen, seen_words
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import CardFrame, wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.refill import refill
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.qimage import fitted_pixmap, from_qimage

_WIDTH: Final = 640
_PICTURE: Final = 168


class SeenCard(CardFrame):
    """One kind of defect: what is seen of it, the picture, and the place magnified."""

    def __init__(
        self, seen: SmallestSeen, whole: ByteImage | None, detail: ByteImage | None
    ) -> None:
        super().__init__(margin=theme.M)
        self.words = wrapped("strong")
        self.pictures: tuple[QLabel, ...] = ()
        bind(self.words.setText, seen_words(seen))
        if whole is None or detail is None:
            self.body.addWidget(self.words)
            return
        row = QHBoxLayout()
        row.setSpacing(theme.L)
        titles = (
            (whole, say("The whole picture, framed")),
            (detail, say("The place, magnified")),
        )
        for pixels, title in titles:
            picture, below = QLabel(), wrapped("small")
            below.setFixedWidth(_PICTURE)
            picture.setPixmap(fitted_pixmap(pixels, _PICTURE, picture.devicePixelRatioF()))
            bind(picture.setAccessibleName, title)
            bind(below.setText, title)
            column = QVBoxLayout()
            column.setSpacing(theme.XS)
            column.addWidget(picture)
            column.addWidget(below)
            column.addStretch(1)
            row.addLayout(column)
            self.pictures = (*self.pictures, picture)
        row.addWidget(self.words, 1)
        self.body.addLayout(row)


class SeesSheet(Sheet):
    """Shows a run and its outcome; closing it lets the run go on.

    ``again`` looks again, ``strip`` stops the run. ``save_requested`` carries a ``Path`` and the
    picture.
    """

    save_requested = Signal(object, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.start_folder = Path.home()
        self.base_name = ""
        self.heading = theme.level(QLabel(), "heading")
        self.put_title(self.heading)
        self.report = QWidget()
        self.product = wrapped("strong")
        self.honestly = wrapped("hint")
        self.trouble = wrapped()
        self.step = wrapped()
        self.strip = JobStrip()
        self.cards: tuple[SeenCard, ...] = ()
        self.again, self.save = QPushButton(), QPushButton()
        self.save.setProperty("kind", "primary")
        theme.set_icon(self.again, "search")
        theme.set_icon(self.save, "export", "on_accent")
        self.save.clicked.connect(self._ask_where)
        self._lay_out()
        bind(self.heading.setText, SEES_TITLE)
        bind(self.honestly.setText, HONESTLY)
        bind(self.again.setText, say("Look again"))
        bind(self.save.setText, say("Save as a picture…"))

    def _lay_out(self) -> None:
        self._room = QVBoxLayout()
        self._room.setSpacing(theme.M)
        column = QVBoxLayout(self.report)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.product)
        column.addLayout(self._room)
        column.addWidget(self.step)
        column.addWidget(self.honestly)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addStretch(1)
        buttons.addWidget(self.again)
        buttons.addWidget(self.save)
        for widget in (self.report, self.trouble, self.strip):
            self.body.addWidget(widget)
        self.body.addLayout(buttons)

    # -- what the controller tells it -------------------------------------------------------

    def show_product(self, words: Message, base_name: str) -> None:
        """Say of which product and limit this is; ``base_name``: of the picture to be saved."""
        bind(self.product.setText, words)
        self.base_name = base_name

    def show_run(self, note: Message) -> None:
        """Show that it looks; what was shown before goes."""
        self._fill(())
        self.step.hide()
        self.trouble.hide()
        self.again.hide()
        self.save.hide()
        self.strip.start(note)

    def show_stopped(self, why: Message) -> None:
        """Say why there is nothing to show."""
        self.strip.finish()
        self._fill(())
        self.step.hide()
        bind(self.trouble.setText, why)
        self.trouble.show()
        self.save.hide()
        self.again.show()

    def show_seen(
        self,
        seen: Sequence[tuple[SmallestSeen, ByteImage | None, ByteImage | None]],
        step: StepCost | None,
    ) -> None:
        """Show the outcome: of each kind the words, the picture and the place magnified."""
        self.strip.finish()
        self.trouble.hide()
        self._fill([SeenCard(*each) for each in seen])
        self.step.setVisible(step is not None)
        bind(self.step.setText, "" if step is None else step_words(step))
        self.again.show()
        self.save.show()

    # -- inside -----------------------------------------------------------------------------

    def _fill(self, cards: Sequence[SeenCard]) -> None:
        self.cards = refill(self._room, self.cards, cards)

    @Slot()
    def _ask_where(self) -> None:
        dialog = QFileDialog(
            self, tr("Save the picture"), str(self.start_folder), tr("Picture (*.png)")
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.selectFile(f"{self.base_name}.png")
        dialog.finished.connect(dialog.deleteLater)
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    @Slot(str)
    def _chosen(self, name: str) -> None:
        self.start_folder = Path(name).parent
        self.save_requested.emit(Path(name), self.photograph())

    def photograph(self) -> ByteImage:
        """Return what is shown as a picture, with the honest sentence."""
        ratio, around = self.devicePixelRatioF(), 2 * theme.L
        size = self.report.size() + QSize(around, around)
        image = QImage(size * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor(theme.current_tokens().surface))
        painter = QPainter(image)
        self.report.render(
            painter,
            QPoint(theme.L, theme.L),
            QRegion(),
            QWidget.RenderFlag.DrawChildren,
        )
        painter.end()
        return from_qimage(image)
