"""Library of products: its revisions, what each station runs, proposed limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.library import (
    RUN_WORDS,
    STATE_WORDS,
    FollowMode,
    LibraryContent,
    LibraryRevision,
    ProposalState,
    RevisionState,
    Rollout,
    RunState,
    SentProposal,
    StationRun,
    pending,
    scope_words,
)
from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.dates import moment
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.kit.titled_row import TitledRow, beside

_WIDTH: Final = 760
_SHOWN: Final = 5
"""So many revisions of a product are shown, the newest ones."""
_EXPLAINED: Final = frozenset({RunState.TROUBLE, RunState.WITHDRAWN})
"""States of a station that are shown with what it said about them."""
_MODES: Final = (
    (FollowMode.OFF, say("No")),
    (FollowMode.ASK, say("After a confirmation here")),
    (FollowMode.AUTO, say("By itself")),
)


@dataclass(frozen=True)
class LibraryView:
    """What the sheet shows; ``lines``: the production lines that have a station."""

    known: LibraryContent
    runs: tuple[StationRun, ...] = ()
    proposals: tuple[SentProposal, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReleasePlan:
    """Whom a release or rollout is for: a ``line`` (empty: all); ``then_all``: all a day later."""

    line: str = ""
    then_all: bool = False


class LibrarySheet(Sheet):
    """What a person asks for leaves as a signal.

    ``released``, ``rolled_out``: a ``LibraryRevision``, the ``ReleasePlan`` and the reason;
    ``withdrawn``: a ``LibraryRevision`` and the reason; ``rolled_back``: the same, of the product's
    newest revision; ``answered``: a ``SentProposal``, a ``ProposalState`` and the reason;
    ``agreed``: what waited, as it was given to ``show_waiting``. ``mode`` asks for a
    ``FollowMode``.
    """

    released = Signal(object, object, str)
    rolled_out = Signal(object, object, str)
    withdrawn = Signal(object, str)
    rolled_back = Signal(object, str)
    answered = Signal(object, object, str)
    agreed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        title = theme.level(QLabel(), "heading")
        self.put_title(title)
        self.problem = wrapped("bad")
        self.problem.hide()
        self.mode = ChoiceRow()
        self.publish = QPushButton()
        theme.set_icon(self.publish, "export")
        self.scope = ChoiceRow()
        self.reason = QLineEdit()
        self.reason.setMaxLength(500)
        self._content = QVBoxLayout()
        self._content.setSpacing(theme.M)
        self._rows: list[QWidget] = []
        self._waits = QVBoxLayout()
        self._waiting: list[QWidget] = []
        self.take_over: list[QPushButton] = []
        self._waits_for: list[tuple[Message, object]] = []
        self.buttons: dict[str, list[QPushButton]] = {}
        self.body.addWidget(self.problem)
        self.body.addLayout(self._waits)
        self.body.addWidget(beside(self.mode, self.publish, low=True))
        self.body.addLayout(self._content)
        why = TitledRow(self.reason)
        why.bind_head(say("Reason, written into the history"), "")
        self.put_foot(beside(self.scope, why))
        bind(title.setText, say("Library of products"))
        self.mode.bind_texts(
            say("Follow the library"),
            say("What is released is proved on this PC first, golden images included."),
            _MODES,
        )
        self.show_product(None)
        self._offer_scopes(())

    @property
    def plan(self) -> ReleasePlan:
        """Whom the next release or rollout is for."""
        value = self.scope.value
        return value if isinstance(value, ReleasePlan) else ReleasePlan()

    def show_mode(self, mode: FollowMode) -> None:
        """Show whether this PC follows."""
        self.mode.set_value(mode)

    def show_product(self, name: str | None) -> None:
        """Say what the button publishes; ``None``: no profile is selected."""
        self.publish.setEnabled(name is not None)
        bind(
            self.publish.setText,
            say("Select a profile to publish it")
            if name is None
            else say("Publish “{name}” as a draft", name=name),
        )

    def show_problem(self, problem: Message | None) -> None:
        """Say why the library cannot be shown or did not do what was asked."""
        self.problem.setVisible(problem is not None)
        if problem is not None:
            bind(self.problem.setText, problem)

    def show_waiting(self, waits: Sequence[tuple[Message, object]]) -> None:
        """Show what waits for a confirmation at this station, each with the button to agree."""
        if list(waits) == self._waits_for and all(one.isEnabled() for one in self.take_over):
            return
        self._waits_for = list(waits)
        for row in self._waiting:
            self._waits.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._waiting, self.take_over = [], []
        for sentence, key in waits:
            words, agree = _heading(sentence), QPushButton()
            bind(agree.setText, say("Take over"))
            agree.setProperty("kind", "primary")
            agree.clicked.connect(partial(self._agree, key))
            self.take_over.append(agree)
            self._waiting.append(_row(words, [agree]))
            self._waits.addWidget(self._waiting[-1])

    def show_view(self, view: LibraryView) -> None:
        """Show what is in the library."""
        self.show_problem(None)
        self._clear()
        self._offer_scopes(view.lines)
        for product, revisions in view.known.products().items():
            self._add_product(view, product, revisions)
        opened = [one for one in view.proposals if one.state is ProposalState.OPEN]
        if opened:
            self._add(_heading(say("Proposed limits")))
        for proposal in opened:
            self._add_proposal(proposal)
        if not self._rows:
            empty = wrapped("hint")
            bind(empty.setText, say("Nothing is in the library yet."))
            self._add(empty)

    # -- inside -------------------------------------------------------------------------------

    def _offer_scopes(self, lines: Sequence[str]) -> None:
        options: list[tuple[object, Message]] = [(ReleasePlan(), say("All stations"))]
        for name in lines:
            options += [
                (ReleasePlan(name, then_all=True), say("{line} for a day, then all", line=name)),
                (ReleasePlan(name), say("Only {line}", line=name)),
            ]
        self.scope.bind_texts(say("Release and roll out to"), "", options)
        if self.scope.value is None:
            self.scope.set_value(ReleasePlan())

    def _clear(self) -> None:
        self.buttons = {}
        for row in self._rows:
            self._content.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows.clear()

    def _add(self, row: QWidget) -> None:
        self._rows.append(row)
        self._content.addWidget(row)

    def _add_product(
        self, view: LibraryView, product: int, revisions: Sequence[LibraryRevision]
    ) -> None:
        newest = revisions[-1]
        self._add(line())
        buttons = []
        if view.known.before_last(product) is not None:
            back = self._button("rollback", say("Roll back everywhere"), "rollback", newest.name)
            back.clicked.connect(partial(self._roll_back, newest))
            buttons.append(back)
        self._add(_row(_heading(say("{name}", name=newest.name)), buttons))
        for one in reversed(revisions[-_SHOWN:]):
            self._add(self._revision(one))
        of_product = [one for one in view.known.rollouts if one.product == product]
        for stage in pending(of_product, view.known.now):
            planned = wrapped()
            bind(planned.setText, partial(_stage_words, stage, view))
            self._add(planned)
        running = [run for run in view.runs if run.product == product]
        if running:
            heading = wrapped("small")
            bind(heading.setText, say("What the stations run"))
            self._add(heading)
        for run in running:
            words = wrapped("" if run.state is RunState.CURRENT else "strong")
            bind(words.setText, partial(_run_words, run))
            self._add(words)

    def _revision(self, one: LibraryRevision) -> QWidget:
        words = wrapped()
        bind(words.setText, partial(_revision_words, one))
        about = f"{one.name} {one.label}"
        buttons = []
        if one.state is RevisionState.DRAFT:
            release = self._button("release", say("Release"), "tick", about)
            release.clicked.connect(partial(self._release, one))
            buttons.append(release)
        if one.state is RevisionState.RELEASED:
            rollout = self._button("rollout", say("Roll out"), "output", about)
            rollout.clicked.connect(partial(self._roll_out, one))
            buttons.append(rollout)
        if one.state is not RevisionState.WITHDRAWN:
            withdraw = self._button("withdraw", say("Withdraw"), "stop", about)
            withdraw.clicked.connect(partial(self._withdraw, one))
            buttons.append(withdraw)
        return _row(words, buttons)

    def _add_proposal(self, sent: SentProposal) -> None:
        words = wrapped()
        bind(words.setText, partial(_proposal_words, sent))
        accept = self._button("accept", say("Accept"), "tick", sent.proposal.name)
        accept.clicked.connect(partial(self._answer, sent, ProposalState.ACCEPTED))
        reject = self._button("reject", say("Reject"), "close", sent.proposal.name)
        reject.clicked.connect(partial(self._answer, sent, ProposalState.REJECTED))
        self._add(_row(words, [accept, reject]))

    def _button(self, kind: str, text: Message, icon: str, about: str) -> QPushButton:
        made = QPushButton()
        theme.set_icon(made, icon)
        bind(made.setText, text)
        bind(made.setAccessibleName, lambda: f"{render(text)}: {about}")
        self.buttons.setdefault(kind, []).append(made)
        return made

    def _why(self) -> str:
        return self.reason.text().strip()

    @Slot()
    def _release(self, one: LibraryRevision, *_checked: bool) -> None:
        self.released.emit(one, self.plan, self._why())

    @Slot()
    def _roll_out(self, one: LibraryRevision, *_checked: bool) -> None:
        self.rolled_out.emit(one, self.plan, self._why())

    @Slot()
    def _withdraw(self, one: LibraryRevision, *_checked: bool) -> None:
        self._with_reason(lambda why: self.withdrawn.emit(one, why))

    @Slot()
    def _roll_back(self, newest: LibraryRevision, *_checked: bool) -> None:
        self._with_reason(lambda why: self.rolled_back.emit(newest, why))

    @Slot()
    def _answer(self, sent: SentProposal, state: ProposalState, *_checked: bool) -> None:
        if state is ProposalState.REJECTED:
            self._with_reason(lambda why: self.answered.emit(sent, state, why))
        else:
            self.answered.emit(sent, state, self._why())

    @Slot()
    def _agree(self, key: object, *_checked: bool) -> None:
        for button in self.take_over:
            button.setEnabled(False)
        self.agreed.emit(key)

    def _with_reason(self, go_on: Callable[[str], None]) -> None:
        if self._why():
            go_on(self._why())
            return
        self.show_problem(say("This needs a reason: it stands in the log. Write it below."))
        self.reason.setFocus()


def _heading(text: Message) -> QLabel:
    label = wrapped("strong")
    bind(label.setText, text)
    return label


def _row(words: QWidget, buttons: Sequence[QPushButton]) -> QWidget:
    row = QWidget()
    holder = QHBoxLayout(row)
    holder.setContentsMargins(0, 0, 0, 0)
    holder.setSpacing(theme.S)
    holder.addWidget(words, 1)
    for button in buttons:
        holder.addWidget(button)
    return row


def _revision_words(one: LibraryRevision) -> str:
    last = one.withdrawn or one.released
    who, when, why = (one.who, one.at, one.why) if last is None else (last.who, last.at, last.why)
    text = tr(
        "{revision} · {state} · {when} · {who}",
        revision=one.label,
        state=render(STATE_WORDS[one.state]),
        when=moment(when),
        who=who,
    )
    return f"{text} – {why}" if why else text


def _stage_words(stage: Rollout, view: LibraryView) -> str:
    names = {run.station.number: run.station.name for run in view.runs}
    found = next((one for one in view.known.revisions if one.row == stage.row), None)
    return tr(
        "{revision} goes to {scope} at {when} ({who}).",
        revision="–" if found is None else found.label,
        scope=render(scope_words(stage.scope, names)),
        when=moment(stage.starts),
        who=stage.who,
    )


def _run_words(run: StationRun) -> str:
    name = run.station.name if not run.station.line else f"{run.station.line} · {run.station.name}"
    text = tr(
        "{station}: {revision}, {state} (heard {when})",
        station=name,
        revision="–" if run.revision is None else run.revision.label,
        state=render(RUN_WORDS[run.state]),
        when=moment(run.reported),
    )
    if run.trouble is None or run.state not in _EXPLAINED:
        return text
    return tr("{station} {why}", station=text, why=render(run.trouble))


def _proposal_words(sent: SentProposal) -> str:
    made = sent.proposal
    text = tr(
        "{name}, {station}, {who}: review limit {review} %, NG limit {ng} %. Of the last {parts}"
        " parts {after} would be stopped, before {before}.",
        name=made.name,
        station=sent.station,
        who=made.who,
        review=f"{100 * (made.review / made.before_review - 1):+.1f}",
        ng=f"{100 * (made.ng / made.before_ng - 1):+.1f}",
        parts=made.parts,
        after=made.stopped_after,
        before=made.stopped_before,
    )
    return f"{text} {made.why}" if made.why else text
