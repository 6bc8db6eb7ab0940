"""Thumbnails are made for what is looked at, newest first, and memory stays bounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.state import thumbnails
from deeprx_gui.state.thumbnails import ThumbnailCache


def picture() -> ByteImage:
    return np.zeros((4, 4, 3), np.uint8)


def some(n: int, start: int = 0) -> list[Path]:
    return [Path(f"{i}.png") for i in range(start, start + n)]


def test_what_came_into_view_last_is_made_first(qtbot: QtBot) -> None:
    cache = ThumbnailCache()
    with qtbot.waitSignal(cache.wanted) as asked:
        for path in some(3):
            assert cache.get(path) is None
    assert asked.args == [(Path("2.png"), Path("1.png"), Path("0.png"))]


def test_one_chunk_is_asked_for_at_a_time(qtbot: QtBot) -> None:
    cache = ThumbnailCache()
    with qtbot.waitSignal(cache.wanted):
        cache.get(Path("a.png"))
    asked: list[object] = []
    cache.wanted.connect(asked.append)
    cache.get(Path("b.png"))
    assert asked == []
    cache.chunk_done()
    assert asked == [(Path("b.png"),)]


def test_scrolling_past_thousands_asks_only_for_the_last(qtbot: QtBot) -> None:
    cache = ThumbnailCache()
    with qtbot.waitSignal(cache.wanted) as asked:
        for path in some(5_000):
            cache.get(path)
    (chunk,) = asked.args
    assert chunk == tuple(reversed(some(thumbnails.CHUNK, 5_000 - thumbnails.CHUNK)))
    cache.chunk_done()  # nothing that scrolled by is left to ask for
    assert cache.get(Path("4999.png")) is None


def test_a_thumbnail_that_arrived_is_answered(qtbot: QtBot) -> None:
    cache = ThumbnailCache()
    pixels = picture()
    with qtbot.waitSignal(cache.arrived) as told:
        cache.put(Path("a.png"), pixels)
    assert told.args == [Path("a.png")]
    assert cache.get(Path("a.png")) is pixels


def test_an_unreadable_picture_is_not_asked_for_again(qtbot: QtBot) -> None:
    cache = ThumbnailCache()
    cache.put(Path("a.png"), None)
    with qtbot.assertNotEmitted(cache.wanted, wait=20):
        assert cache.get(Path("a.png")) is None


def test_only_so_many_are_kept(qtbot: QtBot) -> None:
    cache = ThumbnailCache()
    for path in some(thumbnails.KEPT + 5):
        cache.put(path, picture())
    assert cache.get(Path("0.png")) is None
    assert cache.get(Path(f"{thumbnails.KEPT + 4}.png")) is not None
