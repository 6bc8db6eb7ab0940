"""The coloured places of a picture as they are told and marked, in the window and in reports alike.

One rule for all: as many circles are drawn as places are told, and both come from here.
"""

from __future__ import annotations

import json
from typing import Final

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.blobs import Places, places
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile

MOST_PLACES: Final = 20
"""Nobody looks at more circles or sizes than this; the number of all is told."""
NAMED_PLACES: Final = 5
"""So many places are told with their score: more numbers would cover the picture."""


def places_above(
    score_map: Float32, limits: Limits, width: int, height: int, profile: Profile
) -> Places:
    """Return what a raw map (h, w) shows above the review limit, at most ``MOST_PLACES``.

    ``width``, ``height``: of the picture in pixels, 0 when not known.
    """
    return places(
        score_map,
        limits.review,
        width=width,
        height=height,
        mm_per_pixel=profile.view.mm_per_pixel,
        min_cells=profile.scoring.min_area,
        most=MOST_PLACES,
    )


def places_text(found: Places) -> str:
    """Return the hottest places as they are remembered with a verdict: JSON, empty for none.

    Each is ``[x, y, area, score]``: its centre as shares of the picture's width and height and its
    area as a share of the picture, 0..1, and its raw peak; at most ``NAMED_PLACES``.
    """
    told = [
        [round(one.x, 4), round(one.y, 4), round(one.area, 6), round(one.score, 4)]
        for one in found.hottest[:NAMED_PLACES]
    ]
    return json.dumps(told) if told else ""


def count_words(found: Places) -> Message:
    """Say how many places there are, and how many of them are marked where these are fewer."""
    marked = len(found.hottest)
    if marked < found.total:
        return say("{n} places, the {most} highest marked", n=found.total, most=marked)
    return say_n("{n} place", "{n} places", n=marked)
