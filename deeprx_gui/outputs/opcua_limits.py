"""How much one OPC UA client may ask for at once: the numbers, and the nodes that announce them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from asyncua import Server, ua
from asyncua.common.utils import ServiceError

MOST_READ: Final = 200
MOST_BROWSED: Final = 100
MOST_PATHS: Final = 100
MOST_PATH_ELEMENTS: Final = 500
"""Of all paths of one request together."""
MOST_CALLED: Final = 10
MOST_REGISTERED: Final = 100
MOST_ITEMS_PER_CALL: Final = 100
MOST_REFERENCES: Final = 1000
"""References in one answer; what is left is fetched by its continuation point."""
MOST_LOOKED_AT: Final = 20_000
"""References that one request makes the server look at."""
MOST_CONTINUATIONS: Final = 10
"""Of one session."""
MOST_SUBSCRIPTIONS: Final = 4
"""Of one session."""
MOST_ITEMS: Final = 400
MOST_EVENT_ITEMS: Final = 10
"""Monitored items of one session; those of them that hear events."""
MOST_ON_ONE_NODE: Final = 2
"""Monitored items of one session on the same attribute: each costs a copy at every change."""
MOST_QUEUED, MOST_QUEUED_OF_ALL = 1000, 10_000
"""Changes or events that wait for one monitored item, and for all of a session."""
USUALLY_QUEUED: Final = 20
"""Changes that wait for an item whose client asks for no number."""
MOST_NOTIFICATIONS: Final = 500
"""In one Publish answer; more follow in the next one."""
MOST_UNACKNOWLEDGED: Final = 2000
"""Notifications of one subscription that are kept until they are acknowledged."""
MOST_ELEMENTS: Final = 4000
"""List elements in one request, nested ones included."""
LARGE_ANSWER, LARGEST_ANSWER = 2000, 100_000
"""Values in an answer: from the first on it is encoded beside the loop, beyond the second it is
refused."""

_O: Final = ua.ObjectIds
_BYTES_PER_VALUE: Final = 64


def announced(sessions: int) -> Mapping[int, int]:
    """Return what a server of so many sessions says of itself: numbers of nodes and their values.

    0 means that the service is not offered, or that there is no limit of its own.
    """
    return {
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead: MOST_READ,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse: MOST_BROWSED,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerRegisterNodes: MOST_REGISTERED,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds: (
            MOST_PATHS
        ),
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerMethodCall: MOST_CALLED,
        _O.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall: MOST_ITEMS_PER_CALL,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerWrite: 0,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerNodeManagement: 0,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData: 0,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadEvents: 0,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryUpdateData: 0,
        _O.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryUpdateEvents: 0,
        _O.Server_ServerCapabilities_MaxBrowseContinuationPoints: MOST_CONTINUATIONS,
        _O.Server_ServerCapabilities_MaxSessions: sessions,
        _O.Server_ServerCapabilities_MaxSubscriptions: sessions * MOST_SUBSCRIPTIONS,
        _O.Server_ServerCapabilities_MaxSubscriptionsPerSession: MOST_SUBSCRIPTIONS,
        _O.Server_ServerCapabilities_MaxMonitoredItems: sessions * MOST_ITEMS,
        _O.Server_ServerCapabilities_MaxMonitoredItemsPerSubscription: MOST_ITEMS,
        _O.Server_ServerCapabilities_MaxMonitoredItemsQueueSize: MOST_QUEUED,
    }


async def announce(server: Server, sessions: int) -> None:
    """Write the limits into the server's nodes, where the standard's nodes have them."""
    for number, most in announced(sessions).items():
        node = server.get_node(ua.NodeId(number))
        if node.nodeid not in server.iserver.aspace:
            continue
        short = (await node.read_data_type()).Identifier == ua.ObjectIds.UInt16
        kind = ua.VariantType.UInt16 if short else ua.VariantType.UInt32
        await node.write_value(ua.Variant(most, kind))


def bounded(things: Any, most: int) -> None:  # noqa: ANN401 - the library's lists, or none
    """Raise ServiceError for more than ``most``."""
    if things is not None and len(things) > most:
        raise ServiceError(ua.StatusCodes.BadTooManyOperations)


def weight(answer: object, most: int) -> int:
    """Return about how many values are in an answer; counting ends beyond ``most``."""
    found, waiting = 0, [answer]
    while waiting and found <= most:
        each = waiting.pop()
        found += 1
        if isinstance(each, str | bytes):
            found += len(each) // _BYTES_PER_VALUE
        elif isinstance(each, list | tuple):
            found += max(0, len(each) - most)
            waiting.extend(each[:most])
        elif is_dataclass(each):
            waiting.extend(getattr(each, one.name, None) for one in fields(each))
    return found
