"""The must-find set on its way from PC to PC: pictures of bad parts, in a product's file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from deeprx_gui.domain.corrections import (
    MOST_MUST_FIND,
    Contradiction,
    CorrectionBook,
    CorrectionKind,
)
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.gate import named
from deeprx_gui.domain.message import Message, say_n

MOST_TEXT: Final = 400
"""Characters of a picture's name, and of who named it."""
MOST_TOGETHER: Final = 512 << 20
"""Bytes of all must-find pictures in one file."""
_DIGITS: Final = 24


def digest_of(picture: bytes) -> str:
    """Return the id of a picture file: the first 24 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(picture).hexdigest()[:_DIGITS]


class MustFindTooLargeError(ProfileError):
    """The must-find set does not fit into a file; without it the rest may."""


@dataclass(frozen=True, eq=False)
class MustFindPicture:
    """A picture of the must-find set outside its product's folder.

    ``data``: a whole picture file, byte for byte as it was kept; ``name``: what people call it.
    """

    name: str
    who: str
    when: datetime
    data: bytes

    @cached_property
    def id(self) -> str:
        """The same picture has the same id on every PC."""
        return digest_of(self.data)


@dataclass(frozen=True)
class MustFindJoined:
    """What came of must-find pictures that a file brought.

    ``joined``: so many are new here, ``known``: so many were here. ``good``: names of those that
    were called good parts here; ``full``: of those for which there is no room; ``removed``: of
    those that a person had removed here.
    """

    joined: int = 0
    known: int = 0
    good: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[Message, ...]:
        """What a person should know, a sentence each."""
        found: list[Message] = []
        if self.joined:
            found.append(
                say_n(
                    "{n} picture from the file joined the must-find set.",
                    "{n} pictures from the file joined the must-find set.",
                    n=self.joined,
                )
            )
        if self.good:
            found.append(
                say_n(
                    "{n} must-find picture of the file was called a good part here, so it did not "
                    "join: {names}. Look at it, and take back what is wrong.",
                    "{n} must-find pictures of the file were called good parts here, so they did "
                    "not join: {names}. Look at them, and take back what is wrong.",
                    n=len(self.good),
                    names=named(self.good),
                )
            )
        if self.full:
            found.append(
                say_n(
                    "{n} must-find picture of the file found no room, at most {most} are kept: "
                    "{names}. Remove some that show the same kind of defect, then import the file "
                    "again.",
                    "{n} must-find pictures of the file found no room, at most {most} are kept: "
                    "{names}. Remove some that show the same kind of defect, then import the file "
                    "again.",
                    n=len(self.full),
                    most=MOST_MUST_FIND,
                    names=named(self.full),
                )
            )
        if self.removed:
            found.append(
                say_n(
                    "{n} must-find picture of the file was removed from the must-find set here, so "
                    "it did not join: {names}.",
                    "{n} must-find pictures of the file were removed from the must-find set here, "
                    "so they did not join: {names}.",
                    n=len(self.removed),
                    names=named(self.removed),
                )
            )
        return tuple(found)


@dataclass(frozen=True)
class JoinPlan:
    """Which pictures of a file join, and what becomes of the others."""

    take: tuple[MustFindPicture, ...]
    outcome: MustFindJoined


def plan_join(
    book: CorrectionBook,
    pictures: Sequence[MustFindPicture],
    room: int,
    *,
    removed_too: bool = True,
) -> JoinPlan:
    """Sort out what joins a must-find set in which there is ``room`` for so many more.

    A picture that is there, or in the file twice, joins once; one that waits here as missed
    counts as new. ``removed_too``: also one that a person removed here.
    """
    said_again = {one.id for one in book.said(CorrectionKind.MISSED)}
    removed = set[str]() if removed_too else set(book.removed) - said_again
    here = {one.id for one in book.must_find}
    take: dict[str, MustFindPicture] = {}
    known, good, full, gone = 0, list[str](), list[str](), list[str]()
    for picture in pictures:
        against = book.contradicted(picture.id, CorrectionKind.MISSED)
        if picture.id in here or picture.id in take:
            known += 1
        elif against in (Contradiction.PENDING, Contradiction.LEARNT):
            good.append(picture.name)
        elif picture.id in removed:
            gone.append(picture.name)
        elif len(take) >= room:
            full.append(picture.name)
        else:
            take[picture.id] = picture
    outcome = MustFindJoined(len(take), known, tuple(good), tuple(full), tuple(gone))
    return JoinPlan(tuple(take.values()), outcome)
