"""Notice: a sentence on its way to the status line or a banner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.message import Message


class NoticeKind(StrEnum):
    """How a sentence is meant; it has an icon and a colour on screen."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Notice:
    """A sentence; with ``action`` (a button's word) also what that button does."""

    message: Message
    kind: NoticeKind = NoticeKind.INFO
    action: Message | None = None
    run: Callable[[], None] | None = None
