"""What OPC UA clients leave behind in the server, and who is charged for what they ask for."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("asyncua", reason="OPC UA is an extra: pip install asyncua==2.1.0")

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeData

from deeprx_gui.outputs.opcua_limits import MOST_NOTIFICATIONS
from deeprx_gui.outputs.opcua_off_loop import OffLoop, Spent, others_turn
from deeprx_gui.outputs.opcua_subscriptions import BoundedSubscription
from deeprx_gui.outputs.opcua_view import ReferenceTypes

_SUBTYPE = ua.NodeId(ua.ObjectIds.HasSubtype)
_PARENT, _CHILD, _OBJECT = (
    ua.NodeId(number)
    for number in (ua.ObjectIds.HierarchicalReferences, ua.ObjectIds.Organizes, ua.ObjectIds.Server)
)


def _space() -> AddressSpace:
    """Two reference types, one below the other, and an object."""
    space = AddressSpace()
    classes = {
        _PARENT: ua.NodeClass.ReferenceType,
        _CHILD: ua.NodeClass.ReferenceType,
        _OBJECT: ua.NodeClass.Object,
    }
    for number, kind in classes.items():
        node = space[number] = NodeData(number)
        value = ua.DataValue(ua.Variant(kind, ua.VariantType.Int32))
        node.attributes[ua.AttributeIds.NodeClass] = AttributeValue(value)
    below = ua.ReferenceDescription(ReferenceTypeId=_SUBTYPE, IsForward=True, NodeId=_CHILD)
    space[_PARENT].references.append(below)
    return space


def test_made_up_reference_types_are_not_remembered() -> None:
    types = ReferenceTypes(_space())
    assert types.suits(_PARENT, _CHILD, subtypes=True)
    assert not types.suits(_CHILD, _PARENT, subtypes=True)
    before = set(types._known)
    assert before == {_PARENT, _CHILD}
    for wanted in [_OBJECT, *(ua.NodeId(f"made up {number}", 2) for number in range(1000))]:
        assert not types.suits(wanted, _CHILD, subtypes=True)
    assert set(types._known) == before


def _works(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_what_a_subscription_publishes_by_itself_is_charged_to_its_client() -> None:
    async def publishes() -> None:
        off, charged = OffLoop(), list[float]()

        async def ticks() -> None:
            await answered.wait()
            for _ in range(3):
                await off.encode(charged.append, _works, 0.01)

        answered = asyncio.Event()
        try:
            with Spent() as spent:
                task = asyncio.create_task(ticks())  # as CreateSubscription does
                await off.encode(charged.append, _works, 0.01)
            assert not charged, "the message itself is charged for its own answer"
            of_the_message = spent.seconds
            assert of_the_message >= 0.01
            answered.set()
            await task
            assert len(charged) == 3
            assert all(each >= 0.01 for each in charged)
            assert spent.seconds == of_the_message, "nothing is added to what has ended"
        finally:
            off.close()

    asyncio.run(publishes())


def test_waiting_for_the_turn_of_others_costs_nothing() -> None:
    async def waits() -> None:
        async def other() -> None:
            _works(0.1)

        task = asyncio.create_task(other())
        with Spent() as spent, others_turn():
            await task
        assert spent.seconds < 0.09

    asyncio.run(waits())


def test_answers_of_a_subscription_go_out_in_the_order_of_their_numbers() -> None:
    """A small answer that is due while a large one is encoded waits for it."""

    async def publishes() -> None:
        heard: list[int] = []
        encoded, begun = asyncio.Event(), asyncio.Event()

        async def sends(result: ua.PublishResult, _request: object) -> None:
            if not begun.is_set():  # the first is the large one
                begun.set()
                await encoded.wait()
            heard.append(result.NotificationMessage.SequenceNumber)

        requests: list[Any] = [SimpleNamespace()]
        made = BoundedSubscription(
            ua.CreateSubscriptionResult(
                SubscriptionId=1, RevisedPublishingInterval=1000.0, RevisedLifetimeCount=9
            ),
            SimpleNamespace(),
            sends,
            ua.NodeId(),
            request_callback=lambda _number: requests.pop() if requests else None,
        )
        BoundedSubscription.take_over(made, 0)
        change = ua.MonitoredItemNotification(1, ua.DataValue(ua.Variant(1)))
        made._triggered_datachanges[1] = [change] * (MOST_NOTIFICATIONS + 1)
        message = asyncio.create_task(made.publish_results(SimpleNamespace()))
        await begun.wait()
        tick = asyncio.create_task(made.publish_results())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        encoded.set()
        await asyncio.gather(message, tick)
        assert heard == [1, 2]

    asyncio.run(publishes())
