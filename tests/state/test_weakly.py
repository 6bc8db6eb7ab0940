"""Undo steps do not keep the models alive whose stacks own them."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from PySide6.QtWidgets import QApplication

from deeprx_gui.domain.view import Region, Shape, ShapeKind
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.state.view_draft import ViewDraft
from deeprx_gui.state.weak_callback import weak_callback


class Counter:
    """Something with a method."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, more: int) -> None:
        self.count += more


def test_a_method_is_called_while_its_object_lives() -> None:
    counter = Counter()
    add = weak_callback(counter.add)
    add(2)
    add(more=3)
    assert counter.count == 5
    alive = weakref.ref(counter)
    del counter
    assert alive() is None
    add(1)


def test_a_tray_and_a_draft_end_without_the_garbage_collection(qapp: QApplication) -> None:
    assert not gc.isenabled()
    tray = TrayModel()
    tray.add([Path("a.png")])
    draft = ViewDraft()
    box = Shape(ShapeKind.RECTANGLE, ((0.1, 0.1), (0.9, 0.9)))
    draft.set_region(Region((box,)))
    tray.undo_stack.undo()
    assert tray.paths == ()
    draft.undo_stack.undo()
    assert draft.region.whole
    ends: list[weakref.ref[object]] = [weakref.ref(tray), weakref.ref(draft)]
    del tray, draft
    assert [end() for end in ends] == [None, None]
