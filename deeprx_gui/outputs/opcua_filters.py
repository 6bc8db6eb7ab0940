"""What clients may ask monitored items to filter: only what is judged quickly and never fails.

asyncua 2.1.0 takes any filter for any item, and follows one element of a filter to another as often
as it is named: forty elements would keep it busy for ever, and one wrong name loses every event.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from asyncua import ua
from asyncua.common.event_objects import BaseEvent
from asyncua.common.utils import ServiceError
from asyncua.ua import uaprotocol_auto

MOST_ELEMENTS: Final = 20
"""Conditions of one event filter."""
MOST_OPERANDS: Final = 1000
"""Of all its conditions together: a client may list every type of event."""
MOST_FIELDS: Final = 200
"""Fields of an event that one item may select."""

_EVENT: Final = BaseEvent()
_NO_FIELDS: Final = frozenset(dir(_EVENT)) - frozenset(_EVENT.data_types)
"""What the library's events hold beside their fields."""

_log = logging.getLogger(__name__)


def check_filter(wanted: object, *, of_events: bool, value: object = None) -> None:
    """Raise ServiceError for a filter that its item cannot follow.

    ``wanted``: none, or the library's empty object, where the client sent none. ``value``: what
    the item's variable holds now, where it is one.
    """
    if of_events:
        if not isinstance(wanted, ua.EventFilter):
            raise ServiceError(ua.StatusCodes.BadMonitoredItemFilterInvalid)
        _check_fields(wanted.SelectClauses)
        _check_conditions(wanted.WhereClause)
    elif wanted:
        if not isinstance(wanted, uaprotocol_auto.DataChangeFilter):
            raise ServiceError(ua.StatusCodes.BadFilterNotAllowed)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if wanted.DeadbandType != ua.DeadbandType.None_ and not is_number:
            raise ServiceError(ua.StatusCodes.BadFilterNotAllowed)


def is_of_events(item: object) -> bool:
    """Say whether a monitored item of the library hears events."""
    read: Any = getattr(item, "read_value_id", None)
    return read is not None and bool(read.AttributeId == ua.AttributeIds.EventNotifier)


async def hand_out(subscriptions: Any, event: Any) -> None:  # noqa: ANN401 - the library's
    """Give an event to every item that hears it; one that fails is deleted, the others go on."""
    for subscription in list(subscriptions.values()):
        service = subscription.monitored_item_srv
        for item in list(service._monitored_events.get(event.emitting_node, ())):  # noqa: SLF001
            try:
                await service._trigger_event(event, item)  # noqa: SLF001
            except Exception:  # noqa: BLE001 - the others are still to be told
                _log.exception("a monitored item of an OPC UA client is deleted: it cannot be told")
                service.delete_monitored_items([item])


def _check_fields(clauses: Any) -> None:  # noqa: ANN401
    if len(clauses or ()) > MOST_FIELDS:
        raise ServiceError(ua.StatusCodes.BadTooManyOperations)
    attributes = {each.value for each in ua.AttributeIds}
    for clause in clauses or ():
        names = [part.Name for part in clause.BrowsePath or ()]
        named = all(isinstance(name, str) and name for name in names)
        if not named or "/".join(map(str, names)) in _NO_FIELDS:
            raise ServiceError(ua.StatusCodes.BadEventFilterInvalid)
        if not names and clause.AttributeId not in attributes:
            raise ServiceError(ua.StatusCodes.BadEventFilterInvalid)


def _check_conditions(where: Any) -> None:  # noqa: ANN401
    """Refuse conditions that are many, or that name one another in a circle or twice."""
    elements = list((where.Elements if where is not None else None) or ())
    operands = [list(each.FilterOperands or ()) for each in elements]
    if len(elements) > MOST_ELEMENTS or sum(map(len, operands)) > MOST_OPERANDS:
        raise ServiceError(ua.StatusCodes.BadEventFilterInvalid)
    named: set[int] = set()
    for place, own in enumerate(operands):
        for operand in own:
            if not isinstance(operand, ua.ElementOperand):
                continue
            follows = place < operand.Index < len(elements)
            if not follows or operand.Index in named:
                raise ServiceError(ua.StatusCodes.BadEventFilterInvalid)
            named.add(operand.Index)
