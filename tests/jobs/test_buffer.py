"""A stalled window bounds what a job holds, and no item is lost."""

from __future__ import annotations

import threading

from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.buffer import MOST_ITEMS, ImageShrinker, ProgressBuffer


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
