"""Find parts: which of the normal images show one and the same part."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, MutableMapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from deeprx_gui.capture.decode import thumbnail
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import PartRule, Parts, PartsFrom
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.near_copies import Look, find_parts
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.fit_checks import check_parts
from deeprx_gui.work.frame_reader import AHEAD, THREADS

SIDE = 192
"""Pictures are reduced to this while they are read: many formats are quicker to read so."""


def parts_of(
    images: Sequence[Path], rule: PartRule, seen: MutableMapping[Path, Look | None] | None = None
) -> Generator[Progress, None, Parts]:
    """Return which part each picture shows; ``seen``: what was read before, and will be again.

    Pictures are looked at only where ``rule`` asks for that and does not know it yet. One that
    cannot be read shows a part of its own. Raises RequestError for a pattern that is none.
    """
    sources = [str(path) for path in images]
    if rule.known is not None or rule.by is not PartsFrom.AUTO:
        return rule.named(sources)
    looks = {} if seen is None else seen
    new = [path for path in images if path not in looks]
    pace = EtaEstimator(len(new))
    for path, look in zip(new, _looks(new), strict=True):
        looks[path] = look
        yield pace.step(say("Looking for pictures of the same part"))
    return rule.corrected(sources, find_parts([looks[path] for path in images]))


def checked_parts(images: Sequence[Path], rule: PartRule) -> Generator[Progress, None, Parts]:
    """Return the same; raises FitError where the pictures show too few different parts."""
    parts = yield from parts_of(images, rule)
    check_parts(parts, rule)
    return parts


def _looks(images: Sequence[Path]) -> Iterator[Look | None]:
    """Yield what of each picture is compared; ``None`` where it cannot be read."""
    waiting: deque[Future[Look | None]] = deque()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="looks") as pool:
        try:
            for path in images:
                waiting.append(pool.submit(_look, path))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _look(path: Path) -> Look | None:
    try:
        return Look.of(thumbnail(path, SIDE))
    except ImageError:
        return None
