"""OPC UA server as an output: its loop in a thread of its own, as a receiver of verdicts."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from deeprx_gui import __version__
from deeprx_gui.domain.errors import DeepRxError, RequestError
from deeprx_gui.domain.field import Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.address import host_and_port, joined, listening
from deeprx_gui.outputs.base import QUEUE, NumberedRecord, ReceiverUnreachable
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.opcua_guard import GuardedServer
from deeprx_gui.outputs.opcua_keys import WARN_DAYS, OpcUaKeys
from deeprx_gui.outputs.opcua_line import VisionLine
from deeprx_gui.outputs.opcua_methods import VisionMethods
from deeprx_gui.outputs.opcua_people import OpcUaPeople, WrongTries
from deeprx_gui.outputs.opcua_sessions import GuardedSessions
from deeprx_gui.outputs.opcua_users import Users

_ANSWERS_WITHIN: Final = 8.0
_LOOK_SECONDS: Final = 0.05
_LOOKS_EVERY: Final = 5.0
"""Seconds between two looks at who may sign in: the command line changes it meanwhile."""

_log = logging.getLogger(__name__)


class OpcUaServer:
    """The vision system, served; see ``docs/opc-ua.md`` for its nodes."""

    every = 0.5
    present_only = True

    def __init__(
        self, spec: OutputSpec, options: Options, commands: ReceiverCommands, folder: Path
    ) -> None:
        """Build from a checked spec; nothing listens before ``open``. ``folder``: of its keys."""
        self._host, self._port = host_and_port(spec.address)
        self._ack, self._anonymous = options.switch("ack"), options.switch("anonymous")
        self._most = options.whole("sessions")
        self._commands = commands
        self._keys = OpcUaKeys(folder)
        self._people = OpcUaPeople(folder / "users.json")
        self._tries = WrongTries()
        self._server: GuardedServer | None = None
        self._line: VisionLine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        self._socket: socket.socket | None = None
        self._ending: asyncio.Event | None = None
        self._aborted = threading.Event()
        self._own_notice: Message | None = None
        self._until, self._looks_at = datetime.max.replace(tzinfo=UTC), 0.0
        self._started = threading.Event()
        self._beginning = threading.Lock()
        self._early: deque[NumberedRecord] = deque(maxlen=QUEUE)

    def open(self) -> None:
        """Begin to listen, in a loop and thread of its own. Raises Unreachable.

        The standard's 5,000 nodes take seconds; verdicts that come meanwhile are shown afterwards.
        """
        listening(self._host, self._port).close()  # says at once why it cannot
        self._failure, self._ending = None, None
        self._aborted = threading.Event()  # one that was told to end before stays so
        self._started.clear()
        self._thread = threading.Thread(
            target=self._serve, args=(self._aborted,), name="opcua-server", daemon=True
        )
        self._thread.start()

    def deliver(self, told: NumberedRecord) -> None:
        """Show one verdict and send its event. Raises Unreachable."""
        self._alive()
        with self._beginning:
            if not self._started.is_set():
                self._early.append(told)
                return
        if self._line is None:
            raise _ended()
        self._do(self._line.tell(told))

    def idle(self, *, running: bool) -> None:  # noqa: ARG002 - the line itself is asked
        """Check that the server thread is alive."""
        self._alive()

    @property
    def is_ready(self) -> bool:
        """Whether clients are served."""
        return self._started.is_set()

    def notice(self) -> Message | None:
        """Say what an engineer should know: who was refused, who floods, what is missing."""
        if not self._started.is_set():
            return say("The OPC UA server starts; this takes some seconds.")
        if time.monotonic() >= self._looks_at:
            self._looks_at = time.monotonic() + _LOOKS_EVERY
            self._own_notice = self._lacks()
        shares = self._server.shares.problem if self._server is not None else None
        return shares or self._keys.problem or self._tries.problem or self._own_notice

    def close(self) -> None:
        """Stop serving and end the thread."""
        thread, loop, ending = self._thread, self._loop, self._ending
        self._aborted.set()
        if thread is None:
            return
        if thread.is_alive() and loop is not None and ending is not None:
            loop.call_soon_threadsafe(ending.set)
        thread.join(0.6)
        if thread.is_alive() and self._socket is not None:
            self._socket.close()  # whatever its loop does: nobody comes in any more
        self._socket = None
        self._thread = self._loop = self._server = self._line = None

    def abort(self) -> None:
        """Make ``deliver`` end soon."""
        self._aborted.set()

    def _alive(self) -> None:
        if isinstance(self._failure, DeepRxError):
            raise self._failure
        if self._thread is None or not self._thread.is_alive():
            raise _ended()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        loop = self._loop
        if loop is None:
            work.close()
            raise _ended()
        future: Future[None] = asyncio.run_coroutine_threadsafe(work, loop)
        waited = 0.0
        while not self._aborted.is_set() and waited < _ANSWERS_WITHIN:
            try:
                future.result(0.1)
            except TooLate:
                waited += 0.1
            else:
                return
        future.cancel()
        raise _ended()

    def _serve(self, aborted: threading.Event) -> None:
        loop = self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._main(aborted))
        except Exception as error:  # noqa: BLE001 - ``open`` or the next ``idle`` sees it
            self._failure = error
            if not isinstance(error, DeepRxError):
                _log.exception("the OPC UA server ended")
        finally:
            _end_tasks(loop)
            loop.close()

    async def _main(self, aborted: threading.Event) -> None:
        self._ending = asyncio.Event()
        users = Users(self._people, self._keys, self._tries)
        sessions = GuardedSessions(users, most=self._most, anonymous=self._anonymous)
        server = GuardedServer(sessions, self._keys)
        own = self._keys.own([self._host])
        self._until, self._looks_at = own.until, 0.0
        server.name = own.name
        server.product_uri, server.manufacturer_name = "urn:deeprx-inspector", "Deep RX Inspector"
        await server.init()
        await server.set_build_info(
            server.product_uri, server.manufacturer_name, "Deep RX Inspector", __version__, "",
            datetime.now(UTC),
        )  # fmt: skip
        await server.use_own(own)
        host = f"[{self._host}]" if ":" in self._host else self._host
        server.set_endpoint(f"opc.tcp://{host}:{self._port}/deeprx")
        line = VisionLine(server, self._commands, ack=self._ack)
        await line.build(VisionMethods(line).calls())
        if aborted.is_set():
            return
        sock = self._socket = listening(self._host, self._port)
        await server.listen(sock)
        self._server, self._line = server, line
        await self._begin(line)
        try:
            while not self._ending.is_set():
                await line.look()
                await _sleep(self._ending)
        finally:
            await server.end()

    async def _begin(self, line: VisionLine) -> None:
        """Show what came while the server started; from now on verdicts come one by one."""
        while True:
            with self._beginning:
                if not self._early:
                    self._started.set()
                    return
                told = self._early.popleft()
            await line.tell(told)

    def _lacks(self) -> Message | None:
        """Say what keeps everybody out, or soon will."""
        try:
            names = self._people.names
        except RequestError as error:
            return error.message
        if self._until < datetime.now(UTC) + timedelta(days=WARN_DAYS):
            return say(
                "The OPC UA certificate of this PC ends on {day}. Renew it with “{command}”; then"
                " clients have to accept it again.",
                day=f"{self._until:%Y-%m-%d}",
                command="deeprx opcua renew",
            )
        if not names and not self._keys.users.certificates() and not self._anonymous:
            return say(
                "No OPC UA user is set up, so nobody can sign in at {address}. Set a password with"
                " “{command}”.",
                address=joined(self._host, self._port),
                command="deeprx opcua password NAME",
            )
        return None


async def _sleep(ending: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(ending.wait(), _LOOK_SECONDS)
    except TimeoutError:
        return


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what still runs, so that nothing is left behind when the loop closes."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())


def _ended() -> ReceiverUnreachable:
    return ReceiverUnreachable(say("The OPC UA server ended. It is started again."))
