"""Which part of the picture counts, and whether parts are put in place first."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render
from deeprx_gui.state.view_draft import ViewChoice, ViewDraft
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.number_row import NumberRange, NumberRow
from deeprx_gui.ui.picture.region_words import summary


class ViewField(QWidget):
    """The region in one line, the button that opens its editor, and the positioning switch."""

    def __init__(self, draft: ViewDraft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._needed = False
        self.summary = wrapped()
        self.edit = QPushButton()
        theme.set_icon(self.edit, "rectangle")
        self.positioning = QCheckBox()
        self.positioning.clicked.connect(self._switch)
        self.hint = wrapped("small")
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.summary, 1)
        row.addWidget(self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addLayout(row)
        column.addWidget(self.positioning)
        column.addWidget(self.hint)
        draft.changed.connect(self._follow)
        bind(self.edit.setText, say("Region…"))
        bind(self.edit.setToolTip, say("Draw which part of the picture is inspected"))
        bind(self.positioning.setText, say("Positioning"))
        follow(self._follow, Change.LANGUAGE)

    def set_ready(self, ready: bool) -> None:
        """Enable or disable the region editor button."""
        self.edit.setEnabled(ready)

    def show_need(self, needed: bool) -> None:
        """Say whether the chosen detector compares place by place."""
        self._needed = needed
        self._follow()

    @Slot()
    def _follow(self) -> None:
        self.summary.setText(render(summary(self._draft.region)))
        on = self._draft.choice.positioning
        self.positioning.setChecked(on)
        self.hint.setText(render(positioning_hint(on=on, needed=self._needed)))

    @Slot()
    def _switch(self) -> None:
        self._draft.choose(replace(self._draft.choice, positioning=self.positioning.isChecked()))


def positioning_hint(*, on: bool, needed: bool) -> Message:
    """Say in plain words what positioning does for the chosen detector."""
    if on:
        return say("Each part is found, moved and turned to its place before it is looked at.")
    if needed:
        return say(
            "The chosen detector compares place by place: switch this on unless every part lies "
            "in exactly the same place."
        )
    return say("The chosen detector does not need it.")


class ViewSettings(QWidget):
    """How far positioning may go, and the scale in millimetres: part of all settings."""

    def __init__(self, draft: ViewDraft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self.shift, self.turn, self.quality = ChoiceRow(), ChoiceRow(), ChoiceRow()
        self.scale = NumberRow(NumberRange(0, 1000, open_low=True, optional=True))
        self.shift.chosen.connect(self._choose_shift)
        self.turn.chosen.connect(self._choose_turn)
        self.quality.chosen.connect(self._choose_quality)
        self.scale.chosen.connect(self._choose_scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.L)
        for row in (self.shift, self.turn, self.quality):
            column.addWidget(row)
        column.addWidget(self.scale)
        draft.changed.connect(self._follow)
        self.shift.bind_texts(
            say("Maximum shift"),
            say("How far from its place a part may lie, as a share of the longer side."),
            [(share, say("{n} %", n=f"{100 * share:g}")) for share in (0.02, 0.05, 0.1, 0.2, 0.3)],
        )
        self.turn.bind_texts(
            say("Maximum rotation"),
            "",
            [(0.0, say("none")), *((n, say("{n}° either way", n=f"{n:g}")) for n in _TURNS)],
        )
        self.quality.bind_texts(
            say("Minimum match score"),
            say("Below this a part counts as not in place: an error, not a defect."),
            [(0.3, say("lenient (0.3)")), (0.5, say("medium (0.5)")), (0.7, say("strict (0.7)"))],
        )
        self.scale.bind_texts(
            say("Millimetres per pixel"),
            say("Of the original picture. With it, defects are measured in millimetres."),
            say("not given"),
        )
        self._follow()

    @Slot()
    def _follow(self) -> None:
        chosen = self._draft.choice
        self.shift.set_value(chosen.shift)
        self.turn.set_value(chosen.turn)
        self.quality.set_value(chosen.quality)
        self.scale.set_value(chosen.mm_per_pixel)
        for row in (self.shift, self.turn, self.quality):
            row.setVisible(chosen.positioning)

    def _choose(self, choice: ViewChoice) -> None:
        self._draft.choose(choice)

    @Slot(object)
    def _choose_shift(self, share: float) -> None:
        self._choose(replace(self._draft.choice, shift=share))

    @Slot(object)
    def _choose_turn(self, degrees: float) -> None:
        self._choose(replace(self._draft.choice, turn=degrees))

    @Slot(object)
    def _choose_quality(self, least: float) -> None:
        self._choose(replace(self._draft.choice, quality=least))

    @Slot(object)
    def _choose_scale(self, millimetres: float | None) -> None:
        self._choose(replace(self._draft.choice, mm_per_pixel=millimetres))


_TURNS = (2.0, 5.0, 10.0, 20.0, 45.0)
