"""What a word of the command line may be; each raises RequestError with what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import PartRule, rule_from_text
from deeprx_gui.engine.preprocess import SIZES

_FLAGS = {"true": True, "false": False}


def path(text: str) -> Path:
    """Return a path; an empty one is a variable of a script that was never set."""
    if not text.strip() or "\0" in text:
        raise RequestError(say("A path is empty. Write a file or a folder."))
    return Path(text)


def parts(text: str) -> PartRule:
    """Return how it is known which pictures show the same part."""
    return rule_from_text(text)


def setting(text: str) -> tuple[str, object]:
    """Return a detector's setting and its value: true, false, a number, or the word itself."""
    key, sign, value = text.partition("=")
    if not (key and sign and value):
        raise RequestError(
            say(
                "“{text}” is not possible here. Write a name, =, and a value, for example seed=1.",
                text=text,
            )
        )
    for read in (_FLAGS.__getitem__, int, float):
        try:
            return key, read(value)
        except (KeyError, ValueError):
            continue
    return key, value


def whole(fewest: int) -> Callable[[str], int]:
    """Return what turns a word into a whole number of at least ``fewest``."""

    def kind(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = fewest - 1
        if value < fewest:
            raise RequestError(
                say(
                    "“{text}” is not possible here. Write a whole number, {fewest} or more.",
                    text=text,
                    fewest=fewest,
                )
            )
        return value

    return kind


def number(low: float, high: float, example: str) -> Callable[[str], float]:
    """Return what turns a word into a number from ``low`` to ``high``."""

    def kind(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise RequestError(
                say(
                    "“{text}” is not possible here. Write a number from {low} to {high}, for "
                    "example {example}.",
                    text=text,
                    low=f"{low:g}",
                    high=f"{high:g}",
                    example=example,
                )
            )
        return value

    return kind


def taps(text: str) -> tuple[int, ...]:
    """Return the strides of ``8,16``."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise RequestError(
            say(
                "“{text}” is not possible here. Write the strides with commas, for example 8,16.",
                text=text,
            )
        ) from None


def words(text: str) -> tuple[str, ...]:
    """Return the names of ``a,b``, each once."""
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not found:
        raise RequestError(
            say("“{text}” is not possible here. Write names with commas between them.", text=text)
        )
    return found


def colours(text: str) -> tuple[float, float, float]:
    """Return the three numbers of ``0.485,0.456,0.406``."""
    try:
        red, green, blue = (float(part) for part in text.split(","))
    except ValueError:
        raise RequestError(
            say(
                "“{text}” is not possible here. Write three numbers with commas, for red, green "
                "and blue, for example 0.485,0.456,0.406.",
                text=text,
            )
        ) from None
    return red, green, blue


def some_of(known: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """Return what turns ``a,b`` into names that are all ``known``, each once."""
    names = tuple(known)

    def kind(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        unknown = [name for name in found if name not in names]
        if unknown or not found:
            raise RequestError(
                say(
                    "“{text}” is not possible here. Choose one or more of these, with commas "
                    "between them: {known}.",
                    text=", ".join(unknown) or text,
                    known=", ".join(names),
                )
            )
        return found

    return kind


def revision(text: str) -> int:
    """Return the number of ``3`` or ``r0003``."""
    digits = text.strip().lower().removeprefix("r")
    if not (digits.isascii() and digits.isdigit()):
        raise RequestError(say("“{text}” is not a revision. Write it as 3 or as r0003.", text=text))
    return int(digits)


def sizes(text: str) -> tuple[int, ...]:
    """Return picture sizes with commas between them, each once."""
    one = whole(SIZES[0])
    return tuple(dict.fromkeys(one(part) for part in text.split(",")))
