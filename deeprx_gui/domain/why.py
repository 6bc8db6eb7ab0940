"""Why: what speaks for NG at each place of a part, in figures and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.blobs import Blob
from deeprx_gui.domain.message import Message, say

MOST_PLACES: Final = 5
"""So many places of a part are explained, the hottest first."""
_MOSTLY: Final = 0.6
"""From this share on one scale is said to carry the distance."""

COLOUR_ONLY: Final = say(
    "This detector looks at colours only: it knows neither fine texture nor coarse shape."
)
ONE_SCALE: Final = say(
    "This profile looks at one scale only, so fine texture and coarse shape cannot be told apart."
)
NOT_KNOWN: Final = say("What carries the distance is not known for this detector.")


@dataclass(frozen=True)
class TapShare:
    """What one tap has of a squared distance.

    ``stride``: of the tap, pixels of the network input per cell; ``squared``: its part of d²,
    ``share`` the same from 0 to 1.
    """

    stride: int
    squared: float
    share: float


@dataclass(frozen=True, eq=False)
class NormalAtPlace:
    """The same place on a normal part.

    ``source``: the file or the name of the golden image; ``pixels`` (h, w, 3): the place and what
    is around it; ``distance``: how unlike the features there are, in standard deviations.
    """

    source: str
    pixels: ByteImage
    distance: float
    golden: bool


@dataclass(frozen=True, eq=False)
class ExplainedPlace:
    """One place of a part.

    ``times``: its score in x limit. ``box`` (left, top, right, bottom): what the crops show, as
    shares of the part's own frame (positioned, cropped to the region); ``peak`` is where in the
    crops the place is hottest, as shares of their sides. ``squared``: d² at its
    hottest cell, what ``taps`` sum to; ``None`` and empty where the detector has no such split.
    ``normals``: the closest first.
    """

    blob: Blob
    times: float
    box: tuple[float, float, float, float]
    part: ByteImage
    normals: tuple[NormalAtPlace, ...]
    peak: tuple[float, float] = (0.5, 0.5)
    squared: float | None = None
    taps: tuple[TapShare, ...] = ()


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a part is NG.

    ``total``: how many places lie above the limit, ``places`` the hottest of them. ``note`` says
    why nothing is known of the taps, ``normals_note`` what is missing among the normal pictures.
    """

    places: tuple[ExplainedPlace, ...]
    total: int
    note: Message | None = None
    normals_note: Message | None = None


def fine_share(taps: tuple[TapShare, ...]) -> float | None:
    """Return the share of the finest tap; ``None`` where there are not two."""
    if len(taps) < 2:
        return None
    return min(taps, key=lambda tap: tap.stride).share


def tap_words(taps: tuple[TapShare, ...]) -> Message | None:
    """Say in plain words which scale carries the distance."""
    fine = fine_share(taps)
    if fine is None:
        return None
    percent = round(100 * fine)
    if fine >= _MOSTLY:
        return say(
            "Mostly fine texture ({percent} % of the distance): look for scratches, stains, "
            "another surface.",
            percent=percent,
        )
    if fine <= 1 - _MOSTLY:
        return say(
            "Mostly coarse shape ({percent} % of the distance): look for something missing, "
            "added, bent or out of place.",
            percent=100 - percent,
        )
    return say(
        "Fine texture ({fine} %) and coarse shape ({coarse} %) both differ.",
        fine=percent,
        coarse=100 - percent,
    )
