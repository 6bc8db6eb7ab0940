"""A server of text lines: one thread, any number of clients, none of which can delay another."""

from __future__ import annotations

import errno
import logging
import re
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from deeprx_gui.outputs.address import listening
from deeprx_gui.outputs.places import Seat, few_files_left, who_goes

MOST_CLIENTS = 32
MOST_WAITING = 256 * 1024
"""Bytes that wait for one client beyond what the system keeps; then it is cut off."""
LONGEST_LINE = 1024
"""Bytes of one line that a client sends; a longer one is no command."""
_CHUNK = 65536
_LINE_END = re.compile(rb"[\r\n]+")
_LINES_A_ROUND = 64
_ROUND_SECONDS = 5.0
_OUT_OF_FILES_SECONDS = 0.2

_log = logging.getLogger(__name__)


class _Client:
    def __init__(self, sock: socket.socket, peer: str, address: str) -> None:
        self.sock = sock
        self.peer = peer
        self.address = address
        self.heard = time.monotonic()
        self.lines: deque[bytes] = deque()
        self.came_in = b""
        self.goes_out = bytearray()
        self.ends = False  # nothing more will come; what came is still answered


class LineServer:
    """Sends every line to every client and answers the lines they send.

    ``answer`` turns a line and who sent it into the answer (``None``: no answer); it runs in the
    server's thread. A line ends with CR, LF or both, and is read in ``encoding``.
    """

    def __init__(
        self,
        host: str,
        port: int,
        answer: Callable[[str, str], bytes | None],
        *,
        end: bytes = b"\n",
        encoding: str = "utf-8",
    ) -> None:
        """Listen and start. Raises Unreachable when the address cannot be used."""
        self._encoding = encoding
        self._listener = listening(host, port)
        self._answer = answer
        self._end = end
        self._lines: deque[bytes] = deque()
        self._clients: dict[socket.socket, _Client] = {}
        self._ends = False
        self.cut_off = ""  # the last client that did not read
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="line-server", daemon=True)
        self._thread.start()

    @property
    def clients(self) -> int:
        return len(self._clients)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def send(self, line: bytes) -> None:
        """Send one line (without its end) to everybody connected; returns at once."""
        self._lines.append(line)
        self._poke()

    def close(self) -> None:
        """Send what fits at once, let everybody go, end the thread. May be called again."""
        self._ends = True
        self._poke()
        self._thread.join(0.3)

    def _poke(self) -> None:
        # Full: it has been poked already. Closed: there is nobody left to wake.
        with suppress(OSError):
            self._wake.send(b"\0")

    def _run(self) -> None:
        try:
            while not self._ends or self._lines:
                behind = any(client.lines for client in self._clients.values())
                for key, events in self._selector.select(0 if behind else _ROUND_SECONDS):
                    self._serve(key.fileobj, events)
                for client in list(self._clients.values()):
                    self._answer_some(client)
                self._pass_lines_on()
        finally:
            for client in list(self._clients.values()):
                self._let_go(client)
            self._selector.close()
            for sock in (self._listener, self._wake, self._woken):
                sock.close()

    def _serve(self, sock: object, events: int) -> None:
        if sock is self._listener:
            self._welcome()
        elif sock is self._woken:
            with suppress(BlockingIOError):
                self._woken.recv(_CHUNK)
        elif (client := self._clients.get(sock)) is not None:  # type: ignore[call-overload]
            if events & selectors.EVENT_READ:
                self._listen_to(client)
            if events & selectors.EVENT_WRITE and client.sock in self._clients:
                self._write(client)

    def _welcome(self) -> None:
        try:
            sock, peer = self._listener.accept()
        except OSError as error:  # it gave up between knocking and entering, or no file is left
            _log.info("a client went before it was let in: %s", error)
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                time.sleep(_OUT_OF_FILES_SECONDS)  # it goes on knocking
            return
        name = f"{peer[0]}:{peer[1]}"
        if few_files_left(sock.fileno()) or not self._makes_room(peer[0]):
            _log.warning("%s is refused: %d clients are connected", name, len(self._clients))
            sock.close()
            return
        sock.setblocking(False)
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._clients[sock] = _Client(sock, name, peer[0])
        self._selector.register(sock, selectors.EVENT_READ)
        self.cut_off = ""
        _log.info("%s is connected", name)

    def _makes_room(self, address: str) -> bool:
        """Say whether there is a place for a newcomer; an idle client gives up its own."""
        if len(self._clients) < MOST_CLIENTS:
            return True
        clients, now = list(self._clients.values()), time.monotonic()
        place = who_goes([Seat(c.address, now - c.heard) for c in clients], address)
        if place is None:
            return False
        _log.info("%s was silent and gives its place to another one", clients[place].peer)
        self._let_go(clients[place])
        return True

    def _pass_lines_on(self) -> None:
        while self._lines:
            line = self._lines.popleft() + self._end
            for client in list(self._clients.values()):
                self._queue(client, line)

    def _queue(self, client: _Client, line: bytes) -> None:
        if len(client.goes_out) + len(line) > MOST_WAITING:
            self.cut_off = client.peer
            _log.warning("%s does not read and is cut off", client.peer)
            self._let_go(client)
            return
        client.goes_out += line
        self._write(client)

    def _write(self, client: _Client) -> None:
        try:
            while client.goes_out:
                del client.goes_out[: client.sock.send(client.goes_out[:_CHUNK])]
        except BlockingIOError:
            self._selector.modify(client.sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
        except OSError as error:
            _log.info("%s is gone: %s", client.peer, error)
            self._let_go(client)
        else:
            self._selector.modify(client.sock, selectors.EVENT_READ)

    def _listen_to(self, client: _Client) -> None:
        if client.lines:
            return  # first what came before; what goes on coming waits in the system's buffers
        try:
            data = client.sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            _log.info("%s is gone: %s", client.peer, error)
            data = b""
        client.heard = time.monotonic()
        *lines, client.came_in = _LINE_END.split(client.came_in + data)
        client.lines.extend(line for line in lines if line.strip())
        client.ends = not data or len(client.came_in) > LONGEST_LINE
        if data and client.ends:
            client.lines.append(client.came_in)  # a line without end is answered, too, then let go

    def _answer_some(self, client: _Client) -> None:
        """Answer a few lines, so that one who floods this server delays nobody else for long."""
        for _ in range(_LINES_A_ROUND):
            if not client.lines or client.sock not in self._clients:
                break
            self._queue(client, self._answer_to(client, client.lines.popleft()) + self._end)
        if client.ends and not client.lines:
            self._let_go(client)

    def _answer_to(self, client: _Client, line: bytes) -> bytes:
        if len(line) > LONGEST_LINE:
            return b"NAK this line is longer than %d bytes" % LONGEST_LINE
        try:
            text = line.decode(self._encoding).strip()
        except UnicodeDecodeError:
            return f"NAK this line is not {self._encoding}".encode("ascii")
        return self._answer(text, client.peer) or b"NAK nothing was asked"

    def _let_go(self, client: _Client) -> None:
        if self._clients.pop(client.sock, None) is not None:
            self._selector.unregister(client.sock)
            client.sock.close()
