"""The commands of the window as a table: keys, words; adding one is adding a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QToolButton, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit.binding import bind


@dataclass(frozen=True)
class ActionSpec:
    """One command: ``keys`` as ``Ctrl+O``, the first is the one that is shown."""

    key: str
    title: Message
    keys: tuple[str, ...]


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("page.0", say("Show Profiles"), ("Ctrl+1",)),
    ActionSpec("page.1", say("Show Teach"), ("Ctrl+2",)),
    ActionSpec("page.2", say("Show Check"), ("Ctrl+3",)),
    ActionSpec("page.3", say("Show Inspect"), ("Ctrl+4",)),
    ActionSpec("page.4", say("Show History"), ("Ctrl+5",)),
    ActionSpec("images", say("Choose images for this page"), ("Ctrl+O",)),
    ActionSpec("run", say("Learn, score, or start and stop"), ("F5",)),
    ActionSpec("cancel", say("Stop what is running"), ("Esc",)),
    ActionSpec("undo", say("Undo"), ("Ctrl+Z",)),
    ActionSpec("redo", say("Redo"), ("Ctrl+Y", "Ctrl+Shift+Z")),
    ActionSpec("save", say("Save the limits"), ("Ctrl+S",)),
    ActionSpec("guide", say("User guide, at this page"), ("F1",)),
    ActionSpec("keys", say("Show this list"), ("Shift+F1",)),
    ActionSpec("quit", say("Close the program"), ("Ctrl+Q",)),
)


def build_actions(window: QWidget, run: Mapping[str, Callable[[], None]]) -> dict[str, QAction]:
    """Make the actions of the table on ``window``; each key must be in ``run``."""
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(window)
        action.setShortcuts([QKeySequence(k) for k in spec.keys])
        action.triggered.connect(run[spec.key])
        bind(action.setText, spec.title)
        window.addAction(action)
        made[spec.key] = action
    return made


def bind_action(button: QToolButton, spec: ActionSpec) -> None:
    """Say what a button does, and which key does the same."""
    bind(button.setToolTip, partial(_with_key, spec))
    bind(button.setAccessibleName, spec.title)


def _with_key(spec: ActionSpec) -> str:
    return f"{render(spec.title)} ({spec.keys[0]})"
