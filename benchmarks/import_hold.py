"""Measure how long an import keeps the other threads waiting.

    PYTHONPATH=. python benchmarks/import_hold.py [--only NAME,...] [--json]

A thread that only looks at a clock runs beside each import: the longest time in which it got no
turn is how long the window would have stood still. The clock is the processor time of the importing
thread where the system tells it (Linux), so that other programs do not count. Of each file: what
came of it, how long that took, and the longest wait. ``tests/domain/test_json_text.py`` proves the
structure that this measures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.json_text import MEGABYTE
from deeprx_gui.domain.profile import NormalImage
from deeprx_gui.profiles.archive import pack
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.profiles.untrusted_input import PROFILE
from tests.made_profile import made_profile


@dataclass(frozen=True)
class Held:
    """One import: what came of it, seconds, and the longest wait of another thread in ms."""

    name: str
    outcome: str
    seconds: float
    longest_wait_ms: float


def watched(name: str, work: Callable[[], str]) -> Held:
    """Do the work beside a thread that looks at the clock."""
    over, longest, clock = threading.Event(), 0.0, _clock_of_this_thread()

    def look() -> None:
        nonlocal longest
        last = clock()
        while not over.is_set():
            now = clock()
            longest, last = max(longest, now - last), now

    thread = threading.Thread(target=look)
    thread.start()
    start = time.perf_counter()
    try:
        outcome = work()
    finally:
        seconds = time.perf_counter() - start
        over.set()
        thread.join()
    return Held(name, outcome, seconds, 1000 * longest)


def _clock_of_this_thread() -> Callable[[], float]:
    """Return a clock that another thread can read: what this one has computed, in seconds."""
    if sys.platform == "win32":
        return time.perf_counter
    own = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(own)


def exported(folder: Path, normals: int) -> Path:
    """Return an honest file of a profile with so many normal images."""
    store = ProfileStore(folder / f"made {normals}")
    images = tuple(NormalImage(f"/line/lot {n % 7}/{n}.png", 8.0) for n in range(normals))
    saved = store.save(replace(made_profile("Bracket"), id="", revision=0, normals=images))
    return store.export(saved.id, folder / f"{normals} normals.deeprx")


def with_document(honest: Path, target: Path, document: bytes) -> Path:
    """Return a copy of a profile file with another text in it, sealed as if it were genuine."""
    with zipfile.ZipFile(honest) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    target.write_bytes(pack({**parts, PROFILE: document}))
    return target


def files(folder: Path) -> dict[str, Path]:
    """Make the files: the largest that are taken, and what is refused."""
    honest = exported(folder, 50)
    bombs = {
        "31 MB of brackets": b"[" * (31 * MEGABYTE),
        "11 MB of brackets": b"[" * (11 * MEGABYTE),
        "pairs of brackets": b"[" + b"[]," * (3 * MEGABYTE) + b"[]]",
        "objects": b"[" + b'{"a":{}},' * MEGABYTE + b"1]",
        "numbers": b"[" + b"1," * (5 * MEGABYTE) + b"1]",
        "a number of 11 MB": b'{"a":' + b"9" * (11 * MEGABYTE) + b"}",
        "a text of 11 MB": b'{"a":"' + b"x" * (11 * MEGABYTE) + b'"}',
        "escapes": b'{"a":"' + b"\\u0041" * (11 * MEGABYTE // 6) + b'"}',
        "149,000 values": b'{"a":[' + b"1.5," * 149_000 + b"1]}",
    }
    made = {
        "50 normal images": honest,
        "40,000 normal images": exported(folder, 40_000),
    }
    for name, document in bombs.items():
        made[name] = with_document(honest, folder / f"{name}.deeprx", document)
    return made


def imported(file: Path, folder: Path) -> str:
    """Import a file as a new product; return what came of it."""
    try:
        ProfileStore(folder / "imported").import_file(file, who="benchmark")
    except DeepRxError as error:
        return f"refused: {error}"
    return "imported"


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description="How long does an import hold other threads?")
    parser.add_argument("--only", default="", help="only files whose name contains one of these")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    only = [part for part in args.only.split(",") if part]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = files(folder)
        rows = []
        for title, file in made.items():
            if not only or any(part in title for part in only):
                rows.append(watched(title, lambda file=file: imported(file, folder)))  # type: ignore[misc]
    if args.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
        return 0
    print(f"{'file':<24}{'s':>8}{'longest wait, ms':>20}  outcome")
    for row in rows:
        print(f"{row.name:<24}{row.seconds:>8.2f}{row.longest_wait_ms:>20.1f}  {row.outcome[:70]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
