"""A stalled window bounds what a job holds, and no item is lost."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.scored import Label, ScoredImage
from deeprx_gui.jobs.buffer import (
    MOST_BYTES,
    MOST_ITEMS,
    ImageShrinker,
    ProgressBuffer,
    array_bytes,
)
from tests.state.made_inspected import made_part


def told(item: object) -> Progress:
    return Progress(0, 0, say("Working"), item=item)


def test_a_full_buffer_holds_the_job_and_a_cancel_lets_it_go() -> None:
    buffer, stop = ProgressBuffer(), threading.Event()
    for n in range(MOST_ITEMS):
        buffer.put(told(n), stop)
    job = threading.Thread(target=buffer.put, args=(told(MOST_ITEMS), stop))
    job.start()
    job.join(0.1)
    assert job.is_alive()
    stop.set()
    job.join(5)
    assert not job.is_alive()
    assert [p.item for p in buffer.take()] == list(range(MOST_ITEMS + 1))


def test_a_live_job_never_waits_and_keeps_every_item_but_few_pictures() -> None:
    thinner = ImageShrinker(lambda _: True, lambda x: ("small", x[1]), lambda x: ("", x[1]), kept=3)  # type: ignore[index]
    buffer, stop = ProgressBuffer(thinner), threading.Event()
    for n in range(300):
        buffer.put(told(("whole", n)), stop)
    items = [p.item for p in buffer.take()]
    assert [i[1] for i in items] == list(range(300))  # type: ignore[index]
    assert [i[0] for i in items] == [""] * 296 + ["small"] * 3 + ["whole"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("sizes", "waits"),
    [
        ([MOST_BYTES - 1], False),
        ([MOST_BYTES], True),
        ([3 * MOST_BYTES], True),  # one item above the limit passes an empty buffer
        ([1 << 20] * 15, False),
        ([1 << 20] * 16, True),
    ],
)
def test_the_job_waits_from_16_mb_of_untaken_pictures_on(sizes: list[int], *, waits: bool) -> None:
    assert MOST_BYTES == 16 * 1024 * 1024
    buffer, stop = ProgressBuffer(), threading.Event()
    for size in sizes:
        buffer.put(told(np.zeros(size, np.uint8)), stop)
    job = threading.Thread(target=buffer.put, args=(told("one more"), stop))
    job.start()
    job.join(0.1)
    assert job.is_alive() is waits
    taken = len(buffer.take())
    job.join(5)
    assert not job.is_alive()
    assert taken + len(buffer.take()) == len(sizes) + 1


def test_a_full_buffer_takes_what_holds_no_memory_and_keeps_the_newest() -> None:
    buffer, stop = ProgressBuffer(), threading.Event()
    buffer.put(told(np.zeros(MOST_BYTES, np.uint8)), stop)
    for done in range(1000):
        buffer.put(Progress(done, 1000, say("Working")), stop)
    assert [p.done for p in buffer.take()] == [0, 999]


def test_pictures_are_weighed_wherever_an_item_holds_them() -> None:
    part = made_part(size=(480, 640))
    assert part.map is not None
    assert array_bytes(part) == 480 * 640 * 3 + part.map.nbytes
    scored = ScoredImage(Path("a.png"), Label.UNKNOWN, Score(1.0, part.map, 1.0), None)
    assert array_bytes(scored) == part.map.nbytes
    assert array_bytes("a note") == array_bytes(None) == 0
