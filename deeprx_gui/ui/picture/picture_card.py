"""The card that shows one judged picture large: verdict, score and heat, or a sentence."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.kit.frames import CardFrame, wrapped
from deeprx_gui.ui.kit.verdict_paint import VerdictBadge
from deeprx_gui.ui.picture.heat_legend import HeatLegend
from deeprx_gui.ui.picture.picture_tools import ZoomTools
from deeprx_gui.ui.picture.picture_view import LEAST_RESULT, PictureView

_LOADING = say("Opening the picture…")
_SENTENCE, _PICTURES = range(2)


class PictureCard(CardFrame):
    """What Check and History have in common; each fills ``header``, ``pictures`` and ``body``.

    ``why`` asks what speaks for NG; it is shown only where there is something to explain.
    """

    def __init__(self, nothing: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=theme.S)
        self.badge = VerdictBadge()
        self.times = FixedSizeLabel(pixels=18, bold=True)
        self.times.keep_room_for("00.00 ×")
        self.view, self.zoom, self.legend = PictureView(), ZoomTools(), HeatLegend()
        self.view.setMinimumSize(LEAST_RESULT, LEAST_RESULT)
        self.sentence = wrapped("hint")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.header = QHBoxLayout()
        self.header.addWidget(self.badge)
        self.header.addWidget(self.times)
        self.why = QPushButton()
        self.why.setProperty("kind", "quiet")
        self.why.hide()
        self.header.addWidget(self.why)
        whole = QWidget()
        self.pictures = QHBoxLayout(whole)
        self.pictures.setContentsMargins(0, 0, 0, 0)
        self.pictures.setSpacing(theme.S)
        self.pictures.addWidget(self.view, 1)
        self.pictures.addWidget(self.legend)
        self.pictures.addWidget(self.zoom)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.sentence)
        self._stack.addWidget(whole)
        self.body.setSpacing(theme.XS)
        self.body.addLayout(self.header)
        self.body.addWidget(self._stack, 1)
        view = self.view
        self.zoom.connect_to(view.fit, view.actual_size, view.zoom_in, view.zoom_out)
        bind(self.sentence.setText, nothing)
        bind(self.why.setText, say("Why?"))
        bind(
            self.why.setToolTip,
            say("Shows what is unlike the normal parts, beside the closest of them"),
        )

    @property
    def said(self) -> str:
        """The sentence in place of a picture, empty while a picture is shown."""
        return self.sentence.text() if self._stack.currentIndex() == _SENTENCE else ""

    def show_sentence(self, message: Message) -> None:
        """Show a sentence in place of the picture."""
        bind(self.sentence.setText, message)
        self._stack.setCurrentIndex(_SENTENCE)

    def show_pictures(self) -> None:
        """Show the picture in place of the sentence."""
        self._stack.setCurrentIndex(_PICTURES)

    def expect_picture(self, instead: Message | None) -> None:
        """Take the heat away; say ``instead``, or that a picture comes where none is shown yet."""
        self.view.show_heat(None)
        self.view.show_spots(())
        if instead is not None:
            self.show_sentence(instead)
        elif self._stack.currentIndex() == _SENTENCE:
            self.show_sentence(_LOADING)
