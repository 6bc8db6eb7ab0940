"""Progress: what a running job tells whoever drives it."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.message import Message


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` steps; ``item`` is what this step produced, if anything.

    ``seconds_left`` is ``None`` until it can be estimated.
    """

    done: int
    total: int
    note: Message
    seconds_left: float | None = None
    item: object | None = None
