"""What may become of limits that a person set, once a new revision suggests its own."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.limit_ways import same_target
from deeprx_gui.domain.limits import Limits, moved_alike
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.words import percent


@dataclass(frozen=True)
class LimitsToKeep:
    """Limits for the new revision, what to ask, and what stands on the button."""

    limits: Limits
    sentence: Message
    action: Message


def limits_to_keep(before: Profile, now: Profile) -> LimitsToKeep | None:
    """Return what to offer, ``None`` where the revision before had its suggested limits."""
    number = f"r{before.revision:04d}"
    moved = moved_alike(before.limits, before.suggested, now.limits)
    if moved is not None:
        sentence = say(
            "You had moved the limits of revision {revision} by hand. The new revision has "
            "suggested limits. Move them by the same share?",
            revision=number,
        )
        return LimitsToKeep(moved, sentence, say("Move them"))
    promised, promise = same_target(before, now), before.limits.ng_promise
    if promised is None or promise is None:
        return None
    sentence = say(
        "The limits of revision {revision} were set to promise {rate} % false calls. The "
        "new revision has suggested limits. Set them for the same promise?",
        revision=number,
        rate=percent(promise.rate),
    )
    return LimitsToKeep(promised, sentence, say("Set them"))
