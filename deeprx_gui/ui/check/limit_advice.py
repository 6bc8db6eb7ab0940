"""One row below the limits: what to do about known bad parts that pass, and the button for it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.limit_advice import CatchAll, catch_all, offer_words, step_words
from deeprx_gui.domain.limit_setters import StepCost, bad_known, one_step_more
from deeprx_gui.domain.message import Message, in_one, say
from deeprx_gui.domain.next_step import (
    AutomaticTrial,
    can_be_tried,
    passing_words,
    tried_words,
    untried_words,
    worth_learning,
)
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.sees import SEES_TITLE
from deeprx_gui.domain.words import time_left
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind, bind_tip
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel


class _Does(Enum):
    """What the one button does next."""

    TRY = auto()
    CANCEL = auto()
    LEARN = auto()


_WORDS: Final = {
    _Does.TRY: (
        say("What would find them?"),
        say("Tries detectors and picture sizes on these bad parts and your good pictures."),
    ),
    _Does.CANCEL: (say("Cancel"), say("Stops trying. Nothing is changed.")),
    _Does.LEARN: (
        say("Learn with it"),
        say("Learns a new revision with the settings found, then scores these pictures again."),
    ),
}
_ICONS: Final = {_Does.TRY: "compare", _Does.LEARN: "learn", _Does.CANCEL: "cancel"}


class LimitAdvice(QWidget):
    """Says what to do next. Only a person who presses a button changes anything.

    ``use`` takes the review limit that finds every bad part, ``sees`` asks what the product can
    see at all. ``next`` is one button: it asks to try (``try_requested``), to stop that
    (``cancel_requested``), and to learn with what was found (``learn_requested``).
    """

    try_requested = Signal()
    cancel_requested = Signal()
    learn_requested = Signal()

    def __init__(
        self, session: Session, results: ResultsModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._results = session, results
        self._step: StepCost | None = None
        self._offer: CatchAll | None = None
        self._good: Float64 = np.empty(0)
        self._bad: Float64 = np.empty(0)
        self._words: list[Message] | Progress | None = None
        self._trial: AutomaticTrial | None = None
        self._progress: Progress | None = None
        self._trouble: Message | None = None
        self._does: _Does | None = None
        self.text = FixedSizeLabel(colour="muted", pixels=12, lines=2, grows=True)
        self.next, self.use, self.sees = QPushButton(), QPushButton(), QPushButton()
        theme.set_icon(self.use, "tick")
        theme.set_icon(self.sees, "image")
        limit = QHBoxLayout()
        limit.setSpacing(theme.S)
        limit.addWidget(self.use, 1)
        limit.addWidget(self.sees)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(theme.S)
        self._buttons.addWidget(self.next, 1)
        self._buttons.addLayout(limit, 1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.S)
        self._row.addWidget(self.text, 1)
        self._row.addLayout(self._buttons)
        self.use.clicked.connect(self._use)
        self.next.clicked.connect(self._go_on)
        session.planted_changed.connect(self.follow_contents)
        bind(self.use.setText, say("Use this limit"))
        bind(self.use.setToolTip, say("Moves the review limit. Ctrl+Z takes it back."))
        bind_tip(self.sees, SEES_TITLE)
        self._show_next(_Does.TRY)
        self.follow_limits()

    def set_narrow(self, narrow: bool) -> None:
        """Put the buttons below the text, and below each other, where there is no room beside."""
        direction = QBoxLayout.Direction
        for row in (self._row, self._buttons):
            row.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    # -- what the controller tells it -------------------------------------------------------

    def show_trial(self, trial: AutomaticTrial | None, trouble: Message | None = None) -> None:
        """Show what trying found, or why it found nothing; ``None``: nothing was tried."""
        self._progress = None
        self._trial, self._trouble = trial, trouble
        self.follow_limits()

    def show_progress(self, progress: Progress) -> None:
        """Show how far trying is."""
        self._progress = progress
        self.follow_limits()

    # -- following --------------------------------------------------------------------------

    @Slot()
    def follow_contents(self) -> None:
        """Count anew with other scores or labels."""
        rows, profile = self._results.rows, self._session.profile
        self._good, self._bad = rows.scores_of(Label.GOOD), rows.scores_of(Label.BAD)
        self._step = (
            None
            if profile is None
            else one_step_more(
                profile, bad_known(profile, [float(s) for s in self._bad], self._session.planted)
            )
        )
        self.follow_limits()

    def follow_limits(self) -> None:
        """Show what is offered beside the limits on screen."""
        profile, limits = self._session.profile, self._session.limits
        self._offer = (
            None
            if profile is None or limits is None
            else catch_all(limits, self._bad, self._good, profile.held_out_scores)
        )
        self.use.setVisible(self._offer is not None)
        misses = 0 if limits is None else int(np.count_nonzero(self._bad <= limits.review))
        worth = worth_learning(self._trial, misses)
        if self._progress is not None:
            self._show_next(_Does.CANCEL)
        else:
            self._show_next(_Does.LEARN if worth else _Does.TRY)
        can = misses > 0 and can_be_tried(self._bad.size) and (worth or self._trial is None)
        self.next.setVisible(self._progress is not None or can)
        said = self._progress or self._said(misses)
        if said == self._words:
            return
        self._words = said
        if isinstance(said, Progress):
            words: Message | str | Callable[[], str] = partial(_how_far, said)
        else:
            words = in_one(said) or ""
        bind(self.text.setText, words)
        bind(self.text.setToolTip, words)

    def _said(self, misses: int) -> list[Message]:
        said = []
        if misses:
            said.append(passing_words(misses, self._bad.size))
            found = self._trouble or untried_words(self._bad.size)
            if self._trial is not None:
                found = tried_words(self._trial, misses)
            if found is not None:
                said.append(found)
        if self._offer is not None:
            offer = offer_words(self._offer)
            tried = self._trial is not None
            said.append(say("– Or: {offer}", offer=offer) if tried else offer)
        # Beside an offer that finds every bad part, a step that finds none is not worth a line;
        # beside what was tried, none is.
        worth = self._step is not None and self._step.more > 0 and self._trial is None
        if self._step is not None and (worth or not said):
            said.append(step_words(self._step))
        if not said:
            said.append(say("Check bad parts to see what another limit would find."))
        return said

    def _show_next(self, does: _Does) -> None:
        if does is self._does:
            return
        self._does = does
        learn = does is _Does.LEARN
        self.next.setProperty("kind", "primary" if learn else "")
        theme.set_icon(self.next, _ICONS[does], "on_accent" if learn else "text")
        self.next.style().unpolish(self.next)
        self.next.style().polish(self.next)
        title, tip = _WORDS[does]
        bind(self.next.setText, title)
        bind(self.next.setToolTip, tip)

    @Slot()
    def _go_on(self) -> None:
        match self._does:
            case _Does.TRY:
                self.try_requested.emit()
            case _Does.CANCEL:
                self.cancel_requested.emit()
            case _Does.LEARN:
                self.learn_requested.emit()

    @Slot()
    def _use(self) -> None:
        limits = self._session.limits
        if self._offer is not None and limits is not None:
            self._session.set_limits(limits.moved(review=self._offer.review))


def _how_far(progress: Progress) -> str:
    note = render(progress.note)
    if not progress.total:
        return note
    share = min(99, 100 * progress.done // progress.total)
    if progress.seconds_left is None:
        return tr("{note}: {share} %", note=note, share=share)
    left = render(time_left(progress.seconds_left))
    return tr("{note}: {share} %, {left}", note=note, share=share, left=left)
