"""LeftOut: what was found and is neither learnt from nor judged, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from deeprx_gui.domain.message import Message, say_n

_NAMED = 5


class LeftOutReason(StrEnum):
    """Why; the value stands in ``--json``."""

    BAD_PART = "bad_part"
    UNSURE = "unsure"
    MASK = "mask"
    SUFFIX = "suffix"
    EMPTY = "empty"
    LINK_LOOP = "link_loop"
    UNREACHABLE = "unreachable"
    NAME = "name"


_UNSEEN = (LeftOutReason.UNREACHABLE, LeftOutReason.NAME)


@dataclass(frozen=True)
class LeftOut:
    """One file or folder that was left out."""

    path: Path
    reason: LeftOutReason


@dataclass(frozen=True)
class LeftOutCount:
    """How many were left out for one reason, in words too."""

    reason: LeftOutReason
    count: int
    text: Message


def anything_unseen(items: Iterable[LeftOut | LeftOutCount]) -> bool:
    """Whether something could not be opened, so that pictures of parts may be missing."""
    return any(item.reason in _UNSEEN for item in items)


def count_left_out(items: Iterable[LeftOut]) -> tuple[LeftOutCount, ...]:
    """Return one sentence with its count per reason."""
    paths: dict[LeftOutReason, list[Path]] = {}
    for item in items:
        paths.setdefault(item.reason, []).append(item.path)
    return tuple(
        LeftOutCount(reason, len(paths[reason]), _sentence(reason, paths[reason]))
        for reason in LeftOutReason
        if reason in paths
    )


def count_suffixes(suffixes: Mapping[str, int]) -> LeftOutCount:
    """Return the sentence about files whose kind is not read, from how many have each suffix."""
    names = [suffix or "–" for suffix, _ in Counter(suffixes).most_common()]
    count = sum(suffixes.values())
    text = say_n(
        "{n} file left out because its kind is not read: {suffixes}.",
        "{n} files left out because their kind is not read: {suffixes}.",
        n=count,
        suffixes=", ".join(names),
    )
    return LeftOutCount(LeftOutReason.SUFFIX, count, text)


def _sentence(reason: LeftOutReason, paths: Sequence[Path]) -> Message:
    n = len(paths)
    folders = _shortened(sorted({str(path.parent) for path in paths}))
    names = _shortened([plain_name(path) for path in paths])
    match reason:
        case LeftOutReason.BAD_PART:
            return say_n(
                "Left out: {n} picture in folders whose names say that the parts are not good: "
                "{folders}.",
                "Left out: {n} pictures in folders whose names say that the parts are not good: "
                "{folders}.",
                n=n,
                folders=folders,
            )
        case LeftOutReason.UNSURE:
            return say_n(
                "Left out: {n} picture in a folder whose name does not say whether the part is "
                "good: {folders}. Name that folder itself to use the picture.",
                "Left out: {n} pictures in folders whose names do not say whether the parts are "
                "good: {folders}. Name those folders themselves to use the pictures.",
                n=n,
                folders=folders,
            )
        case LeftOutReason.MASK:
            return say_n(
                "Left out: {n} defect mask in {folders}.",
                "Left out: {n} defect masks in {folders}.",
                n=n,
                folders=folders,
            )
        case LeftOutReason.SUFFIX:
            return count_suffixes(Counter(path.suffix.casefold() for path in paths)).text
        case LeftOutReason.EMPTY:
            return say_n(
                "Left out: {n} folder without pictures: {names}.",
                "Left out: {n} folders without pictures: {names}.",
                n=n,
                names=names,
            )
        case LeftOutReason.LINK_LOOP:
            return say_n(
                "Left out: {n} link that leads to itself: {names}.",
                "Left out: {n} links that lead to themselves: {names}.",
                n=n,
                names=names,
            )
        case LeftOutReason.UNREACHABLE:
            return say_n(
                "Left out: {n} file or folder that cannot be opened: {names}. Check whether it is "
                "there and ask for the right to read it.",
                "Left out: {n} files or folders that cannot be opened: {names}. Check whether they "
                "are there and ask for the right to read them.",
                n=n,
                names=names,
            )
        case LeftOutReason.NAME:
            return say_n(
                "Left out: {n} file or folder whose name cannot be read: {names}. Rename it.",
                "Left out: {n} files or folders whose names cannot be read: {names}. Rename them.",
                n=n,
                names=names,
            )


def plain_name(path: Path) -> str:
    """Return the name of a file in letters that any terminal and any file can hold."""
    return path.name.encode("utf-8", "backslashreplace").decode("utf-8")


def _shortened(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown}, …" if len(names) > _NAMED else shown
