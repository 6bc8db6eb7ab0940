"""The keys of a picture as a table; adding one is adding a line."""

from __future__ import annotations

from typing import Final

from deeprx_gui.domain.message import say
from deeprx_gui.ui.actions import ActionSpec

PICTURE_KEYS: Final = (
    ActionSpec("fit", say("Fit the whole picture"), ("F",)),
    ActionSpec("actual", say("Actual size, 100 %"), ("1",)),
    ActionSpec("nearer", say("Zoom in"), ("+", "=")),
    ActionSpec("farther", say("Zoom out"), ("-",)),
    ActionSpec("heat", say("Heat map on or off; hold Space to look below it"), ("H",)),
    ActionSpec("below", say("Show in blue how close the rest came to the limit"), ("Shift+H",)),
    ActionSpec("compare", say("Closest normal image beside the picture"), ("C",)),
    ActionSpec("large", say("Large picture: the limits make room"), ("L",)),
)
