"""Subscriptions of the OPC UA server whose answers are bounded.

asyncua 2.1.0 puts everything that waits into one Publish answer, however much it is and whatever
the client asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from asyncua import ua
from asyncua.server.internal_subscription import InternalSubscription

from deeprx_gui.outputs.opcua_limits import (
    LARGE_ANSWER,
    MOST_NOTIFICATIONS,
    MOST_UNACKNOWLEDGED,
    weight,
)
from deeprx_gui.outputs.opcua_off_loop import others_turn


class BoundedSubscription(InternalSubscription):  # type: ignore[misc]
    """Publishes what waits in answers of bounded size, one after the other."""

    most_notifications: ClassVar[int] = MOST_NOTIFICATIONS
    """What its client takes in one answer; an instance may have its own."""
    _kept: dict[int, int]
    _publishing: asyncio.Lock
    """Its answers are made and sent one after the other: a Publish request may come while a large
    one is encoded, and their sequence numbers have to go out in order."""

    @classmethod
    def take_over(cls, subscription: InternalSubscription, wanted: int) -> None:
        """Bound a subscription that was made just now, before it has published anything.

        The library makes its subscriptions itself and has no place to say of which class.
        ``wanted``: what the client takes in one answer, 0 where it does not mind.
        """
        subscription.__class__ = cls
        subscription.most_notifications = min(int(wanted) or MOST_NOTIFICATIONS, MOST_NOTIFICATIONS)
        subscription._kept = {}  # noqa: SLF001 - its own class from here on
        subscription._publishing = asyncio.Lock()  # noqa: SLF001

    @property
    def _waits(self) -> bool:
        waiting = self._triggered_datachanges or self._triggered_events
        return bool(self._publishing_enabled and waiting)

    async def publish_results(self, requestdata: Any = None) -> bool:  # noqa: ANN401
        """Publish what waits, as long as the client has asked for answers."""
        with others_turn():
            await self._publishing.acquire()
        try:
            sent: bool = await super().publish_results(requestdata)
            more = sent
            while more and self._waits:
                with others_turn():
                    await asyncio.sleep(0)
                more = await super().publish_results()
        finally:
            self._publishing.release()
        return sent

    def _pop_publish_result(self) -> ua.PublishResult:
        self._room, self._values = self.most_notifications, LARGE_ANSWER
        result = super()._pop_publish_result()
        result.MoreNotifications = self._waits
        self._forget_old(result)
        return result

    def _pop_triggered_datachanges(self, result: ua.PublishResult) -> None:
        found = self._some_of(self._triggered_datachanges, lambda each: each.Value)
        if found:
            told = ua.DataChangeNotification()
            told.MonitoredItems = found
            result.NotificationMessage.NotificationData.append(told)

    def _pop_triggered_events(self, result: ua.PublishResult) -> None:
        found = self._some_of(self._triggered_events, lambda each: each.EventFields)
        if found:
            told = ua.EventNotificationList()
            told.Events = found
            result.NotificationMessage.NotificationData.append(told)

    def _some_of(self, queues: dict[int, list[Any]], holds: Callable[[Any], object]) -> list[Any]:
        """Take what fits out of the queues, the oldest of each first."""
        found: list[Any] = []
        for item in list(queues):
            queue, taken = queues[item], 0
            for each in queue:
                if self._room <= 0 or self._values <= 0:
                    break
                self._room -= 1
                self._values -= weight(holds(each), self._values)
                taken += 1
            found += queue[:taken]
            del queue[:taken]
            del queues[item]
            if queue:  # the others come first next time
                queues[item] = queue
            if self._room <= 0 or self._values <= 0:
                break
        return found

    def _forget_old(self, result: ua.PublishResult) -> None:
        """Keep no more for sending again than fits."""
        kept = self._not_acknowledged_results
        for gone in self._kept.keys() - kept.keys():
            del self._kept[gone]
        number = result.NotificationMessage.SequenceNumber
        if number in kept:
            self._kept[number] = self.most_notifications - self._room
        while sum(self._kept.values()) > MOST_UNACKNOWLEDGED:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            kept.pop(oldest, None)
        result.AvailableSequenceNumbers = list(kept)
