"""The self-test as the window shows it: one row for each finished check."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.message import Message


@dataclass(frozen=True)
class Finding:
    """``ok``: ``None`` when it does not apply to this PC. ``detail``: what was found."""

    title: Message
    ok: bool | None
    detail: Message
