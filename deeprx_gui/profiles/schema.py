"""What ``profile.json`` must look like: one table, one rule per field."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deeprx_gui.domain.corrections import MOST_MUST_FIND
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.limit_samples import EXPECTED, MOST_NOTE, MOST_SAMPLES
from deeprx_gui.domain.limits import HeldOutScheme
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.must_find import MOST_TEXT
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.profiles.lineage import is_mark, is_marks
from deeprx_gui.profiles.untrusted_input import (
    MOST_GOLDEN,
    MOST_REVISIONS,
    REFERENCE,
    STATISTICS,
    THUMBNAIL,
    Raw,
    golden_member,
    is_picture,
    limit_sample_member,
    must_find_member,
    shown,
)
from deeprx_gui.profiles.view_document import is_number, is_positioning, is_scale, is_shapes

FORMAT = "deeprx-profile"
CURRENT = 4

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOST_WHO = 1000


class MadeByNewerError(ProfileError):
    """The file is sound, this program is too old for it."""


@dataclass(frozen=True)
class FieldRule:
    """What a value must be, in words and as a test."""

    expected: Message
    holds: Callable[[object], bool]


def _is_whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _text(least: int, most: int) -> FieldRule:
    return FieldRule(
        say("a text of {least} to {most} characters", least=least, most=most),
        lambda value: isinstance(value, str) and least <= len(value) <= most,
    )


def _whole(least: int, most: int) -> FieldRule:
    return FieldRule(
        say("a whole number from {least} to {most}", least=least, most=most),
        lambda value: _is_whole(value, least, most),
    )


def _one_of(*words: str) -> FieldRule:
    return FieldRule(say("one of: {words}", words=", ".join(words)), lambda value: value in words)


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(saved_time(value))
    except ValueError:
        return False


def _is_promise(value: object) -> bool:
    return value is None or (
        isinstance(value, dict)
        and all(_is_whole(value.get(key), 1, 2**53) for key in ("rank", "normals"))
        and "tail" in value
        and (value["tail"] is None or _is_tail(value["tail"]))
    )


def _is_tail(value: object) -> bool:
    return (
        isinstance(value, dict)
        and is_number(value.get("aimed"), math.nextafter(0, 1), 1)
        and isinstance(value.get("family"), str)
        and 1 <= len(value["family"]) <= 40
        and all(is_number(value.get(key), 0, 1) for key in ("low", "high"))
        and value["low"] <= value["high"]
    )


def _is_taps(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= 16
        and len(set(map(repr, value))) == len(value)
        and all(_is_whole(tap, 1, 1024) for tap in value)
    )


def _is_counts(value: object) -> bool:
    return isinstance(value, dict) and all(_is_whole(n, -(2**63), 2**63) for n in value.values())


def _is_hashes(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(digest, str)
        and _SHA256.fullmatch(digest)
        and (name in {STATISTICS, THUMBNAIL, REFERENCE} or is_picture(name))
        for name, digest in value.items()
    )


def _is_normal(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("source"), str)
        and "held_out" in value
        and (value["held_out"] is None or is_number(value["held_out"]))
    )


def _is_golden(index: int, value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and value.get("member") == golden_member(index)
        and is_number(value.get("score"))
    )


def _is_limit_sample(index: int, value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("member") == limit_sample_member(index)
        and all(isinstance(value.get(key), str) for key in ("name", "note", "who"))
        and len(value["name"]) <= MOST_NOTE
        and len(value["note"]) <= MOST_NOTE
        and len(value["who"]) <= _MOST_WHO
        and value.get("expected") in [verdict.value for verdict in EXPECTED]
        and _is_time(value.get("when"))
    )


def _are_limit_samples(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_SAMPLES
        and all(_is_limit_sample(i, each) for i, each in enumerate(value))
    )


def _is_must_find(index: int, value: object) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(key), str) for key in ("name", "who"))
        and all(len(value[key]) <= MOST_TEXT for key in ("name", "who"))
        and value.get("member") == must_find_member(index, value["name"])
        and _is_time(value.get("when"))
    )


def _are_must_find(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_MUST_FIND
        and all(_is_must_find(i, each) for i, each in enumerate(value))
    )


_POSITIVE = FieldRule(
    say("a number above 0"), lambda value: is_number(value, least=math.nextafter(0, 1))
)
_SHAPES = FieldRule(say("a list of shapes within the picture"), is_shapes)
_MARK = FieldRule(say("32 hexadecimal digits or nothing"), is_mark)
_PROMISE = FieldRule(say("a promise (rank, normal images, fitted tail) or nothing"), _is_promise)

RULES: Mapping[str, FieldRule] = {
    "id": _text(1, 64),
    "revision": _whole(1, MOST_REVISIONS),
    "name": _text(1, 200),
    "lineage.id": _MARK,
    "lineage.mark": _MARK,
    "lineage.before": FieldRule(say("a list of marks of earlier revisions"), is_marks),
    "preprocessing.size": _whole(8, 16384),
    "preprocessing.keep_aspect": FieldRule(say("yes or no"), lambda value: isinstance(value, bool)),
    "scoring.sigma": FieldRule(
        say("a number from 0 to 100"), lambda value: is_number(value, 0, 100)
    ),
    "scoring.reduce": _one_of("max", "top1"),
    "scoring.min_area": _whole(1, 10**6),
    "scoring.normalise": _one_of("none", "position"),
    "view.region.inside": _SHAPES,
    "view.region.ignore": _SHAPES,
    "view.positioning": FieldRule(
        say("how parts are brought to their place, or nothing"), is_positioning
    ),
    "view.mm_per_pixel": FieldRule(say("a number above 0, or nothing"), is_scale),
    "backbone.name": _text(1, 200),
    "backbone.taps": FieldRule(say("a list of different strides"), _is_taps),
    "backbone.weights_sha256": FieldRule(
        say("64 hexadecimal digits"),
        lambda value: value == "" or (isinstance(value, str) and bool(_SHA256.fullmatch(value))),
    ),
    "detector.name": _text(1, 200),
    "detector.settings": FieldRule(
        say("a group of settings"), lambda value: isinstance(value, dict)
    ),
    "limits.review": _POSITIVE,
    "limits.ng": _POSITIVE,
    "limits.review_promise": _PROMISE,
    "limits.ng_promise": _PROMISE,
    "suggested.review": _POSITIVE,
    "suggested.ng": _POSITIVE,
    "suggested.review_promise": _PROMISE,
    "suggested.ng_promise": _PROMISE,
    "held_out_scheme": _one_of(*HeldOutScheme),
    "normals": FieldRule(
        say("a list of normal images with their held-out scores"),
        lambda value: isinstance(value, list) and all(map(_is_normal, value)),
    ),
    "origin.who": _text(0, _MOST_WHO),
    "origin.when": FieldRule(say("a date and time with its time zone"), _is_time),
    "origin.why": _text(0, 100_000),
    "origin.program": _text(0, 1000),
    "origin.runtime": _text(0, 1000),
    "statistics.counts": FieldRule(say("a group of whole numbers"), _is_counts),
    "golden": FieldRule(
        say("a list of at most {most} small pictures with their scores", most=MOST_GOLDEN),
        lambda value: (
            isinstance(value, list)
            and len(value) <= MOST_GOLDEN
            and all(_is_golden(index, picture) for index, picture in enumerate(value))
        ),
    ),
    "members": FieldRule(say("the hash of every other part of the file"), _is_hashes),
}

OPTIONAL: Mapping[str, FieldRule] = {
    "limit_samples": FieldRule(
        say("a list of at most {most} limit samples", most=MOST_SAMPLES), _are_limit_samples
    ),
    "must_find": FieldRule(
        say("a list of at most {most} must-find pictures", most=MOST_MUST_FIND), _are_must_find
    ),
}
"""Entries that a profile may have; files made before there were any have none."""


def schema_number(raw: Raw, *, current: int = CURRENT) -> int:
    """The schema number of a raw profile.

    Raises ProfileError when it is no profile, MadeByNewerError when the number is from the future.
    """
    number = raw.get("schema")
    if raw.get("format") != FORMAT or type(number) is not int or number < 1:
        raise ProfileError(say("This is not a profile file of Deep RX Inspector."))
    if number > current:
        raise MadeByNewerError(
            say("It was made by a newer program. Update the program on this PC to use it.")
        )
    return number


def check(raw: Raw) -> None:
    """Check every known field of a profile of the current schema; unknown ones are left alone.

    Raises ProfileError naming the first field that is wrong and what is expected there.
    """
    for field, rule in RULES.items():
        if not rule.holds(_value(raw, field)):
            raise _wrong(field, rule.expected)
    for field, rule in OPTIONAL.items():
        if field in raw and not rule.holds(raw[field]):
            raise _wrong(field, rule.expected)
    for field in ("limits", "suggested"):
        if raw[field]["review"] > raw[field]["ng"]:
            raise _wrong(field, say("a review limit that is not above the NG limit"))


def _value(raw: Raw, field: str) -> object:
    value: object = raw
    for step in field.split("."):
        if not isinstance(value, dict) or step not in value:
            raise _wrong(field, RULES[field].expected)
        value = value[step]
    return value


def _wrong(field: str, expected: Message) -> ProfileError:
    return ProfileError(
        say(
            "The entry “{field}” of the profile makes no sense: {expected} is expected there.",
            field=shown(field),
            expected=expected,
        )
    )
