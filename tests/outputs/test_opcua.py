"""The OPC UA server against a real asyncua client, on loopback."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deeprx_gui.domain.verdict import Verdict
from tests.outputs.conftest import only, record

pytest.importorskip("asyncua", reason="OPC UA is an extra: pip install asyncua==2.1.0")

from asyncua import ua

from tests.outputs.opcua_line_shop import (
    PRODUCTS,
    Shop,
    is_in,
    listens,
    open_shop,
    run,
    shop,
    soon,
)
from tests.outputs.opcua_shop import plc

__all__ = ["open_shop", "shop"]  # fixtures


def test_a_single_job_is_answered_by_its_own_verdict(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client)
            await is_in(client, "Ready")
            job, error = await client.start("S-1", meas="M-9")
            assert error == 0
            assert shop.fired == ["S-1"]
            assert await client.state() == "SingleExecution"
            assert await client.value("Line.Busy")
            with pytest.raises(ua.UaError):  # one at a time
                await client.start("S-2")
            shop.answer(1001, "S-1")
            await is_in(client, "Ready")
            await soon(lambda: events.heard)
            (event,) = events.heard
            result = await client.value("ResultManagement.Results.Result")
            assert event.JobId.Id == result.JobId.Id == job
            assert await client.value("Verdict.JobId") == job
            assert result.PartId.Id == "S-1"
            assert result.MeasId.Id == "M-9"
            assert result.ResultState == 1
            pairs = [each.Value for each in event.ResultContent]
            content = {pair.Key.Name: pair.Value.Value for pair in pairs}
            assert content["Verdict"] == "NG"
            assert content["Times"] == 1.5, "one scale: multiples of the suggested limit"
            assert content["Revision"] == 7
            assert content["Places"] == [0.5, 0.25, 0.75, 0.5, 1.5]
            assert await client.value("Verdict.VerdictCode") == 3
            assert await client.value("Line.ResultValid")

    run(talks())


def test_what_the_line_refuses_is_an_error_with_a_sentence(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            await is_in(client, "Ready")
            shop.refuses = "yes"
            assert await client.start("S-1") == ("", -1)
            assert await client.state() == "Ready"
            assert "the line says no" in await client.value("Line.LastRefusal")
            assert await client.start("S-1", recipe="Nut") == ("", -2)
            assert shop.fired == []
            with pytest.raises(ua.UaError, match="BadInvalidArgument"):
                await client.start("x" * 201)

    run(talks())


def test_the_state_machine_and_what_each_state_refuses(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            steps = await listens(client, 1018)
            await is_in(client, "Ready")
            with pytest.raises(ua.UaError, match="BadInvalidState"):
                await client.change("Stop")
            assert await client.change("Halt") == 0
            assert await client.state() == "Halted"
            with pytest.raises(ua.UaError, match="BadInvalidState"):
                await client.start("S-1")
            assert "StartSingleJob" in await client.value("Line.LastRefusal")
            assert await client.change("Reset") == 0
            assert await client.state() == "Preoperational"
            assert await client.change("SelectModeAutomatic") == 0
            await is_in(client, "Ready")
            shop.status = replace(shop.status, source_away=True)
            await is_in(client, "Error")
            shop.status = replace(shop.status, source_away=False)
            await is_in(client, "Ready")
            shop.status = replace(shop.status, running=False)
            await is_in(client, "Initialized")
            await soon(lambda: len(steps.heard) >= 8)
            assert [each.Message.Text for each in steps.heard][:2] == [
                "Ready → Halted (Halt)",
                "Halted → Preoperational (Reset)",
            ]
            number = await client.value("VisionStateMachine.CurrentState.Number")
            assert number == 4, "the StateNumber of Operational"

    run(talks())


def test_products_are_recipes_that_can_be_listed_and_prepared(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client, 1022)
            empty = ua.RecipeIdExternalDataType(), ua.ProductIdDataType()
            page = [ua.Variant(0, ua.VariantType.UInt32)] * 2
            rest = [*page, ua.Variant(0, ua.VariantType.Int32)]

            async def listed(prepared: int) -> list[tuple[str, str]]:
                wanted = ua.Variant(prepared, ua.VariantType.Int32)
                where = "RecipeManagement.GetRecipeListFiltered"
                complete, count, _, found, error = await client.call(where, *empty, wanted, *rest)
                assert (complete, count, error) == (True, len(found), 0)
                return [(each.Description.Text, each.Version) for each in found]

            assert await listed(2) == [("ブラケット", "7"), ("Nut", "2")]
            assert await listed(1) == [("ブラケット", "7")]

            async def prepare(name: str) -> tuple[str, bool, int]:
                wanted = ua.RecipeIdExternalDataType(Id=name), ua.RecipeIdInternalDataType()
                made, done, error = await client.call("RecipeManagement.PrepareRecipe", *wanted)
                return made.Id, done, error

            await is_in(client, "Ready")
            assert await prepare("ブラケット") == ("a1", True, 0)
            assert await prepare("Bolt") == ("", False, -2)
            assert await prepare("nut") == ("b2", False, 0)
            assert shop.wanted == ["Nut"]
            await is_in(client, "Initialized")  # not ready before it is in use
            with pytest.raises(ua.UaError, match="BadInvalidState"):
                await client.start("S-1")
            shop.products = tuple(replace(each, in_use=each.id == "b2") for each in PRODUCTS)
            await is_in(client, "Ready")
            await soon(lambda: events.heard)
            assert events.heard[0].InternalId.Id == "b2"
            step = await client.value("AutomaticModeStateMachine.LastTransition")
            assert step.Text == "InitializedToReadyRecipe"

    run(talks())


def test_continuous_execution_names_the_line_s_own_parts(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client)
            await is_in(client, "Ready")
            job, error = await client.start(job="StartContinuous")
            assert error == 0
            assert await client.state() == "ContinuousExecution"
            now = datetime.now(UTC)
            for number in range(3):
                shop.hub.tell(record(number, when=now, verdict=Verdict.OK, score=1.0))
            await soon(lambda: len(events.heard) == 3)
            assert {each.JobId.Id for each in events.heard} == {job}
            assert await client.change("Stop") == 0
            assert await client.state() == "Ready"
            shop.hub.tell(record(9, when=datetime.now(UTC)))
            await soon(lambda: len(events.heard) == 4)
            assert events.heard[3].JobId.Id.startswith("line-")
            sequence = await client.value("Verdict.Sequence")
            assert events.heard[3].JobId.Id == f"line-{sequence}"

    run(talks())


def test_a_part_belongs_to_the_execution_it_was_triggered_in(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client)
            await is_in(client, "Ready")
            shop.trigger()  # 1001: before
            job, error = await client.start(job="StartContinuous")
            assert error == 0
            shop.trigger()  # 1002: in it
            assert await client.change("Stop") == 0
            shop.trigger()  # 1003: after
            for number in (1001, 1002, 1003):
                shop.answer(number, f"T-{number}")
            shop.hub.tell(record(5))  # taken long before, without a trigger
            await soon(lambda: len(events.heard) == 4)
            before, within, after, old = (each.JobId.Id for each in events.heard)
            assert within == job
            assert {each[:5] for each in (before, after, old)} == {"line-"}

    run(talks())


def test_results_can_be_asked_for_again(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            shop.hub.tell(record(31, serial="P-31"))
            end = time.monotonic() + 20
            while await client.value("Verdict.PartId") != "P-31":
                assert time.monotonic() < end
            late = ua.Variant(0, ua.VariantType.Int32)
            by_id = "ResultManagement.GetResultById"
            _, result, error = await client.call(by_id, ua.ResultIdDataType(Id="uid-0031"), late)
            assert (error, result.PartId.Id) == (0, "P-31")
            *_, error = await client.call(by_id, ua.ResultIdDataType(Id="other"), late)
            assert error == -4
            parts = await client.call(
                "ResultManagement.GetResultComponentsById", ua.ResultIdDataType(Id="uid-0031"), late
            )
            assert parts[6].Id == "P-31"
            assert parts[-1] == 0
            zero = ua.Variant(0, ua.VariantType.UInt32)
            filters = (
                late, ua.MeasIdDataType(), ua.PartIdDataType(Id="P-31"),
                ua.RecipeIdExternalDataType(), ua.RecipeIdInternalDataType(),
                ua.ConfigurationIdDataType(), ua.ConfigurationIdDataType(),
                ua.ProductIdDataType(), ua.JobIdDataType(), zero, zero, late,
            )  # fmt: skip
            found = await client.call("ResultManagement.GetResultListFiltered", *filters)
            assert [each.ResultId.Id for each in found[3]] == ["uid-0031"]

    run(talks())


def test_thirty_parts_none_missed_doubled_or_taken_for_another(shop: Shop) -> None:
    shop.answers = True

    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client)
            for number in range(30):
                await is_in(client, "Ready")
                job, error = await client.start(f"P-{number}")
                assert error == 0
                await soon(lambda number=number: len(events.heard) > number)  # type: ignore[misc]
                assert events.heard[-1].JobId.Id == job
                assert events.heard[-1].PartId.Id == f"P-{number}"
            assert len(events.heard) == 30

    run(talks())


def test_one_read_sees_one_verdict(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            end = threading.Event()

            def tells() -> None:
                number = 5000
                while not end.wait(0.002):
                    number += 1
                    if only(shop.hub).waiting < 5:
                        shop.hub.tell(record(number, serial=f"{number}", revision=number))

            teller = threading.Thread(target=tells)
            teller.start()
            try:
                nodes = [client.node(f"Verdict.{name}") for name in ("PartId", "Revision", "Uid")]
                seen = 0
                while seen < 40:
                    part, revision, uid = await client.client.read_values(nodes)
                    if uid >= "uid-5000":
                        seen += 1
                        assert part == f"{revision}" == uid[4:]
            finally:
                end.set()
                teller.join()
            await soon(lambda: only(shop.hub).waiting == 0)

    run(talks())


def test_a_client_that_comes_back_goes_on_where_the_line_is(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            shop.hub.tell(record(1, serial="before"))
            events = await listens(client)
            transport = client.client.uaclient.protocol.transport
            before = await client.value("Verdict.Sequence")
            transport.abort()  # the network breaks
            shop.hub.tell(record(2, serial="meanwhile"))
            with suppress(Exception):
                await client.value("Line.Ready")
        assert events.heard == [] or events.heard[0].PartId.Id == "meanwhile"
        async with plc(shop.port, shop.who) as client:
            again = await listens(client)
            shop.hub.tell(record(3, serial="after"))
            await soon(lambda: again.heard)
            assert again.heard[0].PartId.Id == "after"
            assert await client.value("Verdict.Sequence") >= before + 2

    run(talks())
