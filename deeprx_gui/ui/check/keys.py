"""The keys of the Check page as a table; adding one is adding a line."""

from __future__ import annotations

from typing import Final

from deeprx_gui.domain.message import say
from deeprx_gui.ui.actions import ActionSpec
from deeprx_gui.ui.picture.picture_keys import PICTURE_KEYS

CHECK_KEYS: Final = (
    *PICTURE_KEYS,
    ActionSpec("search", say("Search file or folder"), ("Ctrl+F",)),
)
