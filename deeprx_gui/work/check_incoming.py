"""A profile file from elsewhere: whether this PC can judge with it and open its pictures."""

from __future__ import annotations

from typing import Final

from deeprx_gui.domain.errors import ImageError, ProfileError
from deeprx_gui.domain.message import say
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
    from deeprx_gui.capture.decode import decode_bytes, size_in  # OpenCV: not at every start

    name = whole.profile.name
    try:
        sizes = [size_in(one.data, one.name) for one in whole.must_find]
        pixels = sum(width * height for width, height in sizes)
        most = max(
            MOST_MUST_FIND_PIXELS, PIXELS_PER_BYTE * sum(len(one.data) for one in whole.must_find)
        )
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
