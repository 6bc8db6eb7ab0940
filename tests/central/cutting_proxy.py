"""A socket between a station and the server that is cut after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Cut:
    """What passed from the server; ``after``: the wire is cut after so many bytes, once."""

    def __init__(self, after: int) -> None:
        self.after, self.passed, self.cuts = after, 0, 0


@contextlib.contextmanager
def cutting_proxy(port: int, after: int) -> Iterator[tuple[int, Cut]]:
    """Yield the port of the proxy and what passed through it."""
    cut = Cut(after)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    done = threading.Event()
    threads: list[threading.Thread] = []

    def pump(source: socket.socket, target: socket.socket, *, from_server: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                if from_server:
                    cut.passed += len(data)
                    if not cut.cuts and cut.passed > cut.after:
                        cut.cuts += 1
                        break
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def accept() -> None:
        while not done.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = listener.accept()
                client.settimeout(None)
                server = socket.create_connection(("127.0.0.1", port))
                for pair, way in (((server, client), True), ((client, server), False)):
                    thread = threading.Thread(target=pump, args=pair, kwargs={"from_server": way})
                    thread.start()
                    threads.append(thread)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listener.getsockname()[1], cut
    finally:
        done.set()
        accepting.join()
        listener.close()
        for thread in threads:
            thread.join(timeout=10)
