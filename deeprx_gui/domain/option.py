"""Options of sources and outputs as data: what a window asks for and what is stored."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.message import Message

Value = str | int | float | bool


class Form(StrEnum):
    """What is asked for: it decides how text is read and which widget asks."""

    WHOLE = "whole"
    NUMBER = "number"
    SWITCH = "switch"
    TEXT = "text"
    CHOICE = "choice"
    FOLDER = "folder"
    FILE = "file"
    DEVICE = "device"


@dataclass(frozen=True)
class Field:
    """One option; ``default`` ``None`` leaves it as the device has it. Bounds are included."""

    key: str
    title: Message
    form: Form
    default: Value | None = None
    unit: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
