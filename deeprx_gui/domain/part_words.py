"""What is said about parts: pure, for the window and the command line."""

from __future__ import annotations

from deeprx_gui.domain.learning_curve import parts_needed, promise_at
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.parts import Parts, PartsFrom, learnt_parts_in
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.words import percent


def shown_parts(profile: Profile) -> Parts:
    """Return which part each normal image of a profile shows; of an older file each its own."""
    learnt = learnt_parts_in(profile.extra)
    sources = [normal.source for normal in profile.normals]
    return Parts.each(len(sources)) if learnt is None else learnt.parts(sources)


def parts_counted(pictures: int, parts: int, by: PartsFrom) -> Message | None:
    """Say how many parts so many pictures show; ``None`` where each shows a part of its own."""
    if parts == pictures:
        return None
    if by is PartsFrom.AUTO:
        return say_n(
            "{pictures} pictures of about {n} part: the promise counts {n}.",
            "{pictures} pictures of about {n} parts: the promise counts {n}.",
            n=parts,
            pictures=pictures,
        )
    return say_n(
        "{pictures} pictures of {n} part: the promise counts {n}.",
        "{pictures} pictures of {n} parts: the promise counts {n}.",
        n=parts,
        pictures=pictures,
    )


def too_alike(parts: Parts) -> Message | None:
    """Say that many pictures could well show one part; ``None`` where that is not so."""
    if not parts.alike:
        return None
    return say(
        "{n} of the {pictures} pictures differ as little as several shots of one part. Each counts "
        "as a part of its own. If they do show the same part, the promise does not hold: say that "
        "they are the same part, and add other parts.",
        n=parts.alike,
        pictures=len(parts.numbers),
    )


def parts_of_profile(profile: Profile) -> Message | None:
    """Say the same of a profile's normal images."""
    learnt = learnt_parts_in(profile.extra)
    if learnt is None:
        return None
    return parts_counted(len(profile.normals), shown_parts(profile).count, learnt.by)


def more_parts(parts: int, rate: float, kind: str) -> int:
    """Return how many more parts a promise of ``rate`` needs, 0 where ``parts`` can promise it.

    ``kind``: a key of ``LIMITS``, how the product's limits are made.
    """
    if not 0 < rate < 1 or promise_at(parts, rate, kind).rate <= rate * (1 + 1e-9):
        return 0
    return max(1, parts_needed(rate, kind) - parts)


def parts_missing(parts: int, rate: float, kind: str) -> Message | None:
    """Say how many more parts a promise of ``rate`` needs; ``None`` where it needs none."""
    missing = more_parts(parts, rate, kind)
    if not missing:
        return None
    return say_n(
        "To promise {rate} %, add pictures of about {n} more part.",
        "To promise {rate} %, add pictures of about {n} more parts.",
        n=missing,
        rate=percent(rate),
    )
