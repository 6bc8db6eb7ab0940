"""Adding to the limit samples of a profile, noting and removing: profiles that can be saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.limit_samples import MOST_NOTE, MOST_SAMPLES, LimitSample
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile


def kept(profile: Profile, sample: LimitSample) -> Profile:
    """Return the profile with one more limit sample, as saved by whoever keeps it.

    Raises RequestError when it is one already, or when there is no room for another.
    """
    if any(sample.png == other.png for other in profile.limit_samples):
        raise RequestError(say("This picture is a limit sample already."))
    if len(profile.limit_samples) >= MOST_SAMPLES:
        raise RequestError(
            say("A product has at most {most} limit samples. Remove one first.", most=MOST_SAMPLES)
        )
    samples = (*profile.limit_samples, sample)
    return _changed(profile, samples, sample.who)


def without(profile: Profile, place: int, who: str) -> Profile:
    """Return the profile without the limit sample at ``place`` (from 0)."""
    samples = profile.limit_samples
    return _changed(profile, (*samples[:place], *samples[place + 1 :]), who)


def noted(profile: Profile, place: int, note: str, who: str) -> Profile:
    """Return the profile with another note on the limit sample at ``place`` (from 0)."""
    samples = list(profile.limit_samples)
    samples[place] = replace(samples[place], note=note.strip()[:MOST_NOTE])
    return _changed(profile, samples, who)


def _changed(profile: Profile, samples: Sequence[LimitSample], who: str) -> Profile:
    now = datetime.now(UTC).astimezone()
    origin = replace(profile.origin, who=who, when=now, why="")
    return replace(profile, limit_samples=tuple(samples), origin=origin)
