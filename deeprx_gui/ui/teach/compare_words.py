"""What the comparison says: pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.words import percent_cell
from deeprx_gui.state.compare import Candidate


def titled(
    message: Message, titles: Mapping[str, Message], colours: Collection[str] = ()
) -> Message:
    """Return the sentence with the titles of detectors and networks instead of their short names.

    ``titles`` has them by short name, ``colours`` are the detectors that need no network. A
    sentence within the sentence is treated likewise; no line breaks before a percent sign.
    """
    values: dict[str, object] = {}
    for key, value in message.values.items():
        if isinstance(value, Message):
            values[key] = titled(value, titles, colours)
        elif key == "backbone" and message.values.get("detector") in colours:
            values[key] = say("no network")
        elif isinstance(value, str) and key in ("detector", "backbone"):
            values[key] = titles.get(value, value)
        elif isinstance(value, str):
            values[key] = value.replace(" %", "\u00a0%")
        else:
            values[key] = value
    return replace(message, values=values)


def bad_parts(images: int) -> Message:
    """Say how many pictures of bad parts there are, and what they are good for."""
    if images == 0:
        return say("No pictures of bad parts yet: without them misses cannot be counted.")
    return say_n("{n} picture of a bad part", "{n} pictures of bad parts", n=images)


def duration(chosen: int, seconds: float) -> Message:
    """Say how many are ticked and how long learning them will take."""
    if chosen == 0:
        return say("Tick what is to be compared.")
    if seconds < 90:
        return say("{n} ticked, about {s} s to learn", n=chosen, s=max(1, round(seconds)))
    return say("{n} ticked, about {m} min to learn", n=chosen, m=round(seconds / 60))


def about(candidate: Candidate | None) -> Message:
    """Say in a sentence what the chosen row is, or why it has no figures."""
    if candidate is None:
        return say("Each learns from the normal images and judges what it never saw.")
    if candidate.remark is not None:
        return candidate.remark
    row = candidate.measured
    if row is None:
        return say("Not measured yet.")
    promise = percent_cell(row.promised_false_call_rate)
    if candidate.needs_positioning:
        return say(
            "Its limit promises about {rate} false calls. Parts must lie at the same place in "
            "every picture.",
            rate=promise,
        )
    return say(
        "Its limit promises about {rate} false calls. Where the part lies does not matter.",
        rate=promise,
    )
