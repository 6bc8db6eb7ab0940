"""Looking at a remembered part again: its kept picture, scored with the revision that judged it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final

from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.rescored_record import RescoredRecord
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.verdict import judge
from deeprx_gui.domain.why import Explanation
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.explain import ExplainerShelf
from deeprx_gui.work.open_scorer import open_scorer

TOLERANCE: Final = 0.02
"""The greatest difference in x limit that is called the same, as for golden images."""
_KEPT: Final = 3


def no_picture(record: Record, file: Path) -> Message | None:
    """Say why the picture of a part cannot be shown; ``None``: it is there."""
    if not record.picture:
        return say(
            "The picture of this part was not kept. Which pictures are kept is chosen on the page "
            "Inspect."
        )
    if not file.is_file():
        return say(
            "The picture of this part is no longer there: {file}. It was deleted to make room, "
            "moved, or could not be written.",
            file=str(file),
        )
    return None


class RecordRescorer:
    """Scores kept pictures again; the revisions used last stay open.

    Used in one worker thread, as ``EnginePool`` is.
    """

    def __init__(self, store: ProfileStore, engines: Callable[[], EnginePool]) -> None:
        self._store, self._make = store, engines
        self._engines: EnginePool | None = None
        self._open: dict[tuple[str, int], tuple[Profile, Scorer]] = {}
        self._explainers = ExplainerShelf()

    def rescore(self, record: Record, frame: Frame) -> Generator[Progress, None, RescoredRecord]:
        """Score a kept picture; what is missing or different is said in the result's note.

        Never raises DeepRxError: a picture without its heat can still be looked at.
        """
        yield Progress(0, 1, say("Scoring"))
        if record.error is not None:
            return RescoredRecord(record, frame, note=record.error, troubled=True)
        try:
            profile, scorer = self._opened(record)
        except DeepRxError as error:
            note = say(
                "There is no heat map: revision {revision} of “{name}”, which judged this part, "
                "cannot be used. {reason}",
                revision=f"r{record.revision:04d}",
                name=record.profile,
                reason=error.message,
            )
            return RescoredRecord(record, frame, note=note, troubled=True)
        yield Progress(0, 1, say("Scoring"))
        try:
            score = scorer.score(frame)
        except DeepRxError as error:
            note = say("The picture cannot be scored again. {reason}", reason=error.message)
            return RescoredRecord(record, frame, None, profile, note, troubled=True)
        note, troubled = compare_with_recorded(record, score)
        return RescoredRecord(record, frame, score, profile, note, troubled)

    def explain(self, looked: RescoredRecord) -> Generator[Progress, None, Explanation]:
        """Explain the places of a part that ``rescore`` has scored. Raises DeepRxError."""
        if looked.frame is None or looked.score is None:
            raise ValueError("only a part with a picture and a score can be explained")
        yield Progress(0, 0, say("Getting ready…"))
        explainer = self._explainers.explainer(*self._opened(looked.record))
        limits = looked.record.limits
        return (yield from explainer.explain(looked.frame, looked.score.map, limits))

    def _opened(self, record: Record) -> tuple[Profile, Scorer]:
        key = (record.profile_id, record.revision)
        found = self._open.pop(key, None)
        if found is None:
            profile = self._store.load(record.profile_id, record.revision)
            if self._engines is None:
                self._engines = self._make()
            found = profile, open_scorer(self._engines, profile)
        self._open[key] = found
        while len(self._open) > _KEPT:
            self._open.pop(next(iter(self._open)))
        return found


def compare_with_recorded(record: Record, score: Score) -> tuple[Message, bool]:
    """Say how a new score compares with the recorded one, and whether it differs."""
    now, then = record.limits.times(score.value), record.times
    if abs(now - then) <= TOLERANCE:
        return say(
            "Scored again with {revision}: {times} ×, as recorded.",
            revision=f"r{record.revision:04d}",
            times=times_limit_text(now),
        ), False
    verdict = judge(score.value, record.limits)
    lossy = not record.picture.lower().endswith(".png")
    reason = (
        say("The kept picture is a JPEG, which is not exactly the picture that was judged.")
        if lossy
        else say("This PC, or this program, computes otherwise than the one that judged it.")
    )
    return say(
        "Scored again: {now} × ({verdict}). Recorded: {then} ×. {reason}",
        now=times_limit_text(now),
        verdict=VERDICT_WORDS[verdict],
        then=times_limit_text(then),
        reason=reason,
    ), True
