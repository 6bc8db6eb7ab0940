"""What a product is called on all PCs, and which of two saved states knows of the other.

A lineage id stays with a product wherever its profile is copied; a mark stays with one saved
state. ``before`` lists the marks that were known where the state was saved, so that two PCs can
tell a newer state from one that went another way.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from enum import StrEnum

from deeprx_gui.domain.profile import Lineage
from deeprx_gui.profiles.untrusted_input import Raw

MOST_MARKS = 2000
_MARK = re.compile(r"[0-9a-f]{32}", re.ASCII)
_OLD = uuid.UUID("6d1f7c52-8f0e-5f0b-9a53-0d5b6a3c7e21")
_STAYS_HERE = frozenset({"id", "revision", "name", "schema", "lineage"})


class Relation(StrEnum):
    """How a state that arrives stands to the one in use."""

    SAME = "same"
    NEWER = "newer"
    OLDER = "older"
    DIVERGED = "diverged"
    UNKNOWN = "unknown"


def is_mark(value: object) -> bool:
    """Whether a value is a lineage id or a mark; empty: not known."""
    return isinstance(value, str) and (not value or _MARK.fullmatch(value) is not None)


def is_marks(value: object) -> bool:
    """Whether a value is a list of marks that is not too long."""
    return isinstance(value, list) and len(value) <= MOST_MARKS and all(map(is_mark, value))


def new_mark() -> str:
    """A fresh lineage id or mark: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def new_lineage() -> Lineage:
    """The lineage of a product that begins now."""
    return Lineage(new_mark(), new_mark())


def next_lineage(id_: str, known: Iterable[Lineage]) -> Lineage:
    """The lineage of a state saved now where the states ``known`` (oldest first) are."""
    marks: dict[str, None] = {}
    for one in known:
        marks.update(dict.fromkeys((*one.before, one.mark)))
    marks.pop("", None)
    return Lineage(id_ or new_mark(), new_mark(), tuple(marks)[-MOST_MARKS:])


def old_id(profile_id: object) -> str:
    """The lineage id of a profile saved before there were any: the same on every PC."""
    return uuid.uuid5(_OLD, str(profile_id)).hex


def old_mark(raw: Raw) -> str:
    """The mark of a state saved before there were any, from what every copy of it has."""
    travels = {key: value for key, value in raw.items() if key not in _STAYS_HERE}
    text = json.dumps(travels, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def relation(incoming: Lineage, current: Lineage, here: Iterable[Lineage]) -> Relation:
    """How ``incoming`` stands to ``current``; ``here``: all states of the product on this PC."""
    if incoming.mark == current.mark:
        return Relation.SAME
    known = {mark for one in here for mark in (one.mark, *one.before)}
    if incoming.mark in known:
        return Relation.OLDER
    if current.mark in incoming.before:
        return Relation.NEWER
    return Relation.UNKNOWN if known.isdisjoint(incoming.before) else Relation.DIVERGED
