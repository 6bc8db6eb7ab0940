"""Whether there are enough usable normal images, and the sentences when there are not."""

from __future__ import annotations

from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.fit_settings import FEWEST_NORMALS
from deeprx_gui.domain.message import say, say_n


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
