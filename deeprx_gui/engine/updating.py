"""Updating: further pictures taken into what a fit learnt, exactly, without its own pictures.

Statistics that are sums over pictures go on where the fit ended (``DetectorSpec.resume``): what
comes out is what a fit of all pictures would have learnt. Where they are not, or where something
else of the fit depends on all of its pictures at once, ``why_not`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import score_of
from deeprx_gui.engine.normalise import NONE
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.engine.tap_maps import TapMaps


@dataclass(frozen=True, eq=False)
class Update:
    """``statistics`` with the new pictures in them, and each one's score without its own part.

    ``scores``: of the new pictures, in their order, by what was learnt from all others.
    """

    statistics: Statistics
    scores: tuple[float, ...]


def why_not(profile: Profile) -> Message | None:
    """Say why pictures cannot be added to what a profile learnt; ``None`` when they can."""
    spec = detector(profile.detector.name)
    if spec.resume is None:
        return say(
            "“{detector}” chooses what it keeps from all pictures at once.", detector=spec.title
        )
    if profile.scoring.normalise != NONE:
        return say("What is usual at each place is measured on all pictures at once.")
    chosen = BACKBONES.get(profile.backbone.name)
    if not spec.pixels and chosen is not None and chosen.own:
        return say("The network itself was taught by the pictures.")
    return None


def update(profile: Profile, looks: Sequence[TapMaps], parts: Parts) -> Update:
    """Take new pictures into what a profile learnt.

    ``looks``: their feature maps, at least one, from an engine of the profile; ``parts``: which
    part each of them shows. Raises ValueError where ``why_not`` says that it cannot be done,
    FitError or ProfileError as ``DetectorSpec.resume`` and ``statistics`` do.
    """
    spec, settings = detector(profile.detector.name), profile.detector.settings
    if spec.resume is None or why_not(profile) is not None:
        raise ValueError("this profile cannot be updated")
    scores = [0.0] * len(looks)
    with single_threaded_blas():
        total = spec.resume(profile.statistics, settings)
        for taps in looks:
            total.add(taps)
        for group in parts.groups:
            mine = total.empty()
            for place in group:
                mine.add(looks[place])
            head = spec.head(total.without(mine).statistics(), settings)
            for place in group:
                scores[place] = score_of(head, looks[place], profile.scoring)[0]
        return Update(total.statistics(), tuple(scores))
