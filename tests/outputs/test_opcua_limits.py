"""How much one OPC UA client may ask for at once: refused by the standard's codes, announced."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("asyncua", reason="OPC UA is an extra: pip install asyncua==2.1.0")

from asyncua import ua
from asyncua.common.utils import Buffer, ServiceError

from deeprx_gui.outputs import opcua_limits as limits
from deeprx_gui.outputs.opcua_decoding import RequestBuffer
from deeprx_gui.outputs.opcua_keys import OpcUaKeys
from deeprx_gui.outputs.opcua_off_loop import OffLoop, Spent
from deeprx_gui.outputs.opcua_subscriptions import BoundedSubscription
from tests.outputs.conftest import record
from tests.outputs.opcua_identity import identity
from tests.outputs.opcua_line_shop import Shop, listens, open_shop, refusal, run, shop, soon
from tests.outputs.opcua_shop import Plc, plc

__all__ = ["open_shop", "shop"]  # fixtures

SERVER = ua.NodeId(ua.ObjectIds.Server)
ORGANIZES = ua.NodeId(ua.ObjectIds.HierarchicalReferences)


def wanted(node: ua.NodeId, **more: Any) -> ua.BrowseDescription:
    return ua.BrowseDescription(
        NodeId=node,
        BrowseDirection=more.pop("direction", ua.BrowseDirection.Forward),
        ReferenceTypeId=more.pop("kind", ORGANIZES),
        IncludeSubtypes=True,
        NodeClassMask=0,
        ResultMask=63,
    )


async def browse(client: Plc, *nodes: ua.BrowseDescription, most: int = 0) -> list[Any]:
    asked = ua.BrowseParameters(RequestedMaxReferencesPerNode=most, NodesToBrowse=list(nodes))
    return list(await client.client.uaclient.session.browse(asked))


async def go_on(client: Plc, point: bytes, *, release: bool = False) -> Any:
    asked = ua.BrowseNextParameters(release, [point])
    (result,) = await client.client.uaclient.session.browse_next(asked)
    return result


def item(node: ua.NodeId, attribute: int = ua.AttributeIds.Value, *, queue: int = 1) -> Any:
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(node, attribute),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=ua.MonitoringParameters(1, 50, None, queue, True),
    )


async def monitor(client: Plc, number: int, *items: Any) -> list[Any]:
    asked = ua.CreateMonitoredItemsParameters(number, ua.TimestampsToReturn.Both, list(items))
    return list(await client.client.uaclient.session.create_monitored_items(asked))


def test_the_limits_stand_in_the_nodes_where_clients_look_for_them(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            for number, most in limits.announced(8).items():
                node = client.client.get_node(ua.NodeId(number))
                try:
                    assert await node.read_value() == most, ua.ObjectIdNames[number]
                except ua.uaerrors.BadNodeIdUnknown:
                    continue  # not among the standard's nodes of this library
            per_read = ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead
            assert await client.client.get_node(ua.NodeId(per_read)).read_value() == 200

    run(talks())


def test_more_operations_than_announced_are_refused_and_as_many_are_done(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            session = client.client.uaclient.session
            node = client.node("Line.Ready").nodeid

            async def read(count: int) -> list[Any]:
                asked = ua.ReadParameters()
                asked.NodesToRead = [ua.ReadValueId(node, ua.AttributeIds.Value)] * count
                return list(await session.read(asked))

            assert all(each.Value.Value for each in await read(limits.MOST_READ))
            assert len(await browse(client, *[wanted(SERVER)] * limits.MOST_BROWSED)) == 100
            path = ua.BrowsePath(SERVER, ua.RelativePath([ua.RelativePathElement()]))
            for too_many in (
                read(limits.MOST_READ + 1),
                read(limits.MOST_ELEMENTS + 1),
                browse(client, *[wanted(SERVER)] * (limits.MOST_BROWSED + 1)),
                session.translate_browsepaths_to_nodeids([path] * (limits.MOST_PATHS + 1)),
                session.call([ua.CallMethodRequest()] * (limits.MOST_CALLED + 1)),
                session.register_nodes([node] * (limits.MOST_REGISTERED + 1)),
            ):
                with pytest.raises(ua.UaError, match="BadTooManyOperations"):
                    await too_many
            assert await client.value("Line.Ready"), "it is still served"

    run(talks())


def test_what_a_node_has_more_is_fetched_by_continuation_points(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            (whole,) = await browse(client, wanted(SERVER))
            assert not whole.ContinuationPoint
            (part,) = await browse(client, wanted(SERVER), most=3)
            found = list(part.References)
            while part.ContinuationPoint:
                assert len(part.References) <= 3
                part = await go_on(client, part.ContinuationPoint)
                found += part.References
            assert found == list(whole.References)
            held = [
                (await browse(client, wanted(SERVER), most=1))[0]
                for _ in range(limits.MOST_CONTINUATIONS)
            ]
            (none_left,) = await browse(client, wanted(SERVER), most=1)
            assert none_left.StatusCode.name == "BadNoContinuationPoints"
            released = await go_on(client, held[0].ContinuationPoint, release=True)
            assert released.StatusCode.is_good()
            assert not released.References
            gone = await go_on(client, held[0].ContinuationPoint)
            assert gone.StatusCode.name == "BadContinuationPointInvalid"
            (again,) = await browse(client, wanted(SERVER), most=1)
            assert again.ContinuationPoint

    run(talks())


def test_one_answer_has_no_more_references_than_fit(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            every = wanted(SERVER, kind=ua.NodeId(), direction=ua.BrowseDirection.Both)
            results = await browse(client, *[every] * limits.MOST_BROWSED)
            assert sum(len(each.References) for each in results) <= limits.MOST_REFERENCES
            held = [each for each in results if each.ContinuationPoint]
            assert 0 < len(held) <= limits.MOST_CONTINUATIONS
            assert results[-1].StatusCode.name == "BadNoContinuationPoints"

    run(talks())


def test_a_path_that_goes_to_and_fro_ends(shop: Shop) -> None:
    def step(name: str, *, inverse: bool) -> ua.RelativePathElement:
        return ua.RelativePathElement(ORGANIZES, inverse, True, ua.QualifiedName(name))

    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            session = client.client.uaclient.session
            there = [step("Server", inverse=False), step("Objects", inverse=True)] * 100
            start = ua.NodeId(ua.ObjectIds.ObjectsFolder)
            path = ua.BrowsePath(start, ua.RelativePath([*there, step("Server", inverse=False)]))
            (found,) = await session.translate_browsepaths_to_nodeids([path])
            assert [each.TargetId for each in found.Targets] == [SERVER]
            missing = ua.BrowsePath(start, ua.RelativePath([step("Nothing", inverse=False)]))
            (found,) = await session.translate_browsepaths_to_nodeids([missing])
            assert found.StatusCode.name == "BadNoMatch"

    run(talks())


def test_subscriptions_and_monitored_items_have_their_limits(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            made = [
                await client.client.create_subscription(1000, None)
                for _ in range(limits.MOST_SUBSCRIPTIONS)
            ]
            with pytest.raises(ua.UaError, match="BadTooManySubscriptions"):
                await client.client.create_subscription(1000, None)
            number = made[0].subscription_id
            node, other = client.node("Verdict.PartId").nodeid, client.node("Verdict.Uid").nodeid
            first, second = await monitor(client, number, item(node), item(node, queue=5000))
            assert (first.RevisedQueueSize, second.RevisedQueueSize) == (1, limits.MOST_QUEUED)
            for items in (
                [item(node)],
                [item(other)] * (limits.MOST_ON_ONE_NODE + 1),
                [item(SERVER, ua.AttributeIds.EventNotifier)] * (limits.MOST_EVENT_ITEMS + 1),
            ):
                with pytest.raises(ua.UaError, match="BadTooManyMonitoredItems"):
                    await monitor(client, number, *items)
            with pytest.raises(ua.UaError, match="BadTooManyOperations"):
                await monitor(client, number, *[item(other)] * (limits.MOST_ITEMS_PER_CALL + 1))
            (usual,) = await monitor(client, number, item(other, queue=0))
            assert usual.RevisedQueueSize == limits.USUALLY_QUEUED

    run(talks())


def test_all_queues_of_a_session_together_are_bounded(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            subscription = await client.client.create_subscription(1000, None)
            nodes = [each.nodeid for each in await client.node("Verdict").get_children()]
            items = [item(node, queue=1000) for node in nodes]
            made = await monitor(client, subscription.subscription_id, *items)
            sizes = [each.RevisedQueueSize for each in made if each.StatusCode.is_good()]
            assert sizes[0] == limits.MOST_QUEUED
            assert sizes[-1] == 1
            assert sum(sizes) <= limits.MOST_QUEUED_OF_ALL + len(sizes)

    run(talks())


def waiting(values: int) -> BoundedSubscription:
    """A subscription of the library with changes that wait, bounded as a session's are."""
    data = ua.CreateSubscriptionResult(SubscriptionId=1, RevisedPublishingInterval=1000.0)
    made = BoundedSubscription(data, SimpleNamespace(), None, ua.NodeId())
    BoundedSubscription.take_over(made, 0)
    made._triggered_datachanges[1] = [
        ua.MonitoredItemNotification(1, ua.DataValue(ua.Variant(number)))
        for number in range(values)
    ]
    made.pub_request_callback = lambda _number: None
    return made


