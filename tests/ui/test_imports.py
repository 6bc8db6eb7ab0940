"""Files of products that are here already, in the real window: asked about one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import Program
from deeprx_gui.profiles.store import ProfileStore
from tests.ui.conftest import MakeProfile, Start, drop
from tests.ui.driving import LEFT, settle

NAME = "ブラケット"


class OtherPc:
    """Where the product is improved: each revision with a higher NG limit, as a file."""

    def __init__(self, folder: Path, make_profile: MakeProfile) -> None:
        self._folder, self._make = folder, make_profile
        self._store = ProfileStore(folder / "other PC")

    def product(self, name: str, revisions: int) -> list[Path]:
        """Export each revision of a new product."""
        profile = self._store.save(replace(self._make(name), id=""))
        files = [self._store.export(profile.id, self._folder)]
        for _ in range(1, revisions):
            moved = profile.limits.moved(ng=profile.limits.ng + 1)
            profile = self._store.save(replace(profile, limits=moved))
            files.append(self._store.export(profile.id, self._folder))
        return files


@pytest.fixture
def other_pc(tmp_path: Path, make_profile: MakeProfile) -> OtherPc:
    return OtherPc(tmp_path, make_profile)


def answer(program: Program, qtbot: QtBot, says: str) -> None:
    """Give the answer that Enter gives, to a question that says this."""
    sheet = program.imports.sheet
    qtbot.waitUntil(lambda: sheet.isVisible() and says in sheet.sentence.text())
    QTest.keyClick(sheet.revision, Qt.Key.Key_Return)


def names(store: ProfileStore) -> dict[str, int]:
    return {card.name: card.revision for card in store.list()}


def test_three_files_at_once_are_settled_in_turn(
    start: Start, qtbot: QtBot, other_pc: OtherPc
) -> None:
    """Each is compared with what the one before left; the last belongs to a new product."""
    program = start()
    store = program.job_service.services.store
    first, second, third = other_pc.product(NAME, 3)
    store.import_file(first, who="")
    assert drop(program.profiles_page, [second, third, *other_pc.product("カバー", 1)])
    answer(program, qtbot, "newer than r0001")
    answer(program, qtbot, "newer than r0002")
    settle(program, qtbot)
    assert names(store) == {NAME: 3, "カバー": 1}
    assert "“カバー” was imported" in program.window.status.text.text()
    assert len(store.history(NAME)) == 3


def test_two_files_of_one_new_product_do_not_make_two(
    start: Start, qtbot: QtBot, other_pc: OtherPc, tmp_path: Path
) -> None:
    program = start()
    store = program.job_service.services.store
    letter = tmp_path / "letter.deeprx"
    letter.write_bytes(b"Dear Sir")
    old, new = other_pc.product(NAME, 2)
    assert drop(program.profiles_page, [old, letter, new])
    answer(program, qtbot, "newer than r0001")
    settle(program, qtbot)
    assert names(store) == {NAME: 2}


def test_a_file_of_a_product_in_use_can_become_another_product(
    start: Start, qtbot: QtBot, other_pc: OtherPc
) -> None:
    program = start()
    store = program.job_service.services.store
    first, second = other_pc.product(NAME, 2)
    taken = store.import_file(first, who="")
    program.session.open_profile(taken)
    program.arrivals.offer([second])
    sheet = program.imports.sheet
    qtbot.waitUntil(sheet.isVisible)
    assert sheet.new.text() == "Import as another product"
    QTest.mouseClick(sheet.new, LEFT)
    qtbot.waitUntil(lambda: len(store.list()) == 2)
    settle(program, qtbot)
    assert names(store) == {NAME: 1, f"{NAME} (2)": 1}
    opened = program.session.profile
    assert opened is not None
    assert (opened.name, opened.limits.ng) == (f"{NAME} (2)", taken.limits.ng + 1)
    assert opened.lineage.id != taken.lineage.id


def test_an_inspection_that_runs_goes_on_as_before(
    start: Start, qtbot: QtBot, other_pc: OtherPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = start()
    store = program.job_service.services.store
    first, second = other_pc.product(NAME, 2)
    taken = store.import_file(first, who="")
    program.session.open_profile(taken)
    monkeypatch.setattr(type(program.inspect_controller), "running", property(lambda _self: True))
    assert drop(program.profiles_page, [second])
    answer(program, qtbot, "newer than r0001")
    qtbot.waitUntil(lambda: "from the next inspection on" in program.window.status.text.text())
    assert store.load(taken.id).revision == 2
    assert program.session.profile is taken, "what the run judges with"
    monkeypatch.undo()


def test_limits_that_are_to_stay_hold_up_nothing_else(
    start: Start, qtbot: QtBot, other_pc: OtherPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = start()
    store = program.job_service.services.store
    first, second = other_pc.product(NAME, 2)
    taken = store.import_file(first, who="")
    program.session.open_profile(taken)

    def stay(_then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        otherwise()

    monkeypatch.setattr(program.job_service, "guard", stay)
    assert drop(program.profiles_page, [second, *other_pc.product("カバー", 1)])
    answer(program, qtbot, "newer than r0001")
    qtbot.waitUntil(lambda: "カバー" in names(store))
    settle(program, qtbot)
    assert names(store) == {NAME: 1, "カバー": 1}
