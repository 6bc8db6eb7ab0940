"""How much memory this PC has, and what to say when something would need more."""

from __future__ import annotations

import psutil

from deeprx_gui.domain.message import Message, say

_KEPT_FREE_MB = 500.0


def memory_mb() -> float:
    """Return the memory of this PC in megabytes, less what the system itself needs."""
    return float(psutil.virtual_memory().total) / 1e6 - _KEPT_FREE_MB


def too_much(megabytes: float, room: float) -> Message | None:
    """Say that a fit would not fit into this PC, ``None`` when it would."""
    if megabytes <= room:
        return None
    return say(
        "This would need about {mb} MB of memory; this PC has {room} MB. Choose a smaller picture "
        "size or another detector.",
        mb=f"{megabytes:,.0f}",
        room=f"{room:,.0f}",
    )
