"""Parts: which pictures show one and the same part, and how the program knows.

A promise counts parts: ten parts photographed three times each say no more about the eleventh part
than ten pictures do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say

KEY = "parts"
"""Under this key a profile's file keeps which pictures show one part."""
_MOST_SOURCES = 100_000


class PartsFrom(StrEnum):
    """What tells which part a picture shows."""

    AUTO = "auto"
    FOLDER = "folder"
    NAME = "name"
    NONE = "none"


@dataclass(frozen=True)
class Parts:
    """The part that each of a list of pictures shows, counted 0, 1, ... by first appearance.

    ``alike``: so many pictures are as close to each other as shots of one part and count as parts
    of their own all the same, because nothing in the set tells the one from the other.
    """

    numbers: tuple[int, ...]
    alike: int = 0

    @classmethod
    def each(cls, pictures: int) -> Parts:
        """Every picture shows a part of its own."""
        return cls(tuple(range(pictures)))

    @classmethod
    def by(cls, labels: Iterable[object]) -> Parts:
        """Pictures with equal labels show one part."""
        seen: dict[object, int] = {}
        return cls(tuple(seen.setdefault(label, len(seen)) for label in labels))

    @property
    def count(self) -> int:
        """How many parts there are."""
        return max(self.numbers, default=-1) + 1

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The places of the pictures of each part, by part."""
        found: list[list[int]] = [[] for _ in range(self.count)]
        for place, number in enumerate(self.numbers):
            found[number].append(place)
        return tuple(map(tuple, found))

    def of(self, places: Iterable[int]) -> Parts:
        """Return the parts that these pictures show, in this order, counted anew."""
        return Parts.by(self.numbers[place] for place in places)

    def highest(self, scores: Sequence[float | None]) -> list[float]:
        """Return the highest score of each part, by part; parts without any score are left out.

        A part's score is that of its highest picture: a new part that is photographed once lies
        above the k-th largest of these with a probability of at most k / (parts + 1).
        """
        known = {i: score for i, score in enumerate(scores) if score is not None}
        return self.highest_of(known)

    def highest_of(self, scores: Mapping[int, float]) -> list[float]:
        """Return the same from scores by place."""
        best: dict[int, float] = {}
        for place, score in scores.items():
            number = self.numbers[place]
            best[number] = max(score, best.get(number, score))
        return [best[number] for number in sorted(best)]

    def foremost(self, scores: Mapping[int, float]) -> list[int]:
        """Return the place of the highest picture of each part, highest first."""
        ranked = sorted(scores, key=lambda place: (-scores[place], place))
        first: dict[int, int] = {}
        for place in ranked:
            first.setdefault(self.numbers[place], place)
        return list(first.values())


@dataclass(frozen=True)
class PartRule:
    """How to find out which part a picture shows.

    ``pattern``: for ``NAME``, a regular expression; its first group, else all of what it finds in a
    file's name, names the part. ``said``: groups of sources of which a person said that each shows
    one part; a group of one shows a part of its own. They overrule everything else. ``known``:
    groups found before, nothing is looked at again; ``alike``: as found then, see ``Parts``.
    """

    by: PartsFrom = PartsFrom.AUTO
    pattern: str = ""
    said: tuple[tuple[str, ...], ...] = ()
    known: tuple[tuple[str, ...], ...] | None = None
    alike: int = 0

    def named(self, sources: Sequence[str]) -> Parts:
        """Return what names of files and folders say, without looking at pictures.

        Raises RequestError when the pattern is no regular expression.
        """
        labels = list(map(self._label, sources))
        return replace(self.corrected(sources, Parts.by(labels)), alike=self.alike)

    def corrected(self, sources: Sequence[str], found: Parts) -> Parts:
        """Return ``found`` with what a person said put over it."""
        if not self.said:
            return found
        told = {source: group for group, names in enumerate(self.said) for source in names}
        return Parts.by(
            ("said", told[source]) if source in told else number
            for source, number in zip(sources, found.numbers, strict=True)
        )

    def settled(self, sources: Sequence[str], parts: Parts) -> PartRule:
        """Return the rule with what was found for these pictures."""
        groups = (g for g in parts.groups if len(g) > 1)
        known = tuple(tuple(sources[place] for place in group) for group in groups)
        return replace(self, known=known, alike=parts.alike)

    def saying(self, groups: Iterable[Iterable[str]]) -> PartRule:
        """Return the rule with a person's further words; they overrule earlier ones."""
        new = tuple(tuple(dict.fromkeys(group)) for group in groups)
        fresh = {source for group in new for source in group}
        kept = (tuple(s for s in group if s not in fresh) for group in self.said)
        return replace(self, said=(*(group for group in kept if group), *new), known=None, alike=0)

    def _label(self, source: str) -> object:
        if self.known is not None:
            return self._known.get(source, source)
        path = Path(source)
        if self.by is PartsFrom.FOLDER:
            return ("folder", str(path.parent))
        if self.by is PartsFrom.NAME:
            found = compiled(self.pattern).search(path.name)
            if found is not None:
                return ("name", found.group(1) if found.re.groups else found.group())
        return source

    @property
    def _known(self) -> Mapping[str, object]:
        groups = self.known or ()
        return {source: ("known", n) for n, names in enumerate(groups) for source in names}


def compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression; raises RequestError when it is none."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise RequestError(
            say(
                "“{pattern}” is no pattern that file names could be searched for. For names such "
                "as A17_3.png, ^(.*)_ takes what stands before the last underscore.",
                pattern=pattern,
            )
        ) from error


def rule_from_text(text: str) -> PartRule:
    """Return the rule for ``auto``, ``none``, ``folder`` or ``name:REGEX``; raises RequestError."""
    word, colon, pattern = text.partition(":")
    if word == PartsFrom.NAME and colon and pattern:
        compiled(pattern)
        return PartRule(PartsFrom.NAME, pattern)
    if not colon and word in {PartsFrom.AUTO, PartsFrom.NONE, PartsFrom.FOLDER}:
        return PartRule(PartsFrom(word))
    raise RequestError(
        say(
            "Which part a picture shows can be told by “auto”, “folder”, “none” or “name:” and a "
            "pattern for the file name, not by “{text}”.",
            text=text,
        )
    )


@dataclass(frozen=True)
class LearntParts:
    """What a profile's file keeps: how parts were told apart, and pictures of one part.

    ``groups`` hold sources, only of parts with several pictures; every other normal image shows a
    part of its own.
    """

    by: PartsFrom
    pattern: str
    groups: tuple[tuple[str, ...], ...]
    said: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, rule: PartRule, sources: Sequence[str], parts: Parts) -> LearntParts:
        """Return what a fit of these pictures has to keep."""
        used = frozenset(sources)
        said = (tuple(s for s in group if s in used) for group in rule.said)
        groups = rule.settled(sources, parts).known or ()
        return cls(rule.by, rule.pattern, groups, tuple(group for group in said if group))

    def parts(self, sources: Sequence[str]) -> Parts:
        """Return the parts that these pictures show."""
        return PartRule(known=self.groups).named(sources)

    @property
    def rule(self) -> PartRule:
        """How a further fit tells parts apart: as this one did."""
        return PartRule(self.by, self.pattern, self.said)

    def to_raw(self) -> dict[str, object]:
        """Return it as a profile's file holds it."""
        return {
            "by": self.by.value,
            "pattern": self.pattern,
            "groups": [list(group) for group in self.groups],
            "said": [list(group) for group in self.said],
        }


def learnt_parts_in(extra: Mapping[str, object]) -> LearntParts | None:
    """Return what a profile's file keeps; ``None`` of an older one, or where it makes no sense."""
    raw = extra.get(KEY)
    if not isinstance(raw, Mapping):
        return None
    by, pattern = raw.get("by"), raw.get("pattern")
    groups, said = _groups_from(raw.get("groups")), _groups_from(raw.get("said"))
    known = isinstance(by, str) and by in set(PartsFrom)
    if not known or not isinstance(pattern, str) or groups is None or said is None:
        return None
    return LearntParts(PartsFrom(str(by)), pattern, groups, said)


def with_parts(extra: Mapping[str, object], learnt: LearntParts) -> dict[str, object]:
    """Return what a profile's file carries beside its own keys, with this.

    Where every picture shows a part of its own as far as anybody knows, nothing is written.
    """
    rest = {key: value for key, value in extra.items() if key != KEY}
    if learnt == LearntParts(PartsFrom.AUTO, "", ()):
        return rest
    return {**rest, KEY: learnt.to_raw()}


def _groups_from(raw: object) -> tuple[tuple[str, ...], ...] | None:
    """Read groups of sources; ``None`` where it is anything else or one stands in two of them."""
    if not isinstance(raw, list):
        return None
    counted: defaultdict[str, int] = defaultdict(int)
    groups = []
    for group in raw:
        if not isinstance(group, list) or not group:
            return None
        for source in group:
            if not isinstance(source, str):
                return None
            counted[source] += 1
        groups.append(tuple(group))
    if len(counted) > _MOST_SOURCES or any(n > 1 for n in counted.values()):
        return None
    return tuple(groups)
