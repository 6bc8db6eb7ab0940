"""What is to be said about each picture of a training set: why, how sure, and with which others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.parts import Parts

FALSE_ACCUSATION = 0.05
"""In so many sets of good parts at most anybody is to be accused, all looks taken together."""


class Reason(StrEnum):
    """Why a picture is named; the value stands in ``--json``."""

    UNREADABLE = "unreadable"
    FLAT = "flat"
    COPY = "copy"
    SIZE = "size"
    COLOUR = "colour"
    RANGE = "range"
    MISPLACED = "misplaced"
    OTHER = "other_product"
    DEFECT = "defect"
    LEARNT = "learnt"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    SHIFTED = "shifted"
    LOOK = "look"


REASON_WORDS: Final[Mapping[Reason, Message]] = {
    Reason.UNREADABLE: say("cannot be read"),
    Reason.FLAT: say("shows nothing"),
    Reason.COPY: say("the same picture twice"),
    Reason.SIZE: say("another size"),
    Reason.COLOUR: say("colour instead of grey, or the reverse"),
    Reason.RANGE: say("another brightness range"),
    Reason.MISPLACED: say("the part is not in place"),
    Reason.OTHER: say("another product or a misread file"),
    Reason.DEFECT: say("perhaps a defect"),
    Reason.LEARNT: say("far from the others after learning"),
    Reason.DARK: say("darker"),
    Reason.BRIGHT: say("brighter"),
    Reason.BLURRED: say("blurred"),
    Reason.SHIFTED: say("shifted"),
    Reason.LOOK: say("worth a look"),
}
"""Each reason in a few words."""


class Sureness(StrEnum):
    """How sure a finding is."""

    FACT = "fact"
    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


_SURE = 0.01


@dataclass(frozen=True)
class Finding:
    """One thing to be said about one picture.

    ``chance``: in which share of sets of good parts anybody would be named with as much ground
    (0..1); ``None`` for facts. ``box``: where on the picture (left, top, right, bottom) as shares
    of what the network was shown; ``None`` where it is the picture as a whole.
    """

    path: Path
    reason: Reason
    words: Message
    chance: float | None = None
    box: tuple[float, float, float, float] | None = None

    @property
    def sureness(self) -> Sureness:
        """How sure it is, in a word."""
        if self.chance is None:
            return Sureness.FACT
        if self.chance <= _SURE:
            return Sureness.SURE
        return Sureness.LIKELY if self.chance <= FALSE_ACCUSATION else Sureness.UNSURE

    @property
    def accuses(self) -> bool:
        """Whether there is more ground than chance gives."""
        return self.sureness is not Sureness.UNSURE


@dataclass(frozen=True)
class NamedPicture:
    """Everything found about one picture, surest first.

    ``alike``: a number that it shares with other named pictures that look like it, from 1 on; 0:
    none does. ``accepted``: a person called it a good part before.
    """

    path: Path
    findings: tuple[Finding, ...]
    alike: int = 0
    accepted: bool = False

    @property
    def accused(self) -> bool:
        """Whether there is more ground than chance gives."""
        return any(each.accuses for each in self.findings)


@dataclass(frozen=True)
class Diagnosis:
    """What was found about a set of ``pictures``.

    ``named``: the pictures to look at, surest first. ``parts``: which part each picture shows.
    ``remarks``: what is to be said about the set as a whole, also what cannot be known. ``groups``:
    pictures of one part each, where there are several.
    """

    pictures: tuple[Path, ...]
    named: tuple[NamedPicture, ...]
    parts: Parts
    remarks: tuple[Message, ...] = ()

    @property
    def accused(self) -> tuple[NamedPicture, ...]:
        """The pictures that somebody should decide about, without those accepted before."""
        return tuple(each for each in self.named if each.accused and not each.accepted)

    @property
    def groups(self) -> tuple[tuple[Path, ...], ...]:
        """The pictures of each part that is shown several times."""
        found = (group for group in self.parts.groups if len(group) > 1)
        return tuple(tuple(self.pictures[place] for place in group) for group in found)


def name_pictures(
    findings: Sequence[Finding],
    alike: Mapping[Path, int] | None = None,
    accepted: frozenset[Path] = frozenset(),
) -> tuple[NamedPicture, ...]:
    """Put together what was found about each picture; the surest comes first."""
    by_path: dict[Path, list[Finding]] = {}
    for each in findings:
        by_path.setdefault(each.path, []).append(each)
    named = []
    for path, found in by_path.items():
        found.sort(key=_order)
        firm = [each for each in found if each.reason is not Reason.LOOK]
        group = 0 if alike is None else alike.get(path, 0)
        named.append(NamedPicture(path, tuple(firm or found), group, path in accepted))
    named.sort(key=lambda each: (each.accepted, _order(each.findings[0])))
    return tuple(named)


def _order(finding: Finding) -> tuple[float, int]:
    place = list(Reason).index(finding.reason)
    return (-1.0 if finding.chance is None else finding.chance), place


def how_sure(finding: Finding) -> Message:
    """Say in a sentence how sure a finding is."""
    chance = finding.chance
    if chance is None:
        return say("This is certain; whether it matters is for you to say.")
    if finding.sureness is Sureness.UNSURE:
        return say("Not sure: sets of good parts have such pictures, too.")
    often = min(1000, int(1 / chance)) if chance > 0 else 1000
    if finding.sureness is Sureness.SURE:
        return say(
            "Sure: of {n} sets of good parts, about one would have a picture as odd.", n=often
        )
    return say(
        "Rather sure: of {n} sets of good parts, about one would have a picture as odd.", n=often
    )


SURENESS_WORDS: Final[Mapping[Sureness, Message]] = {
    Sureness.FACT: say("certain"),
    Sureness.SURE: say("sure"),
    Sureness.LIKELY: say("rather sure"),
    Sureness.UNSURE: say("not sure"),
}


def named_words(named: NamedPicture) -> Message:
    """Say in a word how sure it is that a picture is out of the ordinary, or that it was judged."""
    if named.accepted:
        return say("accepted before")
    return SURENESS_WORDS[named.findings[0].sureness]


def verdict_on_set(diagnosis: Diagnosis) -> Message:
    """Say in a sentence what came out."""
    found, pictures = len(diagnosis.accused), len(diagnosis.pictures)
    if not found:
        return say_n(
            "Nothing stands out in {n} picture.", "Nothing stands out in {n} pictures.", n=pictures
        )
    return say_n(
        "{n} of {pictures} pictures should be looked at.",
        "{n} of {pictures} pictures should be looked at.",
        n=found,
        pictures=pictures,
    )
