"""Run watch: receivers, kept pictures, store and library of a run, as standard error is told."""

from __future__ import annotations

import time
from dataclasses import dataclass

from deeprx_gui.cli.line_following import LineFollower
from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.output import OutputConnection, OutputState
from deeprx_gui.i18n import render
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.store import RecordStore

_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class RunTroubles:
    """What did not come through, at the end: verdicts and pictures; a new file of verdicts."""

    untold: int = 0
    pictures_not_kept: int = 0
    store_replaced: int = 0


class RunWatch:
    """Looks now and then, and says what is new once."""

    def __init__(
        self, outputs: OutputHub, keeper: PictureKeeper, store: RecordStore, line: LineFollower
    ) -> None:
        self._outputs, self._keeper, self._store, self.line = outputs, keeper, store, line
        self._due = 0.0
        self._said: dict[str, Message | None] = {}
        self._was_away: set[str] = set()

    def report_changes(self, *, at_once: bool = False) -> None:
        """Say what has changed; costs next to nothing between two looks."""
        now = time.monotonic()
        if now < self._due and not at_once:
            return
        self._due = now + _LOOK_SECONDS
        for place, state in enumerate(self._outputs.states()):
            self._look_at(f"output {place}", state)
        self._say("pictures", self._keeper.state().problem)
        self._say("store", self._store.notice)
        self.line.report()

    def _look_at(self, key: str, state: OutputState) -> None:
        name = f"{state.spec.kind}:{state.spec.address}"
        away = state.link in {OutputConnection.RETRYING, OutputConnection.STOPPED}
        if away and state.problem is not None:
            if key not in self._was_away:
                self._was_away.add(key)
                print_note(render(say("{name}: {problem}", name=name, problem=state.problem)))
        elif key in self._was_away and state.link is OutputConnection.READY:
            self._was_away.discard(key)
            print_note(render(say("{name} takes verdicts again.", name=name)))
        else:
            self._say(key, state.problem)

    def _say(self, key: str, problem: Message | None) -> None:
        if problem is not None and self._said.get(key) is None:
            print_note(render(problem))
        self._said[key] = problem

    def troubles(self) -> RunTroubles:
        """Return the sums; call after the outputs and the keeper were closed."""
        states = self._outputs.states()
        return RunTroubles(
            untold=sum(state.dropped + state.waiting for state in states),
            pictures_not_kept=self._keeper.state().missed + self._keeper.state().waiting,
            store_replaced=self._store.replaced,
        )


def trouble_sentences(troubles: RunTroubles) -> list[str]:
    """Return one sentence for each kind of thing that did not come through."""
    found = (
        (troubles.untold, say_n(
            "{n} verdict was not told to a receiver; it is in the history.",
            "{n} verdicts were not told to a receiver; they are in the history.",
            n=troubles.untold)),
        (troubles.pictures_not_kept, say_n(
            "{n} picture was not kept; its verdict is in the history.",
            "{n} pictures were not kept; their verdicts are in the history.",
            n=troubles.pictures_not_kept)),
        (troubles.store_replaced, say(
            "The file of verdicts was damaged during this run and a new one was begun. What was"
            " recorded before lies in the file that was put aside.")),
    )  # fmt: skip
    return [render(sentence) for count, sentence in found if count]
