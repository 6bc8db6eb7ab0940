"""The tray keeps order, recognises what it has, and takes every change back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.message import say
from deeprx_gui.state.tray import IMAGE_ROLE, TrayImage, TrayModel


def paths(*names: str) -> tuple[Path, ...]:
    return tuple(Path("parts") / f"{n}.png" for n in names)


@pytest.fixture
def tray(qtbot: QtBot) -> TrayModel:
    made = TrayModel()
    made.add(paths("a", "b", "c"))
    return made


def test_the_model_keeps_qts_contract(tray: TrayModel, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(tray)  # type: ignore[no-untyped-call] # pytest-qt's


def test_an_image_is_in_the_tray_only_once(tray: TrayModel) -> None:
    assert tray.add(paths("c", "d", "d")) == 1
    assert tray.paths == paths("a", "b", "c", "d")


def test_nothing_new_is_no_step_of_undo(tray: TrayModel) -> None:
    steps = tray.undo_stack.count()
    assert tray.add(paths("a")) == 0
    assert tray.remove(paths("z")) == 0
    assert tray.undo_stack.count() == steps


def test_removing_can_be_taken_back_to_the_same_place(tray: TrayModel) -> None:
    assert tray.remove(paths("b")) == 1
    assert tray.paths == paths("a", "c")
    tray.undo_stack.undo()
    assert tray.paths == paths("a", "b", "c")
    tray.undo_stack.redo()
    assert tray.paths == paths("a", "c")


def test_appending_does_not_disturb_what_is_shown(tray: TrayModel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(tray.modelReset), qtbot.waitSignal(tray.rowsInserted):
        tray.add(paths("d"))


def test_rows_show_name_and_place(tray: TrayModel) -> None:
    index = tray.index(0)
    assert index.data() == "a.png"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == str(Path("parts/a.png"))
    assert index.data(IMAGE_ROLE) == TrayImage(Path("parts/a.png"))


def test_what_needs_a_look_comes_first(tray: TrayModel) -> None:
    tray.add(paths("d", "e"))
    a, b, c, d, e = paths("a", "b", "c", "d", "e")
    tray.mark({a: 0.5, b: 0.9, c: 2.0, d: 3.0}, (d, c), {e: say("It is empty.")})
    assert tray.paths == (e, d, c, b, a)
    assert [i.path for i in tray.suspects] == [d, c]
    assert tray.images[0].problem == say("It is empty.")
    assert tray.images[3].times_limit == 0.9


def test_undo_keeps_what_was_learnt_about_the_images(tray: TrayModel) -> None:
    a, b, c = paths("a", "b", "c")
    tray.mark({a: 0.5, b: 0.9, c: 2.0}, (c,), {})
    tray.remove([c])
    tray.undo_stack.undo()
    assert tray.suspects == (TrayImage(c, 2.0, suspect=True),)


def test_filling_starts_afresh(tray: TrayModel) -> None:
    tray.mark(dict.fromkeys(tray.paths, 1.0), (), {})
    tray.fill(paths("a", "x"))
    assert tray.images == (TrayImage(paths("a")[0]), TrayImage(paths("x")[0]))
    assert not tray.undo_stack.canUndo()


def test_a_screen_reader_hears_what_the_tile_shows(tray: TrayModel) -> None:
    a, b, c = paths("a", "b", "c")
    tray.mark({a: 0.5, b: 2.0}, (b,), {c: say("It is empty.")})
    role = Qt.ItemDataRole.AccessibleTextRole
    assert [tray.index(row).data(role) for row in range(3)] == [
        "c.png: cannot be read",
        "b.png: 2.00 × limit, looks different from the others",
        "a.png: 0.50 × limit",
    ]


def test_what_is_left_out_stays_in_sight_and_can_be_taken_back(tray: TrayModel) -> None:
    assert tray.leave_out(paths("b", "z")) == 1
    assert tray.paths == paths("a", "b", "c")
    assert tray.normals == paths("a", "c")
    assert tray.left_out == paths("b")
    spoken = tray.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "b.png: left out, nothing is learnt from it"
    assert tray.add(paths("b")) == 0
    tray.undo_stack.undo()
    assert tray.normals == paths("a", "b", "c")
    tray.undo_stack.redo()
    tray.mark({}, paths("b"), {})
    assert tray.paths == paths("a", "c", "b")
    assert tray.suspects == ()
    assert tray.leave_out(paths("b"), out=False) == 1
    assert tray.left_out == ()
    assert tray.leave_out(paths("b"), out=False) == 0


def test_a_tray_can_begin_with_images_left_out(tray: TrayModel) -> None:
    tray.fill(paths("a", "b"), paths("c"))
    assert (tray.normals, tray.left_out) == (paths("a", "b"), paths("c"))
    tray.remove(paths("c"))
    assert tray.left_out == ()
    tray.undo_stack.undo()
    assert tray.left_out == paths("c")


def test_what_is_called_a_good_part_is_used_again_and_can_be_taken_back(tray: TrayModel) -> None:
    a, b, c = paths("a", "b", "c")
    tray.leave_out([a, b])
    tray.accept([b, *paths("elsewhere")])
    assert set(tray.accepted) == {b}
    assert set(tray.left_out) == {a}
    tray.leave_out([b])  # one answer at a time
    assert not tray.accepted
    tray.undo_stack.undo()
    assert set(tray.accepted) == {b}
    assert set(tray.left_out) == {a}
    tray.accept([b], good=False)
    assert not tray.accepted
    tray.fill((a, b), (), None, (b, c))
    assert set(tray.accepted) == {b}
    assert not tray.undo_stack.canUndo()