def numbers(result: ua.PublishResult) -> list[int]:
    data = result.NotificationMessage.NotificationData
    return [each.Value.Value.Value for part in data for each in part.MonitoredItems]


def test_what_waits_is_published_in_answers_of_bounded_size_and_in_order() -> None:
    made, heard = waiting(1300), []
    while made._waits:
        result = made._pop_publish_result()
        told = numbers(result)
        assert 0 < len(told) <= limits.MOST_NOTIFICATIONS
        assert result.MoreNotifications == made._waits
        heard += told
    assert heard == list(range(1300))
    made = waiting(1300)
    made._triggered_datachanges[2] = [ua.MonitoredItemNotification(2, ua.DataValue(ua.Variant(-1)))]
    made._pop_publish_result()
    assert -1 in numbers(made._pop_publish_result()), "nobody waits behind one that floods"
    few = waiting(25)
    BoundedSubscription.take_over(few, 10)  # what the client takes
    assert len(numbers(few._pop_publish_result())) == 10


def test_large_values_count_for_more_and_what_is_kept_for_sending_again_is_bounded() -> None:
    made = waiting(0)
    large = ua.DataValue(ua.Variant(["x" * 64] * 300))
    made._triggered_datachanges[1] = [ua.MonitoredItemNotification(1, large) for _ in range(50)]
    assert len(numbers(made._pop_publish_result())) < 10
    made = waiting(20 * limits.MOST_NOTIFICATIONS)
    while made._waits:
        made._pop_publish_result()
    kept = sum(len(numbers(each)) for each in made._not_acknowledged_results.values())
    assert 0 < kept <= limits.MOST_UNACKNOWLEDGED


