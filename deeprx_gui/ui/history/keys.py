"""The keys of the History page as a table; adding one is adding a line."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QToolButton

from deeprx_gui.domain.message import say
from deeprx_gui.ui.actions import ActionSpec, bind_action
from deeprx_gui.ui.kit.part_keys import BAD_KEYS, GOOD_KEYS

HISTORY_KEYS: Final = (
    ActionSpec("ok", say("The part was OK"), GOOD_KEYS),
    ActionSpec("ng", say("The part was NG"), BAD_KEYS),
    ActionSpec("previous", say("The newer part"), ("Up",)),
    ActionSpec("next", say("The older part"), ("Down",)),
    ActionSpec("open", say("Large picture: the figures make room"), ("L",)),
    ActionSpec("heat", say("Heat map on or off"), ("H",)),
    ActionSpec("below", say("Show in blue how close the rest came to the limit"), ("Shift+H",)),
    ActionSpec("fit", say("Fit the whole picture"), ("F",)),
    ActionSpec("actual", say("Actual size, 100 %"), ("1",)),
    ActionSpec("nearer", say("Zoom in"), ("+", "=")),
    ActionSpec("farther", say("Zoom out"), ("-",)),
    ActionSpec("search", say("Search the history"), ("Ctrl+F",)),
    ActionSpec("newest", say("Go to the newest part"), ("Ctrl+Home",)),
)


def name(button: QToolButton, key: str) -> None:
    """Say what a button does and which key does the same."""
    spec = next(spec for spec in HISTORY_KEYS if spec.key == key)
    bind_action(button, spec)
