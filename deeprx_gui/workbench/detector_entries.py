"""The engine's table of detectors and their settings, in words for the Teach page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.detectors.base import DetectorSpec
from deeprx_gui.engine.detectors.settings import Flag, Number, OneOf, Rule, TableCheck, Whole
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.state.teach import DetectorEntry, FieldKind, SettingField


@dataclass(frozen=True)
class _Words:
    """Title, hint, and the words of the answers."""

    title: Message
    hint: Message | None = None
    options: Mapping[str, Message] = field(default_factory=dict)


_ALONE = say("0 leaves it to the program.")
WORDS: Mapping[str, _Words] = {
    "shrinkage": _Words(
        say("Steadiness"),
        say("More is steadier with few images, less is sharper with many."),
    ),
    "squared": _Words(say("Score by the squared distance")),
    "channels": _Words(say("Features used"), _ALONE),
    "seed": _Words(
        say("Number for drawing lots"), say("The same number gives the same result again.")
    ),
    "prior": _Words(
        say("What steadies the statistics"),
        say("The mean over all places helps where images are few."),
        {"identity": say("a fixed value (the paper's)"), "pooled": say("the mean of all places")},
    ),
    "ridge": _Words(say("Fixed value added")),
    "weight": _Words(say("Weight of the mean, in images")),
    "keep": _Words(
        say("What is stored"),
        None,
        {
            "auto": say("the program chooses"),
            "sums": say("sums for each place"),
            "pictures": say("the features of every image"),
        },
    ),
    "precision": _Words(
        say("Digits stored"),
        None,
        {
            "auto": say("the program chooses"),
            "float64": say("double (float64)"),
            "float32": say("single (float32)"),
            "float16": say("half (float16)"),
        },
    ),
    "megabytes": _Words(
        say("Memory for learning, MB at most"),
        say("The detector makes itself as small as this asks."),
    ),
    "bank": _Words(
        say("Samples remembered"), say("More is more accurate, slower, and a larger file.")
    ),
    "projection": _Words(say("Fineness of choosing samples")),
    "neighbours": _Words(
        say("Neighbours that weigh the score"), say("0 takes the nearest sample alone.")
    ),
    "pixels": _Words(say("Pixels looked at in a picture"), _ALONE),
    "every": _Words(say("Only every so many images is kept"), _ALONE),
}
"""A setting that is not here is shown by its own name; a test says which are missing."""


def detector_entries() -> tuple[DetectorEntry, ...]:
    """Return every detector of the table with its settings."""
    return tuple(_entry(spec) for spec in DETECTORS.values())


def _entry(spec: DetectorSpec) -> DetectorEntry:
    rules = spec.check.rules if isinstance(spec.check, TableCheck) else {}
    fields = tuple(_field(key, rule) for key, rule in rules.items())
    return DetectorEntry(
        spec.name,
        spec.title,
        spec.hint,
        needs_positioning=spec.needs_positioning,
        pixels=spec.pixels,
        fields=fields,
    )


def _field(key: str, rule: Rule) -> SettingField:
    words = WORDS.get(key) or _Words(say("{name}", name=key))
    title, hint = words.title, words.hint
    match rule:
        case Flag():
            return SettingField(key, title, hint, FieldKind.FLAG, rule.default)
        case OneOf():
            options = tuple(
                (word, words.options.get(word) or say("{name}", name=word)) for word in rule.words
            )
            return SettingField(key, title, hint, FieldKind.CHOICE, rule.default, options=options)
        case Whole():
            return SettingField(
                key, title, hint, FieldKind.WHOLE, rule.default, rule.least, rule.most
            )
        case Number():
            return SettingField(
                key, title, hint, FieldKind.NUMBER, rule.default, rule.above, rule.most
            )
    raise TypeError(f"no control for {type(rule).__name__}")
