"""One remembered part: verdict, score, the kept picture with its heat, and what is different."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.marked_places import places_above
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.record_source import CentralRecord
from deeprx_gui.domain.rescored_record import RescoredRecord
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import limits_line, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.history_columns import decided_text, moment_text, product_text
from deeprx_gui.ui.history.keys import name
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, follow
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.picture.heat_layer import HeatLayer
from deeprx_gui.ui.picture.picture_card import PictureCard
from deeprx_gui.ui.picture.picture_tools import set_quietly, tool
from deeprx_gui.ui.picture.spots import marks

_NOTHING = say("Choose a part in the list to see it here.")


class RecordPanel(PictureCard):
    """Shows one record; its picture comes with ``show_frame``, the heat with ``show_look``.

    ``below_changed``: whether the heat is shown below the limit.
    """

    below_changed = Signal(bool)

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
        self.below = tool("below", checkable=True)
        self.previous, self.next = tool("chevron-up"), tool("chevron-down")
        self.note = FixedSizeLabel(colour="muted", pixels=12, lines=2)
        self.header.setSpacing(theme.S)
        self.header.addStretch(1)
        for widget in (self.previous, self.next, self.heat, self.below, self.large):
            self.header.addWidget(widget)
        self.body.insertWidget(1, self.name)
        self.body.addWidget(self.note)
        self.heat.toggled.connect(self.view.set_heat_visible)
        self.below.toggled.connect(self._switch_below)
        for button, key in (
            (self.heat, "heat"),
            (self.below, "below"),
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

    def set_below(self, below: bool) -> None:
        """Show or hide what lies below the limit."""
        set_quietly(self.below, below)
        self._show_heat()

    @Slot(bool)
    def _switch_below(self, below: bool) -> None:
        self._show_heat()
        self.below_changed.emit(below)

    def show_record(self, record: Record | None) -> None:
        """Show another part; its picture is still to come."""
        self._record, self._frame, self._look, self._layer = record, None, None, None
        self._note = None
        self.expect_picture(_NOTHING if record is None else None)
        self._show_heat()
        self._show_words()

    def update_record(self, record: Record) -> None:
        """Show what was decided of the part that is shown."""
        if self._record is not None and self._record.key == record.key:
            self._record = record
            self._show_words()

    def show_frame(self, key: int, frame: Frame) -> None:
        """Show the kept picture of the part; one that is no longer wanted is ignored."""
        if self._record is None or self._record.key != key:
            return
        self._frame = frame
        self.view.show_picture(frame.pixels)
        self.show_pictures()

    def show_look(self, look: RescoredRecord) -> None:
        """Show the heat, or say what is missing; one that is no longer wanted is ignored."""
        if self._record is None or self._record.key != look.record.key:
            return
        self._look, self._note = look, look.note
        if look.frame is None:
            self.show_sentence(look.note or _NOTHING)
            self._note = None
        else:
            if self._frame is None:
                self.show_frame(look.record.key, look.frame)
            self._prepare(look, look.frame)
        self._show_words()

    def _prepare(self, look: RescoredRecord, frame: Frame) -> None:
        if look.score is None or look.profile is None:
            return
        self.view.show_view(look.profile.view, look.score.map)
        limits = look.record.limits  # in one scale with the number that was recorded
        self._layer = HeatLayer(look.score.map, frame.width, frame.height, limits.unit)
        self._show_heat()
        size = (frame.width, frame.height)
        found = places_above(look.score.map, limits, *size, look.profile)
        self.view.show_spots(marks(found, limits, frame))

    def _show_heat(self) -> None:
        below = self.below.isChecked()
        limits = None if self._record is None else self._record.limits
        self.legend.show_scale(limits, below=below)
        if self._layer is not None and limits is not None:
            self.view.show_heat(self._layer.image(limits, self._opacity, below=below))

    @property
    def looked(self) -> RescoredRecord | None:
        """The part as it was scored again, ``None`` before."""
        return self._look

    @property
    def explainable(self) -> bool:
        """Whether the part was stopped and could be scored again."""
        look = self._look
        stopped = self._record is not None and self._record.verdict in {Verdict.NG, Verdict.REVIEW}
        return stopped and look is not None and look.score is not None and look.frame is not None

    def _show_words(self) -> None:
        record = self._record
        self.why.setVisible(self.explainable)
        self.badge.show_verdict(None if record is None else record.verdict)
        self.times.setText("" if record is None else f"{times_limit_text(record.times)} ×")
        self.times.setToolTip("" if record is None else _scale_words(record))
        self.note.setText("" if self._note is None else render(self._note))
        self.note.setToolTip(self.note.text())
        self._show_name()

    def _show_name(self) -> None:
        record = self._record
        for button in (self.previous, self.next, self.heat, self.below, self.large):
            button.setEnabled(record is not None)
        if record is None:
            self.name.setText("")
            return
        station = one_line(record.station) if isinstance(record, CentralRecord) else ""
        what = (one_line(record.serial), product_text(record), station)
        first = " · ".join(p for p in what if p)
        moved = record.limits.review_promise is None and record.error is None
        scale = _scale_words(record) if moved else ""
        said = (moment_text(record), decided_text(record), scale)
        second = " · ".join(p for p in said if p)
        self.name.setText(f"{first}\n{second}")
        self.name.setToolTip(self.name.text())


def _scale_words(record: Record) -> str:
    """Say what 1.00 is for this part, and where its limits were."""
    if record.in_limits_of_then:
        return tr("in multiples of the limit used then (older version)")
    return render(limits_line(record.limits))
