"""Set the limits by a target or from labels: answers at every change, moves them when asked to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Slot

from deeprx_gui.domain.arrays import Ints
from deeprx_gui.domain.check_findings import (
    LabelledPicture,
    LabelledSet,
    labelled_set,
    picture_key,
)
from deeprx_gui.domain.consequences import (
    consequence_lines,
    consequences_of,
    label_problems,
)
from deeprx_gui.domain.false_call_target import limits_words, sureness_words, surer_words
from deeprx_gui.domain.label_limits import LabelledScores
from deeprx_gui.domain.learning_curve import PromiseAt
from deeprx_gui.domain.limit_ways import Proposal, Way, part_scores, propose
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import VERDICTS, judge_many
from deeprx_gui.i18n import render
from deeprx_gui.state.result_columns import score_text
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.limits_sheet import LimitsSheet
from deeprx_gui.ui.check.page import CheckPage
from deeprx_gui.ui.check.verdict_changes import transition_text, verdict_changes_text
from deeprx_gui.ui.picture.tile_strip import Tile

_MOST_TILES = 60


class LimitsSheetController(QObject):
    """Opens the sheet from the card of the limits; what is used can be undone like any move."""

    def __init__(
        self,
        session: Session,
        results: ResultsModel,
        page: CheckPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._results, self._page = session, results, page
        self._labelled = LabelledSet(LabelledScores((), ()), ())
        self._proposal: Proposal | None = None
        self.sheet: LimitsSheet | None = None
        page.body.limits.aim.clicked.connect(self.open)
        session.profile_changed.connect(self._close)

    @Slot()
    def open(self) -> None:
        """Open the sheet on what is labelled now."""
        profile = self._session.profile
        if profile is None:
            return
        if self.sheet is None:
            thumbnails = self._page.body.flips.tiles.thumbnails
            self.sheet = LimitsSheet(thumbnails, self._tip, self._page.window())
            self.sheet.changed.connect(self._answer)
            self.sheet.use.clicked.connect(self._use)
            self.sheet.tiles.chosen.connect(self._look_at)
        rows = self._results.rows
        known = [
            LabelledPicture(item.path, rows.label_of(n), item.value, picture_key(item))
            for n, item in enumerate(rows.items)
            if rows.label_of(n) is not Label.UNKNOWN
        ]
        self._labelled = labelled_set(known, part_scores(profile))
        self.sheet.show_share(self._labelled.scores.bad_share)
        self._answer()
        self.sheet.open()

    @Slot()
    def _answer(self) -> None:
        """Show what the wish leads to."""
        sheet, profile, limits = self.sheet, self._session.profile, self._session.limits
        if sheet is None or profile is None or limits is None:
            return
        wish, scores = sheet.wish, self._labelled.scores
        proposal = self._proposal = propose(profile, limits, self._labelled, wish)
        then = proposal.limits
        answer: list[Message] = []
        curve: Sequence[PromiseAt] = ()
        if then is not None:
            answer.append(limits_words(then, profile.suggested.review))
        if proposal.answer is not None:
            answer += [sureness_words(proposal.answer.promise), surer_words(proposal.answer)]
            curve = proposal.answer.curve
        targeted = wish.way is Way.TARGET and not len(self._results.rows)
        sheet.show_problems(
            () if targeted else label_problems(scores, len(self._labelled.contradicting))
        )
        sheet.show_proposal(proposal.reason, answer, usable=then is not None)
        sheet.show_curve(curve, 0 if proposal.answer is None else proposal.answer.parts)
        if then is None or not scores.good:
            sheet.show_consequences((), None, ())
            return
        found = consequences_of(
            limits,
            then,
            scores,
            per_shift=wish.costs.per_shift,
            bad_share=wish.costs.bad_share,
            costs=wish.costs if wish.way is Way.COSTS else None,
        )
        words, tiles = self._flips(limits, then)
        sheet.show_consequences(consequence_lines(found), words, tiles)

    def _flips(self, now: Limits, then: Limits) -> tuple[Message | None, Sequence[Tile]]:
        """Return how many verdicts flip and the pictures, highest score first."""
        rows = self._results.rows
        if not len(rows):
            return None, ()
        before, after = judge_many(rows.values, now), judge_many(rows.values, then)
        changed: Ints = np.flatnonzero(before != after)
        pairs = [(VERDICTS[int(before[n])], VERDICTS[int(after[n])]) for n in changed]
        words = verdict_changes_text({pair: pairs.count(pair) for pair in set(pairs)})
        order = np.argsort(-rows.values[changed], kind="stable")[:_MOST_TILES]
        tiles = [
            Tile(int(changed[i]), rows.items[changed[i]].path, transition_text(*pairs[i]))
            for i in order
        ]
        return words, tiles

    def _tip(self, number: int) -> str:
        rows = self._results.rows
        times = score_text(float(rows.values[number]), self._session.limits)
        return f"{rows.names[number]}\n{times} ×"

    @Slot()
    def _use(self) -> None:
        proposal = self._proposal
        if self.sheet is None or proposal is None or proposal.limits is None:
            return
        self.sheet.close_sheet()
        self._page.body.limits.reason.setText(render(proposal.reason))
        self._session.set_limits(proposal.limits)

    @Slot(object)
    def _look_at(self, number: int) -> None:
        """Show a picture that flips; the sheet keeps what was entered."""
        if self.sheet is not None:
            self.sheet.close_sheet()
        self._page.body.go_to(number)

    @Slot()
    def _close(self) -> None:
        """Another product or another fit: the answer is no longer true."""
        self._proposal = None
        if self.sheet is not None and self.sheet.isVisible():
            self.sheet.close_sheet()
