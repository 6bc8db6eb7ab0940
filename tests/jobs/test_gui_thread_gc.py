"""Garbage is collected in the window's thread, never in a worker's."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from deeprx_gui.jobs import gui_thread_gc
from deeprx_gui.jobs.gui_thread_gc import GuiThreadGc


class Node:
    """Garbage that only the collector can find, and that remembers where it ended."""

    ended_in: list[int]

    def __init__(self, ended_in: list[int]) -> None:
        self.me = self
        self.ended_in = ended_in

    def __del__(self) -> None:
        self.ended_in.append(threading.get_ident())


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[GuiThreadGc]:
    before = gc.isenabled()
    gc.enable()
    made = GuiThreadGc()
    made.start()
    yield made
    made.stop()
    assert gc.isenabled()
    if not before:
        gc.disable()


def litter() -> list[list[int]]:
    return [[] for _ in range(5000)]  # far beyond what starts a collection


def test_a_worker_collects_nothing(collector: GuiThreadGc) -> None:
    ended: list[int] = []
    Node(ended)
    kept: list[object] = []
    worker = threading.Thread(target=lambda: kept.extend(litter()))
    worker.start()
    worker.join()
    assert ended == []
    for _ in range(2000):
        kept.append(litter()[:3])
        collector.check()
        if ended:
            break
    assert ended == [threading.get_ident()]


def test_nothing_is_done_where_there_is_nothing_to_do(collector: GuiThreadGc) -> None:
    gc.collect()
    ended: list[int] = []
    node = Node(ended)
    alive = weakref.ref(node)
    del node
    collector.check()
    assert alive() is not None
    gc.collect()
    assert alive() is None


def test_what_an_import_brings_is_left_out_and_the_window_goes_on(
    collector: GuiThreadGc, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(gui_thread_gc, "_left_out", [])
    monkeypatch.setattr(gc, "freeze", lambda: done.append("left out"))
    monkeypatch.setattr(gc, "collect", lambda _generation: done.append("collected"))
    collector.leave_out_the_start()
    kept = [litter()]
    monkeypatch.setitem(sys.modules, "a_library", sys)
    collector.check()
    assert done == ["left out"] * 2
    kept.append(litter())
    collector.check()
    assert done == ["left out", "left out", "collected"]
