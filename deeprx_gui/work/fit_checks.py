"""Whether there are enough usable normal images, and the sentences when there are not."""

from __future__ import annotations

from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.fit_settings import FEWEST_NORMALS
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.parts import PartRule, Parts, PartsFrom


def too_few(usable: int, unreadable: int, misplaced: int = 0) -> FitError:
    """Return the error that says how many more images are needed, and why these do not do."""
    missing = FEWEST_NORMALS - usable
    if misplaced >= max(1, unreadable):
        return FitError(
            say(
                "Only {usable} of the pictures can be used: in {misplaced} positioning did not "
                "find the part. At least {fewest} are needed. Put the parts where they usually "
                "lie, allow more shift or a poorer match, or switch positioning off.",
                usable=usable,
                misplaced=misplaced,
                fewest=FEWEST_NORMALS,
            )
        )
    if unreadable:
        return FitError(
            say(
                "Only {usable} of the pictures can be used, {unreadable} could not be read. "
                "At least {fewest} are needed: add {missing} more pictures of good parts "
                "(10 to 50 are best).",
                usable=usable,
                unreadable=unreadable,
                fewest=FEWEST_NORMALS,
                missing=missing,
            )
        )
    return FitError(
        say_n(
            "{n} normal image is too little to learn from, at least {fewest} are needed: "
            "add {missing} more pictures of good parts (10 to 50 are best).",
            "{n} normal images are too few to learn from, at least {fewest} are needed: "
            "add {missing} more pictures of good parts (10 to 50 are best).",
            n=usable,
            fewest=FEWEST_NORMALS,
            missing=missing,
        )
    )


def check_parts(parts: Parts, rule: PartRule) -> None:
    """Raise FitError when pictures show too few different parts to promise anything.

    Too few pictures are another matter: ``too_few``.
    """
    if parts.count >= FEWEST_NORMALS or parts.count == len(parts.numbers):
        return
    remedy = _REMEDIES[rule.by]
    raise FitError(
        say_n(
            "The {pictures} pictures show only {n} part, photographed several times. At least "
            "{fewest} different parts are needed: add pictures of other good parts. {remedy}",
            "The {pictures} pictures show only {n} different parts, photographed several times. At "
            "least {fewest} are needed: add pictures of other good parts. {remedy}",
            n=parts.count,
            pictures=len(parts.numbers),
            fewest=FEWEST_NORMALS,
            remedy=remedy,
        )
    )


_REMEDIES = {
    PartsFrom.AUTO: say(
        "If every picture does show another part, say so: select them on Teach and press "
        "“Different parts”, or use --part-from none."
    ),
    PartsFrom.FOLDER: say(
        "Each folder counted as one part; --part-from auto or none does not look at folders."
    ),
    PartsFrom.NAME: say(
        "The pattern found the same name in most file names; check it, or leave it out."
    ),
    PartsFrom.NONE: say("Pictures that were said to show the same part counted as one."),
}
"""What to do where the parts were told wrongly."""


def check_structure(usable: int, unreadable: int, *, flat: bool, misplaced: int = 0) -> None:
    """Raise FitError when the images are all of one colour or too few."""
    if usable and flat:
        raise FitError(
            say(
                "The normal images show no structure at all (all of one colour). "
                "Check the camera and the lamp, then take the pictures again."
            )
        )
    if usable < FEWEST_NORMALS:
        raise too_few(usable, unreadable, misplaced)
