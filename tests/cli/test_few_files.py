"""Connections that take all file descriptors: pictures are still kept, the first client is told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.outputs.line_server import MOST_CLIENTS
from deeprx_gui.outputs.modbus_places import MOST_CLIENTS as MOST_PLCS
from deeprx_gui.results.records.store import RecordStore
from tests.cli.conftest import NAME, ROOT, command, environment

FILES = 256
KNOCKING = 150
"""Connections to each server: more than there are file descriptors, and than there are places."""


@pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc of Linux")
@pytest.mark.timeout(120)
def test_connections_cost_no_kept_picture(home: Path, parts: Path) -> None:
    tcp, modbus = _free_ports()
    words = command(
        "inspect", NAME, "--source", f"replay:{parts / 'bad'}?fps=20&lossy=0", "--json",
        "--output", f"tcp:{tcp}", "--output", f"modbus:127.0.0.1:{modbus}",
    )  # fmt: skip
    with ExitStack() as everything:
        running = everything.enter_context(
            subprocess.Popen(
                ["bash", "-c", f'ulimit -n {FILES}; exec "$@"', "-", *words],
                env=environment(home), cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
        )  # fmt: skip
        everything.callback(running.kill)
        told = _verdicts(everything.enter_context(_connected(tcp, running)))
        next(told)
        for port in (tcp, modbus):
            for _ in range(KNOCKING):
                with suppress(ConnectionError):
                    everything.enter_context(socket.create_connection(("127.0.0.1", port), 10))
        at_the_flood = [next(told) for _ in range(10)]
        open_files = len(os.listdir(f"/proc/{running.pid}/fd"))  # noqa: PTH208 - only counted
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    summary = json.loads(out)
    assert summary["pictures_not_kept"] == 0, err.decode()
    assert summary["untold"] == 0
    assert {v["verdict"] for v in at_the_flood} == {"NG"}
    assert open_files <= FILES - 64, "room that no connection takes"
    with closing(RecordStore(home / "results")) as store:
        for record in store.rows(RecordQuery()):
            assert record.picture
            assert (home / "results" / record.picture).is_file()
    assert MOST_CLIENTS + MOST_PLCS < 2 * KNOCKING


def _free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        return [free.getsockname()[1] for free in (one, other)]


def _connected(port: int, running: subprocess.Popen[bytes]) -> socket.socket:
    while running.poll() is None:
        with suppress(ConnectionError):
            return socket.create_connection(("127.0.0.1", port), 60)
        time.sleep(0.05)
    raise AssertionError(running.stderr and running.stderr.read().decode())


def _verdicts(client: socket.socket) -> Iterator[dict[str, Any]]:
    with client.makefile(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
