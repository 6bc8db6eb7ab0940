"""Detector: what there is to choose from, as data."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.field import Field
from deeprx_gui.domain.message import Message


@dataclass(frozen=True, kw_only=True)
class DetectorInfo:
    """One detector to choose: its words and its settings.

    ``needs_positioning``: parts must lie at the same place in every picture. ``pixels``: looks at
    the colours of pixels instead of a network's features.
    """

    name: str
    title: Message
    hint: Message
    fields: tuple[Field, ...] = ()
    needs_positioning: bool = False
    pixels: bool = False
