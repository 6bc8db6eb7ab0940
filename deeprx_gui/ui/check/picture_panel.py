"""One result at full size: verdict, score, picture, heat, hot spots, the closest normal image."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QWidget

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.hotspots import HotSpot, hot_spots
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.domain.verdict import judge
from deeprx_gui.state.result_columns import score_text
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.blob_strip import BlobStrip
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.kit.frames import CardFrame, wrapped
from deeprx_gui.ui.kit.verdict_paint import VerdictBadge
from deeprx_gui.ui.picture.golden_view import GoldenView
from deeprx_gui.ui.picture.heat_layer import HeatLayer
from deeprx_gui.ui.picture.heat_legend import HeatLegend
from deeprx_gui.ui.picture.picture_tools import HeatTools, ZoomTools
from deeprx_gui.ui.picture.picture_view import PictureView, Spot

_EMPTY = say("Scored pictures appear here with their heat map.")
_NOTHING = say("Choose a picture in the table to see it here with its heat map.")
_SPOTS = 5
_LOADING = say("Opening the picture…")


class PicturePanel(CardFrame):
    """Shows one result under the session's limits. ``opacity_changed`` carries 0..1."""

    opacity_changed = Signal(float)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=theme.M)
        self._session = session
        self._item: ScoredImage | None = None
        self._frame: Frame | None = None
        self._layer: HeatLayer | None = None
        self._spots: tuple[HotSpot, ...] = ()
        self._nothing: Message = _EMPTY
        self._peeking = False
        self.badge = VerdictBadge()
        self.times = FixedSizeLabel(pixels=18, bold=True)
        self.times.keep_room_for("00.00 ×")
        self._name = QLabel()
        self._name.setMinimumWidth(60)
        self.tools, self.zoom, self.legend = HeatTools(), ZoomTools(), HeatLegend()
        self.view, self.golden = PictureView(), GoldenView()
        self.strip = BlobStrip()
        self.golden.hide()
        self.sentence = wrapped("hint")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        bind(self.sentence.setText, _EMPTY)
        follow(self._caption_golden, Change.LANGUAGE)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(theme.M)
        header.addWidget(self.badge)
        header.addWidget(self.times)
        header.addWidget(self._name, 1)
        header.addWidget(self.tools)
        pictures = QWidget()
        both = QHBoxLayout(pictures)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(theme.S)
        both.addWidget(self.view, 1)
        both.addWidget(self.golden, 1)
        both.addWidget(self.legend)
        both.addWidget(self.zoom)
        self._stack.addWidget(self.sentence)
        self._stack.addWidget(pictures)
        self.body.setSpacing(theme.S)
        self.body.addLayout(header)
        self.body.addWidget(self._stack, 1)
        self.body.addWidget(self.strip)

    def _connect(self) -> None:
        view = self.view
        self.zoom.connect_to(view.fit, view.actual_size, view.zoom_in, view.zoom_out)
        self.tools.heat.toggled.connect(self._switch_heat)
        self.tools.compare.toggled.connect(self._switch_golden)
        self.tools.opacity_changed.connect(self._fade)
        view.viewed.connect(self._follow_view)

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

    def expect(self, scored: bool) -> None:
        """Set whether there are results to select."""
        self._nothing = _NOTHING if scored else _EMPTY
        if self._item is None:
            self._say(self._nothing)

    def show_item(self, item: ScoredImage | None) -> None:
        """Show another result; its picture comes with ``show_frame``."""
        self._item, self._frame, self._layer, self._spots = item, None, None, ()
        self.view.show_heat(None)
        self.view.show_spots(())
        self.strip.clear()
        if item is None:
            self._say(self._nothing)
        elif item.error is not None:
            self._say(item.error)
        elif self._stack.currentIndex() == 0:
            self._say(_LOADING)
        self.follow_limits()
        self._show_name()

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
            self._spots = hot_spots(item.score.map, most=_SPOTS, apart=5)
        self.golden.find_for(frame.pixels)
        self._stack.setCurrentIndex(1)
        self.follow_limits()
        self._follow_view()

    def show_failure(self, path: Path, message: Message) -> None:
        """Say why the picture of the current result cannot be shown."""
        if self._item is not None and self._item.path == path:
            self._say(message)

    def follow_profile(self) -> None:
        """Choose among the normal images of the open profile."""
        profile = self._session.profile
        self.golden.use(() if profile is None else profile.golden)

    def follow_limits(self) -> None:
        """Show verdict, score, heat and hot spots under the session's limits."""
        limits, item = self._session.limits, self._item
        if limits is None or item is None:
            self.badge.show_verdict(None)
            self.times.setText("")
            return
        value = None if item.score is None else item.score.value
        self.badge.show_verdict(judge(value, limits))
        self.times.setText(f"{score_text(item.value, limits)} ×" if value is not None else "")
        self.view.show_heat(
            None if self._layer is None else self._layer.image(limits, self.opacity)
        )
        self._show_spots()
        self._measure(item, limits)
        self.golden.caption(limits)

    def _caption_golden(self) -> None:
        self.golden.caption(self._session.limits)

    def peek(self, below: bool) -> None:
        """Hide the heat for a moment."""
        self._peeking = below
        self._switch_heat()

    # -- inside -----------------------------------------------------------------------------

    def _show_spots(self) -> None:
        limits, frame = self._session.limits, self._frame
        if limits is None or frame is None:
            return
        hot = [spot for spot in self._spots if spot.score > limits.review]
        self.view.show_spots(
            [
                Spot(s.x * frame.width, s.y * frame.height, f"{score_text(s.score, limits)}×")
                for s in hot
            ]
        )

    def _measure(self, item: ScoredImage, limits: Limits) -> None:
        profile, frame, score = self._session.profile, self._frame, item.score
        if profile is not None and frame is not None and score is not None:
            self.strip.measure(score, frame, profile, limits)

    def _say(self, message: Message) -> None:
        bind(self.sentence.setText, message)
        self._stack.setCurrentIndex(0)

    def _show_name(self) -> None:
        path = None if self._item is None else self._item.path
        self._name.setToolTip("" if path is None else str(path))
        metrics = QFontMetrics(self._name.font())
        text = "" if path is None else path.name
        elide = Qt.TextElideMode.ElideMiddle
        self._name.setText(metrics.elidedText(text, elide, self._name.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide the name to the available width."""
        super().resizeEvent(event)
        self._show_name()

    @Slot()
    def _switch_heat(self) -> None:
        self.view.set_heat_visible(self.tools.heat.isChecked() and not self._peeking)

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
