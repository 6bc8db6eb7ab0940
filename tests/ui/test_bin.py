"""Deleting a profile: asked about by name, nothing dangerous selected, and a way back any time."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, PROFILES, Program
from tests.ui.conftest import MakePictures, MakeProfile, Start
from tests.ui.driving import LEFT, learned, settle


def stocked(start: Start, qtbot: QtBot, make_profile: MakeProfile) -> Program:
    """Start with three products, the one in the middle selected."""
    program = start()
    for name in ("Bracket", "Cover", "Plate"):
        program.job_service.services.store.save(replace(make_profile(name), id="", revision=0))
    program.profiles_controller.refresh()
    settle(program, qtbot)
    select(program, "Cover")
    return program


def select(program: Program, name: str) -> None:
    profile_id = program.job_service.services.store.find_id(name)
    assert profile_id is not None
    program.profiles_page.view.select(profile_id)


def names(program: Program) -> set[str]:
    return {card.name for card in program.profiles.cards}


def delete(program: Program, qtbot: QtBot) -> None:
    program.profiles_page.view.setFocus()
    QTest.keyClick(program.profiles_page.view, Qt.Key.Key_Delete)
    QTest.mouseClick(program.profiles_page.confirm.yes, LEFT)
    settle(program, qtbot)


def test_delete_asks_by_name_and_the_easy_answer_keeps_it(
    start: Start, qtbot: QtBot, make_profile: MakeProfile
) -> None:
    program = stocked(start, qtbot, make_profile)
    page = program.profiles_page
    QTest.mouseClick(page.details.delete, LEFT)
    assert page.confirm.isVisible()
    assert "“Cover”" in page.confirm.question.text()
    assert page.confirm.no.hasFocus()
    QTest.mouseClick(page.confirm.no, LEFT)
    settle(program, qtbot)
    assert names(program) == {"Bracket", "Cover", "Plate"}


def test_after_a_delete_nothing_is_selected_so_a_second_one_takes_nothing(
    start: Start, qtbot: QtBot, make_profile: MakeProfile
) -> None:
    program = stocked(start, qtbot, make_profile)
    page = program.profiles_page
    delete(program, qtbot)
    assert names(program) == {"Bracket", "Plate"}
    assert page.view.selected is None
    assert not page.details.isVisible()
    QTest.keyClick(page.view, Qt.Key.Key_Delete)
    assert not page.confirm.isVisible()
    program.profiles_controller.refresh()
    settle(program, qtbot)
    assert page.view.selected is None


def test_ctrl_z_takes_deletes_back_one_after_the_other(
    start: Start, qtbot: QtBot, make_profile: MakeProfile
) -> None:
    program = stocked(start, qtbot, make_profile)
    delete(program, qtbot)
    select(program, "Plate")
    delete(program, qtbot)
    program.window.status.clear()  # whatever the status line says by now
    for expected in ({"Bracket", "Plate"}, {"Bracket", "Cover", "Plate"}):
        QTest.keyClick(program.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        settle(program, qtbot)
        assert names(program) == expected


def test_the_bin_gives_back_and_is_emptied(
    start: Start, qtbot: QtBot, make_profile: MakeProfile
) -> None:
    program = stocked(start, qtbot, make_profile)
    delete(program, qtbot)
    select(program, "Plate")
    delete(program, qtbot)
    page = program.profiles_page
    QTest.mouseClick(page.bin_button, LEFT)
    settle(program, qtbot)
    assert page.bin.isVisible()
    assert [profile.name for profile in page.bin.profiles] == ["Plate", "Cover"]
    page.bin.restore[1].click()
    settle(program, qtbot)
    assert names(program) == {"Bracket", "Cover"}
    assert [profile.name for profile in page.bin.profiles] == ["Plate"]
    page.bin.empty.click()
    assert "“Plate”" in page.confirm.question.text()
    assert page.confirm.no.hasFocus()
    page.confirm.yes.click()
    settle(program, qtbot)
    assert program.job_service.services.store.binned() == ()
    assert names(program) == {"Bracket", "Cover"}


def test_what_was_learnt_is_the_selected_card(
    start: Start, qtbot: QtBot, make_profile: MakeProfile, make_pictures: MakePictures
) -> None:
    program = start()
    for name in ("Cover", "Plate"):
        program.job_service.services.store.save(replace(make_profile(name), id="", revision=0))
    program.profiles_controller.refresh()
    settle(program, qtbot)
    select(program, "Cover")
    learned(program, qtbot, make_pictures(8))
    selected = program.profiles_page.view.selected
    assert selected is not None
    assert selected.name == "Bracket"


def test_the_list_keeps_its_order_while_it_is_looked_at(
    start: Start, qtbot: QtBot, make_profile: MakeProfile
) -> None:
    program = stocked(start, qtbot, make_profile)
    before = [card.name for card in program.profiles.cards]
    program.job_service.services.store.mark_used(before[-1])
    program.profiles_controller.refresh()
    settle(program, qtbot)
    assert [card.name for card in program.profiles.cards] == before
    program.window.show_page(CHECK)
    program.profiles_controller.refresh()
    settle(program, qtbot)
    program.window.show_page(PROFILES)
    assert program.profiles.cards[0].name == before[-1]
