"""OpenVINO tells nobody that it is used: no connection is attempted, no name is looked up.

The library's own reporter sends when it is imported and when models are converted. The test runs
the whole way from the import to a score in a program of its own in which every door to the network
is watched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_WATCHED = """
import json, sys
from pathlib import Path

attempts = []
def watch(event, details):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        attempts.append([event, repr(details)])
sys.addaudithook(watch)

from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.runtimes.openvino_runtime import open_cpu
from tests.engine.parts import texture
folder = Path(sys.argv[1])
weights = BackboneLibrary(folder).find("efficientnet-lite0")
taps = open_cpu(weights, (8, 16), folder / "cache").taps(texture(1, 64))

import threading
for thread in threading.enumerate():
    if thread is not threading.current_thread() and not thread.daemon:
        thread.join(30)
before = len(attempts)
import socket
try:
    socket.create_connection(("127.0.0.1", 9), timeout=1)  # the watch does see an attempt
except OSError:
    pass
print(json.dumps({
    "maps": len(taps.maps),
    "attempts": attempts[:before],
    "control": len(attempts) - before,
    "reporter": sys.modules.get("openvino_telemetry") is not None,
}))
"""


def test_nothing_goes_over_the_network(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "CI": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert answer.returncode == 0, answer.stderr
    seen = json.loads(answer.stdout.splitlines()[-1])
    assert seen["maps"] == 2
    assert seen["control"] > 0
    assert not seen["reporter"]
    assert seen["attempts"] == []
