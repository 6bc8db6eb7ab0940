"""What ``plc.py`` and ``opcua_parts.py`` count while a client drives the line, and tell."""

from __future__ import annotations

import argparse
import json
import logging
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

_MUST_BE_NONE: Final = ("missed", "doubled", "mismatched")
_SHARES: Final = (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99))


@dataclass
class LineFigures:
    """What happened; the last three must be 0."""

    parts: int = 0
    verdicts: int = 0
    errors: int = 0
    refused: int = 0
    uncertain: int = 0
    restarts: int = 0
    kills: int = 0
    camera_away: int = 0
    camera_still: int = 0
    missed: int = 0
    doubled: int = 0
    mismatched: int = 0

    def follow(self, before: int | None, sequence: int) -> None:
        """Count a verdict by its number, and those that are missing before it, or came again."""
        self.verdicts += 1
        if before is not None and sequence != before + 1:
            skipped = sequence - before - 1
            self.missed += max(0, skipped)
            self.doubled += skipped < 0

    def add(self, others: LineFigures) -> None:
        """Add what happened elsewhere."""
        for key, count in asdict(others).items():
            setattr(self, key, getattr(self, key) + count)


def common_options(about: str | None) -> argparse.ArgumentParser:
    """Return the options that both take; with them the log is silent.

    A camera that goes away a thousand times would fill the screen.
    """
    logging.disable()
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--parts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    return parser


def report(
    figures: LineFigures, begun: float, *, as_json: bool, milliseconds: Sequence[float] = ()
) -> int:
    """Print the figures; 1 when a verdict was missed, doubled or mismatched.

    ``begun``: by ``time.monotonic``; ``milliseconds``: how long each verdict took.
    """
    told: dict[str, Any] = asdict(figures)
    if milliseconds:
        times = sorted(milliseconds)
        for name, share in _SHARES:
            told[name] = round(times[min(len(times) - 1, int(share * len(times)))], 1)
    told["seconds"] = round(time.monotonic() - begun)
    sys.stdout.write(
        json.dumps(told) + "\n"
        if as_json
        else "".join(f"{key:14} {n}\n" for key, n in told.items())
    )
    return 1 if any(told[key] for key in _MUST_BE_NONE) else 0


def free_port() -> int:
    """Return a port of loopback that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])
