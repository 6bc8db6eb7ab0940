"""A client drives the line over OPC UA: no verdict is missed, doubled or taken for another part.

    PYTHONPATH=. python benchmarks/opcua_parts.py [--parts 10000] [--seed 0] [--flood] [--json]

The line (feed, judge, store with a flush per verdict, OPC UA server) is a process of its own, as in
``plc.py``: the brightness of what lies under the camera says which part it is and comes back in the
score. The client (asyncua) starts a job for each part, waits for its ResultReady event, and breaks
its connection now and then; the camera goes away or stands still, and the program is ended or
killed and started again. A part whose verdict is an ERROR, whose job was refused, or that was under
way when a connection broke is started again. ``--flood``: another client asks for as much as it can
meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import random
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from deeprx_gui.outputs.opcua import keys_folder
from deeprx_gui.outputs.opcua_keys import OpcUaKeys
from deeprx_gui.outputs.opcua_people import OpcUaPeople

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from benchmarks.line_figures import (
    LineFigures,
    common_options,
    free_port,
    report,
)

_PATIENCE = 30.0
_ERROR = "ERROR"
_BREAKS_EVERY, _RESTARTS_EVERY, _CAMERA_EVERY = 150, 900, 40


@dataclass
class Figures(LineFigures):
    """What happened to an OPC UA client."""

    connections: int = 0


class Lost(Exception):  # noqa: N818 - what happened to the connection
    """The connection or the program is gone."""


def _line(pipe: Connection, shared: Any, folder: str, port: int) -> None:  # noqa: ANN401
    """The process of the line; told ``start``, ``end``, ``kill`` and ``leave``."""
    logging.disable()
    from plc_line import Program, World  # type: ignore[import-not-found]

    class Shared(World):  # type: ignore[misc]
        """The world as the other process sets it."""

        part = property(lambda _self: shared[0], lambda _self, _value: None)
        away = property(lambda _self: bool(shared[1]), lambda _self, _value: None)
        still = property(lambda _self: bool(shared[2]), lambda _self, _value: None)

    program = Program(Path(folder), Shared(), port, "", "opcua")
    while (word := pipe.recv()) != "leave":
        if word == "start":
            program.start()
        else:
            program.end(kill=word == "kill")
        pipe.send("done")


def _flood(port: int, folder: str) -> None:
    """The process of a client that asks for as much as it can."""
    logging.disable()
    from tests.outputs.opcua_identity import Identity
    from tests.outputs.opcua_shop import plc

    async def floods() -> None:
        who = Identity(Path(folder) / "plc.der", Path(folder) / "plc-key.pem")
        while True:
            with suppress(Exception):
                async with plc(port, who) as client:
                    node = client.node("ResultManagement.Results.Result")
                    while True:
                        await asyncio.gather(*(node.read_value() for _ in range(100)))

    asyncio.run(floods())


class Driver:
    """The client with its checks."""

    def __init__(self, port: int, who: Any, shared: Any, rng: random.Random) -> None:  # noqa: ANN401
        self.figures = Figures()
        self.milliseconds: list[float] = []
        self._port, self._who, self._shared, self._rng = port, who, shared, rng
        self._stack: Any = None
        self._client: Any = None
        self._heard: asyncio.Queue[Any] = asyncio.Queue()
        self._sequence: int | None = None

    def event_notification(self, event: Any) -> None:  # noqa: ANN401 - a class of the library
        """Hear a ResultReady event."""
        self._heard.put_nowait(event)

    async def connect(self) -> None:
        """Connect, however often it takes."""
        from asyncua import ua

        from tests.outputs.opcua_shop import plc

        while True:
            try:
                self._stack = plc(self._port, self._who, load=True)
                self._client = await self._stack.__aenter__()
                self._heard = asyncio.Queue()
                subscription = await self._client.client.create_subscription(20, self)
                kind = self._client.client.get_node(ua.NodeId(1024, 2))
                await subscription.subscribe_events(self._client.node(""), kind, queuesize=100)
                self._sequence = None
                self.figures.connections += 1
            except Exception:  # noqa: BLE001 - the program starts, or its camera is away
                await self.hang_up()
                await asyncio.sleep(0.2)
            else:
                return

    async def hang_up(self, *, rudely: bool = False) -> None:
        """Break the connection."""
        client, stack, self._client = self._client, self._stack, None
        if client is not None:
            with suppress(Exception):
                if rudely:
                    client.client.uaclient.protocol.transport.abort()
                async with asyncio.timeout(5):
                    await stack.__aexit__(None, None, None)

    async def work(self, part: int) -> None:
        """Start jobs for a part until it has a verdict that is none of ERROR."""
        self.figures.parts += 1
        self._shared[0] = part
        while True:
            if self._client is None:
                await self.connect()
            try:
                if await self._job(part):
                    return
            except Lost:
                self.figures.uncertain += 1
                await self.hang_up()

    async def _job(self, part: int) -> bool:
        from asyncua import ua

        begun = time.perf_counter()
        try:
            async with asyncio.timeout(10):
                job, error = await self._client.start(f"P-{part}")
        except ua.UaStatusCodeError as refusal:
            if refusal.code != ua.StatusCodes.BadInvalidState:
                raise Lost from refusal
            self.figures.refused += 1
            await asyncio.sleep(0.01)
            return False
        except Exception as gone:
            raise Lost from gone
        if error:
            self.figures.refused += 1
            await asyncio.sleep(0.01)
            return False
        return await self._answer(part, job, begun)

    async def _answer(self, part: int, job: str, begun: float) -> bool:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                async with asyncio.timeout(1.0):
                    event = await self._heard.get()
            except TimeoutError:
                await self._is_there()
                if time.monotonic() > end:
                    self.figures.missed += 1
                    return True
                continue
            if self._check(event, part, job):
                pairs = _content(event)
                if pairs["Verdict"] == _ERROR:
                    self.figures.errors += 1
                    return False
                self.milliseconds.append((time.perf_counter() - begun) * 1000)
                level = round(pairs["Times"] * 100)
                self.figures.mismatched += level != part * 97 % 251
                return True

    def _check(self, event: Any, part: int, job: str) -> bool:  # noqa: ANN401
        """Count a verdict; say whether it is that of this job."""
        pairs = _content(event)
        self.figures.follow(self._sequence, pairs["Sequence"])
        is_first = self._sequence is None
        self._sequence = pairs["Sequence"]
        if event.JobId.Id == job:
            self.figures.mismatched += event.PartId.Id != f"P-{part}"
            return True
        if not is_first:  # after a connection broke, that of the part under way may still come
            self.figures.doubled += 1
        return False

    async def _is_there(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self._client.value("Line.Running")
        except Exception as gone:
            raise Lost from gone


def _content(event: Any) -> dict[str, Any]:  # noqa: ANN401
    return {each.Value.Key.Name: each.Value.Value.Value for each in event.ResultContent}


class Trouble:
    """Breaks the connection, lets the camera go away or stand still, restarts the program."""

    def __init__(self, driver: Driver, pipe: Connection, shared: Any, rng: random.Random) -> None:  # noqa: ANN401
        self._driver, self._pipe, self._shared, self._rng = driver, pipe, shared, rng
        self._task: asyncio.Task[None] | None = None

    async def maybe(self, scale: float) -> None:
        """Make trouble now and then."""
        rng, figures = self._rng, self._driver.figures
        if rng.random() * _BREAKS_EVERY * scale < 1:
            await self._driver.hang_up(rudely=True)
        if self._task is not None and not self._task.done():
            return
        if rng.random() * _RESTARTS_EVERY * scale < 1:
            kill = rng.random() < 0.5
            figures.restarts, figures.kills = figures.restarts + 1, figures.kills + kill
            self._task = asyncio.create_task(self._restart("kill" if kill else "end"))
        elif rng.random() * _CAMERA_EVERY * scale < 1:
            place = rng.choice((1, 2))
            figures.camera_away += place == 1
            figures.camera_still += place == 2
            self._shared[place] = 1
            self._task = asyncio.create_task(self._mend(place))

    async def _mend(self, place: int) -> None:
        await asyncio.sleep(self._rng.uniform(0.01, 0.6))
        self._shared[place] = 0

    async def _restart(self, word: str) -> None:
        await asyncio.sleep(self._rng.uniform(0.0, 0.1))
        for each in (word, "start"):
            self._pipe.send(each)
            await asyncio.to_thread(self._pipe.recv)

    async def over(self) -> None:
        if self._task is not None:
            await self._task


async def _drive(driver: Driver, trouble: Trouble, parts: int, scale: float, until: float) -> None:
    for part in range(1, parts + 1):
        await driver.work(part)
        await trouble.maybe(scale)
        if time.monotonic() > until:
            break
    await trouble.over()
    await driver.hang_up()


def simulate(
    folder: Path,
    parts: int,
    *,
    seed: int = 0,
    scale: float = 1.0,
    flood: bool = False,
    seconds: float = 1e9,
) -> Driver:
    """Work ``parts`` parts, or as many as come in ``seconds``; ``scale``: trouble is rarer."""
    from tests.outputs.opcua_identity import identity
    from tests.outputs.opcua_shop import NAME, PASSWORD

    keys = OpcUaKeys(keys_folder(folder))
    who = identity(folder / "client")
    keys.trusted.add(who.certificate)
    OpcUaPeople(keys.folder / "users.json").set_password(NAME, PASSWORD)
    port = free_port()
    context = multiprocessing.get_context("spawn")
    shared = context.Array("l", 3)
    pipe, theirs = context.Pipe()
    line = context.Process(target=_line, args=(theirs, shared, str(folder), port))
    line.start()
    flooder = context.Process(target=_flood, args=(port, str(folder / "client")), daemon=True)
    pipe.send("start")
    pipe.recv()
    rng = random.Random(seed)  # noqa: S311 - a simulation, no secret
    driver = Driver(port, who, shared, rng)
    try:
        if flood:
            flooder.start()
        until = time.monotonic() + seconds
        asyncio.run(_drive(driver, Trouble(driver, pipe, shared, rng), parts, scale, until))
    finally:
        if flood:
            flooder.kill()
        pipe.send("end")
        pipe.recv()
        pipe.send("leave")
        line.join()
    return driver


def main() -> int:
    """Run and print the figures; 1 when a verdict was missed, doubled or mismatched."""
    parser = common_options(__doc__)
    parser.add_argument("--seconds", type=float, default=1e9, help="end after so long")
    parser.add_argument("--scale", type=float, default=1.0, help="trouble is so much rarer")
    parser.add_argument("--flood", action="store_true")
    args = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        driver = simulate(
            Path(folder), args.parts, seed=args.seed, scale=args.scale, flood=args.flood,
            seconds=args.seconds,
        )  # fmt: skip
    return report(
        driver.figures, begun, as_json=args.json, milliseconds=driver.milliseconds or [0.0]
    )


if __name__ == "__main__":
    sys.exit(main())
