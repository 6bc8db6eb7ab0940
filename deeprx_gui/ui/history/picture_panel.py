"""One remembered part: verdict, score, the kept picture with its heat, and what is different."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.marked_places import places_above
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.rescored_record import RescoredRecord
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.i18n import render
from deeprx_gui.state.history_columns import decided_text, moment_text, product_text
from deeprx_gui.ui.history.keys import name
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, follow
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.picture.heat_layer import HeatLayer
from deeprx_gui.ui.picture.picture_card import PictureCard
from deeprx_gui.ui.picture.picture_tools import tool
from deeprx_gui.ui.picture.spots import marks

_NOTHING = say("Choose a part in the list to see it here.")


class RecordPanel(PictureCard):
    """Shows one record; its picture comes with ``show_frame``, the heat with ``show_look``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_NOTHING, parent)
        self._record: Record | None = None
        self._frame: Frame | None = None
        self._look: RescoredRecord | None = None
        self._layer: HeatLayer | None = None
        self._opacity = 0.7
        self._note: Message | None = None
        self.name = FixedSizeLabel(pixels=12, lines=2)
        self.heat, self.large = tool("layers", checkable=True), tool("expand", checkable=True)
        self.heat.setChecked(True)
        self.previous, self.next = tool("chevron-up"), tool("chevron-down")
        self.note = FixedSizeLabel(colour="muted", pixels=12, lines=2)
        self.header.setSpacing(theme.S)
        self.header.addStretch(1)
        for widget in (self.previous, self.next, self.heat, self.large):
            self.header.addWidget(widget)
        self.body.insertWidget(1, self.name)
        self.body.addWidget(self.note)
        self.heat.toggled.connect(self.view.set_heat_visible)
        for button, key in (
            (self.heat, "heat"),
            (self.large, "open"),
            (self.previous, "previous"),
            (self.next, "next"),
        ):
            name(button, key)
        follow(self._show_words, Change.LANGUAGE)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def record(self) -> Record | None:
        return self._record

    def set_opacity(self, opacity: float) -> None:
        """Let the heat cover the picture more or less, 0..1."""
        self._opacity = opacity
        self._show_heat()

    def show_record(self, record: Record | None) -> None:
        """Show another part; its picture is still to come."""
        self._record, self._frame, self._look, self._layer = record, None, None, None
        self._note = None
        self.expect_picture(_NOTHING if record is None else None)
        self._show_words()

    def update_record(self, record: Record) -> None:
        """Show what was decided of the part that is shown."""
        if self._record is not None and self._record.number == record.number:
            self._record = record
            self._show_words()

    def show_frame(self, number: int, frame: Frame) -> None:
        """Show the kept picture of the part; one that is no longer wanted is ignored."""
        if self._record is None or self._record.number != number:
            return
        self._frame = frame
        self.view.show_picture(frame.pixels)
        self.show_pictures()

    def show_look(self, look: RescoredRecord) -> None:
        """Show the heat, or say what is missing; one that is no longer wanted is ignored."""
        if self._record is None or self._record.number != look.record.number:
            return
        self._look, self._note = look, look.note
        if look.frame is None:
            self.show_sentence(look.note or _NOTHING)
            self._note = None
        else:
            if self._frame is None:
                self.show_frame(look.record.number, look.frame)
            self._prepare(look, look.frame)
        self._show_words()

    def _prepare(self, look: RescoredRecord, frame: Frame) -> None:
        if look.score is None or look.profile is None:
            return
        self.view.show_view(look.profile.view, look.score.map)
        unit = look.profile.suggested.review
        self._layer = HeatLayer(look.score.map, frame.width, frame.height, unit)
        self._show_heat()
        limits = look.record.limits
        size = (frame.width, frame.height)
        found = places_above(look.score.map, limits, *size, look.profile)
        self.view.show_spots(marks(found, limits, frame))

    def _show_heat(self) -> None:
        if self._layer is not None and self._record is not None:
            self.view.show_heat(self._layer.image(self._record.limits, self._opacity))

    def _show_words(self) -> None:
        record = self._record
        self.badge.show_verdict(None if record is None else record.verdict)
        self.times.setText("" if record is None else f"{times_limit_text(record.times)} ×")
        self.note.setText("" if self._note is None else render(self._note))
        self.note.setToolTip(self.note.text())
        self._show_name()

    def _show_name(self) -> None:
        record = self._record
        for button in (self.previous, self.next, self.heat, self.large):
            button.setEnabled(record is not None)
        if record is None:
            self.name.setText("")
            return
        first = " · ".join(p for p in (one_line(record.serial), product_text(record)) if p)
        second = " · ".join(p for p in (moment_text(record), decided_text(record)) if p)
        self.name.setText(f"{first}\n{second}")
        self.name.setToolTip(self.name.text())
