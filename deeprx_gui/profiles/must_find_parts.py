"""Must-find pictures inside a ``.deeprx`` file that travels: entries of its text, and parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from deeprx_gui.domain.corrections import MOST_BYTES
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import MOST_TOGETHER, MustFindPicture, MustFindTooLargeError
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.profiles.archive import Archive
from deeprx_gui.profiles.document import clean_text
from deeprx_gui.profiles.untrusted_input import Raw, must_find_member

MUST_FIND_KEY: Final = "must_find"


def must_find_parts(pictures: Sequence[MustFindPicture]) -> dict[str, bytes]:
    """Return the parts of a file, by name. Raises ProfileError where they are too large for one."""
    _check_sizes([len(one.data) for one in pictures])
    return {must_find_member(i, one.name): one.data for i, one in enumerate(pictures)}


def must_find_to_raw(pictures: Sequence[MustFindPicture]) -> list[Raw]:
    """Return the entries of ``profile.json``, in the order of the parts."""
    return [
        {
            "name": clean_text(one.name),
            "member": must_find_member(i, one.name),
            "who": clean_text(one.who),
            "when": one.when.isoformat(),
        }
        for i, one in enumerate(pictures)
    ]


def must_find_from_raw(
    entries: Sequence[Raw], archive: Archive, hashes: Mapping[str, str]
) -> tuple[MustFindPicture, ...]:
    """Read the pictures that checked entries name, each against its hash. Raises ProfileError.

    Sizes are looked at before anything is read; what is in the pictures is not.
    """
    members = [entry["member"] for entry in entries]
    sizes = archive.sizes()
    _check_sizes([sizes[member] for member in members])
    return tuple(
        MustFindPicture(
            entry["name"],
            entry["who"],
            saved_time(entry["when"]),
            archive.read(member, hashes[member]),
        )
        for entry, member in zip(entries, members, strict=True)
    )


def check_together(sizes: Sequence[int]) -> None:
    """Raise MustFindTooLargeError where pictures of so many bytes each are too many together."""
    if sum(sizes) > MOST_TOGETHER:
        raise MustFindTooLargeError(
            say(
                "The must-find pictures are too large together for one file: {mb} MB, at most "
                "{most} MB. Remove some that show the same kind of defect, or leave them out.",
                mb=round(sum(sizes) / 1e6),
                most=round(MOST_TOGETHER / 1e6),
            )
        )


def _check_sizes(sizes: Sequence[int]) -> None:
    check_together(sizes)
    if not all(0 < size <= MOST_BYTES for size in sizes):
        raise ProfileError(
            say(
                "A must-find picture is empty or larger than {most} MB.",
                most=round(MOST_BYTES / 1e6),
            )
        )
