"""The limits: histogram, both limits as lines, sliders and numbers, their promises, reset, save."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.colours import LABEL_COLOURS
from deeprx_gui.domain.limit_advice import step_words
from deeprx_gui.domain.limit_setters import StepCost, bad_known, one_step_more
from deeprx_gui.domain.message import say
from deeprx_gui.domain.part_words import parts_of_profile
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import LABEL_WORDS, REVIEW_BAND_OFF, VERDICT_WORDS, limit_texts
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.charts.histogram import Histogram, LimitMove
from deeprx_gui.ui.charts.legend import Legend, LegendEntry
from deeprx_gui.ui.charts.limit_handles import LimitKind
from deeprx_gui.ui.check.limit_mover import LimitMover
from deeprx_gui.ui.check.limit_row import LimitPromise, LimitRow
from deeprx_gui.ui.check.promise import (
    REVIEW_BAND_OFF_MEANS,
    REVIEW_BAND_OFF_SHORT,
    promise_text,
    short_promise,
    tighter_promise,
)
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_tip, follow
from deeprx_gui.ui.kit.frames import CardFrame
from deeprx_gui.ui.limit_words import SETTERS_TITLE

_RESET: Final = say("Reset to suggested")
AIM_TIP: Final = say("Set the limits by a target or from labels…")


class LimitsCard(CardFrame):
    """Moves the session's limits. ``save_requested`` carries the reason a person gave."""

    save_requested = Signal(str)

    def __init__(
        self, session: Session, results: ResultsModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, margin=theme.M)
        self._session, self._results = session, results
        self.mover = LimitMover(session, self)
        self.histogram = Histogram()
        self._legend = Legend()
        self.review = LimitRow(Verdict.REVIEW, say("Review limit"))
        self.ng = LimitRow(Verdict.NG, say("NG limit"))
        self.aim, self.setters, self.reset = QToolButton(), QToolButton(), QToolButton()
        self.save = QPushButton()
        theme.set_icon(self.aim, "target")
        theme.set_icon(self.setters, "search")
        theme.set_icon(self.reset, "rollback")
        theme.set_icon(self.save, "save")
        self.reason = QLineEdit()
        self._narrow = False
        self._confirm, self._cancel = QPushButton(), QPushButton()
        self._confirm.setProperty("kind", "primary")
        self._cancel.setProperty("kind", "quiet")
        self._lay_out()
        self._connect()
        self._ask(False)
        bind_tip(self.aim, AIM_TIP)
        bind(self.setters.setAccessibleName, SETTERS_TITLE)
        bind(self.reset.setAccessibleName, _RESET)
        bind(self.reset.setToolTip, _RESET)
        follow(self._write_reset, Change.LANGUAGE, owner=self)
        bind(self.save.setText, say("Save limits…"))
        bind(self._confirm.setText, say("Save"))
        bind(self._cancel.setText, say("Cancel"))
        bind(self.reason.setPlaceholderText, say("Why? (goes into the history of the profile)"))
        bind(self.reason.setAccessibleName, say("Reason for the new limits"))
        bind(self.histogram.setAccessibleName, say("Histogram of scores in × suggested limit"))
        bind(
            self.histogram.setToolTip,
            say("× suggested limit (the last bar holds everything above)"),
        )
        follow(self.follow_contents, Change.LANGUAGE)
        follow(self.follow_limits, Change.LANGUAGE)

    def _lay_out(self) -> None:
        self._controls = QWidget()
        self._buttons = controls = QHBoxLayout(self._controls)
        controls.setContentsMargins(0, 0, 0, 0)
        controls.setSpacing(theme.S)
        controls.addWidget(self.reason, 1)
        buttons = (self.aim, self.setters, self.reset, self.save, self._confirm, self._cancel)
        for button in buttons:
            controls.addWidget(button, 1 if button is self.save else 0)
        self._top = QHBoxLayout()
        self._top.setSpacing(theme.S)
        self._top.addWidget(self._legend, 1)
        self._top.addWidget(self._controls)
        rows = QVBoxLayout()
        rows.setSpacing(theme.S)
        rows.addWidget(self.review)
        rows.addWidget(self.ng)
        rows.addStretch(1)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.setSpacing(theme.L)
        self._both.addWidget(self.histogram, 1)
        self._both.addLayout(rows, 1)
        self.body.setSpacing(theme.S)
        self.body.addLayout(self._top)
        self.body.addLayout(self._both, 1)

    def set_narrow(self, narrow: bool) -> None:
        """Put everything below each other, for a place beside the picture."""
        self._narrow = narrow
        direction = QBoxLayout.Direction
        self._both.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        self._both.setSpacing(theme.S if narrow else theme.L)
        for row in (self.review, self.ng):
            row.set_narrow(narrow)
        if narrow:
            self.body.insertWidget(2, self._controls)
        else:
            self._top.addWidget(self._controls)
        self._write_reset()
        self._ask(not self.reason.isHidden())

    def _write_reset(self) -> None:
        """Its word stands on the button where there is room for it, else in the tip alone."""
        self._show_reset(render(_RESET))
        needed = self._legend.minimumSizeHint().width() + self._top.spacing()
        needed += self._buttons.sizeHint().width()
        if self._narrow or needed > self._top.geometry().width():
            self._show_reset("")

    def _show_reset(self, text: str) -> None:
        style = Qt.ToolButtonStyle
        self.reset.setText(text)
        self.reset.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write_reset()

    def _connect(self) -> None:
        self.histogram.drag_started.connect(self.mover.start_drag)
        self.histogram.moved.connect(self._pulled)
        self.histogram.drag_ended.connect(self.mover.end_drag)
        for row, slot in ((self.review, self._review_moved), (self.ng, self._ng_moved)):
            row.slider.sliderPressed.connect(self.mover.start_drag)
            row.moved.connect(slot)
            row.slider.sliderReleased.connect(self._let_go)
        self.reset.clicked.connect(self._reset)
        self.save.clicked.connect(self._ask_why)
        self._confirm.clicked.connect(self._save)
        self._cancel.clicked.connect(self._stop_asking)
        self.reason.returnPressed.connect(self._save)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.reason)
        escape.setContext(Qt.ShortcutContext.WidgetShortcut)
        escape.activated.connect(self._stop_asking)
        self._session.dirty_changed.connect(self._follow_dirty)

    # -- what the page tells it -------------------------------------------------------------

    def follow_limits(self) -> None:
        """Show the session's limits everywhere on the card."""
        profile, limits = self._session.profile, self._session.limits
        if profile is None or limits is None:
            return
        suggested = profile.suggested
        review, ng = limit_texts(limits)
        self.histogram.name_limits(
            f"{render(VERDICT_WORDS[Verdict.REVIEW])} {review}"
            if limits.has_review_band
            else render(REVIEW_BAND_OFF),
            f"{render(VERDICT_WORDS[Verdict.NG])} {ng}",
        )
        self.histogram.show_limits(limits)
        self._show_row(self.review, LimitKind.REVIEW, profile)
        self._show_row(self.ng, LimitKind.NG, profile)
        self.reset.setEnabled(limits != suggested)
        self._follow_dirty()

    def follow_contents(self) -> None:
        """Show the scores of the results and of the profile's held-out normal images."""
        profile, limits = self._session.profile, self._session.limits
        if profile is None or limits is None:
            return
        held_out = np.asarray(profile.held_out_scores, np.float64)
        series = {label: self._results.rows.scores_of(label) for label in Label}
        self.histogram.show_scores(series, held_out, profile.suggested, limits)
        known = bad_known(profile, [float(s) for s in series[Label.BAD]], self._session.planted)
        step = one_step_more(profile, known)
        bind(self.setters.setToolTip, partial(_setters_tip, step))
        keys = [
            LegendEntry(LABEL_COLOURS[label], f"{render(LABEL_WORDS[label])} {series[label].size}")
            for label in (Label.GOOD, Label.BAD, Label.UNKNOWN)
            if series[label].size
        ]
        words = tr("Normal images taught {n}", n=held_out.size)
        self._legend.show_keys((*keys, LegendEntry("accent", words, outline=True)))

    # -- moving -----------------------------------------------------------------------------

    def _show_row(self, row: LimitRow, which: LimitKind, profile: Profile) -> None:
        limits = self._session.limits
        if limits is None:
            return
        review = which is LimitKind.REVIEW
        promise = limits.review_promise if review else limits.ng_promise
        score = limits.review if review else limits.ng
        grouped = parts_of_profile(profile) is not None
        text = promise_text(
            score, promise, profile.held_out_scheme, profile.held_out_scores, grouped=grouped
        )
        more = tighter_promise(promise, grouped=grouped)
        short = short_promise(text, promise, Verdict.REVIEW if review else Verdict.NG)
        hint = "" if more is None else render(more)
        if review and not limits.has_review_band:
            short = REVIEW_BAND_OFF_MEANS
            hint = render(text)
            text = short
        row.show_limit(
            limits.times(score),
            limits.times(profile.suggested.review if review else profile.suggested.ng),
            LimitPromise(render(text), render(short), hint),
            instead=render(REVIEW_BAND_OFF_SHORT) if text is REVIEW_BAND_OFF_MEANS else "",
        )

    @Slot(object)
    def _pulled(self, move: LimitMove) -> None:
        self.mover.move(move.which, move.score)

    @Slot(float)
    def _review_moved(self, times: float) -> None:
        if self._session.profile is not None:
            self.mover.move(LimitKind.REVIEW, times * self._session.profile.suggested.review)

    @Slot(float)
    def _ng_moved(self, times: float) -> None:
        if self._session.profile is not None:
            self.mover.move(LimitKind.NG, times * self._session.profile.suggested.review)

    @Slot()
    def _let_go(self) -> None:
        self.mover.end_drag()
        self.follow_limits()

    @Slot()
    def _reset(self) -> None:
        self.mover.reset()

    # -- saving -----------------------------------------------------------------------------

    @Slot()
    def _follow_dirty(self) -> None:
        self.save.setEnabled(self._session.dirty)
        if not self._session.dirty:
            self._ask(False)

    @Slot()
    def _ask_why(self) -> None:
        self._ask(True)
        self.reason.setFocus()

    @Slot()
    def _stop_asking(self) -> None:
        self._ask(False)
        self.save.setFocus()

    @Slot()
    def _save(self) -> None:
        why = self.reason.text().strip()
        self._ask(False)
        self.reason.clear()
        self.save_requested.emit(why)

    def _ask(self, asking: bool) -> None:
        asks: tuple[QWidget, ...] = (self.reason, self._confirm, self._cancel)
        rests: list[QWidget] = [self.aim, self.setters, self.reset, self.save]
        if self._narrow:
            self._legend.show()
        else:  # they take its place
            rests.append(self._legend)
        for widget in asks:
            widget.setVisible(asking)
        for widget in rests:
            widget.setVisible(not asking)


def _setters_tip(step: StepCost | None) -> str:
    """Say what the button asks, and where bad parts are known what one step more would find."""
    title = render(SETTERS_TITLE)
    return title if step is None else f"{title}\n{render(step_words(step))}"
