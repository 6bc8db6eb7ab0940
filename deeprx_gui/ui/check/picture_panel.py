"""One result at full size: verdict, score, picture, heat, hot spots, the closest normal image."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.health import CAUSE_ADVICE
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.domain.words import CAUSE_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.result_columns import score_text
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.blob_strip import BlobStrip
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, follow
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.picture.golden_view import GoldenView
from deeprx_gui.ui.picture.heat_layer import HeatLayer
from deeprx_gui.ui.picture.picture_card import PictureCard
from deeprx_gui.ui.picture.picture_tools import HeatTools, set_quietly
from deeprx_gui.ui.picture.spots import marks

_EMPTY = say(
    "Add pictures at the left and score them: they appear here one by one, with their heat map."
)
_NOTHING = say("Choose a picture in the table to see it here with its heat map.")
_LEAST_NAME: Final = 60
"""In less room (logical pixels) too little of a file's name is left to tell anything."""


class PicturePanel(PictureCard):
    """Shows one result under the session's limits.

    ``opacity_changed`` carries 0..1, ``below_changed`` whether the heat is shown below the limit.
    """

    opacity_changed = Signal(float)
    below_changed = Signal(bool)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(_EMPTY, parent)
        self._session = session
        self._item: ScoredImage | None = None
        self._frame: Frame | None = None
        self._layer: HeatLayer | None = None
        self._nothing: Message = _EMPTY
        self._peeking = False
        self._name = QLabel()
        self._name.setMinimumWidth(1)  # the list names the picture as well
        self._name.installEventFilter(self)
        self.tools, self.golden = HeatTools(), GoldenView()
        self.strip = BlobStrip()
        self.golden.hide()
        self.header.setSpacing(theme.S)
        self.header.addWidget(self._name, 1)
        self.header.addWidget(self.tools)
        self.zoom.add(self.tools.compare, self.tools.large)
        self.pictures.insertWidget(1, self.golden, 1)
        self.body.addWidget(self.strip)
        self._connect()
        self.remarks = wrapped("small")
        self.remarks.hide()
        self.body.addWidget(self.remarks)
        follow(self._caption_golden, Change.LANGUAGE)
        follow(self._show_remarks, Change.LANGUAGE)

    def _connect(self) -> None:
        self.tools.heat.toggled.connect(self._switch_heat)
        self.tools.below.toggled.connect(self._switch_below)
        self.tools.compare.toggled.connect(self._switch_golden)
        self.tools.opacity_changed.connect(self._fade)
        self.view.viewed.connect(self._follow_view)
        self.strip.measured.connect(self._show_spots)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def item(self) -> ScoredImage | None:
        return self._item

    @property
    def frame_shown(self) -> Frame | None:
        """The picture on screen, ``None`` while it is still being opened."""
        return self._frame

    @property
    def opacity(self) -> float:
        """Opacity of the heat map, 0..1."""
        return self.tools.opacity.value() / 100

    def set_opacity(self, opacity: float) -> None:
        """Set the opacity of the heat map, 0..1."""
        self.tools.opacity.setValue(round(100 * opacity))

    @property
    def below(self) -> bool:
        """Whether the quiet scale shows what lies below the limit."""
        return self.tools.below.isChecked()

    def set_below(self, below: bool) -> None:
        """Show or hide what lies below the limit."""
        set_quietly(self.tools.below, below)
        self.follow_limits()

    def expect(self, scored: bool) -> None:
        """Set whether there are results to select."""
        self._nothing = _NOTHING if scored else _EMPTY
        if self._item is None:
            self.show_sentence(self._nothing)

    def show_item(self, item: ScoredImage | None) -> None:
        """Show another result; its picture comes with ``show_frame``."""
        self._item, self._frame, self._layer = item, None, None
        self.strip.clear()
        self.expect_picture(self._nothing if item is None else item.error)
        self.follow_limits()
        self._show_name()
        self._show_remarks()

    def show_frame(self, path: Path, frame: Frame) -> None:
        """Show the picture of the current result; one that is no longer wanted is ignored."""
        item, profile = self._item, self._session.profile
        if item is None or item.path != path or profile is None:
            return
        self._frame = frame
        self.view.show_picture(frame.pixels)
        self.view.show_view(profile.view, None if item.score is None else item.score.map)
        if item.score is not None and item.error is None:
            unit = profile.suggested.review
            self._layer = HeatLayer(item.score.map, frame.width, frame.height, unit)
        self.golden.find_for(frame.pixels)
        self.show_pictures()
        self.follow_limits()
        self._follow_view()

    def show_failure(self, path: Path, message: Message) -> None:
        """Say why the picture of the current result cannot be shown."""
        if self._item is not None and self._item.path == path:
            self.show_sentence(message)

    def follow_profile(self) -> None:
        """Choose among the normal images of the open profile."""
        profile = self._session.profile
        self.golden.use(() if profile is None else profile.golden)

    def follow_limits(self) -> None:
        """Show verdict, score, heat and hot spots under the session's limits."""
        limits, item = self._session.limits, self._item
        self.legend.show_scale(limits, below=self.below)
        self.why.setVisible(self.explainable)
        if limits is None or item is None:
            self.badge.show_verdict(None)
            self.times.setText("")
            return
        value = None if item.score is None else item.score.value
        self.badge.show_verdict(judge(value, limits))
        self.times.setText(f"{score_text(item.value, limits)} ×" if value is not None else "")
        self.view.show_heat(
            None
            if self._layer is None
            else self._layer.image(limits, self.opacity, below=self.below)
        )
        self._measure(item, limits)
        self.golden.caption(limits)

    @property
    def explainable(self) -> bool:
        """Whether the result lies above the review limit and its picture is shown."""
        limits, item = self._session.limits, self._item
        if limits is None or item is None or item.score is None or self._frame is None:
            return False
        return judge(item.value, limits) in {Verdict.NG, Verdict.REVIEW}

    def _caption_golden(self) -> None:
        self.golden.caption(self._session.limits)

    def peek(self, below: bool) -> None:
        """Hide the heat for a moment."""
        self._peeking = below
        self._switch_heat()

    # -- inside -----------------------------------------------------------------------------

    @Slot()
    def _show_spots(self) -> None:
        """Mark the places that the sentence tells, no more and no fewer."""
        limits, frame = self.strip.limits, self._frame
        if limits is not None and frame is not None:
            self.view.show_spots(marks(self.strip.places, limits, frame))

    def _measure(self, item: ScoredImage, limits: Limits) -> None:
        profile, frame, score = self._session.profile, self._frame, item.score
        if profile is not None and frame is not None and score is not None:
            self.strip.measure(score, frame, profile, limits)

    def _show_name(self) -> None:
        path = None if self._item is None else self._item.path
        self._name.setToolTip("" if path is None else str(path))
        metrics = QFontMetrics(self._name.font())
        text = "" if path is None else path.name
        elide = Qt.TextElideMode.ElideMiddle
        room = self._name.width()
        self._name.setText("" if room < _LEAST_NAME else metrics.elidedText(text, elide, room))

    def _show_remarks(self) -> None:
        """Say what is to be said about the picture, not the part; what to do is in the tip."""
        causes = () if self._item is None else self._item.causes
        words = "; ".join(render(CAUSE_WORDS[cause]) for cause in causes)
        self.remarks.setText(tr("Picture: {remarks}", remarks=words))
        self.remarks.setToolTip("\n".join(render(CAUSE_ADVICE[cause]) for cause in causes))
        self.remarks.setVisible(bool(causes))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Elide the name to the width it is given."""
        if watched is self._name and event.type() == QEvent.Type.Resize:
            self._show_name()
        return super().eventFilter(watched, event)

    @Slot()
    def _switch_heat(self) -> None:
        self.view.set_heat_visible(self.tools.heat.isChecked() and not self._peeking)

    @Slot(bool)
    def _switch_below(self, below: bool) -> None:
        self.follow_limits()
        self.below_changed.emit(below)

    @Slot(bool)
    def _switch_golden(self, shown: bool) -> None:
        self.golden.setVisible(shown)
        self._follow_view()

    @Slot(float)
    def _fade(self, opacity: float) -> None:
        self.follow_limits()
        self.opacity_changed.emit(opacity)

    @Slot()
    def _follow_view(self) -> None:
        if self.golden.isVisible():
            self.golden.follow(self.view)
