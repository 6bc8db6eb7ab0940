"""What came of looking through files and folders for normal images, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deeprx_gui.domain.left_out import LeftOutReason, count_left_out
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.work.collect_normals import CollectedNormals


def collected_words(found: CollectedNormals) -> Message:
    """Say how many images came in, and of the others why they did not."""
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
    bad = [i.path for i in found.left_out if i.reason is LeftOutReason.BAD_PART]
    if bad:
        rest.append(
            say_n(
                "{n} lies in a folder whose name says that the part is not good "
                "({folders}) and was left out.",
                "{n} lie in folders whose names say that the parts are not good "
                "({folders}) and were left out.",
                n=len(bad),
                folders=_names_of_folders(bad),
            )
        )
    if found.unsure:
        rest.append(
            say_n(
                "{n} was left out because the name of its folder ({folders}) leaves open whether "
                "the part is good. Is it?",
                "{n} were left out because the names of their folders ({folders}) leave open "
                "whether the parts are good. Are they?",
                n=len(found.unsure),
                folders=_names_of_folders(found.unsure),
            )
        )
    told = (LeftOutReason.BAD_PART, LeftOutReason.UNSURE)
    rest += [c.text for c in count_left_out(i for i in found.left_out if i.reason not in told)]
    message = added
    for more in rest:
        message = say("{first} {second}", first=message, second=more)
    return message


def _names_of_folders(paths: Sequence[Path]) -> str:
    return ", ".join(sorted({path.parent.name for path in paths}))
