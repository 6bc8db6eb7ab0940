"""What can be told of a training set from its pictures as pictures: size, light, focus, place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, TypeVar

import numpy as np

from deeprx_gui.domain.arrays import Bytes2D, Float64
from deeprx_gui.domain.displacement import Displacement
from deeprx_gui.domain.doctor import FALSE_ACCUSATION, Finding, Reason
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.outlying import chances_of_pictures
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.words import percent

T = TypeVar("T", bound=Hashable)

LOOKS: Final = 6
"""So many things are looked at that go by chance: four here, likeness, and scores after a fit.

What one of them takes for chance is multiplied by this (Bonferroni), so that all of them together
accuse in no more than ``FALSE_ACCUSATION`` of the sets of good parts.
"""
MOST_SCENES = 48
"""So many pictures say where the scene usually lies."""
_MOVED = 1.5
"""A scene that moved agrees with where it usually lies so many times less than others do."""
_MAJORITY = 0.7
"""What fewer pictures share is no rule that the others break."""


@dataclass(frozen=True, eq=False)
class PictureFacts:
    """One picture of a set.

    ``light``, ``focus``: logarithms (domain/health.py). ``digest``: of its pixels. ``scene``: grey
    levels uint8 (h, w), small. ``share``: see ``domain/frame.Stored``. ``flat``: of one colour.
    """

    path: Path
    size: tuple[int, int]
    grey: bool
    share: int
    flat: bool
    light: float
    focus: float
    digest: bytes
    scene: Bytes2D


def plain_findings(facts: Sequence[PictureFacts]) -> list[Finding]:
    """Return what is certain: copies, pictures of one colour, and those of another kind."""
    found = [*_copies(facts)]
    for each in facts:
        if each.flat:
            words = say("It shows one colour only: nothing can be learnt from it.")
            found.append(Finding(each.path, Reason.FLAT, words))
    return [*found, *_of_another_size(facts), *_of_another_kind(facts)]


def measured_findings(facts: Sequence[PictureFacts], parts: Parts) -> list[Finding]:
    """Return what is out of the ordinary in light, focus and place.

    ``parts``: which part each picture shows.
    """
    parts = parts.of(i for i, each in enumerate(facts) if not each.flat)
    facts = [each for each in facts if not each.flat]
    usual_light = median([each.light for each in facts]) if facts else 0.0
    usual_focus = median([each.focus for each in facts]) if facts else 0.0
    light = [each.light - usual_light for each in facts]
    focus = [usual_focus - each.focus for each in facts]
    dark = [-value for value in light]
    found: list[Finding] = []
    for values, look in ((light, _BRIGHT), (dark, _DARK), (focus, _BLURRED)):
        found += _beyond(facts, values, parts, look)
    moves = displacements(facts)
    placed = list(moves)
    far = [moves[i].far for i in placed]
    shifted = _beyond([facts[i] for i in placed], far, parts.of(placed), _SHIFTED)
    shows = {facts[i].path for i, move in moves.items() if move.shows}
    return [*found, *(each for each in shifted if each.path in shows)]


def _beyond(
    facts: Sequence[PictureFacts], values: Sequence[float], parts: Parts, look: _Look
) -> Iterable[Finding]:
    """Yield the pictures whose value lies farther out than chance puts them."""
    chances = chances_of_pictures(values, parts, floor=look.floor / _DEVIATIONS)
    for each, value, chance in zip(facts, values, chances, strict=True):
        at_all = LOOKS * chance
        if at_all <= FALSE_ACCUSATION and value >= look.floor:
            yield Finding(each.path, look.reason, look.words(value), at_all)


@dataclass(frozen=True)
class Move:
    """Where a picture's scene lies: ``far`` from where most do, as a share of the longer side.

    ``shows``: as it lies it agrees less with where the scene usually is than most pictures do. A
    pattern that repeats itself can be mistaken for a move; then nothing shows.
    """

    far: float
    shows: bool


def displacements(facts: Sequence[PictureFacts]) -> dict[int, Move]:
    """Return where the scene of each picture lies, by place in ``facts``.

    Without those of which it cannot be told: other proportions than most, or nothing in common.
    """
    shape = _most_frequent(each.scene.shape for each in facts)
    usable = [i for i, each in enumerate(facts) if each.scene.shape == shape and not each.flat]
    n = len(usable)
    kept = sorted({usable[i * n // MOST_SCENES] for i in range(min(n, MOST_SCENES))})
    if not kept:
        return {}
    scenes = {i: facts[i].scene.astype(np.float32) for i in kept}
    place = Displacement(list(scenes.values()))
    found = dict(zip(kept, place.each, strict=True))
    usual = np.asarray(np.median(list(scenes.values()), axis=0), np.float64)
    differs = {i: _differs(facts[i].scene, usual) for i in usable}
    ordinary = _MOVED * median(differs.values())
    for i in usable:
        if i not in found:
            found[i] = place.of(facts[i].scene.astype(np.float32))
    return {i: Move(far, differs[i] > ordinary) for i, far in found.items() if far is not None}


def _differs(scene: Bytes2D, usual: Float64) -> float:
    """Return how little two scenes (h, w) agree as they lie: 1 less their correlation."""
    one, other = scene - scene.mean(), usual - usual.mean()
    energy = float(np.square(one).sum() * np.square(other).sum())
    return 1.0 - float((one * other).sum()) / math.sqrt(energy) if energy > 0 else 1.0


def copy_words(original: Path) -> Message:
    """Say of a picture that it is the same as another one."""
    return say("It is the same picture as {name}.", name=original.name)


def darker_words(far: float) -> Message:
    """Say of a picture that it is darker; ``far``: by so much as a logarithm."""
    share = percent(1 - math.exp(-far))
    return say("It is {percent} % darker than most. Lamp or exposure?", percent=share)


@dataclass(frozen=True)
class _Look:
    """``floor``: a smaller departure is none, whatever chance says."""

    reason: Reason
    floor: float
    words: Callable[[float], Message]


_DEVIATIONS = 9
"""A departure as large as the floor is out of the ordinary where the others hardly differ."""


def _share(departure: float) -> str:
    return percent(math.exp(abs(departure)) - 1)


_BRIGHT = _Look(
    Reason.BRIGHT,
    math.log(1.09),
    lambda far: say("It is {percent} % brighter than most. Lamp or exposure?", percent=_share(far)),
)
_DARK = _Look(
    Reason.DARK,
    math.log(1.09),
    darker_words,
)
_BLURRED = _Look(
    Reason.BLURRED,
    0.5,
    lambda _far: say("It is less sharp than the others. Focus, or was the part moving?"),
)
_SHIFTED = _Look(
    Reason.SHIFTED,
    0.008,
    lambda far: say(
        "The scene lies {percent} % of the picture's length elsewhere than in most. Camera or "
        "fixture?",
        percent=percent(far),
    ),
)


def _copies(facts: Sequence[PictureFacts]) -> Iterable[Finding]:
    first: dict[bytes, Path] = {}
    for each in facts:
        original = first.setdefault(each.digest, each.path)
        if original != each.path:
            yield Finding(each.path, Reason.COPY, copy_words(original))


def _of_another_size(facts: Sequence[PictureFacts]) -> Iterable[Finding]:
    usual = _usual(each.size for each in facts)
    for each in facts:
        if usual is not None and each.size != usual:
            words = say(
                "It has {width} × {height} pixels, most have {usual_width} × {usual_height}.",
                width=each.size[0],
                height=each.size[1],
                usual_width=usual[0],
                usual_height=usual[1],
            )
            yield Finding(each.path, Reason.SIZE, words)


def _of_another_kind(facts: Sequence[PictureFacts]) -> Iterable[Finding]:
    grey, share = _usual(each.grey for each in facts), _usual(each.share for each in facts)
    for each in facts:
        if grey is not None and each.grey != grey:
            in_colour = say("It is in colour, most are grey.")
            words = say("It is grey, most are in colour.") if each.grey else in_colour
            yield Finding(each.path, Reason.COLOUR, words)
        if share is not None and each.share != share:
            words = say(
                "Its file uses another part of its brightness range than most. Check the pixel "
                "format (8, 10, 12 or 16 bits)."
            )
            yield Finding(each.path, Reason.RANGE, words)


def _usual(values: Iterable[T]) -> T | None:
    """Return what most of several values are; ``None`` where they differ too much for a rule."""
    known = list(values)
    most = _most_frequent(known)
    return most if most is not None and known.count(most) >= _MAJORITY * len(known) else None


def _most_frequent(values: Iterable[T]) -> T | None:
    counted = Counter(values).most_common(1)
    return counted[0][0] if counted else None
