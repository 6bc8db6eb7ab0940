"""Shares: how much of a processor the requests of OPC UA clients may take."""

from __future__ import annotations

import logging
from typing import Final

from deeprx_gui.domain.message import Message, say
from deeprx_gui.outputs.allowance import Allowance
from deeprx_gui.outputs.fading_notice import FadingNotice

SHARE, BURST, STRANGERS_BURST = 0.25, 2.0, 0.3
"""Of one processor's time for the requests of one connection, and seconds saved up for a burst:
of somebody who has signed in, and of somebody who has not."""
SHARE_OF_ALL, BURST_OF_ALL = 0.4, 4.0
_TOLD_FOR: Final = 60.0

_log = logging.getLogger(__name__)


class Shares:
    """What requests may take of a processor: each connection, and all together."""

    def __init__(self) -> None:
        self._all = Allowance(SHARE_OF_ALL, BURST_OF_ALL)
        self._each: dict[object, Allowance] = {}
        self._waited: dict[object, float] = {}
        self._notice = FadingNotice(_TOLD_FOR)

    @property
    def problem(self) -> Message | None:
        """Who floods or does not read, for a while."""
        return self._notice.now

    def wait(self, who: object) -> float:
        """Return how many seconds this connection has to wait now."""
        bucket = self._each.get(who)
        return max(self._all.wait(), bucket.wait() if bucket is not None else 0.0)

    def spent(self, who: object, seconds: float, *, known: bool) -> None:
        """Note what a request took; ``known``: of somebody who has signed in."""
        bucket = self._each.setdefault(who, Allowance(SHARE, STRANGERS_BURST))
        if known:
            bucket.widen(BURST)
        bucket.take(seconds)
        self._all.take(seconds)

    def forget(self, who: object) -> None:
        """The connection has ended."""
        self._each.pop(who, None)
        self._waited.pop(who, None)

    def slowed(self, who: object, address: str, seconds: float) -> None:
        """Note that somebody had to wait; said once it adds up."""
        self._waited[who] = self._waited.get(who, 0.0) + seconds
        if self._waited[who] > 1.0:
            self._waited[who] = 0.0
            self.note(
                say(
                    "{client} asks for more than this PC gives one client and is slowed down. The"
                    " inspection goes on.",
                    client=address,
                )
            )

    def note(self, problem: Message) -> None:
        """Note what is told in the status."""
        if self._notice.note(problem):
            _log.warning("%s", problem)
