"""A profile file from elsewhere: whether this PC can judge with it and open its pictures."""

from __future__ import annotations

from deeprx_gui.domain.errors import ImageError, ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.profiles.codec import WholeFile
from deeprx_gui.work.predict import check_judging


def check_incoming(whole: WholeFile) -> None:
    """Raise ProfileError where judging needs more memory than there is, or a picture is none.

    Must-find pictures are opened once: one that cannot be would stand against every revision.
    """
    check_judging(whole.profile)
    if not whole.must_find:
        return
    from deeprx_gui.capture.decode import decode_bytes  # brings OpenCV: not at every start

    for picture in whole.must_find:
        try:
            decode_bytes(picture.data, picture.name)
        except ImageError as error:
            raise ProfileError(
                say(
                    "“{name}” was not imported: a must-find picture in the file cannot be opened. "
                    "{reason}",
                    name=whole.profile.name,
                    reason=error.message,
                )
            ) from error
