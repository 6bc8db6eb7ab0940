"""The picture of the Inspect page: the last judged part with its heat, and what comes live."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QWidget

from deeprx_gui.domain.blobs import Places
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.domain.marked_places import places_above
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.view import WHOLE
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.i18n import tr
from deeprx_gui.ui.corrections.correction_bar import CorrectionBar
from deeprx_gui.ui.inspect.preview import Inset, Preview
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_tip, follow
from deeprx_gui.ui.kit.frames import CardFrame
from deeprx_gui.ui.kit.verdict_paint import VerdictBadge
from deeprx_gui.ui.picture.heat_layer import HeatLayer
from deeprx_gui.ui.picture.heat_legend import HeatLegend
from deeprx_gui.ui.picture.picture_tools import set_quietly, tool
from deeprx_gui.ui.picture.picture_view import PictureView
from deeprx_gui.ui.picture.spots import marks

_LOOK_MS: Final = 60_000
"""After so long an NG that was looked at again gives way to the line."""
_RESULT, _LIVE = 0, 1


class PictureArea(CardFrame):
    """Three things can be large: the newest judged part, the live picture, an NG seen again.

    ``inset`` is the live picture made small; the page places it where it covers nothing.
    ``looked_back``: the person, or a minute without one, let go of the NG. ``below_changed``:
    whether the heat is shown below the limit.
    """

    looked_back = Signal()
    below_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=theme.S)
        self._current: InspectedPart | None = None
        self._looking: InspectedPart | None = None
        self._drawn: InspectedPart | None = None
        self._profile: Profile | None = None
        self._layer: HeatLayer | None = None
        self._opacity = 0.7
        self._has_live, self._live_large = False, False
        self.badge = VerdictBadge()
        self._caption = theme.level(QLabel(), "strong")
        self.corrections = CorrectionBar()
        self.back = QPushButton()
        theme.set_icon(self.back, "arrow-right", "accent_text")
        self.back.setProperty("kind", "quiet")
        self.swap = tool("compare")
        self.heat = tool("layers", checkable=True)
        self.heat.setChecked(True)
        self.below = tool("below", checkable=True)
        self.result, self.live = PictureView(), Preview()
        self.legend = HeatLegend()
        self._stack = QStackedWidget()
        self.inset = Inset()
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(_LOOK_MS)
        self._lay_out()
        self._connect()
        bind(self.back.setText, say("Back to the line"))
        bind_tip(self.swap, say("Swap the live picture and the last part"))
        bind_tip(self.heat, say("Heat map on or off"))
        bind_tip(self.below, say("Show in blue how close the rest came to the limit"))
        bind(self.live.set_word, say("Live"))
        bind(self.inset.set_word, say("Live"))
        bind(self.live.set_hint, say("Press Start (F5): pictures appear here."))
        follow(self._arrange, Change.LANGUAGE)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(theme.S)
        header.addWidget(self.badge)
        header.addWidget(self._caption, 1)
        header.addWidget(self.corrections)
        for button in (self.back, self.swap, self.heat, self.below):
            header.addWidget(button)
        self.result.setMinimumSize(160, 90)
        self.legend.setMinimumHeight(60)
        self._stack.addWidget(self.result)
        self._stack.addWidget(self.live)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self._stack, 1)
        row.addWidget(self.legend)
        self.body.setSpacing(theme.XS)
        self.body.addLayout(header)
        self.body.addLayout(row, 1)

    def _connect(self) -> None:
        self.inset.pressed.connect(self._swap)
        self.swap.clicked.connect(self._swap)
        self.back.clicked.connect(self.look_back)
        self._forget.timeout.connect(self.look_back)
        self.heat.toggled.connect(self._show_heat)
        self.below.toggled.connect(self._switch_below)

    def set_compact(self, compact: bool) -> None:
        """Leave the picture all the height there is."""
        margin = theme.XS if compact else theme.S
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(0 if compact else theme.XS)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def looking(self) -> InspectedPart | None:
        """The NG that is looked at again, if any."""
        return self._looking

    @property
    def shown(self) -> InspectedPart | None:
        """The judged part that is large, ``None`` while the live picture is."""
        return self._drawn if self._stack.currentIndex() == _RESULT else None

    def set_profile(self, profile: Profile) -> None:
        """Say which part of every picture counts, and from which size on a place is one."""
        self._profile = profile

    def set_opacity(self, opacity: float) -> None:
        """Let the heat cover the picture more or less, 0..1."""
        self._opacity = opacity

    def set_below(self, below: bool) -> None:
        """Show or hide what lies below the limit."""
        set_quietly(self.below, below)
        self._colour()

    def set_has_live(self, has: bool) -> None:
        """Say whether there is a live picture besides the judged ones: not with files."""
        self._has_live = has
        self._arrange()

    def show_current(self, inspected: InspectedPart | None) -> None:
        """Show the newest part; an NG that is looked at stays until the person lets go."""
        self._current = inspected
        if self._looking is None:
            self._draw(inspected)
        self._arrange()

    def show_live(self, frame: Frame) -> None:
        """Show what the camera sees now."""
        large = self._stack.currentIndex() == _LIVE
        if large:
            self.live.show_frame(frame)
        elif self.inset.isVisible():
            self.inset.show_frame(frame)

    def look_at(self, inspected: InspectedPart) -> None:
        """Show an NG again."""
        self._looking = inspected
        self._forget.start()
        self._draw(inspected)
        self._arrange()

    def show_whole(self, inspected: InspectedPart, frame: Frame) -> None:
        """Show the kept picture of the NG that is looked at, instead of its small copy."""
        if self._looking is inspected and inspected.map is not None:
            self._paint(frame, inspected)

    @Slot()
    def look_back(self) -> None:
        """Return to the line."""
        if self._looking is None:
            return
        self._forget.stop()
        self._looking = None
        self._draw(self._current)
        self._arrange()
        self.looked_back.emit()

    # -- inside -----------------------------------------------------------------------------

    def _arrange(self) -> None:
        nothing = self._drawn is None
        large = _LIVE if self._looking is None and (nothing or self._live_large) else _RESULT
        self._stack.setCurrentIndex(large)
        self.inset.setVisible(large == _RESULT and self._has_live)
        self.swap.setVisible(self._has_live and self._looking is None and not nothing)
        self.back.setVisible(self._looking is not None)
        self.heat.setVisible(large == _RESULT)
        self.below.setVisible(large == _RESULT)
        self.legend.setVisible(large == _RESULT)
        shown = self.shown
        self.badge.setVisible(self._looking is not None)
        self.badge.show_verdict(None if shown is None else shown.record.verdict)
        self.corrections.setVisible(shown is not None)
        self.corrections.show_verdict(None if shown is None else shown.record.verdict)
        self._caption.setText(self._words(large))

    def _words(self, large: int) -> str:
        if large == _LIVE:
            return tr("Live picture") if self._has_live else tr("Picture")
        if self._drawn is None:
            return ""
        record = self._drawn.record
        when = f"{record.when.astimezone():%H:%M:%S}"
        if self._looking is not None:
            return f"{times_limit_text(record.times)} × · {when}"
        return tr("Last part · {time}", time=when)

    @Slot()
    def _swap(self) -> None:
        self._live_large = not self._live_large
        self.live.show_frame(None)
        self._arrange()

    def _draw(self, inspected: InspectedPart | None) -> None:
        self._drawn, self._layer = inspected, None
        if inspected is None or inspected.frame is None:
            self.result.show_picture(None)
            self.result.show_heat(None)
            self.result.show_spots(())
            return
        self._paint(inspected.frame, inspected)

    def _paint(self, frame: Frame, inspected: InspectedPart) -> None:
        self.result.show_picture(frame.pixels)
        score_map, limits = inspected.map, inspected.record.limits
        if score_map is None:
            self.result.show_heat(None)
            self.result.show_spots(())
            return
        profile = self._profile
        self.result.show_view(WHOLE if profile is None else profile.view, score_map)
        self._layer = HeatLayer(score_map, frame.width, frame.height, limits.unit)
        self._colour()
        found = Places()
        if profile is not None:
            found = places_above(score_map, limits, frame.width, frame.height, profile)
        self.result.show_spots(marks(found, limits, frame))
        self._show_heat()

    def _colour(self) -> None:
        below = self.below.isChecked()
        limits = None if self._drawn is None else self._drawn.record.limits
        self.legend.show_scale(limits, below=below)
        if self._layer is not None and limits is not None:
            self.result.show_heat(self._layer.image(limits, self._opacity, below=below))

    @Slot(bool)
    def _switch_below(self, below: bool) -> None:
        self._colour()
        self.below_changed.emit(below)

    @Slot()
    def _show_heat(self) -> None:
        self.result.set_heat_visible(self.heat.isChecked())
