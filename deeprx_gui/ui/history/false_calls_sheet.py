"""Where on the part false calls gather, and what ignoring such an area would change."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.false_call_map import Area, FalseCallMap, IgnoreOutcome
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.view import Shape
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.qimage import to_qimage

_WIDTH: Final = 860
_SIDE: Final = 420
_SMALL: Final = 84
_MOST_LOST: Final = 4


class AreaPicture(QWidget):
    """The product's picture, coloured where false calls lie, its areas framed and numbered.

    ``picked`` carries the number of an area that was clicked, from 0.
    """

    picked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._pixmap: QPixmap | None = None
        self._areas: tuple[Area, ...] = ()
        self._chosen = -1
        self.setFixedSize(_SIDE, _SIDE)

    def show_map(self, gathered: FalseCallMap) -> None:
        """Show a map; no area is chosen."""
        self._areas, self._chosen = gathered.areas, -1
        self._pixmap = QPixmap.fromImage(to_qimage(_coloured(gathered)))
        height, width = gathered.picture.shape[:2]
        factor = _SIDE / max(height, width)
        self.setFixedSize(QSize(round(width * factor), round(height * factor)))
        self.update()

    def choose(self, number: int) -> None:
        """Frame one area more strongly than the others."""
        self._chosen = number
        self.update()

    def _place(self, area: Area) -> QRectF:
        left, top, right, bottom = area.box
        width, height = self.width(), self.height()
        return QRectF(left * width, top * height, (right - left) * width, (bottom - top) * height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._pixmap is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(self.rect(), self._pixmap)
        for number, area in enumerate(self._areas):
            chosen = number == self._chosen
            place = self._place(area).adjusted(1, 1, -1, -1)
            for colour, width in ((QColor("black"), 5 if chosen else 3),
                                  (QColor("white"), 3 if chosen else 1)):  # fmt: skip
                painter.setPen(QPen(colour, width))
                painter.drawRect(place)
            label = QRectF(place.left() + 2, place.top() + 2, 20, 18)
            painter.fillRect(label, QColor("black"))
            painter.setPen(QColor("white"))
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(number + 1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the area that was clicked."""
        for number, area in enumerate(self._areas):
            if self._place(area).contains(event.position()):
                self.picked.emit(number)
                return


