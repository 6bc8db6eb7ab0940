"""Killed at any instant: every verdict that was shown is there once, and the file is sound.

The long one, through the whole live run, is in the tests of the run itself.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.records.store_check import StoreCheck, check_store
from tests.results.records.conftest import Open, record

ROOT = Path(__file__).resolve().parents[3]
KILLS = 6
WRITER = """
import sys
from pathlib import Path
from deeprx_gui.domain.inspection import Decision, KeepRule, Keep
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from tests.results.records.conftest import inspected, record
folder, first = Path(sys.argv[1]), int(sys.argv[2])
recorder = Recorder(RecordStore(folder), PictureKeeper(folder, KeepRule(Keep.ALL)))
assert recorder.store.writable
for number in range(first, first + 100_000):
    part = record(number, VERDICTS[number % 4], item=f"{number}.png|1|2")
    shown = recorder.record(inspected(part)).record
    print(shown.uid, shown.number, flush=True)
    if number % 5 == 0:
        recorder.store.decide(shown.number, Decision.OK, who="sato")
"""


def checked(store: RecordStore) -> StoreCheck:
    job = check_store(store)
    while True:
        try:
            next(job)
        except StopIteration as stop:
            found: StoreCheck = stop.value
            return found


def shown_until_killed(folder: Path, first: int, parts: int) -> list[tuple[str, int]]:
    """Let a program record, kill it somewhere behind ``parts`` parts; return what it showed."""
    command = [sys.executable, "-c", WRITER, str(folder), str(first)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(parts)]
        writer.kill()
        rest, complaint = writer.communicate()
    lines += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    assert all(lines), complaint
    return [(uid, int(number)) for uid, number in (line.split() for line in lines)]


@pytest.mark.timeout(100)
def test_what_was_shown_is_there_once(folder: Path, opened: Open) -> None:
    chance = random.Random(4)  # noqa: S311 - no secret
    shown: list[tuple[str, int]] = []
    for round_ in range(KILLS):
        shown += shown_until_killed(folder, 10_000 * round_, chance.randint(1, 40))
    store = opened()
    assert store.notice is None
    kept = [(r.uid, r.number) for r in store.rows(RecordQuery())]
    assert len({uid for uid, _ in kept}) == len(kept)
    assert set(shown) <= set(kept)
    assert len(kept) - len(shown) <= KILLS  # at most the part in flight, each time
    found = checked(store)
    assert found.problems == ()
    assert found.verdicts == len(kept)
    for uid, number in shown[:: len(shown) // 5]:
        again = record(int(uid[3:]), item=f"{int(uid[3:])}.png|1|2")
        assert store.add(again).number == number
    assert not list(folder.glob("records-damaged-*"))
