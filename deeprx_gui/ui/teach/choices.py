"""The settings of a fit as a table: adding one is adding an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from deeprx_gui.domain.field import Answer, Field, FieldKind, Value
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.words import percent


@dataclass(frozen=True)
class FitChoice:
    """One question with a few answers.

    ``get`` reads it from the settings, ``put(settings, value)`` returns settings with ``value``.
    """

    field: Field
    get: Callable[[FitSettings], Value]
    put: Callable[..., FitSettings]


def _choice(
    key: str,
    title: Message,
    hint: Message,
    answers: Iterable[Answer],
    *,
    get: Callable[[FitSettings], Value],
    put: Callable[..., FitSettings],
) -> FitChoice:
    usual = get(FitSettings())
    field = Field(key, title, FieldKind.CHOICE, usual, choices=tuple(answers), hint=hint)
    return FitChoice(field, get, put)


def _pixels(size: int) -> Answer:
    return Answer(size, say("{n} pixels", n=size))


def _rate(rate: float) -> Answer:
    return Answer(rate, say("{n} %", n=percent(rate)))


def _put_size(settings: FitSettings, value: int) -> FitSettings:
    return replace(settings, preprocessing=replace(settings.preprocessing, size=value))


def _put_aspect(settings: FitSettings, value: bool) -> FitSettings:
    kept = replace(settings.preprocessing, keep_aspect=value)
    return replace(settings, preprocessing=kept)


def _put_sigma(settings: FitSettings, value: float) -> FitSettings:
    return replace(settings, scoring=replace(settings.scoring, sigma=value))


def _put_reduce(settings: FitSettings, value: str) -> FitSettings:
    return replace(settings, scoring=replace(settings.scoring, reduce=value))


def _put_min_area(settings: FitSettings, value: int) -> FitSettings:
    return replace(settings, scoring=replace(settings.scoring, min_area=value))


def _put_false_calls(settings: FitSettings, value: float) -> FitSettings:
    review = max(value, settings.review_rate)
    return replace(settings, false_call_rate=value, review_rate=review)


def _put_review(settings: FitSettings, value: float) -> FitSettings:
    strict = min(value, settings.false_call_rate)
    return replace(settings, review_rate=value, false_call_rate=strict)


CHOICES: tuple[FitChoice, ...] = (
    _choice(
        "size",
        say("Inspection image size"),
        say("Larger finds smaller defects and takes longer."),
        tuple(
            _pixels(n)
            for n in (128, 192, 256, 320, 384, 448, 512, 640, 768, 1024, 1536, 2048, 3072, 4096)
        ),
        get=lambda s: s.preprocessing.size,
        put=_put_size,
    ),
    _choice(
        "keep_aspect",
        say("Aspect ratio"),
        say("Keep the aspect ratio unless a profile from elsewhere needs a square."),
        (
            Answer(True, say("Keep the aspect ratio")),
            Answer(False, say("Stretch to a square")),
        ),
        get=lambda s: s.preprocessing.keep_aspect,
        put=_put_aspect,
    ),
    _choice(
        "sigma",
        say("Smoothing"),
        say("More smoothing ignores specks; less shows finer defects."),
        (
            Answer(0.0, say("No smoothing")),
            Answer(0.5, say("Weak")),
            Answer(1.0, say("Medium")),
            Answer(2.0, say("Strong")),
        ),
        get=lambda s: s.scoring.sigma,
        put=_put_sigma,
    ),
    _choice(
        "reduce",
        say("Image score"),
        say("Maximum: small defects. Mean of the top 1 %: faint, wide defects."),
        (
            Answer("max", say("maximum")),
            Answer("top1", say("mean of the top 1 %")),
        ),
        get=lambda s: s.scoring.reduce,
        put=_put_reduce,
    ),
    _choice(
        "min_area",
        say("Minimum defect area"),
        say("In cells of the heat map. Smaller areas are ignored, however high their score."),
        (
            Answer(1, say("any size")),
            *(Answer(n, say("{n} cells", n=n)) for n in (2, 3, 4, 6, 10, 16)),
        ),
        get=lambda s: s.scoring.min_area,
        put=_put_min_area,
    ),
    _choice(
        "false_call_rate",
        say("Maximum false-call rate (good parts judged NG)"),
        say("A stricter promise needs more normal images."),
        tuple(_rate(r) for r in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)),
        get=lambda s: s.false_call_rate,
        put=_put_false_calls,
    ),
    _choice(
        "review_rate",
        say("Maximum review rate of good parts"),
        say("Between the two limits a person decides."),
        tuple(_rate(r) for r in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)),
        get=lambda s: s.review_rate,
        put=_put_review,
    ),
)
