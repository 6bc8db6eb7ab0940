"""Places: how many may be connected at a time, and who goes when another one knocks."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

IDLE_SECONDS = 60.0
"""A client of the same address is only sent away for another one when it was silent for so long."""
_KEPT_FREE = 128
"""File descriptors that no connection may take: pictures and verdicts need them."""


@dataclass(frozen=True)
class Seat:
    """One who is connected: its address, and for how many seconds nothing was heard of it."""

    address: str
    silent: float


def who_goes(seats: Sequence[Seat], address: str) -> int | None:
    """Return the place of the one that leaves for a newcomer of ``address``; ``None``: nobody.

    It is the one that was silent longest among those of the address that has most places, so that
    one address alone can neither take all nor push the others out.
    """
    taken = Counter(seat.address for seat in seats)
    most = max(taken.values(), default=0)
    greediest = {name for name, number in taken.items() if number == most}
    own = address in greediest
    if own and len(greediest) > 1 and most > 1:
        greediest.discard(address)
        own = False
    found = [place for place, seat in enumerate(seats) if seat.address in greediest]
    place = max(found, key=lambda n: seats[n].silent, default=None)
    if place is None or (own and seats[place].silent < IDLE_SECONDS):
        return None
    return place


def few_files_left(descriptor: int) -> bool:
    """Say whether a descriptor that was just given shows that they are running out."""
    if sys.platform == "win32":
        return False
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 0 < most - descriptor <= min(_KEPT_FREE, most // 2)
