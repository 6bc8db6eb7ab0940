"""The detectors and their settings, as the Teach page asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.message import Message


class FieldKind(StrEnum):
    """How a setting of a detector is asked for."""

    FLAG = "flag"
    CHOICE = "choice"
    WHOLE = "whole"
    NUMBER = "number"


@dataclass(frozen=True)
class SettingField:
    """One setting of a detector: its words, its default, and what it may be.

    ``low`` and ``high`` bound a number (one that is not whole lies above ``low``); ``options`` are
    the answers of a choice.
    """

    key: str
    title: Message
    hint: Message | None
    kind: FieldKind
    default: object
    low: float = 0.0
    high: float = 0.0
    options: tuple[tuple[str, Message], ...] = ()


@dataclass(frozen=True)
class DetectorEntry:
    """One detector to choose: ``pixels`` looks at colours and needs no network."""

    name: str
    title: Message
    hint: Message
    needs_positioning: bool = False
    pixels: bool = False
    fields: tuple[SettingField, ...] = ()
