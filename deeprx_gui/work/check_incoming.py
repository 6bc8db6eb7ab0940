"""Profile files on their way: whether this PC, or the one they go to, can take them in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from deeprx_gui.domain.errors import ImageError, ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import MustFindPicture, MustFindTooLargeError
from deeprx_gui.profiles.codec import WholeFile
from deeprx_gui.work.predict import check_judging

MOST_MUST_FIND_PIXELS: Final = 256 << 20
"""Of all must-find pictures of a file together, however few bytes they have."""
PIXELS_PER_BYTE: Final = 16
"""More pixels are opened where the file is so large: a camera's JPEG has 2 to 8 to the byte."""


def check_incoming(whole: WholeFile) -> None:
    """Raise ProfileError where judging needs more memory than there is, or a picture is none.

    Must-find pictures are opened once: one that cannot be would stand against every revision.
    Before any is, their heads say whether they are too many pixels together.
    """
    check_judging(whole.profile)
    if not whole.must_find:
        return
    from deeprx_gui.capture.decode import decode_bytes  # OpenCV: not at every start

    name = whole.profile.name
    try:
        pixels, most = _pixels(whole.must_find)
        if pixels > most:
            raise _too_many(name, pixels, most)
        for picture in whole.must_find:
            decode_bytes(picture.data, picture.name)
    except ImageError as error:
        raise ProfileError(
            say(
                "“{name}” was not imported: a must-find picture in the file cannot be opened. "
                "{reason}",
                name=name,
                reason=error.message,
            )
        ) from error


def check_outgoing(pictures: Sequence[MustFindPicture]) -> None:
    """Raise MustFindTooLargeError where a file with these pictures could not be imported again.

    Only their heads are read: each was opened when it was taken into the set. Raises ProfileError
    where one is no picture.
    """
    try:
        pixels, most = _pixels(pictures)
    except ImageError as error:
        raise ProfileError(
            say(
                "A picture of the must-find set cannot be opened. {reason} Remove it from the set.",
                reason=error.message,
            )
        ) from error
    if pixels > most:
        raise MustFindTooLargeError(
            say(
                "The must-find pictures have {pixels} megapixels together; a file is imported with "
                "at most {most}. Remove some that show the same kind of defect, or leave them out.",
                pixels=_megapixels(pixels),
                most=_megapixels(most),
            )
        )


def _pixels(pictures: Sequence[MustFindPicture]) -> tuple[int, int]:
    """Return how many pixels pictures have together, and how many may be opened: the one bound.

    Raises ImageError where one is no picture.
    """
    from deeprx_gui.capture.decode import size_in  # OpenCV: not at every start

    sizes = [size_in(one.data, one.name) for one in pictures]
    together = sum(width * height for width, height in sizes)
    worth = PIXELS_PER_BYTE * sum(len(one.data) for one in pictures)
    return together, max(MOST_MUST_FIND_PIXELS, worth)


def _too_many(name: str, pixels: int, most: int) -> ProfileError:
    return ProfileError(
        say(
            "“{name}” was not imported: its must-find pictures have {pixels} megapixels together, "
            "at most {most} are opened. Remove some there, or export the product without must-find "
            "pictures.",
            name=name,
            pixels=_megapixels(pixels),
            most=_megapixels(most),
        )
    )


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1e6:,.0f}"
