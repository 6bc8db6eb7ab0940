"""Who knocks at the OPC UA server without being known: shares of the list, by address.

One who makes up certificates uses up and crowds out his own share alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from deeprx_gui.outputs.allowance import Allowance

MOST_REFUSED, MOST_OF_ONE = 50, 10
"""Refused certificates that are kept, and those of them that came from one address."""
KEPT_PER_MINUTE, ALL_PER_MINUTE = 3, 30
"""New ones that are kept from one address, and from all: the second bounds what is written."""
_ADDRESSES: Final = 64


class Strangers:
    """Says which certificates are kept and which go. Not safe to share by threads.

    Addresses are remembered as long as the program runs; certificates that were there before
    belong to none.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all = Allowance(ALL_PER_MINUTE / 60, ALL_PER_MINUTE, clock)
        self._each: dict[str, Allowance] = {}
        self._from: dict[str, str] = {}

    def may_leave(self, address: str) -> bool:
        """Say whether one more certificate from there is kept; it counts."""
        own = self._each.pop(address, None)
        if own is None:
            own = Allowance(KEPT_PER_MINUTE / 60, KEPT_PER_MINUTE, self._clock)
        self._each[address] = own  # the one that came last is forgotten last
        if len(self._each) > _ADDRESSES:
            del self._each[next(iter(self._each))]
        return own.takes(1) and self._all.takes(1)

    def came(self, fingerprint: str, address: str) -> None:
        """Note from where a certificate came first."""
        self._from.setdefault(fingerprint, address)

    def who_goes(self, oldest_first: Sequence[str]) -> Iterable[str]:
        """Return the fingerprints that go; the rest is what is remembered from now on.

        First the oldest of an address that has too many, then the oldest of those addresses that
        have most.
        """
        left, going = list(oldest_first), list[str]()
        while left:
            taken = Counter(self._from.get(each, "") for each in left)
            most = max(taken.values())
            crowded = {name for name, number in taken.items() if name and number > MOST_OF_ONE}
            if not crowded and len(left) <= MOST_REFUSED:
                break
            named = crowded or {name for name, number in taken.items() if number == most}
            gone = next(each for each in left if self._from.get(each, "") in named)
            left.remove(gone)
            going.append(gone)
        self._from = {each: self._from[each] for each in left if each in self._from}
        return going
