"""What next on Check, as a person does it, with the real engine and a small search."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, Program
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.search import choice_in
from deeprx_gui.work import search, trial_pictures
from tests.ui.plates import part, write
from tests.ui.test_limit_setters import Begin, learn, wait

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(search, "SIZES", (96,))
    monkeypatch.setattr(search, "DETECTORS_TRIED", ("deep-rx-local",))
    root = tmp_path / "部品"
    write(root / "train", [part(n) for n in range(11)])
    write(root / "bad", [part(200 + n, scratched=True) for n in range(5)])
    write(root / "good", [part(300 + n) for n in range(2)])
    return root


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """While it is not set, trying stands still."""
    go = threading.Event()
    look = trial_pictures.look_at_all

    def wait_and_look(*args: Any) -> Any:
        assert go.wait(60)
        return look(*args)

    monkeypatch.setattr(search, "look_at_all", wait_and_look)
    return go


def check(program: Program, qtbot: QtBot, folder: Path) -> None:
    """Score five bad and two good parts, with a review limit that lets every bad one pass."""
    program.window.show_page(CHECK)
    labels = [(Label.BAD, "bad"), (Label.GOOD, "good")]
    items = [PendingImage(p, la) for la, name in labels for p in sorted((folder / name).iterdir())]
    program.check_controller.score(tuple(items))
    qtbot.waitUntil(lambda: program.results.rowCount() == 7, timeout=60_000)
    wait(program, qtbot)
    bad = [float(score) for score in program.results.rows.scores_of(Label.BAD)]
    assert program.session.limits is not None
    program.session.set_limits(program.session.limits.moved(review=1.2 * max(bad)))


def test_trying_finds_more_and_learning_with_it_is_compared_with_the_revision_before(
    begin: Begin, qtbot: QtBot, folder: Path, hold: threading.Event
) -> None:
    program = begin()
    learn(program, qtbot, folder)
    session, advice = program.session, program.check_page.body.advice
    check(program, qtbot, folder)
    qtbot.waitUntil(lambda: "5 of 5 bad parts pass." in advice.text.text(), timeout=10_000)
    program.job_service.save_limits("too high")
    wait(program, qtbot)
    assert session.profile is not None
    assert (session.profile.revision, advice.next.text()) == (2, "What would find them?")

    QTest.mouseClick(advice.next, LEFT)
    assert advice.next.text() == "Cancel"
    assert "Getting ready to try settings" in advice.text.text()
    QTest.mouseClick(advice.next, LEFT)
    hold.set()
    qtbot.waitUntil(lambda: advice.next.text() == "What would find them?", timeout=60_000)
    assert session.profile.revision == 2

    QTest.mouseClick(advice.next, LEFT)
    qtbot.waitUntil(lambda: advice.next.text() == "Learn with it", timeout=60_000)
    assert "Automatic finds 5 more (" in advice.text.text()
    assert " s to learn). – Or: REVIEW from " in advice.text.text()
    assert advice.use.isVisible()
    QTest.mouseClick(advice.next, LEFT)
    qtbot.waitUntil(lambda: program.results.rowCount() == 7, timeout=60_000)
    qtbot.waitUntil(
        lambda: session.profile is not None and session.profile.revision == 3, timeout=60_000
    )
    wait(program, qtbot)
    qtbot.waitUntil(lambda: program.results.rowCount() == 7, timeout=60_000)
    wait(program, qtbot)
    assert session.profile is not None
    assert session.profile.detector.name == "deep-rx-local"
    chosen = choice_in(session.profile.extra)
    assert chosen is not None
    assert chosen.real
    assert "Automatic was tried on 5 bad parts." in session.profile.origin.why
    assert program.window.page == CHECK
    said = program.check_page.banner.text.text()
    assert said.startswith("r0002 → r0003 on the same pictures: 5 → 0 missed of 5 bad parts, ")


def test_other_bad_parts_forget_what_was_tried_and_lost_pictures_are_said(
    begin: Begin, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = begin()
    learn(program, qtbot, folder)
    advice = program.check_page.body.advice
    check(program, qtbot, folder)
    qtbot.waitUntil(advice.next.isVisible, timeout=10_000)
    program.results.set_labels([0], Label.UNKNOWN)
    qtbot.waitUntil(lambda: "4 of 4 bad parts pass." in advice.text.text(), timeout=10_000)
    assert "With 1 more bad part the program can try" in advice.text.text()
    assert not advice.next.isVisible()
    program.session.undo_stack.undo()
    qtbot.waitUntil(advice.next.isVisible, timeout=10_000)
    (folder / "train" / "3.png").unlink()
    QTest.mouseClick(advice.next, LEFT)
    gone = "1 of the pictures it learnt from is not where it was"
    qtbot.waitUntil(lambda: gone in advice.text.text(), timeout=60_000)
    assert advice.next.text() == "What would find them?", "once they are back it can be tried"
