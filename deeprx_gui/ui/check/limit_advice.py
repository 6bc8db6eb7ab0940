"""One row below the limits: what another limit would find, and a button where one is offered."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QWidget

from deeprx_gui.domain.limit_advice import CatchAll, catch_all, offer_words, step_words
from deeprx_gui.domain.limit_setters import StepCost, bad_known, one_step_more
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.sees import SEES_TITLE
from deeprx_gui.i18n import render
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind, bind_tip
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel


class LimitAdvice(QWidget):
    """Offers the review limit that finds every bad part; a person presses ``use``, nobody else.

    ``sees`` asks what the product can see at all.
    """

    def __init__(
        self, session: Session, results: ResultsModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._results = session, results
        self._step: StepCost | None = None
        self._offer: CatchAll | None = None
        self._scores: tuple[list[float], list[float]] = [], []
        self.text = FixedSizeLabel(colour="muted", pixels=12, lines=2, grows=True)
        self.use, self.sees = QPushButton(), QPushButton()
        theme.set_icon(self.use, "tick")
        theme.set_icon(self.sees, "image")
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addWidget(self.use, 1)
        buttons.addWidget(self.sees)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.S)
        self._row.addWidget(self.text, 1)
        self._row.addLayout(buttons)
        self.use.clicked.connect(self._use)
        session.planted_changed.connect(self.follow_contents)
        bind(self.use.setText, say("Use this limit"))
        bind(self.use.setToolTip, say("Moves the review limit. Ctrl+Z takes it back."))
        bind_tip(self.sees, SEES_TITLE)
        self.follow_limits()

    def set_narrow(self, narrow: bool) -> None:
        """Put the buttons below the text where there is no room beside it."""
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    @Slot()
    def follow_contents(self) -> None:
        """Count anew with other scores or labels."""
        rows, profile = self._results.rows, self._session.profile
        bad, good = rows.scores_of(Label.BAD), rows.scores_of(Label.GOOD)
        self._scores = [float(s) for s in bad], [float(s) for s in good]
        self._step = (
            None
            if profile is None
            else one_step_more(profile, bad_known(profile, self._scores[0], self._session.planted))
        )
        self.follow_limits()

    def follow_limits(self) -> None:
        """Show what is offered beside the limits on screen."""
        profile, limits = self._session.profile, self._session.limits
        self._offer = (
            None
            if profile is None or limits is None
            else catch_all(limits, *self._scores, profile.held_out_scores)
        )
        self.use.setVisible(self._offer is not None)
        said = []
        if self._offer is not None:
            said.append(offer_words(self._offer))
        # Beside an offer that finds every bad part, a step that finds none is not worth a line.
        if self._step is not None and (self._step.more or not said):
            said.append(step_words(self._step))
        if not said:
            said.append(say("Check bad parts to see what another limit would find."))
        bind(self.text.setText, partial(_sentences, said))
        bind(self.text.setToolTip, partial(_sentences, said))

    @Slot()
    def _use(self) -> None:
        limits = self._session.limits
        if self._offer is not None and limits is not None:
            self._session.set_limits(limits.moved(review=self._offer.review))


def _sentences(messages: list[Message]) -> str:
    return " ".join(render(message) for message in messages)
