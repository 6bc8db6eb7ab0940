"""What the Teach page says about numbers: pure, so that every sentence can be tested."""

from __future__ import annotations

from deeprx_gui.domain.fit import FitForecast, FitRequest
from deeprx_gui.domain.fit_settings import FEWEST_NORMALS
from deeprx_gui.domain.learning_curve import promise_at
from deeprx_gui.domain.limits import HeldOutScheme, Promise
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.part_words import more_parts
from deeprx_gui.domain.parts import PartsFrom
from deeprx_gui.domain.words import percent


def tray_count(images: int, parts: int, by: PartsFrom) -> Message:
    """Say how many normal images there are, and of how many parts where that is another number."""
    if parts == images:
        return say_n("{n} normal image", "{n} normal images", n=images)
    if by is PartsFrom.AUTO:
        return say_n(
            "{pictures} pictures of about {n} part",
            "{pictures} pictures of about {n} parts",
            n=parts,
            pictures=images,
        )
    return say_n(
        "{pictures} pictures of {n} part",
        "{pictures} pictures of {n} parts",
        n=parts,
        pictures=images,
    )


def tray_hint(images: int, false_call_rate: float, parts: int | None = None) -> Message:
    """Say what so many normal images are good for, and how many more are worth taking.

    ``parts``: how many parts they show, as many unless said; a promise counts these.
    """
    if parts is not None and parts < images:
        return _parts_hint(parts, false_call_rate)
    if images < FEWEST_NORMALS:
        missing = FEWEST_NORMALS - images
        return say_n(
            "Add at least {n} more image. 10 to 50 are a good start.",
            "Add at least {n} more images. 10 to 50 are a good start.",
            n=missing,
        )
    missing = more_parts(images, false_call_rate, "auto")
    if not missing:
        return say(
            "Enough to promise at most about {rate} % false calls.", rate=percent(false_call_rate)
        )
    return say_n(
        "At most about {now} % false calls can be promised. Add {n} more for {rate} %.",
        "At most about {now} % false calls can be promised. Add {n} more for {rate} %.",
        n=missing,
        now=percent(promise_at(images, false_call_rate).rate),
        rate=percent(false_call_rate),
    )


def _parts_hint(parts: int, false_call_rate: float) -> Message:
    if parts < FEWEST_NORMALS:
        return say_n(
            "Pictures of at least {n} more part are needed. 10 to 50 parts are a good start.",
            "Pictures of at least {n} more parts are needed. 10 to 50 parts are a good start.",
            n=FEWEST_NORMALS - parts,
        )
    missing = more_parts(parts, false_call_rate, "auto")
    if not missing:
        return say(
            "Enough to promise at most about {rate} % false calls.", rate=percent(false_call_rate)
        )
    return say_n(
        "The promise counts parts: at most about {now} % false calls. Add about {n} more part for "
        "{rate} %.",
        "The promise counts parts: at most about {now} % false calls. Add about {n} more parts for "
        "{rate} %.",
        n=missing,
        now=percent(promise_at(parts, false_call_rate).rate),
        rate=percent(false_call_rate),
    )


def why_not(plan: FitRequest) -> Message | None:
    """Say what is missing before Learn can be pressed, ``None`` when nothing is."""
    if len(plan.images) < FEWEST_NORMALS:
        return say_n(
            "{n} more normal image is needed.",
            "{n} more normal images are needed.",
            n=FEWEST_NORMALS - len(plan.images),
        )
    if plan.profile_id is None and not plan.name.strip():
        return say("Give the new profile a name.")
    if not plan.settings.taps:
        return say("Choose at least one level of detail.")
    return None


def forecast(expected: FitForecast) -> Message:
    """Say what learning will take on this PC."""
    if expected.problem is not None:
        return say("does not fit")
    megabytes = round(expected.megabytes / 10) * 10 or 10
    if expected.seconds < 90:
        seconds = max(1, round(expected.seconds))
        return say("about {n} s, {mb} MB memory", n=seconds, mb=megabytes)
    return say("about {n} min, {mb} MB memory", n=round(expected.seconds / 60), mb=megabytes)


def promise(made: Promise | None, scheme: HeldOutScheme, *, grouped: bool = False) -> Message:
    """Say what the suggested NG limit promises, and how far that can be trusted.

    ``grouped``: some parts have several pictures, and the promise counts parts.
    """
    if made is None:
        return say("The limits were set by hand. No false-call rate is promised.")
    if grouped and made.tail is not None:
        return say(
            "About {rate} % of good parts will be called NG, {low} to {high} % in nine of ten "
            "cases. This is an estimate: a curve through the highest scores of {parts} parts.",
            rate=percent(made.rate),
            low=percent(made.tail.low),
            high=percent(made.tail.high),
            parts=made.normals,
        )
    if grouped:
        return say(
            "About {rate} % of good parts will be called NG. This is an estimate: the pictures of "
            "each of the {parts} parts were judged by what the other parts taught.",
            rate=percent(made.rate),
            parts=made.normals,
        )
    if made.tail is not None:
        return say(
            "About {rate} % of good parts will be called NG, {low} to {high} % in nine of "
            "ten cases. This is an estimate: each of the {images} images was checked "
            "against the others, and a curve laid through the highest scores.",
            rate=percent(made.rate),
            low=percent(made.tail.low),
            high=percent(made.tail.high),
            images=made.normals,
        )
    if scheme is HeldOutScheme.LEAVE_ONE_OUT:
        return say(
            "About {rate} % of good parts will be called NG. This is an estimate: each of the "
            "{images} images was judged by what the others taught.",
            rate=percent(made.rate),
            images=made.normals,
        )
    return say(
        "About {rate} % of good parts will be called NG. This is an estimate: the {images} images "
        "were judged in groups by what the other groups taught.",
        rate=percent(made.rate),
        images=made.normals,
    )
