"""A second look: a remembered part opened again, with the heat it would get."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.score import Score


@dataclass(frozen=True, eq=False)
class RescoredRecord:
    """What can be shown of a part that was judged earlier.

    ``frame``: the kept picture, ``None`` when there is none. ``score``: what the revision that
    judged it says of that picture now, with its map, and ``profile`` that revision. ``note`` says
    what is missing or different; ``troubled``: it is more than good news.
    """

    record: Record
    frame: Frame | None = None
    score: Score | None = None
    profile: Profile | None = None
    note: Message | None = None
    troubled: bool = False
