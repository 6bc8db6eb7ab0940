"""What came of looking through files and folders for normal images, in words."""

from __future__ import annotations

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.work.collect_normals import CollectedNormals


def intake_words(found: CollectedNormals) -> Message:
    """Say what came of looking through files and folders."""
    added = say_n("{n} image was added.", "{n} images were added.", n=len(found.new))
    if not found.new:
        added = say("No image was added.")
    rest: list[Message] = []
    if found.already:
        rest.append(
            say_n(
                "{n} was in the tray already.",
                "{n} were in the tray already.",
                n=found.already,
            )
        )
    if found.copies:
        rest.append(
            say_n(
                "{n} is a copy of another one and was left out.",
                "{n} are copies of others and were left out.",
                n=len(found.copies),
            )
        )
    if found.bad:
        rest.append(
            say_n(
                "{n} lies in a folder whose name says that the part is not good "
                "({folders}) and was left out.",
                "{n} lie in folders whose names say that the parts are not good "
                "({folders}) and were left out.",
                n=len(found.bad),
                folders=", ".join(sorted({path.parent.name for path in found.bad})),
            )
        )
    message = added
    for more in rest:
        message = say("{first} {second}", first=message, second=more)
    return message