def test_a_verdict_comes_while_another_client_asks_for_all_it_may(shop: Shop) -> None:
    """No figure of a machine: only that every verdict is told while all that is asked is large."""

    async def asks(client: Plc) -> int:
        answered = 0
        every = wanted(SERVER, kind=ua.NodeId(), direction=ua.BrowseDirection.Both)
        while True:
            results = await browse(client, *[every] * limits.MOST_BROWSED)
            for each in results:
                if each.ContinuationPoint:
                    await go_on(client, each.ContinuationPoint, release=True)
            answered += 1
            asked.append(answered)

    asked: list[int] = []

    async def talks() -> None:
        async with plc(shop.port, shop.who) as bad, plc(shop.port, shop.who) as good:
            events = await listens(good)
            task = asyncio.create_task(asks(bad))
            await soon(lambda: asked)
            for number in range(5):
                shop.hub.tell(record(number + 1, serial=f"L-{number}"))
                await soon(lambda number=number: len(events.heard) > number)  # type: ignore[misc]
            assert [each.PartId.Id for each in events.heard] == [f"L-{n}" for n in range(5)]
            task.cancel()

    run(talks())


def test_elements_are_counted_through_all_lists_of_a_request() -> None:
    request = RequestBuffer(Buffer(b"x" * 100))
    request.count(limits.MOST_ELEMENTS - 1)
    request.copy(10).count(1)
    with pytest.raises(ServiceError) as refused:
        request.count(1)
    assert refused.value.code == ua.StatusCodes.BadTooManyOperations


