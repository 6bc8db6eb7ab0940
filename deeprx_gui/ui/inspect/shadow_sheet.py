"""Shadow mode: which revision is on trial, where it differs from the one in use, and what then."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.shadow import (
    DecidedParts,
    ShadowPart,
    ShadowTrial,
    Side,
    TrialState,
)
from deeprx_gui.domain.words import VERDICT_WORDS, times_sign_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.dates import moment, revision_label
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.refill import refill
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.small_picture import SmallPicture

_WIDTH: Final = 720
_PICTURE: Final = 104
SHOWN: Final = 30
"""So many differing parts are shown, the latest first."""
_SIDES: Final = {
    Side.STRICTER: say("Passed in use, stopped by the candidate"),
    Side.LOOSER: say("Stopped in use, passed by the candidate"),
    Side.OTHERWISE: say("Stopped by both, with another verdict"),
}


@dataclass(frozen=True)
class Candidate:
    """A revision that could be tried: its number and what is said of it."""

    revision: int
    words: Message


@dataclass(frozen=True, eq=False)
class ShownPart:
    """A differing part with its decoded picture and what a person decided about it."""

    part: ShadowPart
    pixels: ByteImage | None
    decision: Decision | None


class ShadowPartRow(QWidget):
    """One differing part: picture, both verdicts, and what it really is.

    ``decide`` is called with the ``ShadowPart`` and the ``Decision``.
    """

    def __init__(self, shown: ShownPart, decide: Callable[[ShadowPart, Decision], None]) -> None:
        super().__init__()
        self._tell = decide
        part = self.part = shown.part
        name = say("Picture of a part both judge differently")
        self.picture = SmallPicture(_PICTURE, shown.pixels, name)
        self.words = wrapped("strong")
        self.verdicts, self.about = wrapped(), wrapped("small")
        self.buttons = {decision: QPushButton() for decision in Decision}
        titles = {Decision.OK: say("Good part"), Decision.NG: say("Bad part")}
        column = QVBoxLayout()
        column.setSpacing(theme.XS)
        for label in (self.words, self.verdicts, self.about):
            column.addWidget(label)
        answers = QHBoxLayout()
        answers.setSpacing(theme.XS)
        for decision, button in self.buttons.items():
            button.setCheckable(True)
            button.setChecked(shown.decision is decision)
            button.clicked.connect(partial(self._decide, decision))
            bind(button.setText, titles[decision])
            answers.addWidget(button)
        answers.addStretch(1)
        column.addLayout(answers)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.picture)
        row.addLayout(column, 1)
        if part.side is not None:
            bind(self.words.setText, _SIDES[part.side])
        bind(self.verdicts.setText, partial(_verdicts, part))
        bind(self.about.setText, partial(_about, part))

    def _decide(self, decision: Decision, *_checked: bool) -> None:
        for each, button in self.buttons.items():
            button.setChecked(each is decision)
        self._tell(self.part, decision)


class ShadowSheet(Sheet):
    """``begin_requested`` carries the candidate's revision.

    ``end_requested`` carries the ``TrialState`` it is to end in and the reason; ``decided`` a
    ``ShadowPart`` and a ``Decision``.
    """

    begin_requested = Signal(int)
    end_requested = Signal(object, str)
    decided = Signal(object, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.heading = theme.level(QLabel(), "heading")
        self.put_title(self.heading)
        self.hint, self.nothing = wrapped("hint"), wrapped()
        self.choice, self.begin = ChoiceRow(), QPushButton()
        self.begin.setProperty("kind", "primary")
        theme.set_icon(self.begin, "play", "on_accent")
        self.trial, self.result, self.decisions = wrapped("strong"), wrapped(), wrapped()
        self.skipped = wrapped("hint")
        self.more = wrapped("small")
        self.rows: tuple[ShadowPartRow, ...] = ()
        self._parts = QVBoxLayout()
        self._parts.setSpacing(theme.M)
        self._separator = line()
        self.reason = QLineEdit()
        self.reason.setMaxLength(200)
        self.promote, self.drop, self.stop = QPushButton(), QPushButton(), QPushButton()
        self.promote.setProperty("kind", "primary")
        theme.set_icon(self.promote, "tick", "on_accent")
        theme.set_icon(self.drop, "delete")
        theme.set_icon(self.stop, "stop")
        self._ends = QWidget()
        self._lay_out()
        self._connect()
        self._bind_texts()
        self.show_none((), say("No candidate is on trial."))

    def _lay_out(self) -> None:
        for part in (
            self.hint, self.nothing, self.choice, self.begin,
            self.trial, self.result, self.decisions, self.skipped, self._separator,
        ):  # fmt: skip
            self.body.addWidget(part)
        self.body.addLayout(self._parts)
        self.body.addWidget(self.more)
        ends = QVBoxLayout(self._ends)
        ends.setContentsMargins(0, 0, 0, 0)
        ends.setSpacing(theme.S)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addWidget(self.promote, 2)
        buttons.addWidget(self.drop, 1)
        buttons.addWidget(self.stop, 1)
        ends.addWidget(self.reason)
        ends.addLayout(buttons)
        self.put_foot(self._ends)

    def _connect(self) -> None:
        self.begin.clicked.connect(self._begin)
        for button, state in (
            (self.promote, TrialState.PROMOTED),
            (self.drop, TrialState.DROPPED),
            (self.stop, TrialState.STOPPED),
        ):
            button.clicked.connect(partial(self._end, state))

    def _bind_texts(self) -> None:
        bind(self.heading.setText, say("Shadow mode"))
        bind(
            self.hint.setText,
            say(
                "Another revision of this product judges every part as well, after its verdict was "
                "told. It tells nobody, and no verdict waits for it."
            ),
        )
        bind(self.begin.setText, say("Begin the trial"))
        bind(self.reason.setPlaceholderText, say("Reason (written into the history)"))
        bind(self.reason.setAccessibleName, say("Reason"))
        bind(self.promote.setText, say("Put the candidate in use"))
        bind(self.drop.setText, say("Drop"))
        bind(self.stop.setText, say("End the trial"))
        bind(self.drop.setToolTip, say("End the trial and note that the candidate is not wanted"))
        bind(self.stop.setToolTip, say("End the trial without a decision"))

    # -- what the controller tells it -----------------------------------------------------------

    def show_none(self, candidates: Sequence[Candidate], why: Message) -> None:
        """Offer the revisions that could be tried; ``why``: what is said where there are none."""
        self._show_running(False)
        self.nothing.setVisible(not candidates)
        bind(self.nothing.setText, why)
        self.choice.setVisible(bool(candidates))
        self.begin.setVisible(bool(candidates))
        self.choice.bind_texts(
            say("Revision to be tried"),
            say("Learn the product again or move its limits, then roll back: the newer revision "
                "can be tried here before it is used."),
            [(one.revision, one.words) for one in candidates],
        )  # fmt: skip
        if candidates and self.choice.value is None:
            self.choice.set_value(candidates[0].revision)

    def show_trial(
        self, trial: ShadowTrial, parts: Sequence[ShownPart], decided: DecidedParts
    ) -> None:
        """Show the trial that runs and the latest parts on which the two differ."""
        self._show_running(True)
        bind(self.trial.setText, partial(_trial_words, trial))
        bind(self.result.setText, trial.sentence)
        bind(self.decisions.setText, decided.sentence)
        self.decisions.setVisible(bool(trial.differing))
        skipped = trial.skipped_sentence
        self.skipped.setVisible(skipped is not None)
        if skipped is not None:
            bind(self.skipped.setText, skipped)
        self._separator.setVisible(bool(parts))
        self._fill(parts)
        left = trial.differing - len(parts)
        self.more.setVisible(left > 0 and bool(parts))
        bind(
            self.more.setText,
            say("The latest {shown} of {all} are shown.", shown=len(parts), all=trial.differing),
        )

    def set_busy(self, busy: bool) -> None:
        """While something is being saved nothing else can be asked for."""
        for button in (self.begin, self.promote, self.drop, self.stop):
            button.setEnabled(not busy)

    # -- inside ---------------------------------------------------------------------------------

    def _show_running(self, running: bool) -> None:
        for part in (self.trial, self.result, self.decisions, self._separator, self._ends):
            part.setVisible(running)
        for part in (self.nothing, self.choice, self.begin):
            part.setVisible(not running)
        if not running:
            self._fill(())
            self.skipped.hide()
            self.more.hide()

    def _fill(self, parts: Sequence[ShownPart]) -> None:
        rows = (ShadowPartRow(shown, self.decided.emit) for shown in parts)
        self.rows = refill(self._parts, self.rows, rows)

    @Slot()
    def _begin(self) -> None:
        revision = self.choice.value
        if isinstance(revision, int):
            self.begin_requested.emit(revision)

    def _end(self, state: TrialState, *_checked: bool) -> None:
        reason = self.reason.text().strip()
        self.reason.clear()
        self.end_requested.emit(state, reason)


def _trial_words(trial: ShadowTrial) -> str:
    return tr(
        "{revision} on trial since {when} ({who})",
        revision=revision_label(trial.candidate),
        when=moment(trial.begun),
        who=trial.who or "–",
    )


def _verdicts(part: ShadowPart) -> str:
    return tr(
        "In use: {live} {live_times} · candidate: {candidate} {times}",
        live=render(VERDICT_WORDS[part.live]),
        live_times=times_sign_text(part.live_times),
        candidate=render(VERDICT_WORDS[part.candidate]),
        times=times_sign_text(part.candidate_times),
    )


def _about(part: ShadowPart) -> str:
    file = part.source if "://" in part.source else re.split(r"[/\\]", part.source)[-1]
    return " · ".join(filter(None, (moment(part.when), part.serial, file)))
