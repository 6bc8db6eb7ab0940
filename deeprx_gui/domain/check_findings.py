"""What a run on Check shows beyond its verdicts: contradictions, a foreign set, a step forward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.label_limits import LabelledScores
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.scored import Label, ScoredImage
from deeprx_gui.domain.verdict import Verdict

FEWEST_FOREIGN = 3
"""Fewer pictures that are all NG are no set that somebody should wonder about."""


def picture_key(result: ScoredImage) -> Hashable:
    """Return what is equal for results of the same picture, whatever its file is called.

    The same pixels have the same score map to the last bit; without a score it is the file.
    """
    if result.score is None:
        return result.path
    return result.width, result.height, result.score.map.tobytes()


def contradictions(labelled: Iterable[tuple[Hashable, Label, int]]) -> tuple[tuple[int, ...], ...]:
    """Return the numbers of pictures that are labelled good and bad, in groups of one picture.

    ``labelled``: what is equal for the same picture, its label, its number.
    """
    shown: defaultdict[Hashable, list[tuple[Label, int]]] = defaultdict(list)
    for key, label, number in labelled:
        if label is not Label.UNKNOWN:
            shown[key].append((label, number))
    return tuple(
        tuple(number for _, number in same)
        for same in shown.values()
        if len({label for label, _ in same}) > 1
    )


@dataclass(frozen=True)
class LabelledPicture:
    """A scored picture and what it really shows; ``score``: raw, NaN where there is none.

    ``key``: what is equal for the same picture.
    """

    path: Path
    label: Label
    score: float
    key: Hashable


@dataclass(frozen=True)
class LabelledSet:
    """What limits can be set from: ``scores``, and the numbers of pictures in ``contradicting``.

    Those are labelled good and bad, and not counted.
    """

    scores: LabelledScores
    contradicting: tuple[tuple[int, ...], ...]


def labelled_set(pictures: Sequence[LabelledPicture], held_out: Sequence[float]) -> LabelledSet:
    """Sort out labelled pictures; ``held_out``: a score of each part that was learnt from."""
    found = contradictions((p.key, p.label, number) for number, p in enumerate(pictures))
    doubtful = {number for group in found for number in group}
    good, bad = (
        [p.score for n, p in enumerate(pictures) if p.label is label and n not in doubtful]
        for label in (Label.GOOD, Label.BAD)
    )
    return LabelledSet(LabelledScores.of(good, bad, held_out), found)


def foreign_set(verdicts: Iterable[tuple[Verdict, Label]]) -> Message | None:
    """Ask whether it is another product or another lamp, where everything scored is NG.

    Pictures labelled bad ought to be NG, and ERROR is no verdict about a part: neither counts.
    """
    counted = [verdict for verdict, label in verdicts if label is not Label.BAD]
    judged = [verdict for verdict in counted if verdict is not Verdict.ERROR]
    if len(judged) < FEWEST_FOREIGN or any(verdict is not Verdict.NG for verdict in judged):
        return None
    return say_n(
        "All {n} picture is NG. Is it another product, or another lamp, focus or "
        "position than when it learnt?",
        "All {n} pictures are NG. Is it another product, or another lamp, focus or position than "
        "when it learnt?",
        n=len(judged),
    )


@dataclass(frozen=True)
class JudgedBefore:
    """What a revision said about pictures: the verdict of each by its file."""

    revision: int
    verdicts: Mapping[Path, Verdict]


@dataclass(frozen=True)
class RevisionStep:
    """Two revisions on the same labelled pictures, each judged by both: (before, now)."""

    before: int
    now: int
    good: int
    bad: int
    misses: tuple[int, int]
    false_calls: tuple[int, int]


def revision_step(
    before: JudgedBefore, now: JudgedBefore, labels: Mapping[Path, Label]
) -> RevisionStep | None:
    """Compare two revisions on the labelled pictures that both could judge; ``None``: on none."""
    if before.revision == now.revision:
        return None
    both = [
        (label, before.verdicts[path], now.verdicts[path])
        for path, label in labels.items()
        if label is not Label.UNKNOWN and _can_judge(before, path) and _can_judge(now, path)
    ]
    if not both:
        return None
    good = [pair for label, *pair in both if label is Label.GOOD]
    bad = [pair for label, *pair in both if label is Label.BAD]
    return RevisionStep(
        before.revision,
        now.revision,
        len(good),
        len(bad),
        (_count(bad, 0, Verdict.OK), _count(bad, 1, Verdict.OK)),
        (_count(good, 0, Verdict.NG), _count(good, 1, Verdict.NG)),
    )


def _can_judge(judged: JudgedBefore, path: Path) -> bool:
    return judged.verdicts.get(path, Verdict.ERROR) is not Verdict.ERROR


def _count(pairs: list[list[Verdict]], place: int, verdict: Verdict) -> int:
    return sum(pair[place] is verdict for pair in pairs)


def step_forward_words(step: RevisionStep) -> Message:
    """Say what a revision changed: “8 → 3 missed, 2 → 0 false calls”."""
    words = {
        "before": f"r{step.before:04d}",
        "now": f"r{step.now:04d}",
        "missed": step.misses[0],
        "missing": step.misses[1],
        "called": step.false_calls[0],
        "calling": step.false_calls[1],
        "bad": step.bad,
        "good": step.good,
    }
    if not step.bad:
        return say(
            "{before} → {now} on the same pictures: {called} → {calling} false calls of {good} "
            "good parts.",
            **words,
        )
    if not step.good:
        return say(
            "{before} → {now} on the same pictures: {missed} → {missing} missed of {bad} bad "
            "parts.",
            **words,
        )
    return say(
        "{before} → {now} on the same pictures: {missed} → {missing} missed of {bad} bad parts, "
        "{called} → {calling} false calls of {good} good parts.",
        **words,
    )