class FalseCallsSheet(Sheet):
    """Shows a run and its outcome.

    ``ignore_wanted`` carries the ``Shape`` of the area to ignore; ``closed``: nobody waits.
    """

    ignore_wanted = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._map: FalseCallMap | None = None
        self._chosen = -1
        self.heading = theme.level(QLabel(), "heading")
        self.put_title(self.heading)
        self.strip, self.trouble = JobStrip(), wrapped()
        self.picture = AreaPicture()
        self.counted, self.words, self.lost_words = wrapped("hint"), wrapped(), wrapped("strong")
        self.statistics = wrapped("hint")
        self.areas = QButtonGroup(self)
        self.ignore = QPushButton()
        self.ignore.setProperty("kind", "primary")
        self.report = QWidget()
        self._lay_out()
        self.areas.idClicked.connect(self.choose)
        self.picture.picked.connect(self.choose)
        self.ignore.clicked.connect(self._ignore)
        self.strip.cancel_requested.connect(self.close_sheet)
        bind(self.heading.setText, say("Where false calls gather"))
        bind(self.ignore.setText, say("Ignore this area…"))
        bind(
            self.statistics.setText,
            say(
                "Counted with today's statistics and limit. The next revision is learnt without "
                "the area; until then nothing changes, and it can be undone."
            ),
        )

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.report)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        left = QVBoxLayout()
        left.addWidget(self.picture)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(theme.S)
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(theme.XS)
        self._lost = QHBoxLayout()
        self._lost.setSpacing(theme.XS)
        right.addWidget(self.counted)
        right.addLayout(self._buttons)
        right.addWidget(self.words)
        right.addWidget(self.lost_words)
        right.addLayout(self._lost)
        right.addWidget(self.statistics)
        right.addStretch(1)
        right.addWidget(self.ignore)
        row.addLayout(left)
        row.addLayout(right, 1)
        self.report.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for widget in (self.strip, self.trouble, self.report):
            self.body.addWidget(widget)

    # -- what the controller tells it -------------------------------------------------------

    def show_run(self) -> None:
        """Show that it looks."""
        self.report.hide()
        self.trouble.hide()
        self.strip.start(say("Getting ready…"))

    def show_trouble(self, why: Message) -> None:
        """Say why there is nothing to show."""
        self.strip.finish()
        self.report.hide()
        bind(self.trouble.setText, why)
        self.trouble.show()

    def show_map(self, gathered: FalseCallMap) -> None:
        """Show where they lie; the fullest area is chosen."""
        self.strip.finish()
        self.trouble.hide()
        self._map = gathered
        self.picture.show_map(gathered)
        bind(self.counted.setText, _counted(gathered))
        for button in self.areas.buttons():
            self.areas.removeButton(button)
            button.deleteLater()
        for number, area in enumerate(gathered.areas):
            button = QPushButton()
            button.setCheckable(True)
            bind(
                button.setText,
                say(
                    "Area {n}: {calls} of {all} false calls",
                    n=number + 1,
                    calls=area.calls,
                    all=len(gathered.calls),
                ),
            )
            self.areas.addButton(button, number)
            self._buttons.addWidget(button)
        self.report.show()
        if gathered.areas:
            self.areas.button(0).setChecked(True)
            self.choose(0)
        else:
            self._show_outcome(None)

    # -- inside -----------------------------------------------------------------------------

    @Slot(int)
    def choose(self, number: int) -> None:
        """Show what ignoring an area would change."""
        if self._map is None:
            return
        self._chosen = number
        self.areas.button(number).setChecked(True)
        self.picture.choose(number)
        self._show_outcome(self._map.without(self._map.areas[number]))

    def _show_outcome(self, outcome: IgnoreOutcome | None) -> None:
        for widget in (self.ignore, self.lost_words, self.statistics):
            widget.setVisible(outcome is not None)
        while self._lost.count():
            gone = self._lost.takeAt(0).widget()
            if gone is not None:
                gone.deleteLater()
        if outcome is None:
            bind(self.words.setText, say("They do not gather anywhere: each lies elsewhere."))
            return
        bind(
            self.words.setText,
            say(
                "Without this area {saved} of these {calls} false calls would have been OK.",
                saved=outcome.saved,
                calls=outcome.calls,
            ),
        )
        bind(self.lost_words.setText, _lost_words(outcome))
        for part in outcome.lost[:_MOST_LOST]:
            picture = QLabel()
            pixmap = QPixmap.fromImage(to_qimage(part.small)).scaled(
                _SMALL,
                _SMALL,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            picture.setPixmap(pixmap)
            picture.setToolTip(one_line(part.name))
            picture.setAccessibleName(one_line(part.name))
            self._lost.addWidget(picture)
        self._lost.addStretch(1)

    @Slot()
    def _ignore(self) -> None:
        if self._map is not None and self._chosen >= 0:
            shape: Shape = self._map.shape(self._map.areas[self._chosen])
            self.close_sheet()
            self.ignore_wanted.emit(shape)

    def close_sheet(self) -> None:
        """Hide it; who looks may stop."""
        super().close_sheet()
        self.closed.emit()


def _counted(gathered: FalseCallMap) -> Message:
    first = say_n(
        "{n} false call was scored again with the newest revision.",
        "{n} false calls were scored again with the newest revision.",
        n=len(gathered.calls) + gathered.quiet,
    )
    rest = []
    if gathered.quiet:
        rest.append(
            say_n("{n} is OK with it.", "{n} are OK with it.", n=gathered.quiet),
        )
    if gathered.absent:
        rest.append(
            say_n("{n} has no kept picture.", "{n} have no kept picture.", n=gathered.absent)
        )
    for words in rest:
        first = say("{first} {second}", first=first, second=words)
    return first


def _lost_words(outcome: IgnoreOutcome) -> Message:
    if not outcome.stopped:
        return say(
            "No bad part is known, so nobody can say what would be missed. Score bad parts on "
            "Check, or decide them NG here, first."
        )
    if not outcome.lost:
        return say_n(
            "The known bad part would still be stopped.",
            "All {n} known bad parts would still be stopped.",
            n=outcome.stopped,
        )
    return say_n(
        "{n} of {all} known bad parts would pass:",
        "{n} of {all} known bad parts would pass:",
        n=len(outcome.lost),
        all=outcome.stopped,
    )


def _coloured(gathered: FalseCallMap) -> ByteImage:
    """Return the picture in grey, red where false calls lie."""
    picture = gathered.picture
    height, width = picture.shape[:2]
    rows = (np.arange(height) * gathered.counts.shape[0] // height)[:, None]
    columns = (np.arange(width) * gathered.counts.shape[1] // width)[None, :]
    share = gathered.counts[rows, columns] / max(1.0, float(gathered.counts.max()))
    grey = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    red = np.array([226.0, 40.0, 32.0])
    opacity = (0.75 * share)[:, :, None]
    mixed = (1 - opacity) * grey + opacity * red
    return np.ascontiguousarray(mixed.astype(np.uint8))