def test_large_values_are_weighed_without_looking_at_all_of_them() -> None:
    assert limits.weight(ua.DataValue(ua.Variant(1)), 100) < 20
    assert limits.weight(ua.Variant([0] * 1000), 100) > 100
    assert limits.weight(ua.Variant(b"x" * 100_000), 1000) > 1000


def test_certificates_and_passwords_are_looked_at_beside_the_loop(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    addresses: list[object] = []

    def noting(owner: type, name: str) -> None:
        inner = getattr(owner, name)

        def note(*given: Any) -> Any:
            looked.append(threading.current_thread().name)
            if name == "refusal":
                addresses.append(given[-1])
            return inner(*given)

        monkeypatch.setattr(owner, name, note)

    from deeprx_gui.outputs.opcua_keys import CertificateFolder
    from deeprx_gui.outputs.opcua_people import OpcUaPeople

    noting(OpcUaKeys, "refusal")
    noting(CertificateFolder, "has")
    noting(OpcUaPeople, "knows")
    stranger = identity(tmp_path, "stranger-2")
    assert refusal(shop, stranger)
    assert refusal(shop, shop.who) == ""
    assert "BadUserAccessDenied" in refusal(shop, shop.who, name="nobody")
    assert "BadUserAccessDenied" in refusal(shop, shop.who, user=stranger)
    assert looked
    assert not [name for name in looked if not name.startswith("opcua-keys")]
    assert set(addresses) == {"127.0.0.1"}, "each address has its own share of the list"


def test_others_are_not_charged_for_while_one_waits_for_a_thread() -> None:
    async def waits() -> None:
        off, ended = OffLoop(), threading.Event()

        async def busy() -> None:
            end = time.thread_time() + 0.1
            while time.thread_time() < end:
                await asyncio.sleep(0)
            ended.set()

        other = asyncio.create_task(busy())
        try:
            with Spent() as spent:
                await off.look(ended.wait, 60)
            await other
            assert spent.seconds < 0.09, "what the other took is not in it"
        finally:
            off.close()
            off._disk.shutdown()  # waits for its thread

    asyncio.run(waits())


def test_a_flood_of_new_certificates_pushes_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deeprx_gui.outputs import opcua_keys
    from deeprx_gui.outputs.opcua_strangers import KEPT_PER_MINUTE, MOST_OF_ONE, Strangers

    keys = OpcUaKeys(tmp_path)
    now = [0.0]
    monkeypatch.setattr(opcua_keys.Certificate, "fault", lambda _self, _now=None: None)
    monkeypatch.setattr(
        opcua_keys, "read_certificate", lambda file: opcua_keys.Certificate(file.read_bytes())
    )
    keys._strangers = Strangers(lambda: now[0])
    for number in range(100):
        assert keys.refusal(f"certificate {number}".encode(), "10.0.0.5")
    assert len(keys.refused.certificates()) == KEPT_PER_MINUTE
    plc = b"the new PLC, at the same time"
    assert keys.refusal(plc, "10.0.0.6")
    assert len(keys.refused.certificates()) == KEPT_PER_MINUTE + 1
    for minute in range(1, 20):
        now[0] = 60.0 * minute
        for number in range(10):
            assert keys.refusal(f"certificate {minute}.{number}".encode(), "10.0.0.5")
    kept = [each.data for each in keys.refused.certificates()]
    assert len(kept) == MOST_OF_ONE + 1
    assert plc in kept
