"""Whether there are enough usable normal images, and the sentences when there are not."""

from __future__ import annotations

from collections.abc import Sequence

from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.fit_settings import FEWEST_NORMALS, FitSettings
from deeprx_gui.domain.limits import LIMITS
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.parts import PartRule, Parts, PartsFrom
from deeprx_gui.engine.measure import REDUCTIONS
from deeprx_gui.engine.normalise import AUTO, NORMALISATIONS
from deeprx_gui.engine.preprocess import SIZES
from deeprx_gui.profiles.view_document import is_sound

MOST_SIGMA = 10
MOST_AREA = 10_000


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


def check_used(used: int, skipped: Sequence[SkippedImage], *, flat: bool, scored: int) -> None:
    """Raise FitError where too few could be used; ``scored``: how many did not teach a network."""
    misplaced = sum(image.misplaced for image in skipped)
    unreadable = len(skipped) - misplaced
    check_structure(used, unreadable, flat=flat, misplaced=misplaced)
    if scored == 0:
        raise too_few(used, unreadable, misplaced)


def check_settings(settings: FitSettings, images: int) -> None:
    """Raise FitError for settings that nothing can be learnt with, or too few images."""
    low, high = SIZES
    size = settings.preprocessing.size
    if not low <= size <= high:
        raise FitError(
            say(
                "The picture size must be between {low} and {high} pixels, not {size}.",
                low=low,
                high=high,
                size=size,
            )
        )
    if settings.scoring.reduce not in REDUCTIONS:
        raise FitError(say("The score cannot be made that way. Choose “max” or “top1”."))
    if settings.scoring.normalise not in {*NORMALISATIONS, AUTO}:
        raise FitError(
            say("Score maps cannot be normalised that way. Choose “auto”, “position” or “none”.")
        )
    if settings.limit not in LIMITS:
        raise FitError(say("Limits cannot be made that way. Choose “auto”, “rank” or “tail”."))
    if not 0 <= settings.scoring.sigma <= MOST_SIGMA:
        raise FitError(
            say(
                "The smoothing must be between 0 and {most} grid cells, not {sigma}.",
                most=MOST_SIGMA,
                sigma=settings.scoring.sigma,
            )
        )
    if not 1 <= settings.scoring.min_area <= MOST_AREA:
        raise FitError(
            say(
                "The smallest area must be between 1 and {most} grid cells, not {area}.",
                most=MOST_AREA,
                area=settings.scoring.min_area,
            )
        )
    if not is_sound(settings.view):
        raise FitError(
            say("The inspection region or the positioning cannot be used. Set them up again.")
        )
    if not (0 < settings.false_call_rate < 1 and 0 < settings.review_rate < 1):
        raise FitError(
            say("The false-call rate must be above 0 % and below 100 %. Choose 1 %, for example.")
        )
    if images < FEWEST_NORMALS:
        raise too_few(images, 0)
